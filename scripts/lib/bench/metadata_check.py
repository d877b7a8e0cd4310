"""`metadata-check`: one look of a car at both repositories, beside the same files fetched and parsed, not verified."""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.trust.images import Ecu
from pcm_agent.trust.metadata import TrustedRoots
from scripts.lib.bench.figure import Aim, Figure, Pair, figure
from simulator.repository import FolderStore, PackageRepositories, SeededKeys

AIM = Aim("ours", "<=", 10.0)
FUNCTIONS = 10
ECU = Ecu("WP0ZZZBENCH000001", "PCM-0001", "pcm6")
WARM_UP = 20
_Look = Callable[[], Awaitable[None]]


class _Noted:
    """A source of metadata that notes what is asked for; see `pcm_agent.ports.MetadataSource`."""

    def __init__(self, source: HttpMetadataSource) -> None:
        self._source = source
        self.urls: list[str] = []

    async def fetch(self, url: str, limit: int) -> bytes | None:
        """The file."""
        self.urls.append(url)
        return await self._source.fetch(url, limit)


def metadata_check(*, quick: bool) -> Figure:
    """95th percentile of a whole check, and of getting the same files."""
    return asyncio.run(_measured(*((3, 60) if quick else (9, 200))))


async def _measured(rounds: int, checks: int) -> Figure:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as name:
        roots = _made(Path(name), now)
        async with _server(Path(name)) as url, HttpMetadataSource() as source, aiohttp.ClientSession() as session:
            noted = _Noted(source)
            verified = await UptaneRepositories(noted, url).check(ECU.vin, roots, now)
            assert len(verified.image.targets) == FUNCTIONS
            repositories = UptaneRepositories(source, url)

            async def check() -> None:
                await repositories.check(ECU.vin, roots, datetime.now(UTC))

            async def get() -> None:
                for one in noted.urls:
                    await _parsed(session, one)

            await _in_turns((check, get), WARM_UP)
            pairs = [Pair(*await _in_turns((check, get), checks)) for _ in range(rounds)]
    conditions = {
        "ours": f"HttpMetadataSource, UptaneRepositories: both repositories from their roots up, {FUNCTIONS} functions",
        "reference": f"the same {len(noted.urls)} requests with aiohttp, what comes parsed as JSON, nothing verified",
        "server": "PackageRepositories over a folder behind uvicorn, in a process of its own, on loopback",
        "asked": f"{checks} a round of each, in turns, connections kept; the 95th percentile of each round",
    }
    return figure("metadata-check", pairs, "ms", AIM, conditions)


def _made(folder: Path, now: datetime) -> TrustedRoots:
    """Both repositories, with one image of each function for the car; what the car trusts."""
    repositories = PackageRepositories(FolderStore(folder), SeededKeys(1))
    repositories.create(now)
    repositories.director.register(ECU, now)
    for number in range(FUNCTIONS):
        release = repositories.image.add(
            f"function-{number}", "1.0", b"image", now, release_counter=1, hardware_ids=[ECU.hardware_id]
        )
        repositories.director.assign(ECU.vin, release, f"order-{number}", now + timedelta(days=28), now)
    return repositories.roots()


async def _parsed(session: aiohttp.ClientSession, url: str) -> object:
    async with session.get(url) as response:
        content = await response.read()
        return json.loads(content) if response.ok else None


async def _in_turns(looks: tuple[_Look, ...], times: int) -> list[float]:
    """95th percentile of so many of each, in milliseconds."""
    taken: list[list[float]] = [[] for _ in looks]
    for _ in range(times):
        for look, seconds in zip(looks, taken, strict=True):
            start = time.perf_counter()
            await look()
            seconds.append(time.perf_counter() - start)
    return [statistics.quantiles(seconds, n=20)[-1] * 1e3 for seconds in taken]


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    """The repositories' files in a process of their own; their address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.lib.bench.metadata_server", str(folder), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
