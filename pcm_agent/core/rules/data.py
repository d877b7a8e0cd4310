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


def _home_of(turn: Turn, way: Way) -> str | None:
    """The country in which the subscription of a SIM is at home; None: there is no such subscription."""
    if way is Way.EMBEDDED_SIM:
        return turn.state.market if turn.car.market.embedded_sim else None
    return turn.state.sim_country if way is Way.INSERTED_SIM else None


def _may_roam(turn: Turn) -> bool:
    return turn.state.roaming_allowed or turn.car.profile.data.roaming is RoamingControl.AUTOMATIC


def _at_home_or_roaming(way: Way) -> Condition:
    return Condition(
        "roaming-off",
        "CON-08",
        lambda turn: _may_roam(turn) or turn.state.cell is None or turn.state.cell.country == _home_of(turn, way),
    )


_OVER_SIM = (
    Condition("mobile-data-off", "CON-13", lambda turn: turn.state.mobile_data_allowed),
    Condition("no-coverage", "CON-15", lambda turn: turn.state.cell is not None and turn.state.cell.access is not None),
)

WAY_CONDITIONS: dict[Way, tuple[Condition, ...]] = {
    Way.EMBEDDED_SIM: (
        Condition("no-embedded-sim", "CON-01", lambda turn: turn.car.market.embedded_sim),
        Condition("inserted-sim-call", "CON-03", lambda turn: turn.state.call is not Call.INSERTED_SIM),
        *_OVER_SIM,
        _at_home_or_roaming(Way.EMBEDDED_SIM),
        _awake(Way.EMBEDDED_SIM),
        _not_rejected(Way.EMBEDDED_SIM),
    ),
    Way.INSERTED_SIM: (
        Condition("sim-not-ready", "CON-17", lambda turn: turn.state.sim is Sim.READY),
        Condition("apn-missing", "CON-19", lambda turn: turn.state.apn is not None),
        Condition("call-on-the-same-line", "CON-05", inserted_sim_free),
        *_OVER_SIM,
        _at_home_or_roaming(Way.INSERTED_SIM),
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
    """The first way to data, in the order of the driver or of the profile, against which nothing stands (CON-01)."""
    for way in turn.state.way_order or turn.car.profile.data.ways:
        for condition in WAY_CONDITIONS[way]:
            if not condition.holds(turn):
                break
        else:
            return way
    return None


def subscription(turn: Turn) -> Way | None:
    """The SIM whose subscription counts: the one that carries the data, else the first that could; None: no SIM."""
    state = turn.state
    if state.way is Way.EMBEDDED_SIM or state.way is Way.INSERTED_SIM:
        return state.way
    for way in state.way_order or turn.car.profile.data.ways:
        if _home_of(turn, way) is not None:
            return way
    return None


def over_embedded_sim(turn: Turn) -> bool:
    """Mobile data goes over the embedded SIM, which carries no roaming charge (CON-12)."""
    return subscription(turn) is Way.EMBEDDED_SIM


def roaming_is_charged(turn: Turn) -> bool:
    """Whether data carries a roaming charge now: over the inserted SIM abroad, never over the embedded one (CON-12).

    What a phone's provider charges for its hotspot the PCM cannot know.
    """
    state = turn.state
    return state.way is Way.INSERTED_SIM and state.cell is not None and state.cell.country != state.sim_country


def registration(turn: Turn) -> Roaming:
    """How the subscription is registered in the cell that serves the car (CON-08, CON-10)."""
    cell, way = turn.state.cell, subscription(turn)
    if cell is None or cell.country == (_home_of(turn, way) if way else turn.state.market):
        return Roaming.HOME
    return Roaming.ROAMING if _may_roam(turn) else Roaming.BARRED


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
