"""The adapter's own decisions: order, limits, and the private parts of `tuf` that it stands on.

Whether it refuses all that it must stands in `tests/simulator/repository`, beside the reference client.
"""

import inspect
from datetime import timedelta
from importlib.metadata import version

import pytest
from tuf.api.metadata import TargetFile, Targets
from tuf.ngclient import Updater
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from pcm_agent.adapters import uptane_reading as reading
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import PeerError
from pcm_agent.trust.metadata import TrustedRoots
from tests.simulator.repository.bench import CAR, NOW, URL, VIN, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def code(bench: Bench) -> str:
    with pytest.raises(PeerError) as caught:
        await bench.verify()
    return caught.value.code


def test_what_is_private_to_tuf_is_as_it_was() -> None:
    assert version("tuf").startswith("7.0."), "look at TrustedMetadataSet and Updater again, then widen the pin"
    source = inspect.getsource(Updater)
    for name in ("update_root", "update_timestamp", "update_snapshot", "update_delegated_targets"):
        assert f"self._trusted_set.{name}(" in source
    assert "reference_time" in inspect.getsource(TrustedMetadataSet.__init__)


async def test_the_order_is_that_of_uptane(bench: Bench) -> None:
    await bench.verify()
    assert bench.asked == [
        f"{CAR}/2.root.json",
        f"{CAR}/timestamp.json",
        f"{CAR}/2.snapshot.json",
        f"{CAR}/2.targets.json",
        "image/2.root.json",
        "image/timestamp.json",
        "image/4.snapshot.json",
        "image/3.targets.json",
        "image/2.seat-heating.json",
    ]


@pytest.mark.requirement("CON-29")
async def test_bytes_are_told_of_both_repositories(bench: Bench) -> None:
    sizes: list[int] = []
    await UptaneRepositories(bench, URL, bench.roots).check(VIN, None, bench.now, sizes.append)
    assert sizes == [len(bench.repositories.lookup(name) or b"") for name in bench.asked]


async def test_time_is_the_one_that_it_is_given(bench: Bench) -> None:
    bench.now = NOW + timedelta(hours=23, minutes=59)
    assert (await bench.verify()).director.roles["timestamp"].expires == NOW + timedelta(days=1)
    bench.now = NOW + timedelta(days=1)
    assert await code(bench) == "metadata-expired"
    bench.now = NOW - timedelta(days=1000)
    await bench.verify()


async def test_it_says_who_might_sign_what(bench: Bench) -> None:
    verified = await bench.verify()
    thresholds = {name: (len(role.keys), role.threshold) for name, role in verified.image.roles.items()}
    assert thresholds == {
        "root": (3, 2),
        "timestamp": (1, 1),
        "snapshot": (1, 1),
        "targets": (2, 2),
        "seat-heating": (1, 1),
    }
    assert verified.image.listed == {"targets": 3, "seat-heating": 2, "park-assist": 1}
    assert verified.image.delegated == ("park-assist", "seat-heating")


async def test_the_newest_root_is_handed_back(bench: Bench) -> None:
    bench.repositories.rotate("image/root", bench.now)
    bench.roots = (await bench.verify()).roots
    assert bench.roots == TrustedRoots(bench.roots.director, bench.file("image/2.root.json"))
    bench.asked.clear()
    await bench.verify()
    assert "image/2.root.json" not in bench.asked


async def test_a_long_chain_of_roots_is_followed_in_parts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROOTS", 2)
    for _ in range(3):
        bench.repositories.rotate("image/root", bench.now)
    assert (await bench.verify()).image.roles["root"].version == 3
    bench.roots = (await bench.verify()).roots
    assert (await bench.verify()).image.roles["root"].version == 4


async def test_a_director_that_names_very_much_is_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_DELEGATIONS", 1)
    await bench.verify()
    bench.order(bench.other)
    assert await code(bench) == "metadata-oversized"


async def test_a_source_that_ignores_its_limit_is_caught(bench: Bench) -> None:
    bench.forged["image/2.root.json"] = b" " * (reading.CAPS["root"] + 1)
    assert await code(bench) == "metadata-oversized"


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
async def test_no_file_may_be_announced_as_longer_than_any_may_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, more: int, *, refused: bool
) -> None:
    longest = max(len(bench.file(bench.newest(base, "snapshot"))) for base in (CAR, "image"))
    monkeypatch.setattr(reading, "CAPS", {**reading.CAPS, "snapshot": longest - more})
    if refused:
        assert await code(bench) == "metadata-oversized"
        assert not any(name.startswith("image") and "snapshot" in name for name in bench.asked), "not even asked for"
    else:
        await bench.verify()


@pytest.mark.parametrize("root", [b"", b"{}", b"[]", b"\xff", b"null", b'{"signed": {"_type": "root"}}'])
async def test_a_root_that_is_none_is_refused_before_anything_is_fetched(bench: Bench, root: bytes) -> None:
    bench.roots = TrustedRoots(root, bench.roots.image)
    assert await code(bench) == "metadata-malformed"
    assert bench.asked == []


async def test_a_root_that_has_not_signed_itself_is_refused(bench: Bench) -> None:
    bench.roots = TrustedRoots(bench.roots.director, bench.edited("image/1.root.json", _next))
    assert await code(bench) == "metadata-signature"


def _next(signed: object) -> None:
    vars(signed)["version"] += 1


async def test_a_snapshot_must_list_the_targets(bench: Bench) -> None:
    line = bench.line(CAR)
    state = line.state(CAR)
    line.publish(CAR, type(state)(state.timestamp, state.snapshot), {}, bench.now)
    assert await code(bench) == "metadata-mismatch"


async def test_an_image_may_stand_in_the_top_level_targets(bench: Bench) -> None:
    line = bench.line("image")
    state = line.state("image")
    function = line.targets("image", "seat-heating", state)
    targets = line.targets("image", "targets", state)
    targets.targets |= function.targets
    targets.version += 1
    line.publish("image", state, {"targets": (targets.version, line.sign("targets", targets))}, bench.now)
    verified = await bench.verify()
    assert list(verified.image.targets) == [bench.release.path]
    assert "seat-heating" not in verified.image.roles


async def test_an_image_repository_without_delegations_knows_what_it_lists(bench: Bench) -> None:
    line = bench.line("image")
    state = line.state("image")
    targets = Targets(version=9, expires=bench.now + timedelta(days=1))
    line.publish("image", state, {"targets": (9, line.sign("targets", targets))}, bench.now)
    assert (await bench.verify()).image.targets == {}


async def test_a_delegation_that_does_not_end_the_search_lets_the_next_one_answer(bench: Bench) -> None:
    line = bench.line("image")
    state = line.state("image")
    targets = line.targets("image", "targets", state)
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    for role in targets.delegations.roles.values():
        role.terminating, role.paths = False, ["*/*"]
    targets.version += 1
    line.publish("image", state, {"targets": (targets.version, line.sign("targets", targets))}, bench.now)
    assert list((await bench.verify()).image.targets) == [bench.release.path]


async def test_two_images_of_a_function_need_its_delegation_once(bench: Bench) -> None:
    old = TargetFile(bench.old.length, {"sha256": bench.old.sha256}, bench.old.path)
    bench.as_director(lambda targets: targets.targets.update({bench.old.path: old}))
    assert len((await bench.verify()).image.targets) == 2
    assert len(bench.asked) == len(set(bench.asked))


async def test_custom_words_that_are_no_table_are_none(bench: Bench) -> None:
    bench.as_director(lambda targets: targets.targets[bench.release.path].unrecognized_fields.update(custom=[1]))
    assert (await bench.verify()).director.targets[bench.release.path].custom == {}
