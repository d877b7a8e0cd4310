"""`download`: a package from the server onto the car's disk, checked, beside a bare download with its hash."""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from scripts.lib.bench.figure import Aim, Figure, Pair, figure
from scripts.lib.bench.life import START, VIN
from scripts.lib.bench.loader import ROLES, Loaded
from simulator.backend.depot import Depot
from simulator.keys import seeded_key

AIM = Aim("ratio", ">=", 0.8)
LARGE, SMALL = 200_000_000, 20_000_000
MEGABYTE = 1e6


def download(*, quick: bool) -> Figure:
    """Rate of a download of 200 MB, ours to the bare one's; and what memory it takes at most, against one of 20 MB."""
    return asyncio.run(_measured(3 if quick else 9))


async def _measured(rounds: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as name:
        folder = Path(name)
        async with _server(folder / "depot") as base_url:
            depot = Depot(seeded_key(1), base_url, folder / "depot")
            large, small = (_made(depot, length) for length in (LARGE, SMALL))
            await _load("ours", large, folder)
            await _load("bare", large, folder)
            rates = [[await _rate(role, large, folder) for role in ROLES] for _ in range(rounds)]
            growth = {
                f"{role}, {length // 1_000_000} MB": (await _load(role, offer, folder)).growth_kib
                for role in ("ours", "bare")
                for length, offer in ((SMALL, small), (LARGE, large))
            }
    conditions = {
        "ours": "signature of the offer checked, HttpFetcher, DiskPackageFiles: written, hashed, synced to disk",
        "reference": "aiohttp in chunks of 256 KiB with SHA-256, written to a file, not synced",
        "nothing_written": round(statistics.median(unkept for _, _, unkept in rates), 1),
        "server": "the package server in a process of its own; each download in a fresh process",
        "memory_growth_kib": growth,
    }
    return figure("download", [Pair(ours, bare) for ours, bare, _ in rates], "MB/s", AIM, conditions)


def _made(depot: Depot, length: int) -> bytes:
    """The signed offer of a package of so many bytes, as a loader takes it."""
    package = depot.make("bench", "1.0", length)
    return msgspec.json.encode(depot.offer(package, VIN, f"bench-{length}", START, ask=False))


async def _rate(role: str, offer: bytes, folder: Path) -> float:
    return LARGE / MEGABYTE / (await _load(role, offer, folder)).seconds


async def _load(role: str, offer: bytes, folder: Path) -> Loaded:
    """One download in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as disk:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "scripts.lib.bench.loader",
            role,
            disk,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate(offer)
    if process.returncode:
        raise RuntimeError(f"the download ({role}) ended with status {process.returncode}")
    return msgspec.json.decode(printed, type=Loaded)


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    """The package server in a process of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.lib.bench.server", str(folder), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
