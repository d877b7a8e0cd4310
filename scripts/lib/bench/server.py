"""Serves a folder's repositories until it is ended, and prints its address: `python -m scripts.lib.bench.server`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pcm_agent.adapters.clock import SystemClock
from pcm_agent.trust.images import Ecu
from simulator.backend.depot import Depot
from simulator.backend.http import listening_socket, serving
from simulator.repository import FolderStore, PackageRepositories, SeededKeys
from simulator.units import MemoryUnits

ECU = Ecu("WP0ZZZBENCH000001", "PCM-0001", "pcm6")
"""The car for which there is something in the repositories."""


def repositories_in(folder: Path, images: dict[str, bytes], now: datetime) -> PackageRepositories:
    """Make both repositories, with a release of each function, all of them for the one car."""
    repositories = PackageRepositories(FolderStore(folder), SeededKeys(1))
    repositories.create(now)
    repositories.director.register(ECU, now)
    for function, content in images.items():
        release = repositories.image.add(
            function, "1.0", content, now, release_counter=1, hardware_ids=[ECU.hardware_id]
        )
        repositories.director.assign(ECU.vin, release, f"order-{function}", now + timedelta(days=28), now)
    return repositories


@asynccontextmanager
async def server_of(folder: Path) -> AsyncIterator[str]:
    """The server of the backend in a process of its own; its address."""
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


async def main(folder: Path) -> None:
    """Serve."""
    listener, store = listening_socket("127.0.0.1", 0), FolderStore(folder)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    depot = Depot(PackageRepositories(store, SeededKeys(1)), MemoryUnits(), url, SystemClock())
    async with serving(depot, store, listener):
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
