"""Which way to data may be used, and what follows for the connection (CON-01, CON-08, CON-10, CON-13 to CON-20)."""

from firmware_profiles import RoamingControl, Way
from pcm_agent.core.events import Event, RoamingChanged, WayFound, WayLost
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.phone import hotspot_free, inserted_sim_free
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.states import Call, Ignition, Roaming, Sim


def _awake(way: Way) -> Condition:
    return Condition(
        "car-off",
        "CON-01",
        lambda turn: turn.state.ignition is Ignition.ON or way in turn.car.profile.data.parked_ways,
    )


def _not_rejected(way: Way) -> Condition:
    return Condition("network-rejected", "CON-19", lambda turn: way not in turn.state.rejected_ways)


_OVER_SIM = (
    Condition("mobile-data-off", "CON-13", lambda turn: turn.state.mobile_data_allowed),
    Condition("no-coverage", "CON-15", lambda turn: turn.state.cell is not None and turn.state.cell.access is not None),
    Condition("roaming-off", "CON-08", lambda turn: turn.state.roaming is not Roaming.BARRED),
)

WAY_CONDITIONS: dict[Way, tuple[Condition, ...]] = {
    Way.EMBEDDED_SIM: (
        Condition("no-embedded-sim", "CON-01", lambda turn: turn.car.market.embedded_sim),
        Condition("inserted-sim-call", "CON-03", lambda turn: turn.state.call is not Call.INSERTED_SIM),
        *_OVER_SIM,
        _awake(Way.EMBEDDED_SIM),
        _not_rejected(Way.EMBEDDED_SIM),
    ),
    Way.INSERTED_SIM: (
        Condition("sim-not-ready", "CON-17", lambda turn: turn.state.sim is Sim.READY),
        Condition("apn-missing", "CON-19", lambda turn: turn.state.apn is not None),
        Condition("call-on-the-same-line", "CON-05", inserted_sim_free),
        *_OVER_SIM,
        _awake(Way.INSERTED_SIM),
        _not_rejected(Way.INSERTED_SIM),
    ),
    Way.HOTSPOT: (
        Condition("no-hotspot-in-this-country", "CON-01", lambda turn: turn.car.market.hotspot),
        Condition("no-hotspot", "CON-20", lambda turn: turn.state.hotspot is not None),
        Condition("call-on-the-same-line", "CON-05", hotspot_free),
        _awake(Way.HOTSPOT),
        _not_rejected(Way.HOTSPOT),
    ),
}


def way_to_use(turn: Turn) -> Way | None:
    """The first of the car's ways to data, in the profile's order, against which nothing stands (CON-01)."""
    for way in turn.state.way_order or turn.car.profile.data.ways:
        for condition in WAY_CONDITIONS[way]:
            if not condition.holds(turn):
                break
        else:
            return way
    return None


def has_embedded_data(turn: Turn) -> bool:
    """Whether the car has an embedded SIM with data, which then is the subscription that carries mobile data."""
    return Way.EMBEDDED_SIM in turn.car.profile.data.ways and turn.car.market.embedded_sim


def _home_country(turn: Turn) -> str:
    """Home of the subscription that carries mobile data: the embedded SIM's where there is one, else the inserted."""
    if has_embedded_data(turn) or turn.state.sim_country is None:
        return turn.state.market
    return turn.state.sim_country


def roaming_is_charged(turn: Turn) -> bool:
    """Whether data carries a roaming charge now: over the inserted SIM abroad, never over the embedded one (CON-12).

    What a phone's provider charges for its hotspot the PCM cannot know.
    """
    state = turn.state
    return state.way is Way.INSERTED_SIM and state.cell is not None and state.cell.country != state.sim_country


def registration(turn: Turn) -> Roaming:
    """How the subscription is registered in the cell that serves the car (CON-08, CON-10)."""
    cell = turn.state.cell
    if cell is None or cell.country == _home_country(turn):
        return Roaming.HOME
    automatic = turn.car.profile.data.roaming is RoamingControl.AUTOMATIC
    return Roaming.ROAMING if automatic or turn.state.roaming_allowed else Roaming.BARRED


def _registration_changed(turn: Turn) -> Event | None:
    return RoamingChanged() if registration(turn) is not turn.state.roaming else None


def _way_lost(turn: Turn) -> Event | None:
    state = turn.state
    return WayLost() if state.way is not None and state.way is not way_to_use(turn) else None


def _way_found(turn: Turn) -> Event | None:
    if turn.state.way is not None:
        return None
    way = way_to_use(turn)
    return WayFound(way) if way else None


DATA_RULES = (
    Rule("roaming follows the registration", "CON-08", _registration_changed),
    Rule("data ends where it may not be used", "CON-01", _way_lost),
    Rule("data begins where it may be used", "CON-01", _way_found),
)
