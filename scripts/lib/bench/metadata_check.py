"""`metadata-check`: a car's look at both repositories, beside the same files fetched and parsed, not verified.

A first look knows nothing but the roots. One where nothing has changed since, as most are, asks for less.
"""

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
from scripts.lib.bench.figure import Aim, Figure, Limit, Pair, figure
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
    """95th percentile of a first look, of getting the same files, and of a later look."""
    return asyncio.run(_measured(*((3, 60) if quick else (9, 200))))


async def _measured(rounds: int, checks: int) -> Figure:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as name:
        images = {f"function-{number}": b"image" for number in range(FUNCTIONS)}
        roots = repositories_in(Path(name), images, now).roots()
        async with server_of(Path(name)) as url, HttpMetadataSource() as source, aiohttp.ClientSession() as session:
            staying, noted = UptaneRepositories(source, url, roots), _Noted(source)
            asked, asked_again = await _asked(UptaneRepositories(noted, url, roots), noted)

            async def first() -> None:
                await UptaneRepositories(source, url, roots).check(ECU.vin, None, datetime.now(UTC))

            async def again() -> None:
                await staying.check(ECU.vin, None, datetime.now(UTC))

            async def get() -> None:
                for one in asked:
                    await _parsed(session, one)

            looks = (first, get, again)
            await _in_turns(looks, WARM_UP)
            taken = [await _in_turns(looks, checks) for _ in range(rounds)]
    conditions = {
        "ours": f"a first look: both repositories from their roots up, {FUNCTIONS} functions, {len(asked)} requests",
        "reference": f"the same {len(asked)} requests with aiohttp, what comes parsed as JSON, nothing verified",
        "later look": f"where nothing has changed since, by a car that stayed on: {len(asked_again)} requests",
        "server": "the backend's server in a process of its own, on loopback",
        "asked": f"{checks} a round of each, in turns, connections kept; the 95th percentile of each round",
    }
    later = Limit("later look", statistics.median(each[2] for each in taken), AIM.limit, "ms")
    return figure("metadata-check", [Pair(*each[:2]) for each in taken], "ms", AIM, conditions, later)


async def _asked(repositories: UptaneRepositories, noted: _Noted) -> tuple[list[str], list[str]]:
    """What a first look asks for, and what the next one does."""
    verified = await repositories.check(ECU.vin, None, datetime.now(UTC))
    assert len(verified.image.targets) == FUNCTIONS
    first, noted.urls = noted.urls, []
    assert await repositories.check(ECU.vin, None, datetime.now(UTC)) == verified
    return first, noted.urls


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
