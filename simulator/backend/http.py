"""The server that cars fetch packages from: ranges, strong entity tags, loopback unless asked otherwise."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from pcm_agent.errors import TransportError

CHUNK = 256 * 1024
SHA256 = re.compile("[0-9a-f]{64}")


class _PackageResponse(FileResponse):
    chunk_size = CHUNK


def application(folder: Path) -> Starlette:
    """`GET /packages/{sha256}` serves the files of a folder, whole or in ranges (RFC 9110, 14)."""

    async def package(request: Request) -> FileResponse:
        name = request.path_params["name"]
        path = folder / name
        if SHA256.fullmatch(name) is None or not path.is_file():
            raise HTTPException(404)
        return _PackageResponse(path, media_type="application/octet-stream")

    return Starlette(routes=[Route("/packages/{name}", package)])


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket to serve on; port 0 chooses a free one.

    Raises:
        TransportError: `http-port-unusable`.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise TransportError("http-port-unusable", f"{host}, port {port}: {error.strerror}") from error
    # Connections inherit it. Without it the body of a short answer waits 40 ms for its head to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@asynccontextmanager
async def serving(folder: Path, listener: socket.socket) -> AsyncIterator[None]:
    """Serve while the block lasts."""
    config = uvicorn.Config(application(folder), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
