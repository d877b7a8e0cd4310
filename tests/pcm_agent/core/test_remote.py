"""Remote access: who may open it, what closes it, and what the car does from afar."""

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Literal

import pytest
from msgspec.structs import replace

from firmware_profiles import Linking
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.rules.remote import REMOTE, REMOTE_ACTIONS
from pcm_agent.core.state import User
from pcm_agent.core.states import Account, Charge, Climate, Remote, SelectorLever
from pcm_agent.protocol.messages import ConfirmLink, Reply
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, ResetSecurityCode, Role, Unlink
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import CancelService, ProvideService
from tests.pcm_agent.core.conftest import Driver

if TYPE_CHECKING:
    from collections.abc import Callable

AYUMI, HIRO = "ayumi@example.com", "hiro@example.com"
ALLOW, WITHDRAW = on.RemoteAccessAllowed(), on.RemoteAccessWithdrawn()
PRIVATE, PUBLIC = on.PrivateModeEnabled(), on.PrivateModeDisabled()
COMMAND = RemoteCommand(action=RemoteAction.HONK_AND_FLASH, porsche_id=AYUMI, role=Role.MAIN, code_check="right")


def car_of(
    *, switch: bool = True, linking: Linking = Linking.PORSCHE_ID, guest_mode: bool = True, code: bool = True
) -> Driver:
    """A car with a switch for remote access or without, in a country that demands a security code or does not."""
    car = Driver("taycan", "DE")
    account = replace(car.profile.account, linking=linking, guest_mode=guest_mode)
    car.profile = replace(car.profile, account=account, remote=replace(car.profile.remote, allowed_in_pcm=switch))
    car.market = replace(car.market, security_code=code)
    car.vehicle.car = car.vehicle.car._replace(profile=car.profile, market=car.market)
    car.go_online()
    contract = ProvideService(service="remote-access", until=car.now + timedelta(days=365))
    assert car.command(contract).stage == "done"
    return car


def link(car: Driver, role: Role = Role.MAIN, *, secured: bool = True) -> None:
    by_code = car.profile.account.linking is Linking.PAIRING_CODE
    word = Secret("12345678")
    car.feed(on.PairingCodeEntered(word) if by_code else on.PorscheIdEntered(AYUMI, word))
    confirm = ConfirmLink(request_id=str(car.state.link_request), porsche_id=AYUMI, role=role, secured=secured)
    assert car.command(confirm).stage == "done"


@pytest.fixture
def opened() -> Driver:
    """A car whose main user is logged in and has allowed remote access."""
    car = car_of()
    link(car)
    car.feed(ALLOW)
    assert car.at("remote") is Remote.ALLOWED
    return car


# --- opening and closing ---


@pytest.mark.requirement("REM-01")
@pytest.mark.parametrize("role", Role)
def test_only_the_main_user_allows_it_in_the_pcm(role: Role) -> None:
    car = car_of()
    link(car, role)
    assert car.at("remote") is Remote.OFF
    assert car.command(COMMAND).code == "remote-access-off"
    car.feed(ALLOW)
    if role is Role.MAIN:
        assert (car.at("remote"), car.shown()) == (Remote.ALLOWED, ["remote-access-on"])
        assert car.command(COMMAND).stage == "done"
    else:
        assert (car.at("remote"), car.refusals()) == (Remote.OFF, [("not-main-user", "REM-01", ())])


@pytest.mark.requirement("REM-01")
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("linking", Linking)
def test_without_a_switch_the_main_users_link_opens_it(role: Role, linking: Linking) -> None:
    car = car_of(switch=False, linking=linking)
    link(car, role)
    assert car.at("remote") is (Remote.ALLOWED if role is Role.MAIN else Remote.OFF)
    for tap in (ALLOW, WITHDRAW):
        car.feed(tap)
        assert car.refusals() == [("no-such-setting", "REM-01", ())]


@pytest.mark.requirement("IDN-07")
@pytest.mark.parametrize(("switch", "secured", "demanded"), list(product((True, False), repeat=3)))
def test_where_a_security_code_is_demanded_no_login_without_it_opens_remote_access(
    switch: bool, secured: bool, demanded: bool
) -> None:
    car = car_of(switch=switch, code=demanded)
    link(car, secured=secured)
    assert car.at("account") is Account.LINKED
    if switch:
        car.feed(ALLOW)
    opens = secured or not demanded
    assert car.at("remote") is (Remote.ALLOWED if opens else Remote.OFF)
    assert car.refusals() == ([] if opens or not switch else [("security-code-not-entered", "IDN-07", ())])


def test_a_car_that_is_linked_by_code_asks_for_no_security_code() -> None:
    car = car_of(switch=False, linking=Linking.PAIRING_CODE)
    link(car, secured=False)
    assert car.at("remote") is Remote.ALLOWED
    assert car.command(replace(COMMAND, code_check="missing")).stage == "done"


def test_another_requests_answer_opens_nothing() -> None:
    car = car_of(switch=False)
    car.feed(on.PorscheIdEntered(AYUMI, Secret("a password")))
    assert car.command(ConfirmLink(request_id="another", porsche_id=AYUMI, secured=True)).stage == "refused"
    assert car.at("remote") is Remote.OFF


def test_a_link_that_is_confirmed_again_opens_nothing() -> None:
    car = car_of(switch=False)
    link(car)
    car.command(ResetSecurityCode(porsche_id=AYUMI, role=Role.MAIN))
    again = ConfirmLink(request_id=str(car.state.link_request), porsche_id=AYUMI, secured=True)
    assert car.command(again).stage == "done"
    assert car.at("remote") is Remote.OFF


def test_the_main_user_withdraws_it(opened: Driver) -> None:
    opened.feed(WITHDRAW)
    assert (opened.at("remote"), opened.shown()) == (Remote.OFF, ["remote-access-off"])
    assert opened.feed(WITHDRAW) == []


@pytest.mark.requirement("REM-02")
@pytest.mark.parametrize("switch", [True, False])
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("how", ["factory reset", "code reset"])
def test_a_factory_reset_or_a_reset_of_the_main_users_code_ends_it(switch: bool, private: bool, how: str) -> None:
    car = car_of(switch=switch)
    link(car)
    if switch:
        car.feed(ALLOW)
    if private:
        car.feed(PRIVATE)
    if how == "factory reset":
        car.feed(on.FactoryResetConfirmed())
    else:
        car.command(ResetSecurityCode(porsche_id=AYUMI, role=Role.MAIN))
    assert car.at("remote") is Remote.OFF
    car.feed(PUBLIC)
    assert car.at("remote") is Remote.OFF


@pytest.mark.requirement("REM-02")
def test_a_reset_of_another_users_code_does_not(opened: Driver) -> None:
    opened.command(ResetSecurityCode(porsche_id=HIRO, role=Role.ADDITIONAL))
    opened.command(Unlink(porsche_id=HIRO, role=Role.ADDITIONAL))
    assert opened.at("remote") is Remote.ALLOWED


@pytest.mark.requirement("IDN-14")
def test_it_ends_when_the_car_is_sold(opened: Driver) -> None:
    opened.command(Unlink(porsche_id=AYUMI, role=Role.MAIN))
    assert opened.at("remote") is Remote.OFF


# --- private mode ---


@pytest.mark.requirement("PRV-01")
@pytest.mark.parametrize("before", [Remote.OFF, Remote.ALLOWED])
def test_private_mode_suspends_and_its_end_restores_exactly_what_was_before(opened: Driver, before: Remote) -> None:
    if before is Remote.OFF:
        opened.feed(WITHDRAW)
    opened.feed(PRIVATE)
    assert opened.at("remote") is (Remote.SUSPENDED if before is Remote.ALLOWED else Remote.OFF)
    assert opened.command(COMMAND).stage == "refused"
    opened.restart()
    opened.feed(PUBLIC)
    assert opened.at("remote") is before


@pytest.mark.requirement("PRV-01")
def test_what_is_withdrawn_in_private_mode_stays_so(opened: Driver) -> None:
    opened.feed(PRIVATE, WITHDRAW, PUBLIC)
    assert opened.at("remote") is Remote.OFF
    opened.feed(PRIVATE, ALLOW)
    assert opened.refusals() == [("private-mode-on", "PRV-01", ())]


def test_a_link_that_is_confirmed_in_private_mode_opens_it_afterwards() -> None:
    car = car_of(switch=False)
    car.feed(on.PorscheIdEntered(AYUMI, Secret("a password")), PRIVATE)
    car.command(ConfirmLink(request_id=str(car.state.link_request), porsche_id=AYUMI, secured=True))
    assert car.at("remote") is Remote.SUSPENDED
    car.feed(PUBLIC)
    assert car.at("remote") is Remote.ALLOWED


# --- commands ---


@pytest.mark.requirement("REM-01")
@pytest.mark.parametrize("action", RemoteAction)
def test_what_is_asked_for_is_done_by_the_car(opened: Driver, action: RemoteAction) -> None:
    opened.feed(on.ChargingCableConnected())
    assert opened.command(replace(COMMAND, action=action)) == Reply(stage="done")
    assert opened.of(do.Operate) == [do.Operate(action)]


Objection = tuple[str, str, bool, Linking, bool, bool, RemoteCommand]
BY_ID, BY_CODE = Linking.PORSCHE_ID, Linking.PAIRING_CODE
ADDITIONAL = replace(COMMAND, porsche_id=HIRO, role=Role.ADDITIONAL, granted=True)


def refused(car: Driver, command: RemoteCommand) -> tuple[str | None, str | None, tuple[str, ...]]:
    reply = car.command(command)
    assert car.of(do.Operate) == []
    assert reply.stage == "refused"
    return reply.code, reply.requirement, reply.blocked_by


@pytest.mark.requirement("IDN-13")
def test_a_visitor_has_nothing_done(opened: Driver) -> None:
    assert refused(opened, replace(COMMAND, role=Role.VISITOR)) == ("not-a-user", "IDN-13", ("not-a-user",))


@pytest.mark.requirement("IDN-13")
def test_an_additional_user_needs_the_right(opened: Driver) -> None:
    assert refused(opened, replace(ADDITIONAL, granted=False)) == ("right-missing", "IDN-13", ("right-missing",))
    assert opened.command(ADDITIONAL).stage == "done"


@pytest.mark.requirement("IDN-09")
@pytest.mark.parametrize("granted", [True, False])
def test_in_a_car_that_is_linked_by_code_remote_access_is_the_main_users_alone(granted: bool) -> None:
    car = car_of(switch=False, linking=BY_CODE)
    link(car)
    assert refused(car, replace(ADDITIONAL, granted=granted)) == ("main-user-only", "IDN-09", ("main-user-only",))
    assert car.command(COMMAND).stage == "done"


@pytest.mark.requirement("IDN-07")
@pytest.mark.parametrize("check", ["missing", "wrong"])
@pytest.mark.parametrize("demanded", [True, False])
def test_a_command_needs_the_right_security_code(check: Literal["missing", "wrong"], demanded: bool) -> None:
    car = car_of(code=demanded)
    link(car)
    car.feed(ALLOW)
    command = replace(COMMAND, code_check=check)
    if check == "missing" and not demanded:
        assert car.command(command).stage == "done"
        return
    assert refused(car, command) == (f"security-code-{check}", "IDN-07", (f"security-code-{check}",))


@pytest.mark.requirement("IDN-10")
@pytest.mark.parametrize("leave", [on.GuestChosen(), on.LoggedOut(), on.KeyRecognised("another")])
@pytest.mark.parametrize("action", RemoteAction)
def test_nothing_is_done_from_afar_for_a_guest(opened: Driver, leave: on.Event, action: RemoteAction) -> None:
    opened.feed(on.ChargingCableConnected(), leave)
    assert opened.at("remote") is Remote.ALLOWED
    command = replace(COMMAND, action=action)
    assert refused(opened, command) == ("guest-mode", "IDN-10", ("guest-mode",))
    link(opened)
    assert opened.command(command).stage == "done"


def test_a_car_without_guest_mode_that_is_not_linked_says_so() -> None:
    car = car_of(guest_mode=False)
    link(car)
    car.feed(ALLOW, on.LoggedOut())
    assert refused(car, COMMAND) == ("not-linked", "IDN-06", ("not-linked",))


@pytest.mark.parametrize("action", [RemoteAction.LOCK, RemoteAction.UNLOCK])
def test_a_car_that_is_driven_is_not_locked_or_unlocked_from_afar(opened: Driver, action: RemoteAction) -> None:
    opened.feed(on.SelectorLeverMoved(SelectorLever.DRIVE))
    command = replace(COMMAND, action=action)
    assert refused(opened, command) == ("car-driving", "REM-01", ("car-driving",))
    opened.feed(on.IgnitionTurnedOff())
    assert opened.command(command).stage == "done"


@pytest.mark.requirement("REM-03")
def test_it_needs_a_valid_contract_and_data(opened: Driver) -> None:
    opened.speak_seldom()
    opened.wait(days=364)
    assert opened.command(COMMAND).stage == "done"
    opened.wait(days=2)
    assert refused(opened, COMMAND) == ("no-contract", "REM-03", ("no-contract",))
    opened.feed(on.CellChanged("DE", None))
    assert refused(opened, COMMAND)[2] == ("no-contract", "no-data")


def test_charging_needs_the_cable(opened: Driver) -> None:
    command = replace(COMMAND, action=RemoteAction.CHARGE_START)
    assert refused(opened, command) == ("no-charging-cable", "REM-01", ("no-charging-cable",))


def test_all_that_stands_against_a_command_is_named_in_the_tables_order() -> None:
    car = car_of()
    car.feed(on.SelectorLeverMoved(SelectorLever.DRIVE))
    command = RemoteCommand(action=RemoteAction.UNLOCK, porsche_id=HIRO, role=Role.ADDITIONAL)
    expected = ("remote-access-off", "guest-mode", "right-missing", "security-code-missing", "car-driving")
    assert refused(car, command) == ("remote-access-off", "REM-01", expected)


def test_every_condition_of_the_tables_is_met_above() -> None:
    tables = (REMOTE, *REMOTE_ACTIONS.values())
    assert {condition.code for table in tables for condition in table} == {
        "remote-access-off", "private-mode", "guest-mode", "not-linked", "not-a-user", "main-user-only",
        "right-missing", "security-code-missing", "security-code-wrong", "car-driving", "no-charging-cable",
        "no-contract", "no-data",
    }  # fmt: skip


def test_private_mode_is_named(opened: Driver) -> None:
    opened.feed(PRIVATE)
    assert refused(opened, COMMAND) == ("private-mode", "PRV-01", ("private-mode",))


# --- air conditioning and charging ---


def test_what_the_sensors_say_is_kept(opened: Driver) -> None:
    opened.feed(on.ClimateStarted())
    assert opened.at("climate") is Climate.ON
    opened.feed(on.ChargingStarted())
    assert opened.at("charge") is Charge.IDLE, "nothing flows without a cable"
    opened.feed(on.ChargingCableConnected(), on.ChargingStarted())
    assert opened.at("charge") is Charge.FLOWING
    opened.feed(on.ChargingStopped())
    assert opened.at("charge") is Charge.IDLE
    opened.feed(on.ChargingStarted(), on.ChargingCableDisconnected(), on.ClimateStopped())
    assert (opened.at("charge"), opened.at("climate")) == (Charge.IDLE, Climate.OFF)


@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
def test_each_car_has_a_way_to_open_it(make_car: "Callable[..., Driver]", profile: str) -> None:
    car = make_car(profile, "DE")
    car.go_online()
    link(car)
    if car.profile.remote.allowed_in_pcm:
        car.feed(ALLOW)
    assert car.at("remote") is Remote.ALLOWED
    assert car.state.users == {AYUMI: User(role=Role.MAIN, secured=True)}


def test_a_link_that_is_confirmed_in_private_mode_opens_nothing_where_there_is_a_switch() -> None:
    car = car_of(switch=True)
    car.feed(on.PorscheIdEntered(AYUMI, Secret("12345678")), PRIVATE)
    confirm = ConfirmLink(request_id=str(car.state.link_request), porsche_id=AYUMI, role=Role.MAIN, secured=True)
    assert car.command(confirm).stage == "done"
    assert car.at("remote") is Remote.OFF
    car.feed(PUBLIC)
    assert car.at("remote") is Remote.OFF


@pytest.mark.requirement("IDN-07")
def test_a_login_without_the_code_closes_what_the_code_had_opened(opened: Driver) -> None:
    opened.feed(on.LoggedOut())
    link(opened, secured=False)
    assert opened.at("remote") is Remote.OFF


@pytest.mark.requirement("CON-07", "REM-03")
def test_a_contract_for_a_service_that_the_country_lacks_opens_nothing(opened: Driver) -> None:
    until = opened.now + timedelta(days=30)
    opened.command(CancelService(service="remote-access"))
    assert opened.command(ProvideService(service="vodafone-car-connect", until=until)).stage == "done"
    assert opened.command(COMMAND).stage == "done"
    opened.market = replace(opened.market, services_unavailable=("vodafone-car-connect",))
    opened.vehicle.car = opened.vehicle.car._replace(market=opened.market)
    assert refused(opened, COMMAND) == ("no-contract", "REM-03", ("no-contract",))
