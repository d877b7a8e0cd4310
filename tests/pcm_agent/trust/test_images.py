"""The comparison alone, on values; the attacks on whole repositories stand in `tests/simulator/repository`."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pcm_agent.errors import PeerError
from pcm_agent.trust.images import Ecu, image_url, judge, removals
from pcm_agent.trust.metadata import Target, TrustedRoots, Verified, VerifiedRepository
from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS

ECU = Ecu("WP0ZZZY1ZTSA00001", "PCM-1", "pcm6")
PATH, HASHES = "seats/1.0.pkg", {"sha256": "0f" * 32}
FOR = {"vin": ECU.vin, "ecu_serial": ECU.serial}
DELTA = {"base_sha256": "0a" * 32, "path": "seats/1.0.pkg.from-0a", "length": 3, "sha256": "0b" * 32}
ORDER: dict[str, Any] = FOR | {
    "hardware_id": "pcm6",
    "release_counter": 4,
    "offer_id": "order-1",
    "not_after": "2026-03-30T08:00:00Z",
    "preconditions": ["battery", "workshop"],
}
IMAGE: dict[str, Any] = {
    "function": "seats",
    "version": "1.0",
    "hardware_ids": ["pcm5", "pcm6"],
    "release_counter": 4,
    "preconditions": ["battery", "night"],
    "deltas": [DELTA],
}


def repositories(
    order: dict[str, Any] | None = None,
    image: dict[str, Any] | None = None,
    *,
    meant: object = FOR,
    hashes: dict[str, str] | None = None,
    path: str = PATH,
    delegated: tuple[str, ...] = (),
) -> Verified:
    digest = HASHES if hashes is None else hashes
    wanted = Target(path, 5, digest, ORDER | (order or {}))
    known = Target(path, 5, digest, IMAGE | (image or {}))
    director = VerifiedRepository(b"d", {}, {}, {"custom": meant}, delegated, {path: wanted})
    return Verified(director, VerifiedRepository(b"i", {}, {}, {}, (), {path: known}))


def code(verified: Verified, counters: dict[str, int] | None = None) -> str:
    with pytest.raises(PeerError) as caught:
        judge(verified, ECU, counters or {})
    assert caught.value.code in REFUSALS
    return caught.value.code


def test_what_both_say_alike_is_assigned() -> None:
    (assignment,) = judge(repositories(), ECU, {"seats": 4, "lights": 9})
    assert (assignment.function, assignment.version, assignment.release_counter) == ("seats", "1.0", 4)
    assert assignment.not_after == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert assignment.preconditions == ("battery", "night", "workshop")


def test_a_delta_is_taken_from_the_version_that_it_begins_with() -> None:
    (assignment,) = judge(repositories(), ECU, {})
    delta = assignment.delta_from("0a" * 32)
    assert delta is not None
    assert (delta.path, delta.length) == ("seats/1.0.pkg.from-0a", 3)
    assert assignment.delta_from("0f" * 32) is None


def test_nothing_may_be_assigned_to_the_right_car() -> None:
    verified = repositories()
    empty = VerifiedRepository(b"", {}, {}, {"custom": FOR}, (), {})
    assert judge(Verified(empty, verified.image), ECU, {}) == ()
    assert verified.roots == TrustedRoots(b"d", b"i")


@pytest.mark.parametrize(
    ("verified", "expected"),
    [
        (repositories(meant=None), "metadata-malformed"),
        (repositories(meant={"vin": ECU.vin}), "metadata-malformed"),
        (repositories(meant=FOR | {"vin": "other"}), "metadata-foreign-vin"),
        (repositories(meant=FOR | {"ecu_serial": "other"}), "metadata-foreign-ecu"),
        (repositories(delegated=("seats",)), "metadata-malformed"),
        (repositories({"vin": "other"}), "metadata-foreign-vin"),
        (repositories({"ecu_serial": "other"}), "metadata-foreign-ecu"),
        (repositories({"hardware_id": "pcm5"}), "hardware-mismatch"),
        (repositories(None, {"hardware_ids": ["pcm5"]}), "hardware-mismatch"),
        (repositories({"release_counter": 5}), "image-mismatch"),
        (repositories({"release_counter": -1}), "metadata-malformed"),
        (repositories({"not_after": "tomorrow"}), "metadata-malformed"),
        (repositories({"not_after": "2026-03-30T08:00:00"}), "metadata-malformed"),
        (repositories({"consent": "never"}), "metadata-malformed"),
        (repositories({"offer_id": "a/b"}), "metadata-malformed"),
        (repositories(None, {"function": "lights"}), "image-mismatch"),
        (repositories(None, {"function": "../lights"}), "metadata-malformed"),
        (repositories(path="1.0.pkg"), "image-mismatch"),
        (repositories(hashes={"sha512": "0f" * 64}), "metadata-malformed"),
        (repositories(hashes={"sha256": "0F" * 32}), "metadata-malformed"),
    ],
)
def test_what_is_wrong_has_its_code(verified: Verified, expected: str) -> None:
    assert code(verified) == expected


def test_two_images_of_one_function_are_no_list() -> None:
    one = repositories()
    other = repositories({"offer_id": "order-2"}, path="seats/0.9.pkg")
    director = replace(one.director, targets={**one.director.targets, **other.director.targets})
    image = replace(one.image, targets={**one.image.targets, **other.image.targets})
    assert code(Verified(director, image)) == "metadata-malformed"


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize(
    ("order", "image", "expected"),
    [
        ({"release_counter": 5}, {}, "image-mismatch"),
        ({"hardware_id": "pcm5"}, {}, "hardware-mismatch"),
        ({"release_counter": 3}, {"release_counter": 3}, "release-rollback"),
    ],
)
def test_one_wrong_image_refuses_the_right_ones_beside_it(
    order: dict[str, Any], image: dict[str, Any], expected: str
) -> None:
    """Uptane 5.4.4.2, step 10: the check is performed for all images that the Director lists."""
    right = repositories()
    wrong = repositories({"offer_id": "order-2"} | order, {"function": "lights"} | image, path="lights/1.0.pkg")
    director = replace(right.director, targets={**right.director.targets, **wrong.director.targets})
    known = replace(right.image, targets={**right.image.targets, **wrong.image.targets})
    assert code(Verified(director, known), {"lights": 4}) == expected


def test_what_is_to_be_removed_is_named_by_its_order() -> None:
    assert removals(repositories()) == ()
    verified = repositories(meant=FOR | {"removed": ["order-7", "order-8"]})
    assert removals(verified) == ("order-7", "order-8")
    assert len(judge(verified, ECU, {})) == 1


@pytest.mark.parametrize("removed", [None, "order-7", ["a/b"], [""], [7], ["order-7", "order-1"]])
def test_a_removal_that_cannot_be_read_or_is_to_be_had_as_well_is_malformed(removed: object) -> None:
    with pytest.raises(PeerError) as caught:
        removals(repositories(meant=FOR | {"removed": removed}))
    assert caught.value.code == "metadata-malformed"


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_release_never_goes_back(installed: int, offered: int) -> None:
    verified = repositories({"release_counter": offered}, {"release_counter": offered})
    if offered < installed:
        assert code(verified, {"seats": installed}) == "release-rollback"
    else:
        assert len(judge(verified, ECU, {"seats": installed})) == 1


def test_an_image_is_fetched_by_its_hash() -> None:
    assert image_url("http://h/images", PATH, "0f") == "http://h/images/seats/0f.1.0.pkg"


def test_each_code_is_explained_once() -> None:
    assert not REFUSALS.keys() & MANIFEST_REFUSALS.keys()
    assert all(refusal.meaning.endswith(".") for refusal in (*REFUSALS.values(), *MANIFEST_REFUSALS.values()))
    assert {name for name, refusal in REFUSALS.items() if refusal.retried} == {
        "metadata-missing",
        "metadata-expired",
        "metadata-mismatch",
    }
