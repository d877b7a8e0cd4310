"""Bluetooth, CarPlay and calls beside the data connection."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from firmware_profiles import Equipment, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.region import Car
from pcm_agent.core.rules.phone import CALL_OVER_SIM
from pcm_agent.core.states import Access, Bluetooth, Call, CallLine, CarPlay, Connection
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

PHONE, SIM = on.CallStarted(CallLine.PHONE), on.CallStarted(CallLine.INSERTED_SIM)
MINE = "Hanako's phone"


def over_sim(car: "Driver", access: Access = Access.LTE, *, keeps_data: bool = True) -> None:
    """Data over an inserted SIM."""
    car.feed(on.SimInserted("DE", pin_required=False, keeps_data=keeps_data), on.ApnEntered("internet"))
    car.go_online(access)
    assert car.state.way is Way.INSERTED_SIM


def over_hotspot(car: "Driver", access: Access = Access.LTE, *, phone: str = MINE, keeps_data: bool = True) -> None:
    """Data over a phone's hotspot, and a phone on Bluetooth."""
    car.feed(on.PhoneConnected(MINE), on.HotspotJoined("net", phone, keeps_data))
    car.go_online(access)
    assert car.state.way is Way.HOTSPOT


@pytest.fixture
def slot(make_car: "Callable[..., Driver]") -> "Driver":
    """A car whose embedded SIM has no data in its country."""
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.market = replace(car.market, inserted_sim_calls=True)
    car.reload()
    return car


# --- calls beside data ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-02")
def test_a_car_with_an_embedded_sim_alone_calls_over_bluetooth_beside_its_data(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PhoneConnected(MINE), PHONE)
    assert taycan.at("call") is Call.PHONE
    assert taycan.online()
    assert taycan.feed(on.SimInserted("JP"))[0] == do.Refuse("SimInserted", "no-sim-slot", "CON-02", ())
    taycan.feed(on.CallEnded(), SIM)
    assert taycan.refusals() == [("no-sim-slot", "CON-02", ())]
    assert taycan.online()


@pytest.mark.requirement("CON-03")
def test_embedded_data_goes_with_a_bluetooth_call_but_not_with_one_over_the_inserted_sim(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE", pin_required=False), on.PhoneConnected(MINE))
    cayenne.go_online()
    assert cayenne.state.way is Way.EMBEDDED_SIM
    cayenne.feed(PHONE)
    assert cayenne.online()
    cayenne.feed(on.CallEnded(), SIM)
    assert "embedded-sim-data" in cayenne.refusals()[0][2]
    assert cayenne.at("call") is Call.NONE


@pytest.mark.requirement("CON-03")
def test_a_call_over_the_inserted_sim_keeps_embedded_data_away(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE")
    car.market = replace(car.market, inserted_sim_calls=True)
    car.reload()
    car.feed(on.SimInserted("DE", pin_required=False), on.MobileDataDisabled())
    car.feed(on.IgnitionTurnedOn(), on.CellChanged("DE", Access.LTE), SIM)
    assert car.at("call") is Call.INSERTED_SIM
    car.feed(on.MobileDataEnabled())
    assert car.state.way is None
    car.feed(on.CallEnded())
    assert car.state.way is Way.EMBEDDED_SIM


@pytest.mark.requirement("CON-04")
def test_inserted_sim_data_goes_with_a_bluetooth_call(slot: "Driver") -> None:
    over_sim(slot, Access.EDGE, keeps_data=False)
    slot.feed(on.PhoneConnected(MINE), PHONE)
    assert slot.at("call") is Call.PHONE
    assert slot.online()


@pytest.mark.requirement("CON-04")
@pytest.mark.parametrize("there", [True, False])
def test_the_inserted_sim_calls_only_in_some_countries(slot: "Driver", there: bool) -> None:
    slot.market = replace(slot.market, inserted_sim_calls=there)
    slot.reload()
    over_sim(slot)
    slot.feed(SIM)
    assert slot.at("call") is (Call.INSERTED_SIM if there else Call.NONE)
    assert slot.refusals() == ([] if there else [("call-not-possible", "CON-03", ("no-calls-in-this-country",))])


def test_all_that_stands_against_a_call_over_the_sim_is_named(cayenne: "Driver") -> None:
    cayenne.market = replace(cayenne.market, inserted_sim_calls=False)
    cayenne.reload()
    cayenne.go_online()
    cayenne.feed(on.CellChanged("DE", None))
    cayenne.feed(SIM)
    assert cayenne.refusals()[0][2] == ("sim-not-ready", "no-coverage", "no-calls-in-this-country")
    assert [condition.code for condition in CALL_OVER_SIM][-1] == "embedded-sim-data"


DURING_A_CALL = [
    (Access.LTE, True, True),
    (Access.LTE, False, False),
    (Access.UMTS, False, True),
    (Access.EDGE, True, False),
    (Access.EDGE, False, False),
]


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(("access", "allowed", "stays"), DURING_A_CALL)
def test_a_call_over_the_sim_that_carries_the_data(slot: "Driver", access: Access, allowed: bool, stays: bool) -> None:
    over_sim(slot, access, keeps_data=allowed)
    slot.feed(SIM)
    assert slot.online() is stays
    assert slot.at("call") is Call.INSERTED_SIM
    slot.feed(on.CallEnded())
    assert slot.state.way is Way.INSERTED_SIM


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(("access", "allowed", "stays"), DURING_A_CALL)
def test_a_call_with_the_phone_that_is_the_hotspot(slot: "Driver", access: Access, allowed: bool, stays: bool) -> None:
    over_hotspot(slot, access, keeps_data=allowed)
    slot.feed(PHONE)
    assert slot.online() is stays
    slot.feed(on.CallEnded())
    assert slot.state.way is Way.HOTSPOT


@pytest.mark.requirement("CON-05")
def test_data_stops_when_the_cell_becomes_edge_during_a_call_and_comes_back_with_lte(slot: "Driver") -> None:
    over_sim(slot)
    slot.feed(SIM, on.CellChanged("DE", Access.EDGE))
    assert not slot.online()
    slot.feed(on.CellChanged("DE", Access.LTE))
    assert slot.state.way is Way.INSERTED_SIM


@pytest.mark.requirement("CON-06")
def test_another_phone_calls_while_the_hotspot_carries_the_data(slot: "Driver") -> None:
    over_hotspot(slot, Access.EDGE, phone="Max's phone", keeps_data=False)
    slot.feed(PHONE)
    assert slot.at("call") is Call.PHONE
    assert slot.online()


@pytest.mark.requirement("CON-06")
def test_the_hotspot_carries_the_data_and_calls_stay_possible(slot: "Driver") -> None:
    over_hotspot(slot)
    slot.feed(PHONE)
    assert (slot.at("call"), slot.at("connection")) == (Call.PHONE, Connection.CONNECTED)
    assert slot.state.symbol.wifi


# --- a call ends with its line --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "loss"),
    [
        (PHONE, on.PhoneDisconnected()),
        (SIM, on.SimRemoved()),
        (SIM, on.CellChanged("DE", None)),
        (PHONE, on.PcmStarted()),
        (SIM, on.PcmStarted()),
    ],
)
def test_a_call_ends_with_its_line(slot: "Driver", line: on.CallStarted, loss: on.Event) -> None:
    over_sim(slot)
    slot.feed(on.PhoneConnected(MINE), line)
    assert slot.at("call") is not Call.NONE
    slot.feed(loss)
    assert slot.at("call") is Call.NONE


def test_one_call_at_a_time_and_none_without_a_phone(cayenne: "Driver") -> None:
    cayenne.feed(PHONE)
    assert cayenne.refusals() == [("no-phone", "CON-06", ())]
    cayenne.feed(on.PhoneConnected(MINE), PHONE, PHONE)
    assert cayenne.refusals() == [("line-busy", "CON-05", ())]


# --- CarPlay --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-21")
def test_carplay_drops_every_bluetooth_connection_and_lets_none_in(cayenne: "Driver") -> None:
    cayenne.feed(on.PhoneConnected("Max's phone"), on.CarPlayStarted(MINE))
    assert (cayenne.at("carplay"), cayenne.at("bluetooth")) == (CarPlay.CABLE, Bluetooth.DISCONNECTED)
    cayenne.feed(on.PhoneConnected("Max's phone"))
    assert cayenne.refusals() == [("carplay-runs", "CON-21", ())]
    cayenne.feed(on.CarPlayEnded(), on.PhoneConnected("Max's phone"))
    assert cayenne.at("bluetooth") is Bluetooth.CONNECTED


@pytest.mark.requirement("CON-22")
def test_carplay_leaves_embedded_data_alone(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PhoneConnected(MINE))
    effects = taycan.feed(on.CarPlayStarted(MINE))
    assert taycan.online()
    assert not [effect for effect in effects if isinstance(effect, (do.DetachBearer, do.CloseSession))]
    taycan.feed(PHONE)
    assert (taycan.at("call"), taycan.online()) == (Call.PHONE, True)
    taycan.feed(on.CarPlayEnded())
    assert taycan.at("call") is Call.NONE


@pytest.mark.requirement("CON-23")
@pytest.mark.parametrize("model", [True, False])
@pytest.mark.parametrize("country", [True, False])
@pytest.mark.parametrize("equipped", [True, False])
def test_carplay_is_wireless_by_model_country_and_equipment(
    taycan: "Driver", model: bool, country: bool, equipped: bool
) -> None:
    profile = replace(taycan.profile, phone=replace(taycan.profile.phone, wireless_carplay=model))
    market = replace(taycan.market, wireless_carplay=country)
    equipment = frozenset([Equipment.WIRELESS_CARPLAY]) if equipped else frozenset[Equipment]()
    vehicle = Vehicle(Car(profile, market, equipment), taycan.state)
    vehicle.handle(on.CarPlayStarted(MINE, wireless=True), taycan.now)
    assert taycan.at("carplay") is (CarPlay.WIRELESS if model and country and equipped else CarPlay.OFF)
    vehicle.handle(on.CarPlayStarted(MINE), taycan.now)
    assert taycan.at("carplay") is CarPlay.CABLE


def test_a_car_may_have_no_carplay(taycan: "Driver") -> None:
    taycan.profile = replace(taycan.profile, phone=replace(taycan.profile.phone, carplay=False))
    taycan.reload()
    taycan.feed(on.CarPlayStarted(MINE))
    assert taycan.refusals() == [("no-carplay", "CON-21", ())]


def test_phones_are_gone_after_a_restart(cayenne: "Driver") -> None:
    cayenne.feed(on.CarPlayStarted(MINE))
    cayenne.restart()
    assert cayenne.at("carplay") is CarPlay.OFF
    cayenne.feed(on.PhoneConnected(MINE))
    cayenne.restart()
    assert cayenne.at("bluetooth") is Bluetooth.DISCONNECTED


# --- the order of the ways, and the scan ----------------------------------------------------------------------------


@pytest.mark.requirement("CON-01")
def test_the_driver_says_in_which_order_the_ways_are_tried(cayenne: "Driver") -> None:
    cayenne.feed(on.HotspotJoined("net"))
    cayenne.go_online()
    assert cayenne.at("way") is Way.EMBEDDED_SIM
    cayenne.feed(on.WayOrderChosen((Way.HOTSPOT, Way.INSERTED_SIM, Way.EMBEDDED_SIM)))
    assert cayenne.at("way") is Way.HOTSPOT
    cayenne.feed(on.HotspotLost())
    assert cayenne.at("way") is Way.EMBEDDED_SIM


@pytest.mark.parametrize("ways", [(), (Way.HOTSPOT,), (Way.HOTSPOT, Way.HOTSPOT, Way.EMBEDDED_SIM)])
def test_an_order_names_each_of_the_cars_ways_once(cayenne: "Driver", ways: tuple[Way, ...]) -> None:
    cayenne.feed(on.WayOrderChosen(ways))
    assert cayenne.refusals() == [("no-such-way", "CON-01", ())]
    assert cayenne.state.way_order == ()


@pytest.mark.requirement("CON-20")
def test_a_hotspot_is_looked_for_chosen_and_joined(slot: "Driver") -> None:
    slot.feed(on.IgnitionTurnedOn(), on.CellChanged("DE", Access.LTE))
    assert slot.feed(on.HotspotScanStarted())[0] == do.ScanHotspots()
    slot.feed(on.HotspotsFound(("cafe", "net")))
    assert slot.of(do.Show) == [do.Show("hotspots-found", {"networks": "cafe, net"})]
    slot.feed(on.HotspotChosen("elsewhere", Secret("sunflower")))
    assert slot.refusals() == [("hotspot-not-found", "CON-20", ())]
    slot.feed(on.HotspotChosen("net", Secret("sunflow")))
    assert slot.refusals() == [("password-too-short", "CON-20", ())]
    assert slot.feed(on.HotspotChosen("net", Secret("sunflower")))[0] == do.JoinHotspot("net", Secret("sunflower"))
    slot.feed(on.HotspotRefused("net"))
    assert slot.state.way is None
    slot.feed(on.HotspotJoined("net"), on.BearerAttached(Way.HOTSPOT, None))
    assert slot.online()


def test_a_scan_may_find_nothing(cayenne: "Driver") -> None:
    cayenne.feed(on.HotspotsFound(()))
    assert cayenne.shown() == ["hotspots-none"]


def test_a_car_without_hotspot_data_looks_for_none(taycan: "Driver") -> None:
    taycan.feed(on.HotspotScanStarted())
    assert taycan.refusals() == [("no-such-way", "CON-01", ())]


def test_a_hotspot_that_refuses_does_not_end_the_one_in_use(slot: "Driver") -> None:
    over_hotspot(slot)
    slot.feed(on.HotspotRefused("cafe"))
    assert slot.online()
    slot.feed(on.HotspotRefused("net"))
    assert not slot.online()


@pytest.mark.requirement("CON-05")
def test_a_call_ends_when_another_phone_takes_its_place(slot: "Driver") -> None:
    over_hotspot(slot, Access.EDGE)
    slot.feed(PHONE)
    assert not slot.online()
    slot.feed(on.PhoneConnected("Max's phone"))
    assert slot.at("call") is Call.NONE
    assert slot.state.way is Way.HOTSPOT


@pytest.mark.requirement("CON-21")
def test_carplay_carries_on_its_own_phones_call_and_no_other(cayenne: "Driver") -> None:
    cayenne.feed(on.PhoneConnected(MINE), PHONE, on.CarPlayStarted(MINE))
    assert cayenne.at("call") is Call.PHONE
    cayenne.feed(on.CarPlayStarted("Max's phone"))
    assert cayenne.at("call") is Call.NONE


@pytest.mark.requirement("CON-01")
def test_a_country_may_have_no_hotspot_data(slot: "Driver") -> None:
    over_hotspot(slot)
    slot.market = replace(slot.market, hotspot=False)
    slot.reload()
    slot.feed(on.CellChanged("DE", Access.UMTS))
    assert not slot.online()
    slot.feed(on.HotspotChosen("net", Secret("sunflower")))
    assert slot.refusals() == [("no-such-way", "CON-01", ())]


@pytest.mark.requirement("CON-19")
def test_another_apn_is_used_at_once(slot: "Driver") -> None:
    over_sim(slot)
    slot.feed(on.ApnEntered("internet"))
    assert slot.online()
    slot.feed(on.ApnEntered("web"))
    assert slot.of(do.DetachBearer) == [do.DetachBearer(Way.INSERTED_SIM)]
    assert slot.of(do.CloseSession)
    assert slot.of(do.AttachBearer) == [do.AttachBearer(Way.INSERTED_SIM, "web")]
    slot.feed(on.BearerRejected(Way.INSERTED_SIM, "apn-unknown"))
    assert not slot.online()


@pytest.mark.requirement("CON-05")
def test_a_factory_reset_ends_carplay_so_that_no_call_is_a_nameless_phones(cayenne: "Driver") -> None:
    """Its phone is forgotten: a call over it could not be told from one over the hotspot's line."""
    cayenne.feed(on.CarPlayStarted(MINE), PHONE, on.FactoryResetConfirmed())
    assert (cayenne.at("carplay"), cayenne.at("call")) == (CarPlay.OFF, Call.NONE)
    cayenne.feed(PHONE)
    assert cayenne.refusals() == [("no-phone", "CON-06", ())]
