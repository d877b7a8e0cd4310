"""`download`: a package from the server onto the car's disk, checked, beside a bare download with its hash."""

import asyncio
import random
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pcm_agent.trust.images import image_url
from scripts.lib.bench.figure import Aim, Figure, Limit, Pair, figure
from scripts.lib.bench.loader import ROLES, Loaded, Wanted
from scripts.lib.bench.server import repositories_in, server_of
from simulator.repository import PackageRepositories

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
        images = {"large": random.Random(1).randbytes(LARGE), "small": random.Random(2).randbytes(SMALL)}
        repositories = repositories_in(folder / "repositories", images, datetime.now(UTC))
        async with server_of(folder / "repositories") as url:
            large, small = (_wanted(repositories, function, url) for function in images)
            await _load("ours", large, folder)
            await _load("bare", large, folder)
            loads = [{role: await _load(role, large, folder) for role in ROLES} for _ in range(rounds)]
            little = await _load("ours", small, folder)
    pairs = [Pair(_rate(load["ours"]), _rate(load["bare"])) for load in loads]
    memory = Limit("memory", max(load["ours"].growth_kib for load in loads) / KIB_A_MIB, MOST_MEMORY, "MiB")
    conditions = {
        "ours": "repositories checked, HttpFetcher, RateGuard, DiskPackageFiles: written, hashed, synced, named",
        "reference": "aiohttp in chunks of 256 KiB with SHA-256, written to a file, not synced",
        "nothing_written": round(statistics.median(_rate(load["unkept"]) for load in loads), 1),
        "server": "the backend's server in a process of its own; each download in a fresh process",
        "memory": "largest size in any round, beyond the size of the process with the agent loaded right before",
        "memory_of_20_mb": round(little.growth_kib / KIB_A_MIB, 2),
        "memory_of_the_reference": round(max(load["bare"].growth_kib for load in loads) / KIB_A_MIB, 2),
    }
    return figure("download", pairs, "MB/s", AIM, conditions, memory)


def _wanted(repositories: PackageRepositories, function: str, url: str) -> bytes:
    """A function's newest release, as a loader takes it."""
    release = repositories.image.release(function)
    image = image_url(f"{url}/images", release.path, release.sha256)
    wanted = Wanted(url, repositories.roots(), function, image, release.length, release.sha256)
    return msgspec.json.encode(wanted)


def _rate(loaded: Loaded) -> float:
    return LARGE / MEGABYTE / loaded.seconds


async def _load(role: str, wanted: bytes, folder: Path) -> Loaded:
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
        printed, _ = await process.communicate(wanted)
    if process.returncode:
        raise RuntimeError(f"the download ({role}) ended with status {process.returncode}")
    return msgspec.json.decode(printed, type=Loaded)
