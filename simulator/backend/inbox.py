"""What cars tell the backend, and what follows from it. A report that comes twice has one effect."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pcm_agent.errors import PeerError
from pcm_agent.protocol.envelope import Envelope, body_type, decode, decode_body
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import (
    Heartbeat,
    LoginRequested,
    Look,
    PackageReported,
    PairingRequested,
    Presence,
    Reply,
    StateReported,
)
from pcm_agent.protocol.people import SettingsReported, UserLeft
from pcm_agent.protocol.security import AlarmRaised
from pcm_agent.protocol.services import AppPresence, ServiceReported
from pcm_agent.protocol.sharing import DataPackageReported, DataUsageReported
from pcm_agent.protocol.topics import Topic, parse_topic
from pcm_agent.transport import Incoming
from simulator.backend.centre import alarm_raised
from simulator.backend.database import added
from simulator.backend.desk import Desk
from simulator.backend.following import package_reported
from simulator.backend.links import Links
from simulator.backend.listing import attests_soon, looks_anyway
from simulator.backend.manifests import manifest_received
from simulator.backend.records import AppRow, CarRow, CommandRow, SeenRow
from simulator.backend.services import service_reported
from simulator.backend.sharing import data_package_reported, data_usage_reported

SEEN_KEPT = timedelta(days=90)
"""So much older than the car's latest report one is forgotten as worked on; a figure of our own.

A car sends a report again only where its acknowledgement was lost, and then before anything new, in its next session.
That may be years away: so what counts is not the time that has passed, but what the car has said since."""
STRANGERS_KEPT = 1000
"""So many cars of nobody are remembered as online."""


class Inbox:
    """Works on what cars send. `receive` says whether commands may be waiting for the car that sent it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._links = Links(desk)
        self._strangers: dict[tuple[str, type], Presence | AppPresence] = {}
        """Cars that are in nobody's profile yet: what they, and the apps connected to them, said of themselves."""
        self._unbelieved: set[str] = set()
        """Cars whose last manifest was refused."""

    def receive(self, message: Incoming) -> str | None:
        """Work on one message.

        Returns:
            The VIN of a car to which commands should be sent now, or None.

        Raises:
            PeerError: the message was not well-formed, or of a car that nobody registered; nothing was done.
        """
        topic = parse_topic(message.topic)
        body = body_type(topic) if topic else None
        if topic is None or body is None or topic.channel == "command":
            raise PeerError("topic-unexpected", message.topic)
        envelope = decode(message.payload, topic)
        content = decode_body(envelope, body)
        if isinstance(content, Heartbeat):
            return None
        with self._desk.transaction() as db:
            car = db.get(CarRow, topic.vin)
            if car is None:
                if isinstance(content, Presence | AppPresence):
                    self._note_stranger(topic.vin, content)
                raise PeerError(
                    "car-unknown",
                    f"{topic.vin} is in nobody's profile yet, so what it says is left aside; `register` it",
                )
            return topic.vin if self._work(db, car, topic, envelope, content) else None

    def _note_stranger(self, vin: str, presence: Presence | AppPresence) -> None:
        self._strangers.pop((vin, type(presence)), None)
        self._strangers[vin, type(presence)] = presence
        if len(self._strangers) > STRANGERS_KEPT:
            del self._strangers[next(iter(self._strangers))]

    def recognise(self, vin: str) -> None:
        """Take note that a car that has just been registered is online already, or an app connected to it."""
        found = [self._strangers.pop((vin, kind)) for kind in (Presence, AppPresence) if (vin, kind) in self._strangers]
        for presence in found:
            with self._desk.transaction() as db:
                car = db.get(CarRow, vin)
                if car is not None:
                    self._come_or_go(db, car, presence)

    def _work(self, db: Session, car: CarRow, topic: Topic, envelope: Envelope, content: object) -> bool:
        match content:
            case Presence() | AppPresence():
                return self._come_or_go(db, car, content)
            case Reply():
                self._reply(db, car, topic, envelope.correlation or "", content)
            case StateReported():
                for report in content.packages:  # a backend that was down learns here what it has missed
                    package_reported(self._desk, db, car.vin, report)
                for service in content.services.services if content.services else ():
                    service_reported(self._desk, db, car.vin, service)
            case _ if self._first_time(db, car.vin, envelope.id):
                return self._report(db, car, envelope, content)
        return False

    def _first_time(self, db: Session, vin: str, message_id: str) -> bool:
        """One that comes again was not acknowledged, and may come once more: it is as good as new."""
        now = self._desk.clock.now()
        if added(db, SeenRow(vin=vin, message_id=message_id, worked_on_at=now)):
            return True
        again = update(SeenRow).where(SeenRow.vin == vin, SeenRow.message_id == message_id)
        db.execute(again.values(worked_on_at=now))
        return False

    def _report(self, db: Session, car: CarRow, envelope: Envelope, content: object) -> bool:
        match content:
            case PackageReported():
                package_reported(self._desk, db, car.vin, content)
            case ServiceReported():
                service_reported(self._desk, db, car.vin, content)
            case AlarmRaised():
                alarm_raised(self._desk, db, car.vin, content)
            case DataPackageReported():
                data_package_reported(self._desk, car.vin, content)
            case DataUsageReported():
                data_usage_reported(self._desk, car.vin, content)
            case PairingRequested():
                self._links.pair(db, car, envelope.id, content)
                return True
            case LoginRequested():
                self._links.log_in(db, car, envelope.id, content)
                return True
            case UserLeft():
                self._links.leave(db, car, content)
            case SignedVehicleManifest():
                self._believe(db, car, content)
            case SettingsReported():
                self._links.keep_settings(db, car, content)
        return False

    def _come_or_go(self, db: Session, car: CarRow, presence: Presence | AppPresence) -> bool:
        """Whether there is a way to the car now."""
        if isinstance(presence, AppPresence):
            return self._app_presence(db, car, presence)
        return self._presence(db, car, presence) or db.get(AppRow, car.vin) is not None

    def _app_presence(self, db: Session, car: CarRow, presence: AppPresence) -> bool:
        """As of a car: an app that is there gets what it may hand over; a late will ends only its own session."""
        app = db.get(AppRow, car.vin)
        if presence.status == "online":
            if app is None or app.session_id != presence.session_id:
                db.merge(AppRow(vin=car.vin, session_id=presence.session_id))
                self._desk.note(car.vin, "app-online", {})
            return True
        if app is not None and app.session_id == presence.session_id:
            db.delete(app)
            self._desk.note(car.vin, "app-offline", {})
        return False

    def _presence(self, db: Session, car: CarRow, presence: Presence) -> bool:
        """A car that comes online gets all that waits for it; a will that comes late ends only its own session."""
        if presence.status == "online":
            fresh = car.session_id != presence.session_id
            car.session_id = presence.session_id
            if fresh:
                self._forget_old_reports(db, car.vin)
                self._remind(db, car.vin)
                self._desk.note(car.vin, "car-online", {"profile": presence.profile})
            return True
        if car.session_id == presence.session_id:
            car.session_id = None
            self._desk.note(car.vin, "car-offline", {})
        return False

    def _remind(self, db: Session, vin: str) -> None:
        """A car whose signed word is awaited, or was not believed, is told once a session to look: then it signs."""
        if (vin in self._unbelieved or attests_soon(db, vin)) and not looks_anyway(db, vin):
            self._desk.command(db, vin, Look())

    def _believe(self, db: Session, car: CarRow, signed: SignedVehicleManifest) -> None:
        self._unbelieved.add(car.vin)
        manifest_received(self._desk, db, car, signed)
        self._unbelieved.discard(car.vin)

    def _forget_old_reports(self, db: Session, vin: str) -> None:
        """Once a session is often enough for a table that is not to grow for ever."""
        latest = db.scalar(select(func.max(SeenRow.worked_on_at)).where(SeenRow.vin == vin))
        if latest is not None:
            db.execute(delete(SeenRow).where(SeenRow.vin == vin, SeenRow.worked_on_at < latest - SEEN_KEPT))

    def _reply(self, db: Session, car: CarRow, topic: Topic, command_id: str, reply: Reply) -> None:
        """A command is done with; nothing else follows from an answer, as none is signed."""
        row = db.get(CommandRow, command_id)
        if row is None or row.vin != car.vin:
            return
        if reply.stage == "received":
            row.received = True
            return
        db.delete(row)
        self._desk.note(car.vin, f"command-{reply.stage}", {"kind": topic.kind, "code": reply.code})
