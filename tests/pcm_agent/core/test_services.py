from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from firmware_profiles import load_countries, load_services
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.region import Car, Turn
from pcm_agent.core.report import state_report
from pcm_agent.core.rules.rule import blocking
from pcm_agent.core.rules.services import CAR_CONNECT, SERVICE, SWITCHES, service_status
from pcm_agent.core.state import User
from pcm_agent.core.states import Access, Account, App, ServiceState, Traffic
from pcm_agent.protocol.people import Role
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import CancelService, ProvideService, ServiceReported

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

TRAFFIC, NAVIGATION, REMOTE, CAR_SECURITY = (
    "real-time-traffic",
    "online-navigation",
    "remote-access",
    "car-security-package",
)
MONTH = timedelta(days=30)
RESTART = (on.IgnitionTurnedOff(), on.IgnitionTurnedOn())


def provide(car: "Driver", service: str, term: timedelta = MONTH) -> None:
    assert car.command(ProvideService(service=service, until=car.now + term)).stage == "done"


def link(car: "Driver") -> None:
    car.state.account = Account.LINKED
    car.state.porsche_id = "ayumi@example.com"
    car.state.users = {"ayumi@example.com": User(role=Role.MAIN)}
    car.reload()


def in_pcm(car: "Driver", service: str = NAVIGATION) -> None:
    """Online, linked, and restarted since the service was provided."""
    car.speak_seldom()
    car.go_online()
    link(car)
    provide(car, service)
    car.feed(*RESTART)


def turn_of(car: "Driver") -> Turn:
    return Turn(Car(car.profile, car.market, car.equipment), car.state, on.UpdatesOpened(), car.now)


def told(car: "Driver") -> list[tuple[str, tuple[str, ...]]]:
    return [(body.state, body.blocked_by) for body in car.said() if isinstance(body, ServiceReported)]


# --- from the order to the PCM ---


@pytest.mark.requirement("CON-25")
def test_an_ordered_service_appears_at_the_next_restart_and_not_before(taycan: "Driver") -> None:
    taycan.go_online()
    provide(taycan, NAVIGATION)
    assert told(taycan) == [("ordered", ())]
    taycan.feed(on.IgnitionTurnedOn())  # it is on already: no restart
    taycan.wait(hours=1)
    assert service_status(turn_of(taycan), NAVIGATION) == ("restart-needed", "not-linked")
    taycan.feed(on.IgnitionTurnedOff())
    assert taycan.state.services[NAVIGATION].state is ServiceState.ORDERED
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.steps("service") == ["unavailable"]
    assert taycan.shown() == ["service-new", "service-unavailable"]
    taycan.feed(*RESTART)
    assert "service-new" not in taycan.shown()


@pytest.mark.requirement("CON-25")
def test_a_start_of_the_pcm_is_a_restart_too(taycan: "Driver") -> None:
    taycan.go_online()
    provide(taycan, NAVIGATION)
    taycan.restart()
    assert "service-new" in taycan.shown()


def test_a_service_that_is_prolonged_goes_on(taycan: "Driver") -> None:
    in_pcm(taycan)
    provide(taycan, NAVIGATION, timedelta(days=60))
    assert taycan.steps("service") == []
    taycan.wait(days=59)
    assert taycan.state.services[NAVIGATION].state is ServiceState.AVAILABLE
    taycan.wait(days=1)
    assert taycan.state.services[NAVIGATION].state is ServiceState.ENDED


@pytest.mark.requirement("REM-03")
def test_a_service_ends_with_its_term(taycan: "Driver") -> None:
    in_pcm(taycan)
    taycan.wait(days=29, hours=23)
    assert service_status(turn_of(taycan), NAVIGATION) == ()
    taycan.wait(hours=1)
    assert taycan.shown() == ["service-expired"]
    assert told(taycan) == [("ended", ())]
    assert service_status(turn_of(taycan), NAVIGATION) == ("no-contract",)
    taycan.feed(*RESTART)
    assert taycan.shown() == []


def test_a_term_that_ends_before_the_restart_ends_all_the_same(taycan: "Driver") -> None:
    taycan.go_online()
    provide(taycan, NAVIGATION, timedelta(hours=1))
    taycan.wait(hours=1)
    assert taycan.state.services[NAVIGATION].state is ServiceState.ENDED


@pytest.mark.parametrize("restarted", [False, True])
def test_the_backend_can_cancel_a_service(taycan: "Driver", restarted: bool) -> None:
    taycan.go_online()
    provide(taycan, NAVIGATION)
    taycan.feed(*RESTART * restarted)
    assert taycan.command(CancelService(service=NAVIGATION)).stage == "done"
    assert taycan.shown() == ["service-cancelled"]
    assert f"term:{NAVIGATION}" not in taycan.state.timers
    assert taycan.command(CancelService(service=NAVIGATION)).stage == "done"
    assert taycan.shown() == []


@pytest.mark.requirement("CON-25")
def test_a_service_that_has_ended_and_is_bought_again_waits_for_a_restart_again(taycan: "Driver") -> None:
    in_pcm(taycan)
    taycan.command(CancelService(service=NAVIGATION))
    provide(taycan, NAVIGATION)
    assert taycan.state.services[NAVIGATION].state is ServiceState.ORDERED
    taycan.feed(*RESTART)
    assert taycan.state.services[NAVIGATION].state is ServiceState.AVAILABLE


# --- whether it works ---

SPOIL: dict[str, tuple[Event, Event]] = {
    "no-data": (on.CellChanged("JP", None), on.CellChanged("JP", Access.LTE)),
    "private-mode": (on.PrivateModeEnabled(), on.PrivateModeDisabled()),
    "switched-off": (on.TrafficDisabled(), on.TrafficEnabled()),
}


@pytest.mark.requirement("CON-24", "REM-03")
@pytest.mark.parametrize("spoilt", list(product((False, True), repeat=3)))
def test_all_that_stands_against_real_time_traffic_is_named(taycan: "Driver", spoilt: tuple[bool, ...]) -> None:
    in_pcm(taycan, TRAFFIC)
    taycan.feed(on.TrafficEnabled())
    assert taycan.state.services[TRAFFIC].state is ServiceState.AVAILABLE
    codes = tuple(code for code, spoils in zip(SPOIL, spoilt, strict=True) if spoils)
    taycan.feed(*[SPOIL[code][0] for code in codes])
    assert service_status(turn_of(taycan), TRAFFIC) == codes
    assert taycan.state.services[TRAFFIC].blocked_by == codes
    if codes:
        assert taycan.of(do.Show)[-1].text in ("service-unavailable", "private-mode-on")
        assert told(taycan)[-1] == ("unavailable", codes)


@pytest.mark.requirement("CON-24")
def test_real_time_traffic_has_a_switch_that_is_off_at_first(taycan: "Driver") -> None:
    in_pcm(taycan, TRAFFIC)
    assert taycan.state.services[TRAFFIC].blocked_by == ("switched-off",)
    taycan.feed(on.TrafficEnabled())
    assert taycan.state.traffic is Traffic.ON
    assert taycan.shown() == ["service-available"]
    taycan.feed(on.TrafficDisabled())
    assert taycan.state.services[TRAFFIC].blocked_by == ("switched-off",)


def test_every_switch_of_the_catalogue_is_known() -> None:
    assert {facts.switch for facts in load_services().values() if facts.switch} == set(SWITCHES)


def test_a_switch_is_nothing_to_a_service_that_has_none(taycan: "Driver") -> None:
    in_pcm(taycan)
    assert taycan.state.services[NAVIGATION].state is ServiceState.AVAILABLE


@pytest.mark.requirement("IDN-06")
def test_linking_opens_all_services_that_need_it(taycan: "Driver") -> None:
    taycan.go_online()
    needing = [name for name, facts in load_services().items() if facts.needs_link and not facts.switch]
    for name in needing:
        provide(taycan, name)
    taycan.feed(*RESTART)
    assert {service.blocked_by for service in taycan.state.services.values()} == {("not-linked",)}
    taycan.feed(on.PorscheIdEntered("ayumi@example.com", Secret("a password")))
    taycan.feed(on.LinkConfirmed(str(taycan.state.link_request), "ayumi@example.com"))
    assert {service.state for service in taycan.state.services.values()} == {ServiceState.AVAILABLE}
    assert len(needing) > 5


@pytest.mark.requirement("CON-07")
def test_the_country_decides_which_services_there_are(make_car: "Callable[..., Driver]") -> None:
    car = make_car("taycan", "DE")
    car.market = replace(car.market, services_unavailable=(NAVIGATION,))
    car.reload()
    in_pcm(car)
    assert car.state.services[NAVIGATION].blocked_by == ("not-in-country",)
    assert service_status(turn_of(car), "a-service-that-nobody-knows")[0] == "not-in-country"


def test_a_service_without_needs_works_without_data_and_link(taycan: "Driver") -> None:
    facts = load_services()
    (free, *_) = [name for name, it in facts.items() if not it.needs_link]
    (offline, *_) = [name for name, it in facts.items() if not it.needs_data and it.needs_link]
    taycan.go_online()
    provide(taycan, free)
    provide(taycan, offline)
    taycan.feed(*RESTART)
    assert taycan.state.services[free].blocked_by == ()
    link(taycan)
    taycan.feed(on.CellChanged("JP", None))
    assert taycan.state.services[offline].blocked_by == ()


@pytest.mark.requirement("SEC-04")
def test_private_mode_does_not_switch_the_security_package_off(taycan: "Driver") -> None:
    in_pcm(taycan, CAR_SECURITY)
    taycan.feed(on.PrivateModeEnabled())
    assert taycan.state.services[CAR_SECURITY].state is ServiceState.AVAILABLE


# --- the phone's internet, and the app ---


@pytest.mark.requirement("REM-03")
@pytest.mark.parametrize("car_online", [False, True])
@pytest.mark.parametrize("phone", [None, False, True])
def test_the_car_or_the_connected_phone_must_be_online(taycan: "Driver", car_online: bool, phone: bool | None) -> None:
    in_pcm(taycan, REMOTE)
    if phone is not None:
        taycan.feed(on.AppConnected(online=phone))
    if not car_online:
        taycan.feed(on.CellChanged("JP", None))
    assert service_status(turn_of(taycan), REMOTE) == (() if car_online or phone else ("no-data",))


@pytest.mark.requirement("REM-03")
def test_car_connect_needs_a_contract_and_data(taycan: "Driver") -> None:
    def stands_against() -> tuple[str, ...]:
        return blocking(turn_of(taycan), CAR_CONNECT)

    assert stands_against() == ("no-contract", "no-data")
    in_pcm(taycan)
    assert stands_against() == ("no-contract",)  # of a service that does not reach the car from outside
    provide(taycan, REMOTE)
    assert stands_against() == ()
    taycan.feed(on.CellChanged("JP", None))
    assert stands_against() == ("no-data",)
    taycan.feed(on.AppConnected(online=True))
    assert stands_against() == ()
    taycan.wait(days=30)
    assert stands_against() == ("no-contract",)


@pytest.mark.requirement("IDN-18")
def test_the_pcm_shows_whether_the_app_is_connected(taycan: "Driver") -> None:
    taycan.feed(on.AppConnectionOpened())
    assert taycan.shown() == ["app-disconnected"]
    taycan.feed(on.AppConnected(online=True))
    assert taycan.shown() == ["app-connected"]
    assert taycan.state.app is App.CONNECTED
    taycan.feed(on.AppConnectionOpened())
    assert taycan.shown() == ["app-connected"]
    taycan.feed(on.AppConnected(online=False))
    assert taycan.shown() == []
    report = state_report(taycan.state).services
    assert report is not None
    assert (report.app, report.app_online) == ("connected", False)
    taycan.feed(on.AppConnected(online=True), on.AppDisconnected())
    assert taycan.shown() == ["app-disconnected"]
    assert not taycan.state.app_online


# --- what the backend sees ---


def test_the_reported_state_holds_each_service(taycan: "Driver") -> None:
    in_pcm(taycan)
    taycan.feed(on.PrivateModeEnabled())
    report = state_report(taycan.state).services
    assert report is not None
    (service,) = report.services
    assert (service.service, service.state, service.blocked_by) == (NAVIGATION, "unavailable", ("private-mode",))
    assert taycan.of(do.ReportState)


def test_the_table_of_what_a_service_needs_is_complete() -> None:
    assert [condition.code for condition in SERVICE] == [
        "not-in-country", "no-contract", "restart-needed", "not-linked", "no-data", "private-mode", "switched-off",
    ]  # fmt: skip


@pytest.mark.requirement("REM-03")
def test_a_term_that_ended_while_the_pcm_slept_is_over_before_its_timer_fires(taycan: "Driver") -> None:
    in_pcm(taycan)
    taycan.now += MONTH
    taycan.restart()
    assert "no-contract" in (taycan.state.services[NAVIGATION].blocked_by or ())
    taycan.wait(seconds=0)
    assert taycan.state.services[NAVIGATION].state is ServiceState.ENDED


@pytest.mark.requirement("CON-24")
def test_a_phones_internet_is_none_of_the_maps(taycan: "Driver") -> None:
    in_pcm(taycan, TRAFFIC)
    taycan.feed(on.TrafficEnabled(), on.AppConnected(online=True), on.CellChanged("JP", None))
    assert taycan.state.services[TRAFFIC].blocked_by == ("no-data",)


def test_the_app_is_gone_after_a_restart(taycan: "Driver") -> None:
    taycan.feed(on.AppConnected(online=True))
    taycan.restart()
    assert taycan.at("app") is App.DISCONNECTED
    assert not taycan.state.app_online


def test_only_the_end_of_the_term_ends_a_service(taycan: "Driver") -> None:
    in_pcm(taycan)
    taycan.state.timers[f"retry:{NAVIGATION}"] = taycan.now
    taycan.feed(on.TimerFired(f"retry:{NAVIGATION}"))
    assert taycan.state.services[NAVIGATION].state is not ServiceState.ENDED


@pytest.mark.requirement("CON-07")
def test_what_a_country_lacks_is_said_by_its_data(make_car: "Callable[..., Driver]") -> None:
    countries = load_countries()
    assert len(countries) > 30
    lacking = [(code, service) for code, country in countries.items() for service in country.services_unavailable]
    assert lacking
    for code, service in lacking:
        car = make_car("cayenne-gen3", code)
        in_pcm(car, service)
        assert "not-in-country" in service_status(turn_of(car), service)
