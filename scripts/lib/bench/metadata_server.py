"""Serves the repositories of a folder until it is ended, and prints its address."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.backend.http import listening_socket
from simulator.repository import FolderStore, PackageRepositories, SeededKeys


def _application(repositories: PackageRepositories) -> Starlette:
    async def answer(request: Request) -> Response:
        content = repositories.serve(request.path_params["name"], datetime.now(UTC))
        return Response(status_code=404) if content is None else Response(content, media_type="application/json")

    return Starlette(routes=[Route("/{name:path}", answer)])


async def main(folder: Path) -> None:
    """Serve."""
    repositories = PackageRepositories(FolderStore(folder), SeededKeys(1))
    listener = listening_socket("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(_application(repositories), log_level="warning", lifespan="off"))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
