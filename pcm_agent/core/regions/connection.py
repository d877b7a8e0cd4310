"""The data connection over embedded SIM, inserted SIM or hotspot (CON-01, CON-13, CON-19, CON-20).

Which way may be used is for the rules; this table carries out what they find: `WayFound`, `WayLost`.
"""

from datetime import timedelta
from typing import cast

from firmware_profiles import DataOff, Way
from pcm_agent.core.effects import (
    AttachBearer,
    CloseSession,
    DetachBearer,
    JoinHotspot,
    OpenSession,
    Publish,
    ScanHotspots,
    Show,
)
from pcm_agent.core.events import (
    ApnEntered,
    BearerAttached,
    BearerLost,
    BearerRejected,
    CellChanged,
    DataUsed,
    HotspotChosen,
    HotspotJoined,
    HotspotLost,
    HotspotRefused,
    HotspotScanStarted,
    HotspotsFound,
    MobileDataDisabled,
    MobileDataEnabled,
    PcmStarted,
    TimerFired,
    WayFound,
    WayLost,
    WayOrderChosen,
)
from pcm_agent.core.meter import book
from pcm_agent.core.region import Region, Row, Turn, refuse
from pcm_agent.core.report import connection_report
from pcm_agent.core.sharing import data_is_shared
from pcm_agent.core.state import Cell
from pcm_agent.core.states import Connection, PrivateMode, Purpose

RETRY = timedelta(minutes=1)
"""Pause before a way that the network turned down is tried again."""
RETRY_TIMER = "attach-retry"
PASSWORD_LENGTH = 8
"""Fewest characters of a hotspot's password (CON-20)."""


def over_sim(turn: Turn) -> bool:
    """A SIM carries the data, so that the cell decides its access."""
    return turn.state.way is not Way.HOTSPOT


def this_way(turn: Turn) -> bool:
    """The event is about the way that is in use."""
    return cast("BearerAttached | BearerRejected | BearerLost", turn.event).way is turn.state.way


def no_switch(turn: Turn) -> bool:
    """The car has no switch for mobile data: private mode does that (CON-14)."""
    return turn.car.profile.data.data_off is DataOff.PRIVATE_MODE


def no_hotspot(turn: Turn) -> bool:
    """The car takes no data from a phone's hotspot, or none in its country."""
    return Way.HOTSPOT not in turn.car.profile.data.ways or not turn.car.market.hotspot


def no_slot(turn: Turn) -> bool:
    """The car has no SIM whose provider could be set."""
    return Way.INSERTED_SIM not in turn.car.profile.data.ways


def private_for_all(turn: Turn) -> bool:
    """Private mode is on, and is this car's way to switch data off (CON-14)."""
    return no_switch(turn) and turn.state.private_mode is PrivateMode.ON


def other_apn_in_use(turn: Turn) -> bool:
    """The data goes over another access point."""
    return turn.state.way is Way.INSERTED_SIM and cast("ApnEntered", turn.event).apn != turn.state.apn


def empty_apn(turn: Turn) -> bool:
    """Nothing was typed that could be an access point's name."""
    return not cast("ApnEntered", turn.event).apn.strip()


def short_password(turn: Turn) -> bool:
    """The password is too short to be one."""
    return len(cast("HotspotChosen", turn.event).password.reveal()) < PASSWORD_LENGTH


def not_shared(turn: Turn) -> bool:
    """Passengers want data that is not shared with them, or that no data package pays for."""
    return cast("DataUsed", turn.event).purpose is Purpose.PASSENGERS and not data_is_shared(turn.state)


def retry_due(turn: Turn) -> bool:
    """It is time to try again what the network turned down."""
    return cast("TimerFired", turn.event).key == RETRY_TIMER


def tell(turn: Turn) -> None:
    """Tell the backend what the connection is now."""
    turn.add(Publish(connection_report(turn.state)))


def attach(turn: Turn) -> None:
    """Ask the network for a bearer on the way that was found."""
    turn.state.way = cast("WayFound", turn.event).way
    apn = turn.state.apn if turn.state.way is Way.INSERTED_SIM else None
    turn.add(AttachBearer(turn.state.way, apn))


def begin(turn: Turn) -> None:
    """There is data."""
    turn.state.access = cast("BearerAttached", turn.event).access
    turn.add(OpenSession())


def end(turn: Turn) -> None:
    """There is no data any more."""
    turn.state.way = turn.state.access = None
    turn.add(CloseSession())


def detach(turn: Turn) -> None:
    """Give the bearer back."""
    turn.add(DetachBearer(cast("Way", turn.state.way)))


def keep_rejection(turn: Turn) -> None:
    """Remember what the network said, tell the driver, try again later (CON-19)."""
    event = cast("BearerRejected", turn.event)
    turn.state.rejected_ways[event.way] = event.reason
    turn.state.way = None
    turn.set_timer(RETRY_TIMER, turn.now + RETRY)
    turn.add(Show("connection-rejected", {"reason": event.reason}))


def keep_cell(turn: Turn) -> None:
    """Keep which cell serves the car."""
    event = cast("CellChanged", turn.event)
    turn.state.cell = Cell(event.country, event.access)


def follow_cell(turn: Turn) -> None:
    """The connection's access type is the cell's."""
    event = cast("CellChanged", turn.event)
    if event.access is not None and event.access is not turn.state.access:
        turn.state.access = event.access
        tell(turn)


def try_again(turn: Turn) -> None:
    """Forget what the network said."""
    turn.state.rejected_ways.clear()


def keep_apn(turn: Turn) -> None:
    """Keep the access point name and try it."""
    turn.state.apn = cast("ApnEntered", turn.event).apn
    turn.state.rejected_ways.pop(Way.INSERTED_SIM, None)


def join(turn: Turn) -> None:
    """Join the network that the driver chose."""
    event = cast("HotspotChosen", turn.event)
    turn.add(JoinHotspot(event.ssid, event.password))


def scan(turn: Turn) -> None:
    """Look for WiFi networks (CON-20)."""
    turn.add(ScanHotspots())


def keep_found(turn: Turn) -> None:
    """Keep what the scan found, and show it."""
    turn.state.hotspots_found = cast("HotspotsFound", turn.event).ssids
    names = ", ".join(turn.state.hotspots_found)
    turn.add(Show("hotspots-found", {"networks": names}) if names else Show("hotspots-none"))


def not_found(turn: Turn) -> bool:
    """The last scan did not find the network that is chosen."""
    found = turn.state.hotspots_found
    return found is not None and cast("HotspotChosen", turn.event).ssid not in found


def other_ways(turn: Turn) -> bool:
    """The order does not name each of the car's ways exactly once."""
    return sorted(cast("WayOrderChosen", turn.event).ways) != sorted(turn.car.profile.data.ways)


def keep_order(turn: Turn) -> None:
    """Keep in which order the ways are to be tried."""
    turn.state.way_order = cast("WayOrderChosen", turn.event).ways


def keep_hotspot(turn: Turn) -> None:
    """Keep in whose network the PCM is; what was said of another one is forgotten."""
    event = cast("HotspotJoined", turn.event)
    turn.state.hotspot, turn.state.hotspot_phone = event.ssid, event.phone
    turn.state.hotspot_keeps_data = event.keeps_data
    turn.state.rejected_ways.pop(Way.HOTSPOT, None)


def forget_hotspot(turn: Turn) -> None:
    """The PCM is in no WiFi network."""
    turn.state.hotspot = turn.state.hotspot_phone = None


def in_use(turn: Turn) -> bool:
    """It is the network that the PCM is in."""
    return cast("HotspotRefused", turn.event).ssid == turn.state.hotspot


def tell_hotspot(turn: Turn) -> None:
    """Say that the password was wrong."""
    turn.add(Show("hotspot-refused", {"ssid": cast("HotspotRefused", turn.event).ssid}))


def meter(turn: Turn) -> None:
    """Count what was used (CON-29)."""
    event = cast("DataUsed", turn.event)
    book(turn, event.purpose, event.bytes)


def allow_data(turn: Turn) -> None:
    """Remember that data may be used."""
    turn.state.mobile_data_allowed = True


def forbid_data(turn: Turn) -> None:
    """Remember that no data may be used."""
    turn.state.mobile_data_allowed = False


ANY = tuple(Connection)
OFFLINE = (Connection.DISCONNECTED, Connection.CONNECTING)
OPEN = (Connection.CONNECTING, Connection.CONNECTED)
CONNECTION = Region(
    "connection",
    Connection,
    Connection.DISCONNECTED,
    (
        Row(WayFound, Connection.DISCONNECTED, Connection.CONNECTING, (), (attach,)),
        Row(BearerAttached, Connection.CONNECTING, Connection.CONNECTED, (this_way,), (begin, tell)),
        Row(BearerRejected, Connection.CONNECTING, Connection.DISCONNECTED, (this_way,), (keep_rejection,)),
        Row(BearerLost, OPEN, Connection.DISCONNECTED, (this_way,), (end, tell)),
        Row(WayLost, OPEN, Connection.DISCONNECTED, (), (detach, end, tell)),
        Row(PcmStarted, OPEN, Connection.DISCONNECTED, (), (end,)),
        Row(CellChanged, Connection.CONNECTED, None, (over_sim,), (keep_cell, follow_cell)),
        Row(CellChanged, ANY, None, (), (keep_cell,)),
        Row(TimerFired, ANY, None, (retry_due,), (try_again,)),
        Row(ApnEntered, ANY, None, (no_slot,), (refuse("no-sim-slot", "CON-19"),)),
        Row(ApnEntered, ANY, None, (empty_apn,), (refuse("apn-empty", "CON-19"),)),
        Row(ApnEntered, OPEN, Connection.DISCONNECTED, (other_apn_in_use,), (keep_apn, detach, end, tell)),
        Row(ApnEntered, ANY, None, (), (keep_apn,)),
        Row(HotspotChosen, ANY, None, (no_hotspot,), (refuse("no-such-way", "CON-01"),)),
        Row(HotspotScanStarted, ANY, None, (no_hotspot,), (refuse("no-such-way", "CON-01"),)),
        Row(HotspotScanStarted, ANY, None, (), (scan,)),
        Row(HotspotsFound, ANY, None, (no_hotspot,), (refuse("no-such-way", "CON-01"),)),
        Row(HotspotsFound, ANY, None, (), (keep_found,)),
        Row(WayOrderChosen, ANY, None, (other_ways,), (refuse("no-such-way", "CON-01"),)),
        Row(WayOrderChosen, ANY, None, (), (keep_order,)),
        Row(HotspotChosen, ANY, None, (not_found,), (refuse("hotspot-not-found", "CON-20"),)),
        Row(HotspotChosen, ANY, None, (short_password,), (refuse("password-too-short", "CON-20"),)),
        Row(HotspotChosen, ANY, None, (), (join,)),
        Row(HotspotJoined, ANY, None, (no_hotspot,), (refuse("no-such-way", "CON-01"),)),
        Row(HotspotJoined, ANY, None, (), (keep_hotspot,)),
        Row(HotspotRefused, ANY, None, (in_use,), (forget_hotspot, tell_hotspot)),
        Row(HotspotRefused, ANY, None, (), (tell_hotspot,)),
        Row(HotspotLost, ANY, None, (), (forget_hotspot,)),
        Row(MobileDataEnabled, ANY, None, (no_switch,), (refuse("no-such-setting", "CON-14"),)),
        Row(MobileDataEnabled, ANY, None, (), (allow_data,)),
        Row(MobileDataDisabled, ANY, None, (no_switch,), (refuse("no-such-setting", "CON-14"),)),
        Row(MobileDataDisabled, ANY, None, (), (forbid_data,)),
        Row(DataUsed, OFFLINE, None, (), (refuse("no-data-connection", "CON-29"),)),
        Row(DataUsed, Connection.CONNECTED, None, (private_for_all,), (refuse("private-mode-on", "CON-14"),)),
        Row(DataUsed, Connection.CONNECTED, None, (not_shared,), (refuse("data-not-shared", "CON-27"),)),
        Row(DataUsed, Connection.CONNECTED, None, (), (meter,)),
    ),
    field="connection",
    otherwise={
        WayFound: "a way is in use; the rules raise this only where none is",
        WayLost: "no way is in use; the rules raise this only where one is",
        BearerAttached: "late: this way is not in use any more",
        BearerRejected: "late: this way is not in use any more",
        BearerLost: "this way is not in use",
        PcmStarted: "there was no connection when the PCM went down",
        TimerFired: "another timer",
    },
)
