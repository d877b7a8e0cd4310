"""`metadata-check`: one look of a car at both repositories, beside the same files fetched and parsed, not verified."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.uptane import UptaneRepositories
from scripts.lib.bench.figure import Aim, Figure, Pair, figure
from scripts.lib.bench.server import ECU, repositories_in, server_of

AIM = Aim("ours", "<=", 10.0)
FUNCTIONS = 10
WARM_UP = 20
_Look = Callable[[], Awaitable[None]]


class _Noted:
    """A source of metadata that notes what is asked for; see `pcm_agent.ports.MetadataSource`."""

    def __init__(self, source: HttpMetadataSource) -> None:
        self._source = source
        self.urls: list[str] = []

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file."""
        self.urls.append(url)
        return await self._source.fetch(url, limit, came)


def metadata_check(*, quick: bool) -> Figure:
    """95th percentile of a whole check, and of getting the same files."""
    return asyncio.run(_measured(*((3, 60) if quick else (9, 200))))


async def _measured(rounds: int, checks: int) -> Figure:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as name:
        images = {f"function-{number}": b"image" for number in range(FUNCTIONS)}
        roots = repositories_in(Path(name), images, now).roots()
        async with server_of(Path(name)) as url, HttpMetadataSource() as source, aiohttp.ClientSession() as session:
            noted = _Noted(source)
            verified = await UptaneRepositories(noted, url, roots).check(ECU.vin, None, now)
            assert len(verified.image.targets) == FUNCTIONS
            repositories = UptaneRepositories(source, url, roots)

            async def check() -> None:
                await repositories.check(ECU.vin, None, datetime.now(UTC))

            async def get() -> None:
                for one in noted.urls:
                    await _parsed(session, one)

            await _in_turns((check, get), WARM_UP)
            pairs = [Pair(*await _in_turns((check, get), checks)) for _ in range(rounds)]
    conditions = {
        "ours": f"HttpMetadataSource, UptaneRepositories: both repositories from their roots up, {FUNCTIONS} functions",
        "reference": f"the same {len(noted.urls)} requests with aiohttp, what comes parsed as JSON, nothing verified",
        "server": "the backend's server in a process of its own, on loopback",
        "asked": f"{checks} a round of each, in turns, connections kept; the 95th percentile of each round",
    }
    return figure("metadata-check", pairs, "ms", AIM, conditions)


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
