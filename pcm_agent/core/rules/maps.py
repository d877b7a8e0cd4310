"""When a map update is loaded (CON-29): over WiFi, unless the driver lets it use mobile data too."""

from firmware_profiles import Way
from pcm_agent.core.events import Event, MapUpdateAllowed, MapUpdateBlocked
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition, Rule, blocking
from pcm_agent.core.states import Connection, MapUpdate, PrivateMode

MAP_UPDATE = (
    Condition("no-data", "CON-29", lambda turn: turn.state.connection is Connection.CONNECTED),
    Condition(
        "no-wifi",
        "CON-29",
        lambda turn: turn.state.map_over_mobile or turn.state.way in (None, Way.HOTSPOT),
    ),
    Condition("private-mode", "PRV-02", lambda turn: turn.state.private_mode is PrivateMode.OFF),
)
"""What must hold while a map update is loaded; without any way to data it is the data that is missing, not WiFi."""


def _map_update(turn: Turn) -> Event | None:
    update = turn.state.map_update
    if update is not MapUpdate.WAITING and update is not MapUpdate.LOADING:
        return None
    blocked_by = blocking(turn, MAP_UPDATE)
    if update is MapUpdate.WAITING:
        return None if blocked_by else MapUpdateAllowed()
    return MapUpdateBlocked(blocked_by) if blocked_by else None


MAP_RULES = (Rule("a map update is loaded where nothing blocks it", "CON-29", _map_update),)
