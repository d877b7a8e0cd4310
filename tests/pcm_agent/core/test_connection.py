from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from firmware_profiles import Corner, Menu, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import Symbol
from pcm_agent.core.states import Access, Connection
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import ConnectionReported
from pcm_agent.protocol.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

EMBEDDED, INSERTED, HOTSPOT = Way.EMBEDDED_SIM, Way.INSERTED_SIM, Way.HOTSPOT
WITH_SIM = (on.SimInserted("DE", pin_required=False), on.ApnEntered("internet"))
JOINED = on.HotspotJoined("phone")


def on_the_road(car: "Driver") -> None:
    car.feed(on.IgnitionTurnedOn(), on.CellChanged(car.market.code, Access.LTE))


# --- ways ---


@pytest.mark.requirement("CON-01")
@pytest.mark.parametrize(
    ("profile", "embedded_sim", "sim", "phone", "way"),
    [
        ("taycan", True, False, False, EMBEDDED),
        ("taycan", False, False, False, None),
        ("taycan", False, False, True, None),
        ("cayenne-gen3", True, False, False, EMBEDDED),
        ("cayenne-gen3", True, True, True, EMBEDDED),
        ("cayenne-gen3", False, True, False, INSERTED),
        ("cayenne-gen3", False, True, True, INSERTED),
        ("cayenne-gen3", False, False, True, HOTSPOT),
        ("cayenne-gen3", False, False, False, None),
    ],
)
def test_profile_and_country_decide_the_way(
    make_car: "Callable[..., Driver]", *, profile: str, embedded_sim: bool, sim: bool, phone: bool, way: Way | None
) -> None:
    car = make_car(profile, "DE", embedded_sim=embedded_sim)
    if sim:
        car.feed(*WITH_SIM)
    if phone:
        car.feed(JOINED)
    on_the_road(car)
    assert car.state.way is way
    assert car.at("connection") is (Connection.CONNECTING if way else Connection.DISCONNECTED)


@pytest.mark.requirement("CON-01")
def test_a_way_that_does_not_exist_is_refused_with_the_reason(
    make_car: "Callable[..., Driver]", taycan: "Driver"
) -> None:
    chosen = on.HotspotChosen("phone", Secret("12345678"))
    taycan.feed(chosen)
    assert taycan.refusals() == [("no-such-way", "CON-01", ())]
    taycan.feed(on.SimInserted("JP"))
    assert taycan.refusals() == [("no-sim-slot", "CON-02", ())]
    taycan.feed(on.ApnEntered("internet"))
    assert taycan.refusals() == [("no-sim-slot", "CON-19", ())]
    car = make_car("cayenne-gen3", "DE", ways=(EMBEDDED, INSERTED))
    car.feed(chosen)
    assert car.refusals() == [("no-such-way", "CON-01", ())]
    assert car.of(do.JoinHotspot) == []


def test_a_way_that_the_network_turns_down_gives_place_to_the_next(cayenne: "Driver") -> None:
    cayenne.feed(*WITH_SIM, JOINED)
    on_the_road(cayenne)
    for way, following in ((EMBEDDED, INSERTED), (INSERTED, HOTSPOT), (HOTSPOT, None)):
        cayenne.feed(on.BearerRejected(way, "congestion"))
        assert cayenne.steps("connection") == ["disconnected", "connecting"][: 2 if following else 1]
        assert cayenne.state.way is following
        assert cayenne.shown() == ["connection-rejected"]
    cayenne.wait(seconds=59)
    assert not cayenne.last
    cayenne.wait(seconds=1)
    assert cayenne.of(do.AttachBearer) == [do.AttachBearer(EMBEDDED, None)]


def test_a_better_way_takes_over(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(JOINED)
    car.go_online()
    assert car.state.way is HOTSPOT
    car.feed(*WITH_SIM)
    assert car.of(do.DetachBearer) == [do.DetachBearer(HOTSPOT)]
    assert car.of(do.CloseSession)
    assert car.of(do.AttachBearer) == [do.AttachBearer(INSERTED, "internet")]


@pytest.mark.parametrize("way", [INSERTED, HOTSPOT])
def test_what_another_way_says_is_nothing(cayenne: "Driver", way: Way) -> None:
    on_the_road(cayenne)
    assert cayenne.feed(on.BearerAttached(way, Access.LTE)) == []
    assert cayenne.feed(on.BearerRejected(way, "congestion")) == []
    cayenne.feed(on.BearerAttached(EMBEDDED, Access.LTE))
    assert cayenne.feed(on.BearerLost(way)) == []
    assert cayenne.online()


def test_a_lost_bearer_closes_the_session_and_is_asked_for_again(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(on.BearerLost(EMBEDDED))
    assert cayenne.steps("connection") == ["disconnected", "connecting"]
    assert cayenne.of(do.CloseSession)
    assert cayenne.of(do.DetachBearer) == []
    assert cayenne.of(do.AttachBearer)
    assert cayenne.said() == [ConnectionReported(state="disconnected")]


def test_only_a_parked_way_stays_on_when_the_car_is_off(make_car: "Callable[..., Driver]", cayenne: "Driver") -> None:
    cayenne.go_online()
    assert cayenne.feed(on.IgnitionTurnedOff())
    assert cayenne.online()
    for events in (WITH_SIM, (JOINED,)):
        car = make_car("cayenne-gen3", "DE", embedded_sim=False)
        car.feed(*events)
        car.go_online()
        car.feed(on.IgnitionTurnedOff())
        assert not car.online()
        assert car.of(do.CloseSession)


def test_an_embedded_sim_that_is_no_parked_way_ends_with_the_ignition(make_car: "Callable[..., Driver]") -> None:
    car = make_car("taycan", "JP", parked_ways=())
    car.go_online()
    car.feed(on.IgnitionTurnedOff())
    assert not car.online()


def test_another_timer_is_no_reason_to_try_a_rejected_way_again(taycan: "Driver") -> None:
    taycan.feed(on.IgnitionTurnedOn(), on.CellChanged("JP", Access.LTE))
    taycan.feed(on.BearerRejected(Way.EMBEDDED_SIM, "congestion"))
    taycan.state.timers["another"] = taycan.now
    taycan.reload()
    taycan.feed(on.TimerFired("another"))
    assert taycan.state.way is None
    assert not taycan.of(do.AttachBearer)


def test_a_restart_begins_without_a_connection(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.restart()
    assert cayenne.steps("connection") == ["disconnected", "connecting"]
    assert cayenne.of(do.CloseSession)
    assert cayenne.of(do.AttachBearer)


# --- switching data off ---


@pytest.mark.requirement("CON-13")
def test_data_can_be_switched_off_in_the_pcm(cayenne: "Driver") -> None:
    assert cayenne.profile.menus[Menu.DATA_OFF][-1] == "off"
    cayenne.go_online()
    cayenne.feed(on.MobileDataDisabled())
    assert cayenne.of(do.DetachBearer) == [do.DetachBearer(EMBEDDED)]
    assert cayenne.of(do.CloseSession)
    assert cayenne.feed(on.CellChanged("DE", Access.UMTS))
    assert not cayenne.online()
    cayenne.feed(on.MobileDataEnabled(), on.BearerAttached(EMBEDDED, Access.UMTS))
    assert cayenne.online()


def test_a_car_whose_data_private_mode_switches_has_no_switch(taycan: "Driver") -> None:
    taycan.go_online()
    for event in (on.MobileDataDisabled(), on.MobileDataEnabled()):
        taycan.feed(event)
        assert taycan.refusals() == [("no-such-setting", "CON-14", ())]
        assert taycan.online()


# --- symbol ---


@pytest.mark.requirement("CON-15")
@pytest.mark.parametrize(("access", "letter"), [(Access.LTE, "LTE"), (Access.UMTS, "3G"), (Access.EDGE, "E")])
@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
def test_a_letter_shows_data_and_its_type(
    make_car: "Callable[..., Driver]", profile: str, access: Access, letter: str
) -> None:
    car = make_car(profile, "DE")
    car.feed(on.IgnitionTurnedOn(), on.CellChanged("DE", access))
    assert car.state.symbol.letter is None
    assert car.state.symbol.corner == "top-right"
    car.feed(on.BearerAttached(EMBEDDED, access))
    assert [(it.symbol.letter, it.symbol.wifi, it.symbol.corner) for it in car.of(do.ShowSymbol)] == [
        (letter, False, "top-right")
    ]
    car.feed(on.CellChanged("DE", None))
    assert car.of(do.ShowSymbol) == [do.ShowSymbol(Symbol(None, False, "top-right"))]
    assert not car.online()


@pytest.mark.requirement("CON-15")
def test_the_letter_follows_the_cell(taycan: "Driver") -> None:
    taycan.go_online(Access.UMTS)
    taycan.feed(on.CellChanged("JP", Access.LTE))
    assert taycan.of(do.ShowSymbol)[0].symbol.letter == "LTE"
    assert taycan.said() == [
        ConnectionReported(state="connected", way="embedded-sim", access="lte", symbol="LTE", wifi=False)
    ]
    taycan.feed(on.CellChanged("JP", Access.LTE))
    assert taycan.of(do.ShowSymbol) == []
    assert taycan.said() == []


@pytest.mark.requirement("CON-15", "CON-16")
def test_the_symbol_stands_in_the_profiles_corner(cayenne: "Driver") -> None:
    profile = replace(cayenne.profile, status=replace(cayenne.profile.status, symbol_corner=Corner.BOTTOM_LEFT))
    vehicle = Vehicle.new("V", profile, replace(cayenne.market, embedded_sim=False))
    shown = [
        effect.symbol
        for event in (on.IgnitionTurnedOn(), JOINED, on.BearerAttached(HOTSPOT, None), on.HotspotLost())
        for effect in vehicle.handle(event, cayenne.now)
        if isinstance(effect, do.ShowSymbol)
    ]
    assert shown == [Symbol(None, wifi, "bottom-left") for wifi in (False, True, False)]


@pytest.mark.requirement("CON-16")
def test_data_over_a_hotspot_shows_the_wifi_symbol(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(JOINED)
    car.go_online(Access.EDGE)
    assert car.state.symbol == Symbol(None, True, "top-right")
    car.feed(on.CellChanged("DE", Access.LTE))
    assert car.state.symbol == Symbol(None, True, "top-right")
    assert car.said() == []
    car.feed(on.HotspotLost())
    assert car.state.symbol == Symbol(None, False, "top-right")


# --- access point ---


@pytest.mark.requirement("CON-19")
def test_an_inserted_sim_needs_the_right_apn(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.SimInserted("DE", pin_required=False))
    on_the_road(car)
    assert car.state.way is None
    car.feed(on.ApnEntered("wrong"))
    assert car.of(do.AttachBearer) == [do.AttachBearer(INSERTED, "wrong")]
    car.feed(on.BearerRejected(INSERTED, "apn-unknown"))
    assert car.of(do.Show) == [do.Show("connection-rejected", {"reason": "apn-unknown"})]
    assert not car.online()
    car.feed(on.ApnEntered("another.one"))
    assert car.of(do.AttachBearer) == [do.AttachBearer(INSERTED, "another.one")]
    car.feed(on.BearerAttached(INSERTED, Access.LTE))
    assert car.online()
    car.feed(on.ApnEntered(""))
    assert (car.refusals(), car.online()) == ([("apn-empty", "CON-19", ())], True)
    car.restart()
    assert car.of(do.AttachBearer) == [do.AttachBearer(INSERTED, "another.one")]


# --- hotspot ---


@pytest.mark.requirement("CON-20")
def test_joining_a_hotspot(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.IgnitionTurnedOn(), on.HotspotChosen("phone", Secret("1234567")))
    assert car.refusals() == [("password-too-short", "CON-20", ())]
    assert car.of(do.JoinHotspot) == []
    car.feed(on.HotspotChosen("phone", Secret("wrong-one")))
    assert car.of(do.JoinHotspot) == [do.JoinHotspot("phone", Secret("wrong-one"))]
    car.feed(on.HotspotRefused("phone"))
    assert car.of(do.Show) == [do.Show("hotspot-refused", {"ssid": "phone"})]
    assert car.state.way is None
    car.feed(on.HotspotChosen("phone", Secret("12345678")))
    assert car.of(do.JoinHotspot) == [do.JoinHotspot("phone", Secret("12345678"))]
    car.feed(JOINED)
    assert car.of(do.AttachBearer) == [do.AttachBearer(HOTSPOT, None)]
    car.feed(on.BearerAttached(HOTSPOT, None))
    assert car.online()
    car.feed(on.HotspotLost())
    assert not car.online()


def test_another_hotspot_is_tried_at_once(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.IgnitionTurnedOn(), JOINED, on.BearerRejected(HOTSPOT, "no-internet"))
    assert car.state.way is None
    car.feed(on.HotspotJoined("another phone"))
    assert car.of(do.AttachBearer) == [do.AttachBearer(HOTSPOT, None)]


def test_a_hotspot_needs_neither_mobile_data_nor_roaming(cayenne: "Driver") -> None:
    cayenne.feed(on.MobileDataDisabled(), JOINED)
    on_the_road(cayenne)
    cayenne.feed(on.CellChanged("CH", Access.LTE), on.BearerAttached(HOTSPOT, None))
    assert cayenne.online()
