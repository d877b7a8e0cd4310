"""Downloads, and changes to the package files: the work that takes time and goes on beside everything else."""

import asyncio
from collections.abc import Callable, Coroutine, Set
from contextlib import suppress
from datetime import timedelta
from typing import Any

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.assignments import FINISHED
from pcm_agent.core.jobs.job import BUSY, NOT_YET_ACTIVATING
from pcm_agent.core.state import VehicleState
from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.ports import Ports
from pcm_agent.protocol.messages import PackageState
from pcm_agent.runtime.transfer import Transfer
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.trust.images import Assignment

PackageChange = do.InstallPackage | do.VerifyPackage | do.RevertPackage | do.DiscardPackage | do.RemovePackage
_TO_INSTALL = frozenset((*NOT_YET_ACTIVATING, *BUSY))
"""Where a job still needs the version that it has on disk, or will have."""
COMES_UP_WITHIN = timedelta(minutes=1)
"""So long a function that was installed may take until it works."""
_INSTALLED = frozenset((*BUSY, PackageState.ACTIVE))


class PackageWork:
    """The tasks that work on packages; each feeds what came of it.

    Args:
        ports: the world outside.
        state: of the car; its jobs say what is to be fetched.
        feed: takes the events.
        failed: takes an error that nobody expected.
    """

    def __init__(
        self,
        ports: Ports,
        state: VehicleState,
        feed: Callable[[on.Event], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._ports, self._state, self._feed, self._failed = ports, state, feed, failed
        self._tasks: dict[asyncio.Task[None], None] = {}
        """In the order of their beginning, in which they are ended, too; a set has none that is the same again."""
        self._downloads: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()
        """Held while versions come, go and are pointed to: none may come while it is judged which are to go."""

    @property
    def tasks(self) -> Set[asyncio.Task[None]]:
        """Those that fetch or change a package now."""
        return self._tasks.keys()

    async def stop(self) -> None:
        """End all tasks where they are."""
        await cancel_and_wait(*self._tasks)

    def tidy(self) -> None:
        """Delete the downloads and versions that a power cut left, and nobody needs."""
        self._spawn(self._tidy())

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
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        for offer_id in [offer_id for offer_id, download in self._downloads.items() if download is task]:
            del self._downloads[offer_id]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(error)

    async def _download(self, offer_id: str) -> None:
        """Fetch from where it ended, check, and feed what came of it."""
        job = self._state.jobs[offer_id]
        it, delta = job.assignment, job.delta
        transfer = Transfer(self._ports, job, lambda received: self._feed(on.DownloadProgressed(offer_id, received)))
        try:
            await transfer.run()
            async with self._one_at_a_time:
                if delta is not None:
                    await self._ports.files.patch(offer_id, delta, it.length, it.sha256)
                else:
                    await self._ports.files.complete(offer_id, it.length, it.sha256)
        except PcmError as error:
            self._ports.observer.noted(error.code, error.message)
            if isinstance(error, PeerError) or error.code == "package-changed":
                await self._discard(offer_id)
            if delta is not None and isinstance(error, PeerError):
                self._feed(on.DeltaUnusable(offer_id, error.code, transfer.received, transfer.skipped))
            else:
                self._feed(self._broken_off(offer_id, transfer, error))
        else:
            self._feed(on.DownloadCompleted(offer_id, transfer.skipped))

    def _broken_off(self, offer_id: str, transfer: Transfer, error: PcmError) -> on.Event:
        """What it means that a transfer failed: of two files mixed in one download nobody knows what the second is."""
        mixed = error.code == "package-changed" or (error.code == "package-hash" and transfer.resumed)
        if isinstance(error, PeerError) and not mixed:
            return on.DownloadFailed(offer_id, error.code, transfer.received, transfer.skipped)
        received = 0 if mixed else transfer.received
        jitter = self._ports.jitter()
        return on.DownloadInterrupted(offer_id, error.code, received, transfer.fetched, transfer.skipped, jitter)

    async def _discard(self, offer_id: str) -> None:
        with suppress(TransportError):
            await self._ports.files.discard(offer_id)

    async def _change(self, effect: PackageChange) -> None:
        try:
            async with self._one_at_a_time:
                event = await self._changed(effect)
        except PcmError as error:
            self._ports.observer.noted(error.code, error.message)
            event = on.InstallationFailed(effect.offer_id, error.code)
        if not isinstance(effect, do.RevertPackage):  # whose fault is noted: it is done again at the next start
            self._feed(event)
        await self._sweep()

    async def _tidy(self) -> None:
        for offer_id in [offer_id for offer_id, job in self._state.jobs.items() if job.state in FINISHED]:
            await self._discard(offer_id)
        await self._sweep()

    async def _sweep(self) -> None:
        try:
            async with self._one_at_a_time:
                jobs = self._state.jobs.values()
                await self._ports.files.sweep({job.assignment.sha256 for job in jobs if job.state in _TO_INSTALL})
        except TransportError as error:  # what is left waits for the next time
            self._ports.observer.noted(error.code, error.message)

    async def _changed(self, effect: PackageChange) -> on.Event:
        files, offer_id = self._ports.files, effect.offer_id
        if isinstance(effect, do.RevertPackage | do.DiscardPackage):
            await self._revert(offer_id)
            if isinstance(effect, do.DiscardPackage):
                await files.discard(offer_id)
            return on.PackageDiscarded(offer_id)
        it = self._state.jobs[offer_id].assignment
        match effect:
            case do.InstallPackage():
                await files.install(it.function, it.sha256)
                return on.PackageInstalled(offer_id)
            case do.VerifyPackage():
                await files.verify(it.function, it.sha256, lambda: self._comes_up(it.function))
                return on.PackageVerified(offer_id)
            case do.RemovePackage():
                if not self._is_shared(it):
                    await files.remove(it.function, it.sha256)
                return on.PackageRemoved(offer_id)

    async def _revert(self, offer_id: str) -> None:
        """Leave nothing of an installation that was begun, unless another order has brought the same version."""
        job = self._state.jobs.get(offer_id)
        if job is None:
            return
        it = job.assignment
        installed = self._state.installed.get(it.function)
        proven = installed is not None and installed.sha256 == it.sha256
        if not proven and not self._is_shared(it):
            await self._ports.files.revert(it.function, it.sha256)

    async def _comes_up(self, function: str) -> bool:
        """Ask the car whether a function works; one that does not say so in time does not."""
        clock = self._ports.clock
        asking = asyncio.ensure_future(self._ports.body.comes_up(function))

        def give_up() -> None:
            asking.cancel()

        timer = clock.call_at(clock.now() + COMES_UP_WITHIN, give_up)
        try:
            await asyncio.wait((asking,))
            return not asking.cancelled() and asking.result()
        finally:
            timer.cancel()
            asking.cancel()

    def _is_shared(self, removed: Assignment) -> bool:
        """Whether another order has brought the same version of the function, and it stays."""
        return any(
            (job.assignment.function, job.assignment.sha256) == (removed.function, removed.sha256)
            for job in self._state.jobs.values()
            if job.state in _INSTALLED
        )
