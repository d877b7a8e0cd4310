"""A backend without a link, and what a car says to it."""

import random
from datetime import timedelta
from itertools import count
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.envelope import MAX_BYTES, Envelope, decode, decode_body, encode, encode_body
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest, VehicleManifest
from pcm_agent.protocol.messages import (
    COMMANDS,
    KIND_OF,
    Command,
    ConnectionReported,
    PackageReported,
    PackageState,
    Presence,
    Reply,
    StateReported,
)
from pcm_agent.protocol.services import AppPresence
from pcm_agent.protocol.topics import Channel, Root, Topic
from pcm_agent.transport import Incoming
from pcm_agent.trust.unit import unit_with
from pcm_agent.trust.vehicle_manifest import sign
from simulator.backend.desk import Desk
from simulator.backend.inbox import Inbox
from simulator.backend.listing import order_and_attempt
from simulator.backend.opening import open_database
from simulator.backend.records import BillRow, CommandRow, OrderKind, OrderRow, OrderState
from simulator.clock import SimClock
from simulator.keys import seeded_key
from simulator.lab import START, seeded_depot
from simulator.repository import MemoryStore
from simulator.units import record_of

VIN = "WP0ZZZY1ZPSA00001"
OTHER = "WP0ZZZY1ZPSA00002"
MAX, MIA = "max@example.com", "mia@example.com"
PASSWORD = "alpenpass-1"
FUNCTION = "active-lane-keeping"
UNIT = unit_with(seeded_key("unit"))
SECOND = timedelta(seconds=1)
DONE = Reply(stage="done")
CONNECTED = ConnectionReported(state="connected", way="embedded-sim", access="lte", symbol="LTE")


class Office:
    """A backend without a link: desk and inbox on one database."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.clock = SimClock(START)
        self.notes: list[tuple[str, str, dict[str, Any]]] = []
        self.depot = seeded_depot(1, MemoryStore(), "http://backend.test", self.clock)
        for vin in (VIN, OTHER):
            self.depot.units.keep(record_of(vin, "pcm-taycan", UNIT))
        self.desk = Desk(
            open_database(url), self.depot, self.clock, random.Random(1), lambda *note: self.notes.append(note)
        )
        self.inbox = Inbox(self.desk)
        self.signed = count(1)
        self.ids = iter(f"message-{number}" for number in range(1000))

    def message(
        self,
        body: object,
        *,
        vin: str = VIN,
        channel: Channel = "event",
        root: Root = "pcm",
        kind: str | None = None,
        message_id: str | None = None,
        correlation: str | None = None,
    ) -> Incoming:
        kind = kind or KIND_OF.get(type(body), channel)
        envelope = Envelope(
            id=message_id or next(self.ids),
            vin=vin,
            kind=kind,
            time=self.clock.now(),
            body=encode_body(body),
            correlation=correlation,
        )
        return Incoming(topic=str(Topic(vin, channel, kind, root)), payload=encode(envelope))

    def hear(
        self,
        body: object,
        *,
        channel: Channel = "event",
        root: Root = "pcm",
        vin: str = VIN,
        **details: str | None,
    ) -> str | None:
        waiting = self.inbox.receive(self.message(body, channel=channel, root=root, vin=vin, **details))
        if isinstance(body, PackageReported) and channel == "event":
            self._attest(body, vin)
        return waiting

    def withdraw(self, reply: Reply = DONE, function: str = FUNCTION) -> None:
        """Somebody cancels an order; the car answers."""
        self.desk.withdraw(VIN, function)
        self.hear(reply, channel="reply", kind="withdraw-package", correlation=self.waiting()[-1].id)

    def come_to(self, state: PackageState) -> None:
        """All that leads to a state, as an honest car and its backend have it."""
        if state is PackageState.CANCELLED:
            self.withdraw()
        if state is PackageState.REMOVED:
            self.hear(self.report(PackageState.ACTIVE))
        self.desk.publish_stale()
        self.hear(self.report(state))

    def _attest(self, report: PackageReported, vin: str) -> None:
        """As a car does when a function has come or gone."""
        if report.state is PackageState.ACTIVE:
            self.inbox.receive(self.message(self.manifest(self.installed(report.offer_id), vin=vin), vin=vin))
        elif report.state is PackageState.REMOVED:
            self.inbox.receive(self.message(self.manifest(vin=vin), vin=vin))

    def attestation(
        self, offer_id: str = "order-1.1", message_id: str | None = None, number: int | None = None
    ) -> Incoming:
        """The car's signed word that it has what an order brings."""
        return self.message(self.manifest(self.installed(offer_id), number=number), message_id=message_id)

    def installed(self, offer_id: str) -> InstalledImage:
        """What an order brings into a car."""
        numbers = order_and_attempt(offer_id)
        with Session(self.desk.engine) as db:
            order = db.get(OrderRow, numbers[0]) if numbers else None
        function, version = (order.function, order.version) if order else (FUNCTION, "1.0")
        offer = offer_id if numbers else None
        return InstalledImage(function=function, version=version, sha256="0f" * 32, release_counter=1, offer_id=offer)

    def order(
        self,
        function: str = FUNCTION,
        *,
        vin: str = VIN,
        ask: bool = False,
        length: int = 1000,
        kind: OrderKind = OrderKind.PERPETUAL,
        months: int | None = None,
    ) -> int:
        return self.desk.order(
            vin,
            function,
            length,
            version="1.0",
            price_cents=24_900,
            currency="EUR",
            ask=ask,
            kind=kind,
            months=months,
        )

    def manifest(
        self, *installed: InstalledImage, attack: str | None = None, number: int | None = None, vin: str = VIN
    ) -> SignedVehicleManifest:
        """What the car's unit says of itself, signed."""
        manifest = VehicleManifest(
            vin=vin,
            ecu_serial=UNIT.serial,
            number=number or next(self.signed),
            time=self.clock.now(),
            installed=installed,
            attack=attack,
        )
        return sign(manifest, UNIT.key)

    def listed(self, vin: str = VIN) -> dict[str, str]:
        """What the Director has a car have: path by offer."""
        return {it.offer_id: path for path, it in self.depot.repositories.director.assigned(vin).items()}

    def removed(self, vin: str = VIN) -> frozenset[str]:
        """What the Director has a car take out."""
        return self.depot.repositories.director.removed(vin)

    def list_version(self, vin: str = VIN) -> int:
        """Which state of the Director's list of a car is in force."""
        return self.depot.repositories.director.repository.state(f"director/{vin}").listed["targets"].version

    def report(self, state: PackageState, offer_id: str = "order-1.1", code: str | None = None) -> PackageReported:
        return PackageReported(offer_id=offer_id, function=FUNCTION, version="1.0", state=state, length=1000, code=code)

    def state(self, *packages: PackageReported) -> StateReported:
        return StateReported(
            version=1,
            ignition="on",
            selector_lever="P",
            parking_brake="applied",
            lock="locked",
            occupancy="vacant",
            charging="disconnected",
            battery="sufficient",
            battery_percent=80,
            connection=CONNECTED,
            roaming="home",
            sim="absent",
            private_mode="off",
            account="linked",
            porsche_id=MAX,
            packages=packages,
        )

    def waiting(self, vin: str = VIN) -> list[CommandRow]:
        with Session(self.desk.engine) as db:
            return list(db.scalars(select(CommandRow).where(CommandRow.vin == vin).order_by(CommandRow.number)))

    def commands(self, vin: str = VIN) -> list[Command]:
        rows = self.waiting(vin)
        return [decode_body(decode(row.payload, Topic(vin, "command", row.kind)), COMMANDS[row.kind]) for row in rows]

    def bills(self) -> list[BillRow]:
        with Session(self.desk.engine) as db:
            return list(db.scalars(select(BillRow)))

    def noted(self, name: str) -> list[dict[str, Any]]:
        return [details for _, found, details in self.notes if found == name]

    def order_state(self) -> tuple[OrderState, str | None, int]:
        found = self.desk.order_of(VIN, FUNCTION)
        assert found is not None
        return found


def presence(status: Literal["online", "offline"], session: str) -> Presence:
    return Presence(status=status, session_id=session, firmware="test", profile="taycan")


def app(status: Literal["online", "offline"], session: str) -> AppPresence:
    return AppPresence(status=status, session_id=session)


def bad_messages(office: Office) -> dict[str, Incoming]:
    good = office.message(office.report(PackageState.ACTIVE))
    topic = good.topic
    return {
        "message-malformed": Incoming(topic=topic, payload=b"{"),
        "message-oversized": Incoming(topic=topic, payload=b" " * (MAX_BYTES + 1)),
        "message-foreign-vin": Incoming(topic=topic.replace(VIN, OTHER), payload=good.payload),
        "message-kind-mismatch": Incoming(topic=topic.replace("package", "refusal"), payload=good.payload),
        "message-invalid": office.message({"offer_id": 7}, kind="package"),
        "topic-unexpected": Incoming(topic=f"pcm/v1/{VIN}/event/unheard-of", payload=good.payload),
        "car-unknown": office.message(office.report(PackageState.ACTIVE), vin=OTHER),
    }
