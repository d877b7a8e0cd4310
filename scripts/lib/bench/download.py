"""`download`: a package from the server onto the car's disk, checked, beside a bare download with its hash."""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from scripts.lib.bench.figure import Aim, Figure, Limit, Pair, figure
from scripts.lib.bench.life import START, VIN
from scripts.lib.bench.loader import ROLES, Loaded
from simulator.backend.depot import Depot
from simulator.keys import seeded_key

AIM = Aim("ratio", ">=", 0.9)
MOST_MEMORY = 16
"""MiB that the agent may need besides what it has while it is idle."""
LARGE, SMALL = 200_000_000, 20_000_000
MEGABYTE, KIB_A_MIB = 1e6, 1024


def download(*, quick: bool) -> Figure:
    """Rate of a download of 200 MB, ours to the bare one's; and what memory it takes at most."""
    return asyncio.run(_measured(3 if quick else 9))


async def _measured(rounds: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as name:
        folder = Path(name)
        async with _server(folder / "depot") as base_url:
            depot = Depot(seeded_key(1), base_url, folder / "depot")
            large, small = (_made(depot, length) for length in (LARGE, SMALL))
            await _load("ours", large, folder)
            await _load("bare", large, folder)
            loads = [{role: await _load(role, large, folder) for role in ROLES} for _ in range(rounds)]
            little = await _load("ours", small, folder)
    pairs = [Pair(_rate(load["ours"]), _rate(load["bare"])) for load in loads]
    memory = Limit("memory", max(load["ours"].growth_kib for load in loads) / KIB_A_MIB, MOST_MEMORY, "MiB")
    conditions = {
        "ours": "offer checked, HttpFetcher, RateGuard, DiskPackageFiles: written, hashed, synced to disk, named",
        "reference": "aiohttp in chunks of 256 KiB with SHA-256, written to a file, not synced",
        "nothing_written": round(statistics.median(_rate(load["unkept"]) for load in loads), 1),
        "server": "the package server in a process of its own; each download in a fresh process",
        "memory": "largest size in any round, beyond the size of the process with the agent loaded right before",
        "memory_of_20_mb": round(little.growth_kib / KIB_A_MIB, 2),
        "memory_of_the_reference": round(max(load["bare"].growth_kib for load in loads) / KIB_A_MIB, 2),
    }
    return figure("download", pairs, "MB/s", AIM, conditions, memory)


def _made(depot: Depot, length: int) -> bytes:
    """The signed offer of a package of so many bytes, as a loader takes it."""
    package = depot.make("bench", "1.0", length)
    return msgspec.json.encode(depot.offer(package, VIN, f"bench-{length}", START, ask=False))


def _rate(loaded: Loaded) -> float:
    return LARGE / MEGABYTE / loaded.seconds


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
