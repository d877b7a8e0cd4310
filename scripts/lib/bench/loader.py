"""One download in a process of its own, so that its memory can be seen: `python -m scripts.lib.bench.loader`.

It takes its role and a folder as arguments, reads the offer from its standard input and prints a `Loaded`.
"""

import asyncio
import hashlib
import resource
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from pcm_agent.adapters.clock import SystemClock
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.protocol.messages import OfferPackage
from pcm_agent.runtime.transfer import RateGuard
from pcm_agent.trust.manifest import check_offer
from scripts.lib.bench.life import VIN
from simulator.keys import seeded_key

CHUNK = 256 * 1024


class Loaded(Struct, frozen=True):
    """How long a download took, and by how much the process outgrew the size that it had right before."""

    seconds: float
    growth_kib: int


async def ours(offer: OfferPackage, disk: Path) -> Loaded:
    """The way of the agent: check the offer, fetch, write, hash, sync, and give it its name."""
    files, guard = DiskPackageFiles(disk), RateGuard(SystemClock())
    key = seeded_key(1).public_key().public_bytes_raw()
    manifest = offer.manifest
    async with HttpFetcher() as fetcher:
        before, start = _now_kib(), time.perf_counter()
        check_offer(offer, VIN, key)
        received = await files.received(manifest.offer_id)
        fetching = aclosing(fetcher.fetch(offer.url, received, manifest.length))
        async with fetching as chunks, guard:
            while (chunk := await guard.next(chunks)) is not None:
                await files.append(manifest.offer_id, chunk)
        await files.complete(manifest.offer_id, manifest.length, manifest.sha256)
        return Loaded(time.perf_counter() - start, _peak_kib() - before)


async def bare(offer: OfferPackage, disk: Path) -> Loaded:
    """What anybody would write with `aiohttp`: chunks into a file and into a hash, the file not synced."""
    with (disk / "package").open("wb", buffering=0) as file:
        return await _bare(offer, file.write)


async def unkept(offer: OfferPackage, _disk: Path) -> Loaded:
    """The same with nothing written: the most that the two cores of server and client could give."""
    return await _bare(offer, len)


async def _bare(offer: OfferPackage, keep: Callable[[bytes], object]) -> Loaded:
    digest = hashlib.sha256()
    async with aiohttp.ClientSession(read_bufsize=CHUNK, auto_decompress=False) as session:
        before, start = _now_kib(), time.perf_counter()
        async with session.get(offer.url) as response:
            async for chunk in response.content.iter_chunked(CHUNK):
                keep(chunk)
                digest.update(chunk)
        if digest.hexdigest() != offer.manifest.sha256:
            raise RuntimeError("the server sent something else")
        return Loaded(time.perf_counter() - start, _peak_kib() - before)


def _now_kib() -> int:
    """Size of this process in memory now; where that can't be told, the largest that it has had."""
    return _told("VmRSS")


def _peak_kib() -> int:
    """Largest size that this process has had in memory."""
    return _told("VmHWM")


def _told(name: str) -> int:
    """What `/proc` tells, if there is one: the number of `getrusage` begins with the size of the starting process."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


ROLES = {"ours": ours, "bare": bare, "unkept": unkept}


def main() -> None:
    """Load, and print how it went."""
    offer = msgspec.json.decode(sys.stdin.buffer.read(), type=OfferPackage)
    loaded = asyncio.run(ROLES[sys.argv[1]](offer, Path(sys.argv[2])))
    sys.stdout.write(msgspec.json.encode(loaded).decode())


if __name__ == "__main__":
    main()
