import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError, PeerError, TransportError
from pcm_agent.protocol.envelope import MAX_BYTES, Envelope, decode, decode_body, encode, encode_body
from pcm_agent.protocol.messages import (
    COMMANDS,
    KIND_OF,
    Command,
    ConfirmLink,
    ConnectionReported,
    Heartbeat,
    LoginRequested,
    OfferPackage,
    PackageReported,
    PackageState,
    PairingRequested,
    Presence,
    RefuseLink,
    RemovePackage,
    Reply,
    StateReported,
    WithdrawPackage,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm
from pcm_agent.protocol.services import CancelService, ProvideService, ServiceReported, ServicesReported
from pcm_agent.protocol.topics import Channel, Topic, commands_of, parse_topic
from pcm_agent.transport import Incoming, Outgoing
from pcm_agent.trust.login import login_proof, password_verifier
from pcm_agent.trust.manifest import check_offer
from simulator.backend.centre import Noted, alarms_of, close_alarm
from simulator.backend.depot import Depot
from simulator.backend.desk import DOWNLOAD_TIME, Desk
from simulator.backend.inbox import Inbox
from simulator.backend.records import AlarmRow, BillRow, CommandRow, DatabaseError, OrderState, open_database
from simulator.backend.service import Backend
from simulator.backend.services import (
    SECURITY_PACKAGE,
    Contract,
    cancel_service,
    certificate_of,
    contract_of,
    order_service,
)
from simulator.clock import IdleLoop, SimClock
from simulator.keys import seeded_key
from simulator.lab import START
from simulator.virtual import Bus

VIN = "WP0ZZZY1ZPSA00001"
OTHER = "WP0ZZZY1ZPSA00002"
MAX, MIA = "max@example.com", "mia@example.com"
PASSWORD = "alpenpass-1"
FUNCTION = "active-lane-keeping"
SECOND = timedelta(seconds=1)
CONNECTED = ConnectionReported(state="connected", way="embedded-sim", access="lte", symbol="LTE")


class Office:
    """A backend without a link: desk and inbox on one database."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.clock = SimClock(START)
        self.notes: list[tuple[str, str, dict[str, Any]]] = []
        self.depot = Depot(seeded_key(1), "http://backend.test")
        self.desk = Desk(
            open_database(url), self.depot, self.clock, random.Random(1), lambda *note: self.notes.append(note)
        )
        self.inbox = Inbox(self.desk)
        self.ids = iter(f"message-{number}" for number in range(1000))

    def message(
        self,
        body: object,
        *,
        vin: str = VIN,
        channel: Channel = "event",
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
        return Incoming(topic=str(Topic(vin, channel, kind)), payload=encode(envelope))

    def hear(self, body: object, *, channel: Channel = "event", vin: str = VIN, **details: str | None) -> str | None:
        return self.inbox.receive(self.message(body, channel=channel, vin=vin, **details))

    def order(self, function: str = FUNCTION, *, vin: str = VIN, ask: bool = False, length: int = 1000) -> int:
        return self.desk.order(vin, function, length, version="1.0", price_cents=24_900, currency="EUR", ask=ask)

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


@pytest.fixture
def office() -> Office:
    office = Office()
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    return office


# --- accounts and links ---


@pytest.mark.requirement("IDN-05")
def test_the_pairing_code_is_shown_until_the_car_is_linked(office: Office) -> None:
    code = office.desk.pairing_code(VIN)
    assert len(code) == 8
    assert code.isdecimal()
    assert office.desk.register(VIN, MAX, PASSWORD, "DE") == code
    assert office.hear(PairingRequested(pairing_code=Secret(code)), message_id="ask-1") == VIN
    assert office.commands() == [ConfirmLink(request_id="ask-1", porsche_id=MAX)]
    with pytest.raises(LocalError) as caught:
        office.desk.pairing_code(VIN)
    assert caught.value.code == "car-already-linked"
    assert office.desk.register(VIN, MAX, PASSWORD, "DE") is None


@pytest.mark.parametrize("wrong", ["00000000", "", "\uff11" * 8, "9" * 1000])
def test_a_wrong_pairing_code_is_refused_and_the_right_one_stays(office: Office, wrong: str) -> None:
    office.hear(PairingRequested(pairing_code=Secret(wrong)), message_id="ask-1")
    assert office.commands() == [RefuseLink(request_id="ask-1", reason="pairing-code-unknown")]
    assert office.noted("link-confirmed") == []
    office.hear(PairingRequested(pairing_code=Secret(office.desk.pairing_code(VIN))), message_id="ask-2")
    assert office.commands()[1] == ConfirmLink(request_id="ask-2", porsche_id=MAX)


def test_a_pairing_code_is_used_up_once(office: Office) -> None:
    code = Secret(office.desk.pairing_code(VIN))
    office.hear(PairingRequested(pairing_code=code))
    office.hear(PairingRequested(pairing_code=code), message_id="again")
    assert office.commands()[1] == RefuseLink(request_id="again", reason="pairing-code-used")


def test_the_pairing_code_of_another_car_is_not_taken(office: Office) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.hear(PairingRequested(pairing_code=Secret(office.desk.pairing_code(OTHER))))
    assert isinstance(office.commands()[0], RefuseLink)
    assert office.desk.pairing_code(OTHER)


def login(office: Office, porsche_id: str = MAX, password: str = PASSWORD, vin: str = VIN) -> LoginRequested:
    at = office.clock.now()
    proof = login_proof(password_verifier(porsche_id, password), vin, porsche_id, at)
    return LoginRequested(porsche_id=porsche_id, at=at, proof=Secret(proof))


def test_a_login_with_the_right_password_links_the_car(office: Office) -> None:
    office.hear(login(office), message_id="ask-1")
    assert office.commands() == [ConfirmLink(request_id="ask-1", porsche_id=MAX)]


@pytest.mark.parametrize(
    ("porsche_id", "password", "vin"),
    [(MAX, "wrong", VIN), ("nobody@example.com", PASSWORD, VIN), (MAX, PASSWORD, OTHER)],
    ids=["wrong password", "no such account", "made for another car"],
)
def test_a_login_that_proves_nothing_is_refused(office: Office, porsche_id: str, password: str, vin: str) -> None:
    office.desk.register(OTHER, MIA, "blossom-1", "DE")
    office.hear(login(office, porsche_id, password, vin), message_id="ask-1")
    assert office.commands() == [RefuseLink(request_id="ask-1", reason="login-rejected")]


def test_a_login_cannot_be_replayed(office: Office) -> None:
    request = login(office)
    office.hear(request)
    office.clock.jump(office.clock.now() + SECOND)
    office.hear(request, message_id="replayed")
    assert office.commands()[1] == RefuseLink(request_id="replayed", reason="login-rejected")
    office.hear(login(office), message_id="fresh")
    assert office.commands()[2] == ConfirmLink(request_id="fresh", porsche_id=MAX)


def test_a_login_without_a_time_zone_is_refused(office: Office) -> None:
    office.hear(login(office))
    at = office.clock.now().replace(tzinfo=None)
    with pytest.raises(PeerError, match="message-invalid"):
        office.hear(LoginRequested(porsche_id=MAX, at=at, proof=Secret("")))


def test_no_password_is_kept(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'backend.sqlite'}")
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    office.desk.engine.dispose()
    assert all(PASSWORD.encode() not in path.read_bytes() for path in tmp_path.iterdir())


# --- orders ---


def test_an_order_is_offered_signed_and_for_28_days(office: Office) -> None:
    assert office.order(length=1234) == 1
    (offer,) = office.commands()
    assert isinstance(offer, OfferPackage)
    check_offer(offer, VIN, office.depot.public_key)
    assert offer.manifest.length == 1234
    assert offer.manifest.not_after == START + DOWNLOAD_TIME
    assert offer.consent == "ordered"
    content = office.depot.lookup(offer.url)
    assert content is not None
    assert len(content) == 1234
    assert office.order_state() == (OrderState.OPEN, None, 0)


def test_the_same_function_has_the_same_bytes_and_none_has_those_of_another(office: Office) -> None:
    packages = [office.depot.make(*what) for what in [("a", "1", 64), ("a", "1", 64), ("a", "2", 64), ("b", "1", 64)]]
    assert packages[0] == packages[1]
    assert len({package.sha256 for package in packages}) == 3


@pytest.mark.parametrize("do", ["offer_again", "withdraw", "remove"])
def test_nothing_is_done_for_an_order_that_does_not_exist(office: Office, do: str) -> None:
    with pytest.raises(LocalError) as caught:
        getattr(office.desk, do)(VIN, FUNCTION)
    assert caught.value.code == "order-unknown"
    assert office.waiting() == []


def test_nobody_orders_for_an_unknown_car(office: Office) -> None:
    with pytest.raises(LocalError) as caught:
        office.order(vin=OTHER)
    assert caught.value.code == "car-unknown"
    assert office.noted("order-placed") == []


def test_the_order_follows_its_package(office: Office) -> None:
    office.order()
    states = []
    for state in PackageState.DOWNLOADING, PackageState.STAGED, PackageState.WAITING, PackageState.ACTIVATING:
        office.hear(office.report(state))
        states.append(office.order_state()[0])
    assert states == [OrderState.OPEN, *[OrderState.DOWNLOADED] * 3]
    assert office.bills() == []
    office.hear(office.report(PackageState.ACTIVE))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
    (bill,) = office.bills()
    assert (bill.amount_cents, bill.currency, bill.billed_at) == (24_900, "EUR", START)
    office.desk.remove(VIN, FUNCTION)
    assert office.commands()[-1] == RemovePackage(offer_id="order-1.1")
    office.hear(office.report(PackageState.REMOVED))
    assert office.order_state() == (OrderState.REMOVED, None, 1)


def test_the_same_report_again_has_no_effect(office: Office) -> None:
    office.order()
    message = office.message(office.report(PackageState.ACTIVE))
    office.inbox.receive(message)
    notes = list(office.notes)
    assert office.inbox.receive(message) is None
    assert office.notes == notes


@pytest.mark.requirement("FOD-09")
def test_a_function_is_billed_once_however_often_it_is_reported_active(office: Office) -> None:
    office.order()
    for state in (PackageState.STAGED, *[PackageState.ACTIVE] * 3):
        office.hear(office.report(state))
        assert len(office.bills()) == (state is PackageState.ACTIVE)
    assert len(office.noted("order-billed")) == 1


def test_a_report_is_worked_on_wholly_or_not_at_all(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.order()
    message = office.message(office.report(PackageState.ACTIVE))

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Inbox, "_bill", power_cut)
        with pytest.raises(KeyboardInterrupt):
            office.inbox.receive(message)
    assert office.order_state() == (OrderState.OPEN, None, 0)
    office.inbox.receive(message)
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_two_backends_on_one_database_bill_once(tmp_path: Path) -> None:
    offices = [Office(f"sqlite:///{tmp_path / 'backend.sqlite'}") for _ in range(4)]
    offices[0].desk.register(VIN, MAX, PASSWORD, "DE")
    offices[0].order()
    together = threading.Barrier(len(offices))

    def report(office: Office, number: int) -> None:
        message = office.message(office.report(PackageState.ACTIVE), message_id=f"from-{number}")
        together.wait(30)
        office.inbox.receive(message)

    threads = [threading.Thread(target=report, args=(office, number)) for number, office in enumerate(offices)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(offices[0].bills()) == 1
    assert sum(len(office.noted("order-billed")) for office in offices) == 1
    for office in offices:
        office.desk.engine.dispose()


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("state", [PackageState.ACTIVE, PackageState.REMOVING, PackageState.REMOVED])
def test_a_backend_that_missed_the_report_bills_from_the_reported_state(office: Office, state: PackageState) -> None:
    office.order()
    for _ in range(2):
        office.hear(office.state(office.report(state)), channel="state", kind="state")
    assert len(office.bills()) == 1
    assert len(office.noted("order-billed")) == 1


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (PackageState.ACTIVE, PackageState.STAGED),
        (PackageState.ACTIVE, PackageState.CANCELLED),
        (PackageState.REMOVED, PackageState.ACTIVE),
        (PackageState.REMOVED, PackageState.WAITING),
    ],
)
def test_a_report_that_comes_late_does_not_take_an_order_back(
    office: Office, later: PackageState, earlier: PackageState
) -> None:
    office.order()
    office.hear(office.report(later))
    before = office.order_state()
    office.hear(office.report(earlier))
    assert office.order_state() == before


@pytest.mark.parametrize(
    "offer_id", ["order-2.1", "order-1.2", "order-1", "order-", "x", "", f"order-{'9' * 40}.1", "order-\uff11.1", "1.1"]
)
def test_a_report_of_no_order_of_this_car_has_no_effect(office: Office, offer_id: str) -> None:
    office.order()
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.order(vin=OTHER)
    office.hear(office.report(PackageState.ACTIVE, offer_id))
    assert office.bills() == []
    assert office.order_state() == (OrderState.OPEN, None, 0)


@pytest.mark.parametrize("state", [PackageState.FAILED, PackageState.ROLLED_BACK])
def test_a_failed_package_leaves_the_order_open_for_another_offer(office: Office, state: PackageState) -> None:
    office.order()
    for _ in range(2):
        office.hear(office.report(state, code="package-hash"))
    assert office.order_state() == (OrderState.OPEN, "package-hash", 0)
    assert len(office.noted("package-failed")) == 1
    office.desk.offer_again(VIN, FUNCTION)
    assert office.order_state() == (OrderState.OPEN, None, 0)
    offer = office.commands()[-1]
    assert isinstance(offer, OfferPackage)
    assert offer.manifest.offer_id == "order-1.2"
    office.hear(office.report(PackageState.ACTIVE, "order-1.2"))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_an_offer_that_the_car_refuses_leaves_the_order_open_with_the_reason(office: Office) -> None:
    office.order()
    (command,) = office.waiting()
    office.hear(
        Reply(stage="refused", code="signature-invalid"),
        channel="reply",
        kind="offer-package",
        correlation=command.id,
    )
    assert office.order_state() == (OrderState.OPEN, "signature-invalid", 0)
    assert office.waiting() == []
    office.desk.offer_again(VIN, FUNCTION)
    assert len(office.waiting()) == 1


@pytest.mark.parametrize("state", [PackageState.ACTIVE, PackageState.CANCELLED, PackageState.REMOVED])
def test_an_order_that_is_over_is_not_offered_again(office: Office, state: PackageState) -> None:
    office.order()
    office.hear(office.report(state))
    with pytest.raises(LocalError) as caught:
        office.desk.offer_again(VIN, FUNCTION)
    assert caught.value.code == "order-closed"


def test_an_order_can_be_withdrawn(office: Office) -> None:
    office.order()
    office.desk.withdraw(VIN, FUNCTION)
    assert office.commands()[-1] == WithdrawPackage(offer_id="order-1.1")
    assert office.order_state()[0] is OrderState.OPEN
    office.hear(office.report(PackageState.CANCELLED))
    assert office.order_state() == (OrderState.CANCELLED, None, 0)


@pytest.mark.requirement("FOD-01")
def test_an_open_order_is_cancelled_when_28_days_are_over_and_not_a_second_earlier(office: Office) -> None:
    office.order()
    assert office.desk.next_expiry() == START + DOWNLOAD_TIME
    office.clock.jump(START + DOWNLOAD_TIME - SECOND)
    office.desk.expire()
    assert office.order_state()[0] is OrderState.OPEN
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state() == (OrderState.CANCELLED, None, 0)
    assert office.desk.next_expiry() is None
    assert len(office.noted("order-expired")) == 1


def test_an_order_that_was_downloaded_does_not_expire(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.STAGED))
    assert office.desk.next_expiry() is None
    office.clock.jump(START + 2 * DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state()[0] is OrderState.DOWNLOADED


def test_a_download_in_time_counts_however_late_it_is_told(office: Office) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.hear(office.report(PackageState.STAGED))
    assert office.order_state()[0] is OrderState.DOWNLOADED


# --- replies ---


def test_a_command_is_kept_until_its_result_is_in(office: Office) -> None:
    office.order()
    (command,) = office.waiting()

    def answer(stage: Literal["received", "done"]) -> None:
        office.hear(Reply(stage=stage), channel="reply", kind="offer-package", correlation=command.id)

    answer("received")
    (row,) = office.waiting()
    assert row.received
    answer("done")
    assert office.waiting() == []
    answer("done")
    assert len(office.noted("command-done")) == 1


@pytest.mark.parametrize("correlation", [None, "", "unknown"])
def test_a_reply_to_nothing_has_no_effect(office: Office, correlation: str | None) -> None:
    office.order()
    office.hear(Reply(stage="done"), channel="reply", kind="offer-package", correlation=correlation)
    assert len(office.waiting()) == 1


def test_a_car_cannot_answer_for_another(office: Office) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.order()
    (command,) = office.waiting()
    office.hear(Reply(stage="done"), vin=OTHER, channel="reply", kind="offer-package", correlation=command.id)
    assert len(office.waiting()) == 1


# --- presence ---


def presence(status: Literal["online", "offline"], session: str) -> Presence:
    return Presence(status=status, session_id=session, firmware="test", profile="taycan")


def test_a_will_that_comes_late_ends_only_its_own_session(office: Office) -> None:
    assert office.hear(presence("online", "first"), channel="presence") == VIN
    assert office.hear(presence("online", "second"), channel="presence") == VIN
    assert office.hear(presence("offline", "first"), channel="presence") is None
    assert office.noted("car-offline") == []
    office.hear(presence("offline", "second"), channel="presence")
    assert office.noted("car-offline") == [{}]
    assert len(office.noted("car-online")) == 2


# --- messages that are none ---


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


@pytest.mark.parametrize("code", bad_messages(Office()))
def test_a_bad_message_has_no_effect(office: Office, code: str) -> None:
    office.order()
    notes = list(office.notes)
    with pytest.raises(PeerError) as caught:
        office.inbox.receive(bad_messages(office)[code])
    assert caught.value.code == code
    assert office.notes == notes
    assert office.bills() == []


@pytest.mark.parametrize("topic", ["", "x", f"pcm/v1/{VIN}/command/offer-package", f"sim/v1/{VIN}/world/ignition"])
def test_a_message_on_a_topic_that_is_not_a_cars_is_refused(office: Office, topic: str) -> None:
    with pytest.raises(PeerError) as caught:
        office.inbox.receive(Incoming(topic=topic, payload=b"{}"))
    assert caught.value.code == "topic-unexpected"


def test_heartbeats_and_reports_for_people_change_nothing(office: Office) -> None:
    notes = list(office.notes)
    assert office.hear(Heartbeat(state_version=1)) is None
    assert office.hear(CONNECTED) is None
    assert office.notes == notes


# --- the backend at work, on a bus, in virtual time ---


class Car:
    """A car's end of the wire, driven by the test."""

    def __init__(self, bus: Bus, office: Office) -> None:
        self.arrived: list[Envelope] = []
        self._bus, self._office = bus, office
        self._number = 0

    async def comes_online(self) -> None:
        self._number += 1
        self.session = self._bus.open(f"pcm-{VIN}", self._presence("offline"), [commands_of(VIN)])
        self._reader = asyncio.create_task(self._read())
        await self.session.publish(self._presence("online"))
        await idle()

    async def loses_the_network(self) -> None:
        self.session.cut()
        await asyncio.gather(self._reader, return_exceptions=True)
        await idle()

    async def says(
        self, body: object, *, channel: Channel = "event", kind: str | None = None, correlation: str | None = None
    ) -> None:
        message = self._office.message(body, channel=channel, kind=kind, correlation=correlation)
        await self.session.publish(Outgoing(topic=message.topic, payload=message.payload, id=""))
        await idle()

    async def answers(self, envelope: Envelope, reply: Reply) -> None:
        await self.says(reply, channel="reply", kind=envelope.kind, correlation=envelope.id)

    @property
    def heard(self) -> list[str]:
        return [envelope.kind for envelope in self.arrived]

    def _presence(self, status: Literal["online", "offline"]) -> Outgoing:
        body = presence(status, f"session-{self._number}")
        message = self._office.message(body, channel="presence", kind="presence")
        return Outgoing(topic=message.topic, payload=message.payload, id="", retain=True)

    async def _read(self) -> None:
        async for message in self.session.messages():
            topic = parse_topic(message.topic)
            assert topic is not None
            self.arrived.append(decode(message.payload, topic))


class Works:
    """A backend at work, a bus, and one car."""

    def __init__(self, office: Office, bus: Bus | None = None) -> None:
        self.office, self.bus = office, bus or Bus()
        self.told: list[str] = []
        self.backend = Backend(office.desk, self.bus.client("backend"), lambda code, _: self.told.append(code))
        self.car = Car(self.bus, office)


@asynccontextmanager
async def at_work(office: Office, bus: Bus | None = None) -> AsyncIterator[Works]:
    works = Works(office, bus)
    task = asyncio.create_task(works.backend.run())
    await idle()
    try:
        yield works
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def idle() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop)
    await loop.idle()


def play(story: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=IdleLoop) as runner:
        runner.run(story)


def test_a_command_goes_out_when_the_car_is_online_and_once_a_session(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            office.order()
            works.backend.send_to(VIN)
            await idle()
            assert works.backend.quiet
            await works.car.comes_online()
            assert works.car.heard == ["offer-package"]
            works.backend.send_to(VIN)
            await works.car.says(CONNECTED)
            await works.car.answers(works.car.arrived[0], Reply(stage="received"))
            assert works.car.heard == ["offer-package"]

            await works.car.loses_the_network()
            await works.car.comes_online()
            assert works.car.heard == ["offer-package", "offer-package"]
            assert works.car.arrived[0].id == works.car.arrived[1].id
            await works.car.answers(works.car.arrived[1], Reply(stage="done"))

            await works.car.loses_the_network()
            await works.car.comes_online()
            assert len(works.car.arrived) == 2

    play(story())


def test_commands_go_out_in_the_order_in_which_they_were_left(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            office.order()
            office.desk.withdraw(VIN, FUNCTION)
            await works.car.comes_online()
            office.order("power-steering-plus")
            works.backend.send_to(VIN)
            await idle()
            assert works.car.heard == ["offer-package", "withdraw-package", "offer-package"]

    play(story())


def test_a_command_that_is_left_while_others_are_sent_goes_out_too(office: Office) -> None:
    async def story() -> None:
        bus = Bus()
        works = Works(office, bus)
        sent: list[Outgoing] = []

        def order_once_more(message: Outgoing) -> None:
            if not sent:
                office.order("power-steering-plus")
                works.backend.send_to(VIN)
            sent.append(message)

        works.backend = Backend(office.desk, bus.client("backend"), lambda *_: None, sent=order_once_more)
        task = asyncio.create_task(works.backend.run())
        await idle()
        office.order()
        await works.car.comes_online()
        assert works.car.heard == ["offer-package", "offer-package"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    play(story())


def test_the_answer_to_a_pairing_goes_out_at_once(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            await works.car.comes_online()
            code = office.desk.pairing_code(VIN)
            await works.car.says(PairingRequested(pairing_code=Secret(code)))
            assert works.car.heard == ["confirm-link"]

    play(story())


def test_bad_messages_are_counted_and_noted_and_work_goes_on(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            await works.car.comes_online()
            bad = bad_messages(office)
            for message in bad.values():
                await works.car.session.publish(Outgoing(topic=message.topic, payload=message.payload, id=""))
            await idle()
            assert works.backend.rejected == dict.fromkeys(bad, 1)
            assert sorted(works.told) == sorted(bad)
            office.order()
            works.backend.send_to(VIN)
            await idle()
            assert works.car.heard == ["offer-package"]

    play(story())


@pytest.mark.requirement("FOD-01")
def test_the_backend_itself_is_there_when_the_28_days_are_over(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            office.order()
            works.backend.send_to(VIN)
            await idle()
            office.clock.jump(START + DOWNLOAD_TIME - SECOND)
            assert office.order_state()[0] is OrderState.OPEN
            office.clock.jump(START + DOWNLOAD_TIME)
            assert office.order_state()[0] is OrderState.CANCELLED

    play(story())


def test_a_broker_that_is_down_is_told_once_and_tried_until_it_is_back(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            works.bus.stop()
            await idle()
            for _ in range(3):
                office.clock.jump(office.clock.now() + SECOND)
                await idle()
            assert not works.backend.connected.is_set()
            assert works.told == ["session-lost"]
            office.order()
            works.bus.up = True
            office.clock.jump(office.clock.now() + SECOND)
            await idle()
            assert works.backend.connected.is_set()
            await works.car.comes_online()
            assert works.car.heard == ["offer-package"]

    play(story())


def test_a_backend_that_starts_again_goes_on_where_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backend.sqlite'}"

    async def story() -> None:
        bus = Bus()
        first = Office(url)
        first.desk.register(VIN, MAX, PASSWORD, "DE")
        async with at_work(first, bus) as works:
            first.order()
            await works.car.comes_online()
            car = works.car
        first.desk.engine.dispose()
        assert car.heard == ["offer-package"]
        await car.says(first.report(PackageState.STAGED))
        active = first.message(first.state(first.report(PackageState.ACTIVE)), channel="state", kind="state")
        await car.session.publish(Outgoing(topic=active.topic, payload=active.payload, id="", retain=True))

        second = Office(url)
        async with at_work(second, bus):
            assert car.heard == ["offer-package", "offer-package"], "its result was not in yet"
            assert second.order_state() == (OrderState.ACTIVE, None, 1)
        second.desk.engine.dispose()

    play(story())


def test_times_come_back_as_they_went_in(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'backend.sqlite'}")
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    office.clock.jump(START + timedelta(microseconds=123_456))
    office.order()
    assert office.desk.next_expiry() == START + timedelta(microseconds=123_456) + DOWNLOAD_TIME
    found = office.desk.next_expiry()
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta(0)
    office.desk.engine.dispose()


# --- the depot on disk ---


def test_a_depot_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TransportError) as caught:
        Depot(seeded_key(1), "http://backend.test", tmp_path / "file" / "depot")
    assert caught.value.code == "depot-unwritable"


def test_a_depot_on_disk_holds_whole_packages_only(tmp_path: Path) -> None:
    depot = Depot(seeded_key(1), "http://backend.test", tmp_path / "depot")
    package = depot.make("f", "1", 100)
    assert [path.name for path in (tmp_path / "depot").iterdir()] == [package.sha256]
    (tmp_path / "depot").rename(tmp_path / "gone")
    with pytest.raises(TransportError) as caught:
        depot.make("g", "1", 100)
    assert caught.value.code == "depot-unwritable"


def test_offers_are_json_that_a_car_can_read(office: Office) -> None:
    office.order()
    (row,) = office.waiting()
    assert msgspec.json.decode(row.payload)["reply_to"] == f"pcm/v1/{VIN}/reply/offer-package"


# --- what must not happen ---


def test_a_function_that_the_car_has_is_not_sold_twice(office: Office) -> None:
    office.order()
    for state in (PackageState.DOWNLOADING, PackageState.STAGED, PackageState.ACTIVE):
        office.hear(office.report(state))
        with pytest.raises(LocalError, match="already-ordered"):
            office.order()
    office.order("power-steering-plus")
    office.hear(office.report(PackageState.REMOVED))
    office.order()


@pytest.mark.requirement("FOD-09")
def test_a_function_is_billed_whichever_attempt_it_was_that_worked(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.ROLLED_BACK, code="disk-full"))
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.report(PackageState.ACTIVE, "order-1.1"))
    office.hear(office.report(PackageState.FAILED, "order-1.2", code="package-hash"))
    assert len(office.bills()) == 1
    assert office.order_state()[0] is OrderState.ACTIVE


def test_nothing_is_offered_again_while_the_car_is_at_work(office: Office) -> None:
    office.order()
    with pytest.raises(LocalError, match="order-under-way"):
        office.desk.offer_again(VIN, FUNCTION)


def test_a_stranger_gets_neither_the_car_nor_its_pairing_code(office: Office) -> None:
    with pytest.raises(LocalError, match="car-of-another"):
        office.desk.register(VIN, MIA, PASSWORD, "DE")
    with pytest.raises(LocalError, match="password-wrong"):
        office.desk.register(OTHER, MAX, "guessed-1", "DE")
    assert office.desk.register(OTHER, MAX, PASSWORD, "DE") is not None


def test_a_database_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "backend.sqlite"
    path.write_bytes(b"this is no database, however long it may be looked at" * 100)
    with pytest.raises(DatabaseError) as caught:
        open_database(f"sqlite:///{path}")
    assert caught.value.code == "database-unusable"


def test_a_backend_that_can_keep_nothing_hears_nothing(office: Office) -> None:
    async def story() -> None:
        works = Works(office)
        task = asyncio.create_task(works.backend.run())
        await idle()
        with office.desk.engine.begin() as database:
            database.exec_driver_sql("DROP TABLE command")
        await works.car.comes_online()
        with pytest.raises(DatabaseError, match="no such table"):
            await task

    play(story())


def test_open_orders_are_offered_from_where_the_packages_are_now(office: Office) -> None:
    office.order()
    office.order("power-steering-plus")
    office.hear(office.report(PackageState.STAGED))
    office.depot.base_url = "http://elsewhere.test"
    for _ in range(2):
        office.desk.offer_from_here()
    offers = [body for body in office.commands() if isinstance(body, OfferPackage)]
    assert [(offer.manifest.offer_id, offer.url.partition("/packages")[0]) for offer in offers] == [
        ("order-1.1", "http://backend.test"),
        ("order-2.1", "http://backend.test"),
        ("order-2.1", "http://elsewhere.test"),
    ]


def test_a_car_of_nobody_is_told_of_once(office: Office) -> None:
    async def story() -> None:
        async with at_work(office) as works:
            for number in range(5):
                message = office.message(
                    Presence(status="online", session_id="s", firmware="f", profile="p"),
                    vin=OTHER,
                    channel="presence",
                    kind="presence",
                    message_id=str(number),
                )
                works.bus.deliver(Outgoing(topic=message.topic, payload=message.payload, id=""))
            await idle()
            assert works.backend.rejected["car-unknown"] == 5
            assert works.told == ["car-unknown"]

    play(story())


def test_strangers_are_remembered_up_to_a_limit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.backend.inbox.STRANGERS_KEPT", 2)
    online = Presence(status="online", session_id="s", firmware="f", profile="p")
    for vin in ("WP0ZZZY1ZPSA00003", "WP0ZZZY1ZPSA00004", OTHER):
        with pytest.raises(PeerError, match="car-unknown"):
            office.inbox.receive(office.message(online, vin=vin, channel="presence", kind="presence"))
    assert list(office.inbox._strangers) == ["WP0ZZZY1ZPSA00004", OTHER]


# --- services, and the security operations centre ---

NAVIGATION, MONTH = "online-navigation", timedelta(days=30)
PHONE = "+49 711 555 0100"


def reported(
    state: Literal["ended", "ordered", "unavailable", "available"], service: str = NAVIGATION
) -> ServiceReported:
    return ServiceReported(service=service, state=state)


@pytest.mark.requirement("STO-07")
def test_an_ordered_service_goes_to_the_car_at_once(office: Office) -> None:
    until = office.clock.now() + MONTH
    order_service(office.desk, VIN, NAVIGATION, until)
    assert office.commands() == [ProvideService(service=NAVIGATION, until=until)]
    assert contract_of(office.desk, VIN, NAVIGATION) == Contract("contracted", until, MONTH)
    assert office.noted("service-ordered") == [{"service": NAVIGATION, "until": until.isoformat()}]


@pytest.mark.requirement("STO-09")
def test_the_remaining_term_of_a_service_is_shown(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    for passed, left in ((10, 20), (20, 0), (5, 0)):
        office.clock.jump(office.clock.now() + timedelta(days=passed))
        contract = contract_of(office.desk, VIN, NAVIGATION)
        assert contract is not None
        assert contract.remaining == timedelta(days=left)
    assert contract_of(office.desk, VIN, "weather") is None


def test_a_service_is_prolonged(office: Office) -> None:
    for months in (1, 2):
        order_service(office.desk, VIN, NAVIGATION, office.clock.now() + months * MONTH)
    contract = contract_of(office.desk, VIN, NAVIGATION)
    assert contract is not None
    assert contract.remaining == 2 * MONTH


def test_what_the_car_says_of_a_service_is_kept_and_noted_once(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    office.hear(reported("available"))
    services = ServicesReported(traffic="off", app="disconnected", app_online=False, services=(reported("available"),))
    office.hear(msgspec.structs.replace(office.state(), services=services), channel="state")
    assert len(office.noted("service-available")) == 1
    office.hear(reported("available", "weather"))
    assert contract_of(office.desk, VIN, "weather") is None


def test_a_missed_report_of_a_service_is_learnt_from_the_state(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    services = ServicesReported(traffic="off", app="disconnected", app_online=False, services=(reported("ended"),))
    office.hear(msgspec.structs.replace(office.state(), services=services), channel="state")
    assert len(office.noted("service-ended")) == 1


def test_a_service_is_cancelled(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    cancel_service(office.desk, VIN, NAVIGATION)
    assert office.commands()[-1] == CancelService(service=NAVIGATION)


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (lambda desk: order_service(desk, VIN, NAVIGATION, desk.clock.now()), "term-over"),
        (lambda desk: order_service(desk, "WP0ZZZY1ZPSA00009", NAVIGATION, desk.clock.now() + MONTH), "car-unknown"),
        (lambda desk: cancel_service(desk, VIN, NAVIGATION), "service-unknown"),
    ],
)
def test_a_visit_that_cannot_be_is_named(office: Office, visit: Callable[[Desk], None], code: str) -> None:
    with pytest.raises(LocalError) as caught:
        visit(office.desk)
    assert caught.value.code == code
    assert office.waiting() == []


@pytest.mark.requirement("SEC-05")
def test_the_certificate_is_there_once_the_package_works_in_the_car(office: Office) -> None:
    assert certificate_of(office.desk, VIN) is None
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, PHONE)
    office.hear(reported("ordered", SECURITY_PACKAGE))
    assert certificate_of(office.desk, VIN) is None
    office.hear(reported("available", SECURITY_PACKAGE))
    certificate = certificate_of(office.desk, VIN)
    assert certificate is not None
    office.clock.jump(office.clock.now() + timedelta(days=1))
    office.hear(reported("unavailable", SECURITY_PACKAGE))
    office.hear(reported("available", SECURITY_PACKAGE))
    assert certificate_of(office.desk, VIN) == certificate
    assert len(office.noted("security-activated")) == 1


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("phone", [PHONE, None])
def test_the_centre_notes_an_alarm_and_calls_the_number_given_at_purchase(office: Office, phone: str | None) -> None:
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, phone)
    for _ in range(2):
        office.hear(AlarmRaised(alarm="theft", cause="tilt", at=office.clock.now()), message_id="alarm-1")
    assert alarms_of(office.desk, VIN) == [Noted("theft", "tilt", phone is not None)]
    with Session(office.desk.engine) as db:
        assert db.scalars(select(AlarmRow.called)).all() == [phone]
    assert bool(office.noted("owner-called")) is (phone is not None)
    assert bool(office.noted("no-number-to-call")) is (phone is None)
    assert PHONE not in str(office.notes)


def test_an_alarm_of_a_car_without_the_package_is_noted_all_the_same(office: Office) -> None:
    office.hear(AlarmRaised(alarm="silent", cause="driver-card", at=office.clock.now()))
    assert alarms_of(office.desk, VIN) == [Noted("silent", "driver-card", called=False)]


def test_prolonging_the_package_keeps_number_and_certificate(office: Office) -> None:
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, PHONE)
    office.hear(reported("available", SECURITY_PACKAGE))
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + 2 * MONTH)
    assert certificate_of(office.desk, VIN) is not None
    office.hear(AlarmRaised(alarm="theft", cause="tilt", at=office.clock.now()))
    assert alarms_of(office.desk, VIN) == [Noted("theft", "tilt", called=True)]


def test_the_centre_closes_an_alarm(office: Office) -> None:
    close_alarm(office.desk, VIN)
    assert office.commands() == [CloseAlarm()]


def test_an_activation_that_healed_leaves_no_error(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.ROLLED_BACK, code="disk-full"))
    office.hear(office.report(PackageState.WAITING, code="disk-full"))
    assert office.order_state() == (OrderState.DOWNLOADED, "disk-full", 0)
    office.hear(office.report(PackageState.ACTIVE))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_what_is_not_committed_is_never_told(office: Office) -> None:
    """A disk that is full at the end of the transaction: no bill, and nobody says that there is one."""
    office.order()
    full = iter([True])

    def refuse(connection: object) -> None:
        if next(full, False):
            raise DatabaseError("database-unusable", "database or disk is full")

    event.listen(office.desk.engine, "commit", refuse)
    before = list(office.notes)
    message = office.message(office.report(PackageState.ACTIVE), message_id="once")
    with pytest.raises(DatabaseError):
        office.inbox.receive(message)
    assert (office.notes, office.bills()) == (before, [])
    office.inbox.receive(message)
    assert len(office.noted("order-billed")) == len(office.bills()) == 1
