"""The backend at work: one MQTT session for all cars; every command is kept until its result is in."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session as Database

from pcm_agent.errors import LocalError, PcmError, PeerError, TransportError
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS
from pcm_agent.protocol.topics import EVERYTHING_FROM_CARS, Root, Topic
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Broker, Incoming, Outgoing, Session, Timer
from simulator.backend.database import DatabaseError
from simulator.backend.desk import Desk
from simulator.backend.inbox import Inbox
from simulator.backend.records import AppRow, CarRow, CommandRow
from simulator.backend.subscriptions import next_due, work_off
from simulator.repository.locks import BUSY

PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a broker that is gone is tried again: twice as long each time, up to the longest."""
LIST_PAUSE = timedelta(minutes=1)
"""Until a list that the Director could not say is tried again; a figure of our own."""
BUSY_PAUSE = timedelta(seconds=5)
"""The same where another process was at work at the repositories; no message tries before, as each would wait."""
Tell = Callable[[str, str], None]
"""Takes code and text of what an engineer should know."""


class Backend:
    """Joins desk, inbox and broker.

    Args:
        desk: what people do.
        broker: where the cars are.
        tell: for messages that were refused and a broker that is down.
        sent: told of every command that goes out.
        handled: told of every message from a car, after it was worked on.
    """

    def __init__(
        self,
        desk: Desk,
        broker: Broker,
        tell: Tell,
        *,
        sent: Callable[[Outgoing], None] = lambda _: None,
        handled: Callable[[Incoming], None] = lambda _: None,
    ) -> None:
        self.desk = desk
        self.rejected: Counter[str] = Counter()
        """Messages that were refused, by code."""
        self.connected = asyncio.Event()
        self._inbox = Inbox(desk)
        self._broker, self._tell = broker, tell
        self._sent, self._handled = sent, handled
        self._session: Session | None = None
        self._due: dict[str, None] = {}
        self._told: dict[str, tuple[str, frozenset[str]]] = {}
        """Car → its session and the commands sent in it; in a new session they are sent again."""
        self._work = asyncio.Event()
        self._next: Timer | None = None
        self._lists_from = desk.clock.now()
        """Not before this are lists made."""
        self._failed: Exception | None = None
        """What ended the work that a timer began."""
        self.out_of_reach: TransportError | None = None
        """Why there is no session; None: there is one, or nobody has tried."""
        self.away = False
        """There is no broker, and until it is tried again what comes for the backend waits."""
        self._last_told = ("", "")

    @property
    def quiet(self) -> bool:
        """Nothing is waiting to be sent to a car that is online; a broker that is down is tried again later."""
        return self.away or (self.connected.is_set() and not self._due)

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            DatabaseError: nothing can be kept any more, so nothing may be heard either, nor is anything billed.
        """
        self._work_off()
        pause = PAUSE
        while True:
            self._raise_failed()
            try:
                async with self._broker.connect(None, EVERYTHING_FROM_CARS) as session:
                    self.out_of_reach, pause = None, PAUSE
                    await self._serve(session)
            except DatabaseError:
                raise
            except TransportError as error:
                self._raise_failed()
                if self.out_of_reach is None:
                    self._tell(error.code, f"{error.message}; trying again until it works")
                self.out_of_reach = error
                await self._pause(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _pause(self, seconds: float) -> None:
        self.away = True
        try:
            await self.desk.clock.sleep(seconds)
        finally:
            self.away = False

    def crash(self) -> None:
        """End without a word, in the middle of whatever it is; `run` is to be cancelled then."""
        if self._next is not None:
            self._next.cancel()
        if self._session is not None:
            self._session.cut()

    def hear(self, message: Incoming) -> None:
        """Work on a message of a car, whichever way it came."""
        self._receive(message)

    def _raise_failed(self) -> None:
        if self._failed is not None:
            raise self._failed

    def send_to(self, vin: str) -> None:
        """Commands may be waiting for this car: send them, now or when it comes online."""
        self._publish_stale()
        self._inbox.recognise(vin)
        self._due |= dict.fromkeys((vin, *sorted(self.desk.due)))
        self.desk.due.clear()
        self._work.set()
        self.watch_due()

    def watch_due(self) -> None:
        """Be there when something is due: the end of 28 days, of a month or of a trial (FOD-01, FOD-12)."""
        if self._next is not None:
            self._next.cancel()
        now = self.desk.clock.now()
        later = self._lists_from if self._lists_from > now else now + LIST_PAUSE
        again = later if self.desk.stale | self.desk.expired else None
        at = min(filter(None, (next_due(self.desk), again)), default=None)
        self._next = self.desk.clock.call_at(at, self._on_time) if at else None

    def _on_time(self) -> None:
        """What a timer calls; nobody would hear its error, so that it ends `run`."""
        try:
            self._work_off()
        except Exception as error:  # whatever it is, no timer is set any more
            self._failed = error
            if self._session is not None:
                self._session.cut()

    def _work_off(self) -> None:
        """Do what is due by now, be it long ago; what that leaves for cars is sent to them."""
        work_off(self.desk)
        self._publish_stale()
        if self.desk.due:
            self.send_to(min(self.desk.due))
        else:
            self.watch_due()

    def _publish_stale(self) -> None:
        """Have the Director say what has ended; what can't be done is tried with the next message, and in a minute."""
        now = self.desk.clock.now()
        if now < self._lists_from:
            return
        try:
            self.desk.publish_stale()
        except DatabaseError:
            raise
        except PcmError as error:
            if error.code == BUSY:
                self._lists_from = now + BUSY_PAUSE
            self._tell(error.code, error.message)
            self.watch_due()

    async def _serve(self, session: Session) -> None:
        self._session = session
        self._all_due()
        pump = asyncio.create_task(self._pump(session))
        pump.add_done_callback(lambda task: None if task.cancelled() else session.cut())
        self.connected.set()
        try:
            async with aclosing(session.messages()) as messages:
                async for message in messages:
                    self._receive(message)
        except TransportError:
            if pump.done():  # it was the pump's failure that cut the session
                pump.result()
            raise
        finally:
            self.connected.clear()
            self._session = None
            await cancel_and_wait(pump)

    def _all_due(self) -> None:
        """After a pause nobody knows what arrived: everything that waits is sent again."""
        self._told.clear()
        with Database(self.desk.engine) as db:
            for vin in db.scalars(select(CommandRow.vin).distinct()):
                self._due[vin] = None
        self._work.set()

    def _receive(self, message: Incoming) -> None:
        vin: str | None = None
        try:
            vin = self._inbox.receive(message)
        except (PeerError, LocalError) as error:
            self.rejected[error.code] += 1
            if (error.code, error.message) != self._last_told:  # a car of nobody's says much, and always the same
                self._tell(error.code, error.message)
            self._last_told = error.code, error.message
        self._publish_stale()
        if vin is not None or self.desk.due:
            self.send_to(vin or min(self.desk.due))
        self._handled(message)

    async def _pump(self, session: Session) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._due:
                vin = next(iter(self._due))
                while messages := self._waiting(vin):  # while they are sent, more may come to wait
                    for message in messages:
                        self._sent(message)
                        await session.publish(message)
                self._due.pop(vin, None)

    def _waiting(self, vin: str) -> list[Outgoing]:
        """The commands that wait for a car and were not sent yet the way that there is now; none without a way."""
        with Database(self.desk.engine) as db:
            way = _way_to(db, vin)
            if way is None:
                return []
            session_id, told = self._told.get(vin, ("", frozenset[str]()))
            wanted = select(CommandRow).where(CommandRow.vin == vin, CommandRow.kind.in_(way.kinds))
            waiting = db.scalars(wanted.order_by(CommandRow.number)).all()
            self._told[vin] = (way.session_id, frozenset(row.id for row in waiting))
            return [_message(row, way.root) for row in waiting if session_id != way.session_id or row.id not in told]


class _Way(NamedTuple):
    """How a car is reached now, and with what."""

    session_id: str
    root: Root
    kinds: tuple[str, ...]


def _way_to(db: Database, vin: str) -> _Way | None:
    """The car's own session before the app's, which takes less (REM-03)."""
    car, app = db.get(CarRow, vin), db.get(AppRow, vin)
    if car is not None and car.session_id is not None:
        return _Way(car.session_id, "pcm", tuple(COMMANDS))
    return _Way(app.session_id, "app", tuple(APP_COMMANDS)) if app is not None else None


def _message(row: CommandRow, root: Root) -> Outgoing:
    return Outgoing(
        topic=str(Topic(row.vin, "command", row.kind, root)),
        payload=row.payload,
        id=row.id,
        reply_to=str(Topic(row.vin, "reply", row.kind, root)),
    )
