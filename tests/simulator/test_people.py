"""Users, codes, settings and remote services at the backend, and between backend and cars."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.core import events as on
from pcm_agent.core.regions.personal import settings_in_use
from pcm_agent.core.states import Access, Account
from pcm_agent.errors import LocalError
from pcm_agent.protocol.envelope import decode
from pcm_agent.protocol.messages import ConfirmLink, LoginRequested, PairingRequested, RefuseLink
from pcm_agent.protocol.people import (
    ApplySettings,
    RemoteAction,
    RemoteCommand,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import CancelService
from pcm_agent.protocol.topics import Topic
from pcm_agent.trust.login import code_verifier, login_proof, password_verifier
from simulator.backend.pages import detail_view, garage, start_page, waits_for_code
from simulator.backend.people import CODE_TIME, REMOTE_TIME
from simulator.backend.records import AccountRow, PairingCodeRow
from simulator.backend.services import order_service
from simulator.lab import Lab, LabCar, VirtualMeans, running
from simulator.trace import Trace
from tests.simulator.backend.office import FUNCTION, MAX, MIA, OTHER, PASSWORD, SECOND, VIN, Office
from tests.waiting import virtual

if TYPE_CHECKING:
    from pcm_agent.protocol.messages import Command

EVE = "eve@example.com"
CODE = "4711"


@pytest.fixture
def office() -> Office:
    """Max is the main user of a car, Mia an additional one, Eve has an account."""
    office = Office()
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    office.desk.add_user(VIN, MIA, PASSWORD, "DE")
    office.desk.create_account(EVE, PASSWORD, "DE")
    return office


def pair(office: Office, code: str, request: str = "ask", vin: str = VIN) -> "Command":
    office.hear(PairingRequested(pairing_code=Secret(code)), message_id=request, vin=vin)
    return office.commands(vin)[-1]


def log_in(office: Office, porsche_id: str, code: str | None = None, vin: str = VIN) -> "Command":
    """The backend's answer to a login."""
    office.clock.jump(office.clock.now() + SECOND)
    at = office.clock.now()
    proof = login_proof(password_verifier(porsche_id, PASSWORD), vin, porsche_id, at)
    code_proof = login_proof(code_verifier(porsche_id, code), vin, porsche_id, at) if code else None
    before = len(office.commands(vin))
    office.hear(
        LoginRequested(
            porsche_id=porsche_id, at=at, proof=Secret(proof), code_proof=Secret(code_proof) if code_proof else None
        ),
        vin=vin,
    )
    return office.commands(vin)[before]


def refusal(answer: "Command") -> str:
    assert isinstance(answer, RefuseLink)
    return answer.reason


def confirmed(answer: "Command") -> tuple[str, Role, bool]:
    assert isinstance(answer, ConfirmLink)
    return answer.porsche_id, answer.role, answer.secured


# --- pairing codes ---


@pytest.mark.requirement("IDN-09")
def test_an_additional_users_code_is_answered_with_no_data_connection_and_stays_unused(office: Office) -> None:
    code = office.desk.pairing_code(VIN, MIA)
    assert code != office.desk.pairing_code(VIN)
    for request in ("ask-1", "ask-2"):
        assert refusal(pair(office, code, request)) == "no-data-connection"
    assert confirmed(pair(office, office.desk.pairing_code(VIN), "ask-3")) == (MAX, Role.MAIN, False)


@pytest.mark.requirement("IDN-05")
def test_start_page_detail_view_and_app_show_one_code_until_the_car_is_linked(office: Office) -> None:
    office.desk.register(OTHER, MAX, PASSWORD, "DE")
    code, other = office.desk.pairing_code(VIN), office.desk.pairing_code(OTHER)
    assert start_page(office.desk, MAX) == garage(office.desk, MAX) == {VIN: code, OTHER: other}
    assert detail_view(office.desk, VIN, MAX) == code
    assert waits_for_code(office.desk, VIN)
    assert confirmed(pair(office, code))
    assert start_page(office.desk, MAX) == {OTHER: other}
    assert garage(office.desk, MAX) == {VIN: None, OTHER: other}
    assert detail_view(office.desk, VIN, MAX) is None
    assert not waits_for_code(office.desk, VIN)


@pytest.mark.requirement("IDN-05", "IDN-09")
def test_an_additional_user_sees_a_code_of_their_own_and_a_stranger_none(office: Office) -> None:
    assert garage(office.desk, MIA) == {VIN: office.desk.pairing_code(VIN, MIA)}
    assert garage(office.desk, EVE) == {}
    with pytest.raises(LocalError, match="user-unknown"):
        detail_view(office.desk, VIN, EVE)
    office.desk.sell_car(VIN)
    assert not waits_for_code(office.desk, VIN)


@pytest.mark.requirement("IDN-05")
def test_an_old_code_has_expired_and_my_porsche_shows_a_new_one(office: Office) -> None:
    code = office.desk.pairing_code(VIN)
    office.clock.jump(office.clock.now() + CODE_TIME - SECOND)
    assert office.desk.pairing_code(VIN) == code
    office.clock.jump(office.clock.now() + SECOND)
    assert refusal(pair(office, code)) == "pairing-code-expired"
    fresh = office.desk.pairing_code(VIN)
    assert fresh != code
    assert confirmed(pair(office, fresh, "ask-2"))


def test_a_used_code_says_so_even_after_its_time(office: Office) -> None:
    code = office.desk.pairing_code(VIN)
    assert confirmed(pair(office, code))
    office.clock.jump(office.clock.now() + CODE_TIME)
    assert refusal(pair(office, code, "again")) == "pairing-code-used"


def test_after_a_factory_reset_there_is_a_new_code(office: Office) -> None:
    code = office.desk.pairing_code(VIN)
    pair(office, code)
    with pytest.raises(LocalError, match="shows no pairing code"):
        office.desk.pairing_code(VIN)
    office.hear(UserLeft(porsche_id=MAX))
    office.hear(UserLeft(porsche_id=EVE))
    assert office.desk.pairing_code(VIN) != code
    assert len(office.noted("user-left")) == 1


def test_two_users_never_have_the_same_code(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([int(office.desk.pairing_code(VIN)), 5])
    monkeypatch.setattr(office.desk._rng, "randrange", lambda _: next(drawn))
    assert office.desk.pairing_code(VIN, MIA) == "00000005"


# --- logins ---


@pytest.mark.requirement("IDN-13")
def test_a_visitor_needs_a_security_code(office: Office) -> None:
    assert refusal(log_in(office, EVE)) == "security-code-required"
    assert refusal(log_in(office, EVE, CODE)) == "security-code-wrong"
    office.desk.set_security_code(EVE, CODE)
    assert confirmed(log_in(office, EVE, CODE)) == (EVE, Role.VISITOR, True)


@pytest.mark.requirement("IDN-07")
@pytest.mark.parametrize(("porsche_id", "role"), [(MAX, Role.MAIN), (MIA, Role.ADDITIONAL)])
def test_a_user_of_the_car_logs_in_without_a_code_or_with_the_right_one(
    office: Office, porsche_id: str, role: Role
) -> None:
    office.desk.set_security_code(porsche_id, CODE)
    assert confirmed(log_in(office, porsche_id)) == (porsche_id, role, False)
    assert refusal(log_in(office, porsche_id, "1174")) == "security-code-wrong"
    assert confirmed(log_in(office, porsche_id, CODE)) == (porsche_id, role, True)
    office.desk.set_security_code(porsche_id, "9999")
    assert refusal(log_in(office, porsche_id, CODE)) == "security-code-wrong"
    office.desk.reset_security_code(porsche_id)
    assert refusal(log_in(office, porsche_id, "9999")) == "security-code-wrong"


def test_no_security_code_is_kept(office: Office) -> None:
    office.desk.set_security_code(MAX, CODE)
    with Session(office.desk.engine) as db:
        account = db.get_one(AccountRow, MAX)
        assert account.code_verifier == code_verifier(MAX, CODE)
        assert CODE.encode() not in account.code_verifier


@pytest.mark.requirement("REM-02")
def test_a_reset_code_is_told_to_the_cars_of_a_main_user_and_to_those_where_they_are_logged_in(office: Office) -> None:
    office.desk.register(OTHER, EVE, PASSWORD, "DE")
    office.desk.reset_security_code(EVE)
    assert office.commands() == []
    assert office.commands(OTHER) == [ResetSecurityCode(porsche_id=EVE, role=Role.MAIN)]
    log_in(office, MIA)
    office.desk.reset_security_code(MIA)
    assert office.commands()[1:] == [ResetSecurityCode(porsche_id=MIA, role=Role.ADDITIONAL)]


# --- settings ---


@pytest.mark.requirement("IDN-12")
def test_settings_are_kept_and_sent_to_every_car_that_their_owner_logs_in_to(office: Office) -> None:
    office.desk.register(OTHER, MAX, PASSWORD, "DE")
    log_in(office, MAX)
    log_in(office, MAX, vin=OTHER)
    office.hear(SettingsReported(porsche_id=MAX, settings={"seats": "low"}))
    applied = ApplySettings(porsche_id=MAX, settings={"seats": "low"})
    assert applied in office.commands(OTHER)
    assert applied not in office.commands()
    log_in(office, MAX)
    assert office.commands()[-1] == applied
    assert office.desk.settings_of(MAX) == {"seats": "low"}


def test_settings_of_somebody_who_is_not_logged_in_are_not_taken(office: Office) -> None:
    for porsche_id in (MIA, "nobody@example.com"):
        office.hear(SettingsReported(porsche_id=porsche_id, settings={"seats": "low"}))
    assert office.desk.settings_of(MIA) == {}


# --- remote services ---


def asked(office: Office, porsche_id: str, code: str | None = None) -> RemoteCommand:
    office.desk.remote(VIN, RemoteAction.UNLOCK, porsche_id, code)
    command = office.commands()[-1]
    assert isinstance(command, RemoteCommand)
    return command


@pytest.mark.requirement("REM-01")
def test_the_backend_vouches_for_who_asks(office: Office) -> None:
    office.desk.set_security_code(MAX, CODE)
    for code, check in ((None, "missing"), ("1174", "wrong"), (CODE, "right")):
        command = asked(office, MAX, code)
        assert (command.role, command.granted, command.code_check) == (Role.MAIN, False, check)
    assert (asked(office, MIA).role, asked(office, MIA).granted) == (Role.ADDITIONAL, False)
    office.desk.grant(VIN, MIA)
    assert asked(office, MIA).granted
    assert (asked(office, EVE, CODE).role, asked(office, EVE, CODE).code_check) == (Role.VISITOR, "wrong")


def test_a_command_from_afar_is_not_carried_out_late(office: Office) -> None:
    office.desk.remote(VIN, RemoteAction.UNLOCK, MAX)
    row = office.waiting()[-1]
    envelope = decode(row.payload, Topic(VIN, "command", row.kind))
    assert envelope.expires == office.clock.now() + REMOTE_TIME


# --- sale and deletion ---


@pytest.mark.requirement("IDN-14")
def test_a_seller_removes_the_car_and_the_services_stay_for_the_new_owner(office: Office) -> None:
    office.order()
    log_in(office, MAX)
    log_in(office, MIA)
    office.desk.sell_car(VIN)
    assert {command for command in office.commands() if isinstance(command, Unlink)} == {
        Unlink(porsche_id=MAX, role=Role.MAIN),
        Unlink(porsche_id=MIA, role=Role.ADDITIONAL),
    }
    assert office.desk.order_of(VIN, FUNCTION) is not None
    with pytest.raises(LocalError) as caught:
        office.order()
    assert caught.value.code == "car-unknown"
    assert office.desk.register(OTHER, MAX, PASSWORD, "DE"), "the account lives on"
    assert office.desk.register(VIN, EVE, PASSWORD, "DE")
    assert confirmed(pair(office, office.desk.pairing_code(VIN))) == (EVE, Role.MAIN, False)
    assert refusal(log_in(office, MIA)) == "security-code-required"


def test_a_car_that_is_sold_while_its_owner_is_logged_out_hears_of_it(office: Office) -> None:
    office.desk.sell_car(VIN)
    assert office.commands() == [Unlink(porsche_id=MAX, role=Role.MAIN)], "remote access may still be open"
    assert office.noted("car-removed") == [{"porsche_id": MAX}]


def test_a_deleted_account_has_access_to_nothing_and_its_settings_are_gone(office: Office) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    log_in(office, MAX)
    log_in(office, MIA)
    office.hear(SettingsReported(porsche_id=MIA, settings={"seats": "low"}))
    office.desk.pairing_code(VIN, MIA)
    office.desk.delete_account(MIA)
    assert office.commands()[-1] == Unlink(porsche_id=MIA, role=Role.ADDITIONAL)
    assert office.commands(OTHER) == [Unlink(porsche_id=MIA, role=Role.MAIN)]
    assert refusal(log_in(office, MIA)) == "login-rejected"
    for use in (
        lambda: office.desk.remote(VIN, RemoteAction.UNLOCK, MIA),
        lambda: office.desk.settings_of(MIA),
        lambda: office.desk.register(OTHER, MIA, PASSWORD, "DE"),
        lambda: office.desk.grant(VIN, MIA),
        lambda: office.desk.order(OTHER, FUNCTION, 1, version="1", price_cents=0, currency="EUR", ask=False),
    ):
        with pytest.raises(LocalError):
            use()
    with Session(office.desk.engine) as db:
        account = db.get_one(AccountRow, MIA)
        assert (account.country, account.settings, account.verifier) == ("DE", {}, b"")
        assert db.scalars(select(PairingCodeRow).where(PairingCodeRow.porsche_id == MIA)).all() == []
    assert confirmed(log_in(office, MAX))


@pytest.mark.parametrize(
    ("use", "code"),
    [
        (lambda desk: desk.register(VIN, EVE, PASSWORD, "DE"), "car-of-another"),
        (lambda desk: desk.pairing_code(VIN, EVE), "user-unknown"),
        (lambda desk: desk.grant(VIN, EVE), "user-unknown"),
        (lambda desk: desk.set_security_code("nobody@example.com", CODE), "account-unknown"),
        (lambda desk: desk.sell_car(OTHER), "car-unknown"),
        (lambda desk: desk.add_user(OTHER, EVE, PASSWORD, "DE"), "car-unknown"),
        (lambda desk: desk.remote(OTHER, RemoteAction.LOCK, MAX), "car-unknown"),
    ],
)
def test_what_cannot_be_done_is_named(office: Office, use: "object", code: str) -> None:
    assert callable(use)
    with pytest.raises(LocalError) as caught:
        use(office.desk)
    assert caught.value.code == code


# --- two cars, one backend ---


async def drive(lab: Lab, car: LabCar, *events: on.Event) -> None:
    """Let things happen in a car, with time between them."""
    for event in events:
        car.world.happens(event)
        await lab.pass_time(timedelta(seconds=10))


@pytest.mark.requirement("IDN-12")
@virtual
async def test_settings_follow_the_porsche_id_from_one_car_to_another() -> None:
    means = VirtualMeans(1)
    async with running(Lab(means, Trace(means.clock), 1)) as lab:
        first, second = lab.add_car("taycan", "JP"), lab.add_car("taycan", "JP")
        for car in (first, second):
            lab.desk.register(car.vin, MAX, PASSWORD, "JP")
            lab.wake(car)
            car.world.enter_cell("JP", Access.LTE)
            await drive(lab, car, on.IgnitionTurnedOn(), on.PorscheIdEntered(MAX, Secret(PASSWORD)))
        await drive(lab, first, on.SettingChanged("seats", "low"))
        assert settings_in_use(second.agent.vehicle.state) == {"seats": "low"}
        await drive(lab, second, on.LoggedOut())
        await drive(lab, first, on.PrivateModeEnabled(), on.SettingChanged("weather", "Nara"))
        await drive(lab, second, on.PorscheIdEntered(MAX, Secret(PASSWORD)))
        state = second.agent.vehicle.state
        assert state.account is Account.LINKED
        assert settings_in_use(state) == {"seats": "low"}, "what was set in private mode is not told"


@pytest.mark.requirement("IDN-14", "IDN-15")
@pytest.mark.parametrize("sold", [True, False])
def test_services_stay_with_a_car_that_is_sold_and_stop_with_an_account_that_is_deleted(
    office: Office, sold: bool
) -> None:
    order_service(office.desk, VIN, "online-navigation", office.clock.now() + timedelta(days=30))
    if sold:
        office.desk.sell_car(VIN)
    else:
        office.desk.delete_account(MAX)
    cancelled = [command for command in office.commands() if isinstance(command, CancelService)]
    assert cancelled == ([] if sold else [CancelService(service="online-navigation")])
