from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcm_agent.errors import PeerError
from pcm_agent.trust.floors import Floors, raised
from pcm_agent.trust.metadata import Verified, VerifiedRepository, VerifiedRole

EXPIRES = datetime(2027, 3, 2, tzinfo=UTC)
TOP = ("root", "timestamp", "snapshot", "targets")


def repository(
    versions: Mapping[str, int], keys: Mapping[str, str] | None = None, listed: Mapping[str, int] | None = None
) -> VerifiedRepository:
    names = dict.fromkeys(TOP, 1) | dict(versions)
    roles = {
        name: VerifiedRole(version, ((keys or {}).get(name, f"key of {name}"),), 1, EXPIRES)
        for name, version in names.items()
    }
    return VerifiedRepository(b"", roles, listed or {}, {}, (), {})


def seen(director: VerifiedRepository | None = None, image: VerifiedRepository | None = None) -> Verified:
    return Verified(director or repository({}), image or repository({}))


def refused(floors: Floors, verified: Verified) -> str:
    with pytest.raises(PeerError) as caught:
        raised(floors, verified)
    return caught.value.code


@pytest.mark.parametrize("role", TOP)
def test_a_lower_version_is_refused_and_an_equal_one_is_not(role: str) -> None:
    floors = raised(Floors(), seen(repository({role: 5})))
    assert raised(floors, seen(repository({role: 5}))) == floors
    assert raised(floors, seen(repository({role: 6}))).roles[f"director/{role}"].version == 6
    assert refused(floors, seen(repository({role: 4}))) == "metadata-rollback"


def test_the_two_repositories_have_floors_of_their_own() -> None:
    floors = raised(Floors(), seen(repository({"timestamp": 9})))
    raised(floors, seen(repository({"timestamp": 9}), repository({"timestamp": 1})))
    assert refused(floors, seen(repository({"timestamp": 8}), repository({"timestamp": 99}))) == "metadata-rollback"


@pytest.mark.parametrize(("rotated", "free"), [("timestamp", True), ("snapshot", True), ("targets", False)])
@pytest.mark.parametrize("role", ["timestamp", "snapshot"])
def test_new_online_keys_set_timestamp_and_snapshot_free(rotated: str, free: bool, role: str) -> None:
    floors = raised(Floors(), seen(repository({role: 2**31})))
    after = seen(repository({role: 3, "root": 2}, {rotated: "new"}))
    if free:
        assert raised(floors, after).roles[f"director/{role}"].version == 3
    else:
        assert refused(floors, after) == "metadata-rollback"


def test_new_keys_of_a_function_set_only_that_function_free() -> None:
    floors = raised(Floors(), seen(None, repository({"lights": 7, "seats": 7})))
    raised(floors, seen(None, repository({"lights": 1, "seats": 7}, {"lights": "new"})))
    assert refused(floors, seen(None, repository({"lights": 1, "seats": 1}, {"lights": "new"}))) == "metadata-rollback"


def test_the_floor_of_the_root_holds_whatever_its_keys_are() -> None:
    floors = raised(Floors(), seen(repository({"root": 3})))
    assert refused(floors, seen(repository({"root": 2}, {"root": "new"}))) == "metadata-rollback"


def test_a_function_that_was_not_needed_this_time_keeps_its_floor() -> None:
    floors = raised(Floors(), seen(None, repository({"lights": 7})))
    later = raised(floors, seen())
    assert later.roles["image/lights"].version == 7
    assert refused(later, seen(None, repository({"lights": 6}))) == "metadata-rollback"


def test_what_a_snapshot_lists_may_neither_go_back_nor_vanish() -> None:
    floors = raised(Floors(), seen(None, repository({}, None, {"lights": 7, "seats": 1})))
    assert refused(floors, seen(None, repository({}, None, {"lights": 6, "seats": 1}))) == "metadata-rollback"
    assert refused(floors, seen(None, repository({}, None, {"lights": 7}))) == "metadata-rollback"
    raised(floors, seen(None, repository({}, None, {"lights": 7, "seats": 2, "more": 1})))
    fresh = raised(floors, seen(None, repository({"root": 2}, {"snapshot": "new"}, {"lights": 1})))
    assert "image/snapshot/seats" not in fresh.roles
    assert fresh.roles["image/snapshot/lights"].version == 1


@given(st.lists(st.fixed_dictionaries({name: st.integers(1, 5) for name in TOP}), max_size=8))
def test_no_floor_ever_sinks_while_its_keys_stay(states: list[dict[str, int]]) -> None:
    floors = Floors()
    for versions in states:
        before = {name: floor.version for name, floor in floors.roles.items()}
        lower = any(versions[name] < before.get(f"director/{name}", 0) for name in TOP)
        if lower:
            assert refused(floors, seen(repository(versions))) == "metadata-rollback"
            continue
        floors = raised(floors, seen(repository(versions)))
        assert {name: floors.roles[f"director/{name}"].version for name in TOP} == versions


def test_floors_are_a_value_that_can_be_kept() -> None:
    floors = raised(Floors(), seen())
    assert msgspec.json.decode(msgspec.json.encode(floors), type=Floors) == floors
