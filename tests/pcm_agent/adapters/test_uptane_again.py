"""A car that looks again: what it asks for, and what it takes for known."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from tuf.api.metadata import MetaFile

from pcm_agent.adapters import uptane
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import PcmError, PeerError, TransportError
from simulator.repository.signing import State
from tests.simulator.repository.bench import CAR, NOW, URL, VIN, Bench

NOTHING_NEW = [f"{CAR}/2.root.json", f"{CAR}/timestamp.json", "image/2.root.json", "image/timestamp.json"]


@pytest.fixture
async def bench() -> Bench:
    bench = Bench(remembers=True)
    await bench.verify()
    bench.asked.clear()
    return bench


async def code(bench: Bench) -> str:
    with pytest.raises(PcmError) as caught:
        await bench.verify()
    return caught.value.code


async def test_where_nothing_has_changed_four_files_are_asked_for(bench: Bench) -> None:
    first = await Bench().verify()
    for _ in range(3):
        bench.asked.clear()
        assert await bench.verify() == first
        assert bench.asked == NOTHING_NEW


async def test_what_has_changed_is_fetched_and_nothing_else(bench: Bench) -> None:
    bench.order(bench.other)
    assert len((await bench.verify()).director.targets) == 2
    new = [f"{CAR}/3.snapshot.json", f"{CAR}/3.targets.json", "image/1.park-assist.json"]
    assert bench.asked == [*NOTHING_NEW[:2], *new[:2], *NOTHING_NEW[2:], new[2]]


async def test_what_is_signed_anew_without_a_change_is_not_fetched_again(bench: Bench) -> None:
    bench.now += timedelta(hours=13)
    bench.repositories.refresh(bench.now)
    await bench.verify()
    assert bench.asked == [
        *NOTHING_NEW[:2],
        f"{CAR}/3.snapshot.json",
        *NOTHING_NEW[2:],
        "image/5.snapshot.json",
    ]


async def test_the_same_files_expire_all_the_same(bench: Bench) -> None:
    bench.now = NOW + timedelta(hours=23, minutes=59)
    await bench.verify()
    bench.now = NOW + timedelta(days=1)
    assert await code(bench) == "metadata-expired"


async def test_targets_that_expire_before_their_timestamp_are_noticed() -> None:
    bench = Bench(remembers=True)
    line = bench.line("image")
    state = line.state("image")
    targets = line.targets("image", "targets", state)
    targets.version, targets.expires = targets.version + 1, NOW + timedelta(hours=1)
    line.publish("image", state, {"targets": (targets.version, line.sign("targets", targets))}, NOW)
    await bench.verify()
    bench.now = NOW + timedelta(hours=1)
    assert await code(bench) == "metadata-expired"


async def test_what_no_hash_names_is_fetched_each_time(bench: Bench) -> None:
    line = bench.line("image")
    state = line.state("image")
    unnamed = {role: MetaFile(meta.version) for role, meta in state.listed.items()}
    line.publish("image", State(state.timestamp, state.snapshot, unnamed), {}, NOW)
    for _ in range(2):
        bench.asked.clear()
        await bench.verify()
        assert {"image/3.targets.json", "image/2.seat-heating.json"} <= set(bench.asked)


async def test_below_a_new_root_all_is_verified_again(bench: Bench) -> None:
    saved = bench.file("image/timestamp.json")
    bench.repositories.rotate("image/timestamp", bench.now)
    bench.forged["image/timestamp.json"] = saved
    assert await code(bench) == "metadata-signature"


async def test_other_bytes_under_a_known_name_are_fetched(bench: Bench) -> None:
    bench.as_director(lambda targets: targets.targets.clear())
    newest = bench.newest(CAR, "targets")
    await bench.verify()
    bench.forged[newest] = b"{}"
    bench.now += timedelta(hours=13)
    bench.repositories.refresh(bench.now)
    await bench.verify()
    line = bench.line(CAR)
    state = line.state(CAR)
    line.publish(
        CAR, State(state.timestamp, state.snapshot, {"targets": MetaFile(3, 2, {"sha256": "0" * 64})}), {}, NOW
    )
    assert await code(bench) == "metadata-mismatch"


async def test_a_look_that_failed_takes_nothing_from_the_next(bench: Bench) -> None:
    bench.broken = "image/timestamp.json"
    assert await code(bench) == "transfer-interrupted"
    bench.broken = None
    bench.asked.clear()
    await bench.verify()
    assert bench.asked == NOTHING_NEW


async def test_what_was_needed_once_is_not_there_where_it_is_needed_no_more(bench: Bench) -> None:
    """What comes of a look does not depend on the looks before it."""
    bench.order(bench.other)
    assert "park-assist" in (await bench.verify()).image.roles
    bench.as_director(lambda targets: targets.targets.__delitem__(bench.other.path))
    verified = await bench.verify()
    assert verified.image.roles.keys() & {"park-assist", "seat-heating"} == {"seat-heating"}
    assert verified == await UptaneRepositories(bench, URL, bench.roots).check(VIN, None, bench.now)


async def test_a_look_that_failed_halfway_has_changed_nothing_that_is_remembered() -> None:
    bench = Bench(remembers=True)
    drift = bench.add("drift", "1.0", 1)
    await bench.verify()
    before = remembered(bench)
    bench.order(bench.other)
    bench.order(drift)
    bench.forged[bench.newest("image", "drift")] = b"{}"
    assert await code(bench) == "metadata-mismatch"
    assert remembered(bench) == before
    assert "image/1.park-assist.json" in bench.asked, "it had come as far as that"


def remembered(bench: Bench) -> dict[str, tuple[object, ...]]:
    """How many roles, files and instant of what was accepted last, by folder."""
    assert bench._looking is not None
    held = bench._looking._last.items()
    return {base: (len(it._trusted), set(it._files), it._trusted.reference_time) for base, it in held}


async def test_of_a_very_long_repository_nothing_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uptane, "MOST_HELD", 100)
    for _ in range(2):
        bench.asked.clear()
        await bench.verify()
    assert len(bench.asked) == 9


class _TimestampFirst:
    """Answers for the timestamp before it answers for the root; see `pcm_agent.ports.MetadataSource`."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._answered = bench, asyncio.Event()

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file."""
        if url.endswith("root.json"):
            await self._answered.wait()
        try:
            return await self._bench.fetch(url, limit, came)
        finally:
            self._answered.set()


async def look_with_timestamp_first(bench: Bench) -> None:
    await UptaneRepositories(_TimestampFirst(bench), URL, bench.roots).check(VIN, None, bench.now)


async def test_a_timestamp_that_a_new_root_has_overtaken_is_asked_for_again() -> None:
    bench = Bench()
    old = bench.file(f"{CAR}/timestamp.json")
    bench.repositories.rotate("director/timestamp", bench.now)
    bench.roots = bench.repositories.roots(1)
    await look_with_timestamp_first(bench)
    assert bench.asked.count(f"{CAR}/timestamp.json") == 2
    assert bench.asked.count("image/timestamp.json") == 1
    assert bench.file(f"{CAR}/timestamp.json") != old


async def test_what_is_wrong_with_the_root_is_said_first() -> None:
    bench = Bench()
    bench.broken, bench.forged[f"{CAR}/2.root.json"] = f"{CAR}/timestamp.json", b"{}"
    with pytest.raises(PeerError) as caught:
        await look_with_timestamp_first(bench)
    assert caught.value.code == "metadata-malformed"
    del bench.forged[f"{CAR}/2.root.json"]
    with pytest.raises(TransportError):
        await look_with_timestamp_first(bench)
