"""The server of both repositories: ranges, strong entity tags, loopback unless asked otherwise."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from pcm_agent.errors import PcmError, TransportError
from simulator.backend.depot import Depot
from simulator.repository import FolderStore
from simulator.repository.image import IMAGES

CHUNK = 256 * 1024
Tell = Callable[[str, str], None]
"""Takes code and text of what an engineer should know."""
IMAGE_FILE = re.compile(rf"{IMAGES}/[a-z0-9][a-z0-9.-]{{0,63}}/[0-9a-f]{{64}}\.[A-Za-z0-9._+-]{{1,128}}")


class _ImageResponse(FileResponse):
    chunk_size = CHUNK


def application(depot: Depot, folder: FolderStore, tell: Tell = lambda code, text: None) -> Starlette:
    """The repositories as cars read them: metadata whole, images whole or in ranges (RFC 9110, 14).

    What can't be read or signed is answered with 503, its code and its reason.

    Args:
        depot: whose repositories they are.
        folder: where their files are.
        tell: for what can't be read or signed.
    """

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name.startswith(f"{IMAGES}/"):
            path = folder.path_of(name) if IMAGE_FILE.fullmatch(name) else None
            return _ImageResponse(path, media_type="application/octet-stream") if path else _absent()
        try:
            content = depot.lookup(f"{depot.base_url}/{name}")
        except PcmError as error:
            tell(error.code, error.message)
            return PlainTextResponse(f"{error.code}: {error.message}", 503)
        return _absent() if content is None else Response(content, media_type="application/json")

    return Starlette(routes=[Route("/{name:path}", file)])


def _absent() -> Response:
    return PlainTextResponse("there is no such file", 404)


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


def serving(
    depot: Depot, folder: FolderStore, listener: socket.socket, tell: Tell = lambda code, text: None
) -> AbstractAsyncContextManager[None]:
    """Serve the repositories while the block lasts."""
    return serving_application(application(depot, folder, tell), listener)


@asynccontextmanager
async def serving_application(served: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve while the block lasts."""
    config = uvicorn.Config(served, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
