"""Serves the packages of a folder until it is ended, and prints its address: `python -m scripts.lib.bench.server`."""

import asyncio
import sys
from pathlib import Path

from simulator.backend.http import listening_socket, serving


async def main(folder: Path) -> None:
    """Serve."""
    listener = listening_socket("127.0.0.1", 0)
    async with serving(folder, listener):
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
