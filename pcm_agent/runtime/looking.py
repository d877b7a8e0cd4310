"""The task that looks at the repositories, and feeds what the car may believe of them (Uptane 5.4.4)."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from pcm_agent.core import age
from pcm_agent.core import events as on
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import PcmError, PeerError
from pcm_agent.ports import Ports
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.trust.floors import raised
from pcm_agent.trust.images import Assignment, Ecu, judge, removals
from pcm_agent.trust.metadata import Verified
from pcm_agent.trust.refusals import REFUSALS

Answer = on.MetadataAccepted | on.MetadataRefused | on.MetadataInterrupted


class Looking:
    """At most one look at a time.

    Args:
        ports: the world outside.
        vehicle: whose floors, counters and roots it goes by.
        feed: takes what came of it.
        failed: takes an error that nobody expected.
    """

    def __init__(
        self,
        ports: Ports,
        vehicle: Vehicle,
        feed: Callable[[on.Event], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._ports, self._vehicle, self._feed, self._failed = ports, vehicle, feed, failed
        self._task: asyncio.Task[None] | None = None
        self._fetched = 0
        """Bytes that came since the last answer; of a look that was stopped the next answer tells."""

    @property
    def busy(self) -> bool:
        """Whether the repositories are being read."""
        return self._task is not None

    def start(self) -> None:
        """Read, in place of whoever does so already."""
        self.stop()
        self._task = asyncio.create_task(self._look())
        self._task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Read no further."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def end(self) -> None:
        """Read no further, and wait until nothing is under way."""
        if self._task is not None:
            await cancel_and_wait(self._task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(error)

    async def _look(self) -> None:
        state, ports = self._vehicle.state, self._ports
        try:
            judged_by = age.of_a_look(state, ports.clock.now())
            verified = await ports.repositories.check(state.vin, state.roots, judged_by, self._came)
            event: Answer = self._judged(verified)
        except PcmError as error:
            event = self._failure(error)
        except Exception as error:  # no bytes that somebody serves may end the agent
            text = f"what was read: {str(error) or type(error).__name__}"
            event = self._failure(PeerError("metadata-malformed", text))
        self._task = None  # what follows may have it look again
        fetched, self._fetched = self._fetched, 0
        self._feed(replace(event, fetched=fetched))

    def _came(self, size: int) -> None:
        self._fetched += size

    def _failure(self, error: PcmError) -> on.MetadataRefused | on.MetadataInterrupted:
        self._ports.observer.noted(error.code, error.message)
        jitter = self._ports.jitter()
        if error.code in REFUSALS:
            return on.MetadataRefused(error.code, jitter=jitter)
        return on.MetadataInterrupted(error.code, jitter)

    def _judged(self, verified: Verified) -> on.MetadataAccepted | on.MetadataRefused:
        """What was read, held against this car; a refusal of what it says keeps the versions that it had.

        Raises:
            PeerError: `metadata-rollback`.
        """
        floors = raised(self._vehicle.state.floors, verified)
        roots = None if verified.roots == self._ports.repositories.given else verified.roots
        try:
            assignments, removed = self._assignments(verified), removals(verified)
        except PeerError as error:
            self._ports.observer.noted(error.code, error.message)
            return on.MetadataRefused(error.code, floors, roots, self._ports.jitter())
        until, vouched_until = verified.good_until, verified.vouched_until
        return on.MetadataAccepted(assignments, floors, until, roots, removed, vouched_until=vouched_until)

    def _assignments(self, verified: Verified) -> tuple[Assignment, ...]:
        state = self._vehicle.state
        ecu = Ecu(state.vin, self._ports.unit.serial, self._vehicle.car.profile.hardware_id)
        return judge(verified, ecu, state.counters)
