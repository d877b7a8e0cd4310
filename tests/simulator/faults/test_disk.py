"""A disk that is full or slow, and a download that comes damaged."""

import asyncio

import pytest

from pcm_agent.errors import TransportError
from simulator.clock import SimClock
from simulator.faults.disk import SLOW, DamagingFetcher, DiskFaults, FaultyFiles
from simulator.lab import START
from simulator.virtual import MemoryFetcher, MemoryPackageFiles
from tests.waiting import idle, virtual

IMAGE = bytes(range(256)) * 2000


@virtual
async def test_a_full_disk_takes_no_byte_and_keeps_what_it_has() -> None:
    faults = DiskFaults()
    files = FaultyFiles(MemoryPackageFiles(), faults, SimClock(START))
    await files.append("order", b"first")
    faults.state = "full"
    with pytest.raises(TransportError) as caught:
        await files.append("order", b"second")
    assert (caught.value.code, await files.received("order"), faults.met) == ("disk-full", 5, 1)


@virtual
async def test_a_slow_disk_takes_its_time() -> None:
    clock, faults = SimClock(START), DiskFaults("slow")
    files = FaultyFiles(MemoryPackageFiles(), faults, clock)
    writing = asyncio.create_task(files.append("order", bytes(int(SLOW))))
    await idle()
    due = clock.next_due()
    assert due is not None
    assert (due - START).total_seconds() == 1
    assert await files.received("order") == 0
    clock.jump(due)
    await writing
    assert await files.received("order") == int(SLOW)


@virtual
async def test_one_bit_of_the_next_download_is_turned_over() -> None:
    faults = DiskFaults(downloads=1)
    fetcher = DamagingFetcher(MemoryFetcher(lambda _: IMAGE), faults)
    damaged, well = [b"".join([chunk async for chunk in fetcher.fetch("u", 0, len(IMAGE))]) for _ in range(2)]
    assert well == IMAGE
    assert [a ^ b for a, b in zip(damaged, IMAGE, strict=True) if a != b] == [1]
    assert faults.met == 1
