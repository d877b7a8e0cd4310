"""Online updates of the map: they wait for WiFi unless the driver says otherwise (CON-29)."""

from typing import cast

from firmware_profiles import Menu
from pcm_agent.core.effects import Show, StartMapUpdate, StopMapUpdate
from pcm_agent.core.events import (
    MapUpdateAllowed,
    MapUpdateBlocked,
    MapUpdateLoaded,
    MapUpdateOffered,
    MapUpdateProgressed,
    MapUpdatesOverMobileAllowed,
    MapUpdatesOverMobileForbidden,
)
from pcm_agent.core.meter import book
from pcm_agent.core.region import Region, Row, Turn, refuse, show
from pcm_agent.core.rules.maps import MAP_UPDATE
from pcm_agent.core.rules.rule import blocking
from pcm_agent.core.states import MapUpdate, Purpose


def no_switch(turn: Turn) -> bool:
    """The car has no setting for map updates over mobile data."""
    return Menu.MAP_UPDATES_OVER_MOBILE not in turn.car.profile.menus


def newer(turn: Turn) -> bool:
    """It is another version than the one that is there or on its way."""
    return cast("MapUpdateOffered", turn.event).version != turn.state.map_version


def keep_offer(turn: Turn) -> None:
    """Keep what is to be loaded, and say what it waits for."""
    event = cast("MapUpdateOffered", turn.event)
    turn.state.map_version, turn.state.map_length, turn.state.map_received = event.version, event.bytes, 0
    if blocked_by := blocking(turn, MAP_UPDATE):
        turn.add(Show("map-update-waiting", {"reasons": blocked_by}))


def load(turn: Turn) -> None:
    """Load the map, from where it ended."""
    state = turn.state
    turn.add(StartMapUpdate(cast("str", state.map_version), state.map_received, state.map_length))


def stop(turn: Turn) -> None:
    """Stop loading."""
    turn.add(StopMapUpdate())


def name_causes(turn: Turn) -> None:
    """Say what the rest waits for."""
    turn.add(Show("map-update-waiting", {"reasons": cast("MapUpdateBlocked", turn.event).blocked_by}))


def keep_progress(turn: Turn) -> None:
    """Keep and meter what has come."""
    _receive(turn, cast("MapUpdateProgressed", turn.event).received)


def finish(turn: Turn) -> None:
    """All of it has come."""
    _receive(turn, turn.state.map_length)


def _receive(turn: Turn, received: int) -> None:
    book(turn, Purpose.MAP_UPDATE, received - turn.state.map_received)
    turn.state.map_received = received


def allow_mobile(turn: Turn) -> None:
    """Remember that mobile data may be used."""
    turn.state.map_over_mobile = True


def forbid_mobile(turn: Turn) -> None:
    """Remember to wait for WiFi."""
    turn.state.map_over_mobile = False


ANY = tuple(MapUpdate)
MAP_UPDATES = Region(
    "map_update",
    MapUpdate,
    MapUpdate.NONE,
    (
        Row(MapUpdateOffered, (MapUpdate.NONE, MapUpdate.LOADED), MapUpdate.WAITING, (newer,), (keep_offer,)),
        Row(MapUpdateOffered, MapUpdate.WAITING, None, (newer,), (keep_offer,)),
        Row(MapUpdateOffered, MapUpdate.LOADING, MapUpdate.WAITING, (newer,), (stop, keep_offer)),
        Row(MapUpdateAllowed, MapUpdate.WAITING, MapUpdate.LOADING, (), (load, show("map-update-loading"))),
        Row(MapUpdateBlocked, MapUpdate.LOADING, MapUpdate.WAITING, (), (stop, name_causes)),
        Row(MapUpdateProgressed, MapUpdate.LOADING, None, (), (keep_progress,)),
        Row(MapUpdateLoaded, MapUpdate.LOADING, MapUpdate.LOADED, (), (finish, show("map-update-loaded"))),
        Row(MapUpdatesOverMobileAllowed, ANY, None, (no_switch,), (refuse("no-such-setting", "CON-29"),)),
        Row(MapUpdatesOverMobileAllowed, ANY, None, (), (allow_mobile,)),
        Row(MapUpdatesOverMobileForbidden, ANY, None, (no_switch,), (refuse("no-such-setting", "CON-29"),)),
        Row(MapUpdatesOverMobileForbidden, ANY, None, (), (forbid_mobile,)),
    ),
    field="map_update",
    otherwise={
        MapUpdateOffered: "this version is there, or on its way",
        **dict.fromkeys((MapUpdateAllowed, MapUpdateBlocked), "the rules raise this only where it matters"),
        **dict.fromkeys((MapUpdateProgressed, MapUpdateLoaded), "late: nothing is being loaded any more"),
    },
)
