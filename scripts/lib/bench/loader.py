"""One download in a process of its own, so that its memory can be seen: `python -m scripts.lib.bench.loader`.

It takes its role and a folder as arguments, reads what is wanted from its standard input and prints a `Loaded`.
"""

import asyncio
import hashlib
import resource
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from pcm_agent.adapters.clock import SystemClock
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.runtime.transfer import RateGuard
from pcm_agent.trust.images import judge
from pcm_agent.trust.metadata import TrustedRoots
from scripts.lib.bench.server import ECU

CHUNK = 256 * 1024


class Loaded(Struct, frozen=True):
    """How long a download took, and by how much the process outgrew the size that it had right before."""

    seconds: float
    growth_kib: int


class Wanted(Struct, frozen=True):
    """What is to be loaded, and from where.

    Attributes:
        repositories: address of both.
        roots: what the car was given to trust.
        image: address of the bytes themselves.
    """

    repositories: str
    roots: TrustedRoots
    function: str
    image: str
    length: int
    sha256: str


async def ours(wanted: Wanted, disk: Path) -> Loaded:
    """The way of the agent: look at the repositories, fetch, write, hash, sync, and give it its name."""
    files, guard = DiskPackageFiles(disk), RateGuard(SystemClock())
    async with HttpFetcher() as fetcher, HttpMetadataSource() as source:
        before, start = _now_kib(), time.perf_counter()
        repositories = UptaneRepositories(source, wanted.repositories, wanted.roots)
        verified = await repositories.check(ECU.vin, None, datetime.now(UTC))
        it = next(each for each in judge(verified, ECU, {}) if each.function == wanted.function)
        received = await files.received(it.offer_id)
        fetching = aclosing(fetcher.fetch(repositories.image_url(it.path, it.sha256), received, it.length))
        async with fetching as chunks, guard:
            while (chunk := await guard.next(chunks)) is not None:
                await files.append(it.offer_id, chunk)
        await files.complete(it.offer_id, it.length, it.sha256)
        return Loaded(time.perf_counter() - start, _peak_kib() - before)


async def bare(wanted: Wanted, disk: Path) -> Loaded:
    """What anybody would write with `aiohttp`: chunks into a file and into a hash, the file not synced."""
    with (disk / "package").open("wb", buffering=0) as file:
        return await _bare(wanted, file.write)


async def unkept(wanted: Wanted, _disk: Path) -> Loaded:
    """The same with nothing written: the most that the two cores of server and client could give."""
    return await _bare(wanted, len)


async def _bare(wanted: Wanted, keep: Callable[[bytes], object]) -> Loaded:
    digest = hashlib.sha256()
    async with aiohttp.ClientSession(read_bufsize=CHUNK, auto_decompress=False) as session:
        before, start = _now_kib(), time.perf_counter()
        async with session.get(wanted.image) as response:
            async for chunk in response.content.iter_chunked(CHUNK):
                keep(chunk)
                digest.update(chunk)
        if digest.hexdigest() != wanted.sha256:
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
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    loaded = asyncio.run(ROLES[sys.argv[1]](wanted, Path(sys.argv[2])))
    sys.stdout.write(msgspec.json.encode(loaded).decode())


if __name__ == "__main__":
    main()
