"""The way between the repositories and the cars, and whoever sits there; in virtual time, and over real HTTP."""

import hashlib
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.ports import Fetcher, MetadataSource, PackageFiles
from simulator.attacks.forge import Overlay
from simulator.backend.depot import Depot
from simulator.backend.http import serving_application
from simulator.lab import Means, VirtualMeans
from simulator.live import live_means
from simulator.repository import FolderStore, PackageRepositories
from simulator.repository.image import IMAGES
from simulator.virtual import MemoryFetcher, MemoryPackageFiles, MemorySource

IMAGE_DRIP = 512
"""Bytes of an image that come in a second where it is made to be slow: half of what a car puts up with."""
METADATA_DRIP = 1
"""The same of a file of metadata."""
LIVE_SPEED = 20.0
"""Seconds of the simulation in a real one."""
GRACE, SLOWEST = 2.0, 64 * 1024.0
"""How long a live car waits for metadata: real seconds, and bytes in one, fewer than usual so that it is soon over."""
_RANGE = re.compile(r"bytes=([0-9]{1,18})-")


class Middle:
    """Sees what each car asks for, and answers what it likes.

    Args:
        depot: the honest backend's.
    """

    def __init__(self, depot: Depot) -> None:
        self.depot = depot
        self.forged: dict[str, bytes | None] = {}
        """What is answered in place of the honest files; None: nothing."""
        self.slow: set[str] = set()
        """Names of files that come as slowly as can be."""
        self.dripping = 0
        """Answers over HTTP that wait until their next bytes may come."""
        self.swallowed: set[str] = set()
        """Topics of which the backend hears nothing."""
        honest = depot.repositories
        overlay = Overlay(honest.store, self.forged)
        self.stolen = PackageRepositories(overlay, honest.image.repository.keys)
        """The repositories with all their keys; nobody but the car sees what is written there."""

    def clear(self) -> None:
        """Be gone."""
        self.forged.clear()
        self.slow.clear()
        self.swallowed.clear()

    def is_slow(self, url: str) -> bool:
        """Whether a file is made to be slow."""
        return url.removeprefix(f"{self.depot.base_url}/") in self.slow

    def lookup(self, url: str) -> bytes | None:
        """What a car gets for an address."""
        name = url.removeprefix(f"{self.depot.base_url}/")
        if name in self.forged:
            return self.forged[name]
        self.depot.lookup(url)  # the honest backend signs anew what is about to expire
        return self.stolen.lookup(name)

    def application(self) -> Starlette:
        """The same over HTTP."""

        async def answer(request: Request) -> Response:
            name = request.path_params["name"]
            content = self.lookup(f"{self.depot.base_url}/{name}")
            if content is None:
                return PlainTextResponse("there is no such file", 404)
            return self._dripping(request, name, content) if name in self.slow else _whole(request, content)

        return Starlette(routes=[Route("/{name:path}", answer)])

    def _dripping(self, request: Request, name: str, content: bytes) -> Response:
        status, headers, rest = _part(request, content)
        drip = IMAGE_DRIP if name.startswith(f"{IMAGES}/") else METADATA_DRIP
        return StreamingResponse(self._drops(name, rest, drip), status, headers)

    async def _drops(self, name: str, content: bytes, drip: int) -> AsyncGenerator[bytes]:
        for start in range(0, len(content), drip):
            if name not in self.slow:
                yield content[start:]
                return
            yield content[start : start + drip]
            self.dripping += 1
            try:
                await self.depot.clock.sleep(1)
            finally:
                self.dripping -= 1


def _whole(request: Request, content: bytes) -> Response:
    status, headers, rest = _part(request, content)
    return Response(rest, status, headers)


def _part(request: Request, content: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and bytes of what was asked for (RFC 9110, 14)."""
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    if wanted is None or request.headers.get("if-range", tag) != tag or int(wanted[1]) >= len(content):
        return 200, {"ETag": tag}, content
    start, length = int(wanted[1]), len(content)
    return 206, {"ETag": tag, "Content-Range": f"bytes {start}-{length - 1}/{length}"}, content[start:]


class Ground(NamedTuple):
    """What a lab is built on where somebody sits in the middle."""

    means: Means
    middle: Middle
    installed: Callable[[str], Mapping[str, str]]
    """What stands on a car's disk, by VIN: function → SHA-256 of the bytes that it really is."""


def virtual_ground(seed: int) -> Ground:
    """No socket, no file; time only jumps. Needs an `IdleLoop`."""
    means = _VirtualMeans(seed)
    return Ground(means, means.middle, means.installed)


class _VirtualMeans(VirtualMeans):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.middle = Middle(self.depot)
        self._disks: dict[str, MemoryPackageFiles] = {}

    def fetcher(self) -> Fetcher:
        """By way of the middle."""
        return _DrippingFetcher(self.middle)

    def source(self) -> MetadataSource:
        """By way of the middle."""
        return MemorySource(self.middle.lookup)

    def files(self, vin: str) -> PackageFiles:
        """In memory; one disk a car."""
        return self._disks.setdefault(vin, MemoryPackageFiles())

    def installed(self, vin: str) -> Mapping[str, str]:
        """See `Ground`."""
        return {name: hashlib.sha256(it).hexdigest() for name, it in self._disks[vin].installed().items()}


class _DrippingFetcher:
    """See `pcm_agent.ports.Fetcher`: as slow as the middle wants it."""

    def __init__(self, middle: Middle) -> None:
        self._middle, self._fetcher = middle, MemoryFetcher(middle.lookup)

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on."""
        async for chunk in self._fetcher.fetch(url, offset, length, skipped):
            rest = chunk
            while rest and self._middle.is_slow(url):
                yield rest[:IMAGE_DRIP]
                rest = rest[IMAGE_DRIP:]
                await self._middle.depot.clock.sleep(1)
            if rest:
                yield rest


@asynccontextmanager
async def live_ground(seed: int, broker: str, log: Callable[[str], None]) -> AsyncIterator[Ground]:
    """A broker, an HTTP server with somebody inside, and a folder for each car; gone when the block is left.

    Raises:
        TransportError: something outside could not be had.
    """
    middles: list[Middle] = []

    def serve(depot: Depot, folder: FolderStore, listener: socket.socket) -> AbstractAsyncContextManager[None]:
        del folder  # the depot reads it
        middles.append(Middle(depot))
        return serving_application(middles[-1].application(), listener)

    def metadata() -> HttpMetadataSource:
        return HttpMetadataSource(grace=GRACE, slowest=SLOWEST)

    async with live_means(seed, LIVE_SPEED, broker, log, serve=serve, metadata=metadata) as means:
        means.beyond = lambda: middles[-1].dripping > 0
        yield Ground(means, middles[-1], lambda vin: _on_disk(means.folder / vin / "packages" / "active"))


def _on_disk(active: Path) -> dict[str, str]:
    files = [path for path in active.iterdir() if not path.name.startswith(".")] if active.exists() else []
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
