"""The agent: feeds one vehicle and performs what it returns. The one place in the agent that awaits.

Everything that happens is fed with `feed`, which never waits: the core handles it, the journal commits it, then the
effects are performed. Only what takes time runs as a task beside it: the session with the broker, downloads, and
changes to the package files.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any

from msgspec import Struct

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.report import state_report
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import LocalError, PcmError, PeerError, TransportError
from pcm_agent.outbox import Outbox
from pcm_agent.ports import Fetcher, Journal, Modem, Observer, PackageFiles
from pcm_agent.protocol.envelope import Envelope, body_type, decode, decode_body, encode, encode_body, id_in
from pcm_agent.protocol.messages import KIND_OF, MessagesLost, Presence, Reply
from pcm_agent.protocol.topics import Channel, Topic, commands_of, parse_topic
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing, Session, Timer

PROGRESS_INTERVAL = timedelta(seconds=1)
LONGEST_PAUSE = 60.0
"""Seconds between two tries to reach the broker, at most."""
FAREWELL = 2.0
"""Real seconds that the last message may take when the agent is stopped."""
IN_FLIGHT = 20
"""Messages that may be on their way to the broker at once."""


class Ports(Struct, frozen=True):
    """All that an agent needs of the world outside.

    `new_id` gives message ids that are unique for ever; `jitter` gives numbers from 0 to 1.
    """

    clock: Clock
    broker: Broker
    journal: Journal
    modem: Modem
    fetcher: Fetcher
    files: PackageFiles
    observer: Observer
    new_id: Callable[[], str]
    jitter: Callable[[], float]


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
        self._firmware = firmware
        self._vin = vehicle.state.vin
        self._outbox = Outbox(saved)
        self._events: deque[on.Event] = deque()
        self._feeding = False
        self._broken = False
        """A commit failed: the state in memory is ahead of the journal's, and nothing may be built on it."""
        self._timers: dict[str, Timer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._downloads: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[None] | None = None
        self._data = asyncio.Event()
        self._work = asyncio.Event()
        self._session: Session | None = None
        self._session_id = ""
        self._state_due = False
        self._silent_since: str | None = None

    @property
    def quiet(self) -> bool:
        """Nothing is to be sent that could be sent, and no package is being fetched or installed."""
        if self._session is None:
            connecting = self._data.is_set() and self._silent_since is None
            return not connecting and not self._tasks
        return len(self._outbox) == 0 and not self._state_due and not self._tasks

    @property
    def online(self) -> bool:
        """Whether a session with the broker is open."""
        return self._session is not None

    def boot(self) -> None:
        """Start the PCM: unfinished steps are taken up, timers set again. Once, inside the event loop, before `run`."""
        self.feed(on.PcmStarted())

    async def run(self) -> None:
        """Work until cancelled; then say farewell to the broker, if there is one to hear it.

        Raises:
            TransportError: the journal can't be written; nothing was done of what it could not keep.
        """
        self._failed = asyncio.get_running_loop().create_future()
        session = asyncio.ensure_future(self._stay_connected())
        try:
            done, _ = await asyncio.wait((session, self._failed), return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            await cancel_and_wait(session, *self._tasks)
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
        except PcmError as error:
            self._broken = True
            self._events.clear()
            self._ports.observer.noted(error.code, error.message)
            if self._failed is None or self._failed.done():
                raise
            self._failed.set_exception(error)
        finally:
            self._feeding = False

    def _handle(self, event: on.Event) -> None:
        effects = self.vehicle.handle(event, self._ports.clock.now())
        for effect in effects:
            self._write(effect)
        if effects and isinstance(effects[-1], do.Persist):
            added, removed = self._outbox.take_changes()
            self._ports.journal.commit(self.vehicle.snapshot(), added, removed)
        self._ports.observer.handled(event, effects)
        for effect in effects:
            self._perform(effect)
        if self._session is not None:
            self._work.set()

    # --- messages ---

    def _write(self, effect: do.Effect) -> None:
        """Put what is to be said into the outbox; it is sent after the commit."""
        match effect:
            case do.Publish(body, durable, message_id):
                if durable or self._session is not None:
                    self._outbox.add(self._message("event", KIND_OF[type(body)], body, message_id), durable=durable)
            case do.Answer(command_id, kind, reply, durable):
                if durable or self._session is not None:
                    message = self._message("reply", kind, reply, correlation=command_id)
                    self._outbox.add(message, durable=durable)
            case do.ReportState():
                self._state_due = True

    def _message(
        self,
        channel: Channel,
        kind: str,
        body: object,
        message_id: str | None = None,
        correlation: str | None = None,
        *,
        retain: bool = False,
    ) -> Outgoing:
        envelope = Envelope(
            id=message_id or self._ports.new_id(),
            vin=self._vin,
            kind=kind,
            time=self._ports.clock.now(),
            body=encode_body(body),
            correlation=correlation,
        )
        topic = str(Topic(self._vin, channel, kind))
        return Outgoing(topic=topic, payload=encode(envelope), id=envelope.id, retain=retain, correlation=correlation)

    def _state_message(self) -> Outgoing:
        return self._message("state", "state", state_report(self.vehicle.state), retain=True)

    def _presence(self, *, online: bool) -> Outgoing:
        body = Presence(
            status="online" if online else "offline",
            session_id=self._session_id,
            firmware=self._firmware,
            profile=self.vehicle.car.profile.name,
        )
        return self._message("presence", "presence", body, retain=True)

    # --- effects ---

    def _perform(self, effect: do.Effect) -> None:
        modem = self._ports.modem
        match effect:
            case do.SetTimer(key, at):
                self._cancel_timer(key)
                self._timers[key] = self._ports.clock.call_at(at, lambda: self._fire(key))
            case do.CancelTimer(key):
                self._cancel_timer(key)
            case do.OpenSession():
                self._data.set()
            case do.CloseSession():
                self._close_session()
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
            case do.StartDownload(offer_id):
                self._stop_download(offer_id)
                self._downloads[offer_id] = self._spawn(self._download(offer_id))
            case do.StopDownload(offer_id):
                self._stop_download(offer_id)
            case do.InstallPackage() | do.VerifyPackage() | do.DiscardPackage() | do.RemovePackage():
                self._spawn(self._change_files(effect))

    def _fire(self, key: str) -> None:
        self._timers.pop(key, None)
        self.feed(on.TimerFired(key))

    def _cancel_timer(self, key: str) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _close_session(self) -> None:
        self._data.clear()
        if self._session is not None:
            self._session.cut()

    def _stop_download(self, offer_id: str) -> None:
        task = self._downloads.pop(offer_id, None)
        if task is not None:
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- packages ---

    async def _download(self, offer_id: str) -> None:
        """Fetch from where it ended, check, and feed what came of it."""
        job = self.vehicle.state.jobs[offer_id]
        manifest = job.manifest
        try:
            await self._fetch(offer_id, job.url, manifest.length)
            await self._ports.files.complete(offer_id, manifest.length, manifest.sha256)
        except PeerError as error:
            self._ports.observer.noted(error.code, error.message)
            with suppress(TransportError):
                await self._ports.files.discard(offer_id)
            self.feed(on.DownloadFailed(offer_id, error.code))
        except TransportError as error:
            self._ports.observer.noted(error.code, error.message)
            self.feed(on.DownloadInterrupted(offer_id, error.code))
        else:
            self.feed(on.DownloadCompleted(offer_id))

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
                    self.feed(on.DownloadProgressed(offer_id, received))

    async def _change_files(self, effect: do.Effect) -> None:
        """Change the package files, and feed what came of it."""
        try:
            event = await self._changed_files(effect)
        except PcmError as error:
            offer_id = str(getattr(effect, "offer_id", ""))
            self._ports.observer.noted(error.code, error.message)
            event = on.InstallationFailed(offer_id, error.code)
        self.feed(event)

    async def _changed_files(self, effect: do.Effect) -> on.Event:
        files = self._ports.files
        jobs = self.vehicle.state.jobs
        match effect:
            case do.InstallPackage(offer_id):
                await files.install(jobs[offer_id].manifest.function, jobs[offer_id].manifest.sha256)
                return on.PackageInstalled(offer_id)
            case do.VerifyPackage(offer_id):
                await files.verify(jobs[offer_id].manifest.function, jobs[offer_id].manifest.sha256)
                return on.PackageVerified(offer_id)
            case do.DiscardPackage(offer_id):
                await files.discard(offer_id)
                return on.PackageDiscarded(offer_id)
            case do.RemovePackage(offer_id):
                await files.remove(jobs[offer_id].manifest.function)
                return on.PackageRemoved(offer_id)
        raise LocalError("effect-unknown", f"{type(effect).__name__} is no change of package files")

    # --- session ---

    async def _stay_connected(self) -> None:
        """Whenever there is data, be connected; after a failure wait, longer each time."""
        failures = 0
        while True:
            await self._data.wait()
            self._session_id = self._ports.new_id()
            try:
                async with self._ports.broker.connect(
                    self._presence(online=False), [commands_of(self._vin)]
                ) as session:
                    failures = 0
                    self._connected()
                    await self._serve(session)
            except TransportError as error:
                if not self._data.is_set():
                    continue
                self._disconnected(error)
                pause = min(2.0**failures, LONGEST_PAUSE)
                failures = min(failures + 1, 10)
                await self._ports.clock.sleep(pause * (0.5 + self._ports.jitter() / 2))

    def _connected(self) -> None:
        if self._silent_since is not None:
            self._ports.observer.noted("broker-back", "connected again; sending what had to wait")
        self._silent_since = None

    def _disconnected(self, error: TransportError) -> None:
        """Say so once, not at every try."""
        if self._silent_since is None:
            self._ports.observer.noted(error.code, f"{error.message}; trying again until it works")
        self._silent_since = error.code

    async def _serve(self, session: Session) -> None:
        """Send and receive until the session ends or its socket is cut."""
        self._session = session
        if not self._data.is_set():
            session.cut()
        pump = asyncio.create_task(self._pump(session))
        pump.add_done_callback(lambda ended: None if ended.cancelled() else session.cut())
        try:
            await self._publish(session, self._presence(online=True))
            self._tell_losses()
            self._state_due = True
            self._work.set()
            async with aclosing(session.messages()) as messages:
                async for message in messages:
                    self._arrived(message)
        except asyncio.CancelledError:
            with suppress(TransportError, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await self._publish(session, self._presence(online=False))
            raise
        finally:
            self._session = None
            await cancel_and_wait(pump)
            self._outbox.session_ended()

    def _tell_losses(self) -> None:
        lost, self._outbox.lost = self._outbox.lost, 0
        if lost:  # in a full queue this makes one more give way, which is told next time
            self._outbox.add(self._message("event", "messages-lost", MessagesLost(count=lost)), durable=True)

    async def _pump(self, session: Session) -> None:
        """Send what waits, in order, with some messages on their way at once."""
        async with asyncio.TaskGroup() as group:
            window = asyncio.Semaphore(IN_FLIGHT)
            while True:
                await self._work.wait()
                self._work.clear()
                while (entry := self._outbox.unsent()) is not None:
                    if len(self._outbox) == 1 and not self._state_due:
                        await self._deliver(session, *entry)  # alone it needs no task of its own
                        continue
                    await window.acquire()
                    delivery = group.create_task(self._deliver(session, *entry))
                    delivery.add_done_callback(lambda _: window.release())
                if self._state_due:
                    self._state_due = False
                    group.create_task(self._publish(session, self._state_message()))

    async def _deliver(self, session: Session, number: int, message: Outgoing) -> None:
        await self._publish(session, message)
        self._outbox.acknowledged(number)

    async def _publish(self, session: Session, message: Outgoing) -> None:
        self._ports.observer.sent(message)
        await session.publish(message)

    def _arrived(self, message: Incoming) -> None:
        """Feed a command, or refuse what is none."""
        self._ports.observer.arrived(message)
        topic = parse_topic(message.topic)
        if topic is None or topic.channel != "command":
            self._reject(PeerError("topic-unexpected", message.topic), None, message)
            return
        try:
            command = self._command(topic, message.payload)
        except PeerError as error:
            self._reject(error, topic, message)
        else:
            self.feed(command)

    def _command(self, topic: Topic, payload: bytes) -> on.CommandReceived:
        envelope = decode(payload, topic)
        if topic.vin != self._vin:
            raise PeerError("message-foreign-vin", f"{topic} is another car's")
        body = body_type(topic)
        if body is None:
            raise PeerError("command-unknown", f"there is no command {topic.kind!r}")
        return on.CommandReceived(envelope.id, topic.kind, decode_body(envelope, body), envelope.expires)

    def _reject(self, error: PeerError, topic: Topic | None, message: Incoming) -> None:
        """Count it, note it, and tell the sender where that can be done."""
        self.rejected[error.code] += 1
        self._ports.observer.noted(error.code, error.message)
        if topic is not None and topic.vin == self._vin and self._session is not None:
            reply = Reply(stage="refused", code=error.code)
            correlation = message.correlation or id_in(message.payload)
            self._outbox.add(self._message("reply", topic.kind, reply, correlation=correlation), durable=False)
            self._work.set()
