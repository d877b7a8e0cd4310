"""Downloads, and changes to the package files: the work that takes time and goes on beside everything else."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import VehicleState
from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.ports import Ports
from pcm_agent.tasks import cancel_and_wait

PROGRESS_INTERVAL = timedelta(seconds=1)
PackageChange = do.InstallPackage | do.VerifyPackage | do.DiscardPackage | do.RemovePackage


class PackageWork:
    """The tasks that work on packages; each feeds what came of it.

    Args:
        ports: the world outside.
        state: of the car; its jobs say what is to be fetched.
        feed: takes the events.
    """

    def __init__(self, ports: Ports, state: VehicleState, feed: Callable[[on.Event], None]) -> None:
        self._ports, self._state, self._feed = ports, state, feed
        self._tasks: set[asyncio.Task[None]] = set()
        self._downloads: dict[str, asyncio.Task[None]] = {}

    @property
    def busy(self) -> bool:
        """Whether a package is being fetched or changed."""
        return bool(self._tasks)

    async def stop(self) -> None:
        """End all tasks where they are."""
        await cancel_and_wait(*self._tasks)

    def start_download(self, offer_id: str) -> None:
        """Fetch the rest of a package, in place of whoever does so already."""
        self.stop_download(offer_id)
        self._downloads[offer_id] = self._spawn(self._download(offer_id))

    def stop_download(self, offer_id: str) -> None:
        """Stop fetching; what is there stays."""
        task = self._downloads.pop(offer_id, None)
        if task is not None:
            task.cancel()

    def change(self, effect: PackageChange) -> None:
        """Change the package files."""
        self._spawn(self._change(effect))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _download(self, offer_id: str) -> None:
        """Fetch from where it ended, check, and feed what came of it."""
        job = self._state.jobs[offer_id]
        manifest = job.manifest
        try:
            await self._fetch(offer_id, job.url, manifest.length)
            await self._ports.files.complete(offer_id, manifest.length, manifest.sha256)
        except PeerError as error:
            self._ports.observer.noted(error.code, error.message)
            with suppress(TransportError):
                await self._ports.files.discard(offer_id)
            self._feed(on.DownloadFailed(offer_id, error.code))
        except TransportError as error:
            self._ports.observer.noted(error.code, error.message)
            self._feed(on.DownloadInterrupted(offer_id, error.code))
        else:
            self._feed(on.DownloadCompleted(offer_id))

    async def _fetch(self, offer_id: str, url: str, length: int) -> None:
        files, clock = self._ports.files, self._ports.clock
        received = files.received(offer_id)
        told = clock.now()
        if received >= length:
            return
        async with aclosing(self._ports.fetcher.fetch(url, received, length)) as chunks:
            async for chunk in chunks:
                await files.append(offer_id, chunk)
                received += len(chunk)
                if clock.now() - told >= PROGRESS_INTERVAL:
                    told = clock.now()
                    self._feed(on.DownloadProgressed(offer_id, received))

    async def _change(self, effect: PackageChange) -> None:
        try:
            event = await self._changed(effect)
        except PcmError as error:
            self._ports.observer.noted(error.code, error.message)
            event = on.InstallationFailed(effect.offer_id, error.code)
        self._feed(event)

    async def _changed(self, effect: PackageChange) -> on.Event:
        files, offer_id = self._ports.files, effect.offer_id
        if isinstance(effect, do.DiscardPackage):
            await files.discard(offer_id)
            return on.PackageDiscarded(offer_id)
        manifest = self._state.jobs[offer_id].manifest
        match effect:
            case do.InstallPackage():
                await files.install(manifest.function, manifest.sha256)
                return on.PackageInstalled(offer_id)
            case do.VerifyPackage():
                await files.verify(manifest.function, manifest.sha256)
                return on.PackageVerified(offer_id)
            case do.RemovePackage():
                await files.remove(manifest.function)
                return on.PackageRemoved(offer_id)
