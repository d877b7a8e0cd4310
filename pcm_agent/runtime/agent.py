"""The agent: feeds one vehicle and performs what it returns.

Everything that happens is fed with `feed`, which never waits: the core handles it, the journal commits it, then the
effects are performed. What takes time runs beside it: the link to the backend, and the work on packages.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Set
from typing import Any

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import PrivateMode
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import PcmError, PeerError
from pcm_agent.outbox import Outbox
from pcm_agent.ports import Ports
from pcm_agent.protocol.topics import OVER_APP
from pcm_agent.runtime.link import Link
from pcm_agent.runtime.looking import Looking
from pcm_agent.runtime.packages import PackageWork
from pcm_agent.runtime.wire import Wire
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Incoming, Outgoing, Timer

_SAID: frozenset[type[do.Effect]] = frozenset((do.Publish, do.Answer, do.ReportState, do.ReportInstalled))
"""Effects that are written into the outbox before the commit; the others are performed after it."""


class Agent:
    """One PCM at work.

    Args:
        vehicle: the core, new or restored from the journal.
        ports: the world outside.
        firmware: what presence says of the program.
        saved: reports that the journal kept.
    """

    def __init__(self, vehicle: Vehicle, ports: Ports, firmware: str, saved: list[tuple[int, Outgoing]]) -> None:
        self.vehicle = vehicle
        self.rejected: Counter[str] = Counter()
        """Messages that were not for us or not well-formed, by code."""
        self._ports = ports
        self._outbox = Outbox(saved)
        self._wire = Wire(vehicle, firmware, ports.unit, ports.clock, ports.new_id)
        self._link = Link(ports, self._wire, self._outbox, self.hear, self._held)
        self._packages = PackageWork(ports, vehicle.state, self.feed, self._fail)
        self._looking = Looking(ports, vehicle, self.feed, self._fail)
        self._events: deque[on.Event] = deque()
        self._for_app: list[Outgoing] = []
        """Answers for the app on a phone, which has them after the commit."""
        self._feeding = False
        self._broken = False
        """Handling an event failed: the state in memory is ahead of the journal's, and nothing may be built on it."""
        self._timers: dict[str, Timer] = {}
        self._failed: asyncio.Future[None] | None = None

    @property
    def quiet(self) -> bool:
        """Nothing is to be sent that could be sent, and no repository is read and no package fetched or installed."""
        return self.rests(frozenset(), frozenset())

    def rests(self, asleep: Set[asyncio.Task[Any]], reading: Set[asyncio.Task[Any]]) -> bool:
        """Whether it is quiet but for what waits for the clock alone.

        Args:
            asleep: tasks that wait for nothing else.
            reading: those that read metadata now.
        """
        looks = not self._looking.busy or (bool(reading) and reading <= asleep)
        return self._link.quiet and looks and self._packages.tasks <= asleep

    @property
    def online(self) -> bool:
        """Whether a session with the broker is open."""
        return self._link.online

    @property
    def unsaid(self) -> int:
        """So many messages are not sent, or not acknowledged by the broker."""
        return len(self._outbox)

    def boot(self) -> None:
        """Start the PCM: unfinished steps are taken up, timers set again. Once, inside the event loop, before `run`."""
        self.feed(on.PcmStarted())
        self._packages.tidy()

    async def run(self) -> None:
        """Work until cancelled; then say farewell to the broker, if there is one to hear it.

        Raises:
            TransportError: the journal can't be written; nothing was done of what it could not keep.
        """
        self._failed = asyncio.get_running_loop().create_future()
        link = asyncio.ensure_future(self._link.run())
        try:
            done, _ = await asyncio.wait((link, self._failed), return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            await cancel_and_wait(link)
            await self._looking.end()
            await self._packages.stop()
            for timer in self._timers.values():
                timer.cancel()
            self._failed.cancel()

    def feed(self, event: on.Event) -> None:
        """Let an event happen now. Returns when it is committed; what it leads to may still go on.

        After a failed commit nothing happens any more: a new agent goes on from the last good one.
        """
        if self._broken:
            return
        self._events.append(event)
        if self._feeding:
            return
        self._feeding = True
        try:
            while self._events:
                self._handle(self._events.popleft())
        except Exception as error:
            self._broken = True
            self._events.clear()
            if isinstance(error, PcmError):
                self._ports.observer.noted(error.code, error.message)
            self._fail(error)
        finally:
            self._feeding = False

    def lose_power(self) -> None:
        """Do and say nothing any more, not even farewell; `run` is to be cancelled then.

        A new agent goes on from the journal.
        """
        self._broken = True
        self._events.clear()
        self._link.close()
        for timer in self._timers.values():
            timer.cancel()

    def _held(self, message: Outgoing) -> bool:
        """Whether private mode keeps a report back, though it may have waited since before (PRV-01)."""
        return self.vehicle.state.private_mode is PrivateMode.ON and message.topic in self._wire.personal

    def _fail(self, error: BaseException) -> None:
        """End `run` with an error; where it is not running, let the caller have it."""
        if self._failed is None or self._failed.done():
            raise error
        self._failed.set_exception(error)

    def _handle(self, event: on.Event) -> None:
        now = self._ports.clock.now()
        effects = self.vehicle.handle(event, now)
        for effect in effects:
            if effect.__class__ in _SAID:
                self._write(effect)
        if effects and isinstance(effects[-1], do.Persist):
            added, removed = self._outbox.take_changes()
            self._ports.journal.commit(self.vehicle.snapshot(), added, removed)
        self._ports.observer.handled(event, effects, now)
        for effect in effects:
            if effect.__class__ not in _SAID:
                self._perform(effect)
        self._link.flush()
        self._hand_to_app()

    def _hand_to_app(self) -> None:
        answers, self._for_app = self._for_app, []
        for message in answers:
            if self._ports.app.carry(message):
                self._ports.observer.sent(message)

    def _write(self, effect: do.Effect) -> None:
        """Put what is to be said into the outbox; it is sent after the commit."""
        match effect:
            case do.Publish(body, durable, message_id):
                self._link.say(self._wire.event(body, message_id), durable=durable)
            case do.Answer(command_id, kind, reply, _, over_app=True):
                self._for_app.append(self._wire.reply(command_id, kind, reply, over_app=True))
            case do.Answer(command_id, kind, reply, durable):
                self._link.say(self._wire.reply(command_id, kind, reply), durable=durable)
            case do.ReportState():
                self._link.state_changed()
            case do.ReportInstalled(number):
                self._link.say(self._wire.installed(number), durable=True)

    def _perform(self, effect: do.Effect) -> None:
        link, packages = self._link, self._packages
        match effect:
            case do.SetTimer(key, at):
                self._cancel_timer(key)
                self._timers[key] = self._ports.clock.call_at(at, lambda: self._fire(key))
            case do.CancelTimer(key):
                self._cancel_timer(key)
            case do.OpenSession():
                link.open()
            case do.CloseSession():
                link.close()
            case do.CheckMetadata():
                self._looking.start()
            case do.StopMetadataCheck():
                self._looking.stop()
            case do.StartDownload(offer_id):
                packages.start_download(offer_id)
            case do.StopDownload(offer_id):
                packages.stop_download(offer_id)
            case (
                do.InstallPackage() | do.VerifyPackage() | do.RevertPackage() | do.DiscardPackage() | do.RemovePackage()
            ):
                packages.change(effect)
            case _:
                self._ask_car(effect)

    def _ask_car(self, effect: do.Effect) -> None:
        modem = self._ports.modem
        match effect:
            case do.AttachBearer(way, apn):
                modem.attach(way, apn)
            case do.DetachBearer(way):
                modem.detach(way)
            case do.UnlockSim(pin):
                modem.unlock_sim(pin)
            case do.UnblockSim(puk, new_pin):
                modem.unblock_sim(puk, new_pin)
            case do.JoinHotspot(ssid, password):
                modem.join_hotspot(ssid, password)
            case do.ScanHotspots():
                modem.scan_hotspots()
            case do.Operate(action):
                self._ports.body.operate(action)
            case do.StartMapUpdate(version, received, length):
                modem.start_map(version, received, length)
            case do.StopMapUpdate():
                modem.stop_map()

    def _fire(self, key: str) -> None:
        self._timers.pop(key, None)
        self.feed(on.TimerFired(key))

    def _cancel_timer(self, key: str) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def hear(self, message: Incoming) -> None:
        """Feed a command that came over the session or by the app; what is none is refused.

        It is counted and noted, and its sender is told where that can be done.
        """
        self._ports.observer.arrived(message)
        try:
            command = self._wire.command(message)
        except PeerError as error:
            self.rejected[error.code] += 1
            self._ports.observer.noted(error.code, error.message)
            refusal = self._wire.refusal(message, error.code)
            if refusal is not None:
                self._reject(refusal)
        else:
            self.feed(command)

    def _reject(self, refusal: Outgoing) -> None:
        """Tell a sender, the way that the message came."""
        if refusal.topic.startswith(OVER_APP):
            self._for_app.append(refusal)
            self._hand_to_app()
        else:
            self._link.say(refusal, durable=False)
            self._link.flush()
