"""The rules between regions, as data. Each bears the requirement that it implements.

First the conditions: what must hold before data may be used, a package downloaded, a function installed or removed.
Then the rules: what one region's state makes happen in another. After every event the rules are applied until none
raises anything any more.
"""

from collections.abc import Callable
from typing import NamedTuple

from firmware_profiles import RoamingControl, Way
from pcm_agent.core.events import (
    DownloadAllowed,
    DownloadBlocked,
    Event,
    PreconditionsChanged,
    RoamingChanged,
    WayFound,
    WayLost,
)
from pcm_agent.core.region import Turn
from pcm_agent.core.state import (
    Battery,
    Charging,
    Connection,
    Ignition,
    Lock,
    Occupancy,
    ParkingBrake,
    PrivateMode,
    Roaming,
    SelectorLever,
    Sim,
)
from pcm_agent.protocol.messages import PackageState


class Condition(NamedTuple):
    """Something that must hold; `code` names it to people and machines when it does not."""

    code: str
    requirement: str
    holds: Callable[[Turn], bool]


def blocking(turn: Turn, conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """The codes of the conditions that do not hold, in the order of the table."""
    return tuple([condition.code for condition in conditions if not condition.holds(turn)])


# --- ways to data ---------------------------------------------------------------------------------------------------


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
        *_OVER_SIM,
        _awake(Way.EMBEDDED_SIM),
        _not_rejected(Way.EMBEDDED_SIM),
    ),
    Way.INSERTED_SIM: (
        Condition("sim-not-ready", "CON-17", lambda turn: turn.state.sim is Sim.READY),
        Condition("apn-missing", "CON-19", lambda turn: turn.state.apn is not None),
        *_OVER_SIM,
        _awake(Way.INSERTED_SIM),
        _not_rejected(Way.INSERTED_SIM),
    ),
    Way.HOTSPOT: (
        Condition("no-hotspot", "CON-20", lambda turn: turn.state.hotspot is not None),
        _awake(Way.HOTSPOT),
        _not_rejected(Way.HOTSPOT),
    ),
}


def way_to_use(turn: Turn) -> Way | None:
    """The first of the car's ways to data, in the profile's order, against which nothing stands (CON-01)."""
    for way in turn.car.profile.data.ways:
        if all(condition.holds(turn) for condition in WAY_CONDITIONS[way]):
            return way
    return None


def _home_country(turn: Turn) -> str:
    """Home of the subscription that carries mobile data: the embedded SIM's where there is one, else the inserted."""
    embedded = Way.EMBEDDED_SIM in turn.car.profile.data.ways and turn.car.market.embedded_sim
    if embedded or turn.state.sim_country is None:
        return turn.state.market
    return turn.state.sim_country


def registration(turn: Turn) -> Roaming:
    """How the subscription is registered in the cell that serves the car (CON-08, CON-10)."""
    cell = turn.state.cell
    if cell is None or cell.country == _home_country(turn):
        return Roaming.HOME
    automatic = turn.car.profile.data.roaming is RoamingControl.AUTOMATIC
    return Roaming.ROAMING if automatic or turn.state.roaming_allowed else Roaming.BARRED


# --- packages -------------------------------------------------------------------------------------------------------

DOWNLOAD = (
    Condition("roaming-off", "CON-08", lambda turn: turn.state.roaming is not Roaming.BARRED or _connected(turn)),
    Condition("no-data", "FOD-02", lambda turn: _connected(turn) or turn.state.roaming is Roaming.BARRED),
    Condition("private-mode", "PRV-02", lambda turn: turn.state.private_mode is PrivateMode.OFF),
    Condition("car-off", "FOD-16", lambda turn: turn.state.ignition is Ignition.ON),
    Condition("transfer-interrupted", "FOD-02", lambda turn: f"retry:{_offer_id(turn)}" not in turn.state.timers),
)
"""What must hold while a package is downloaded."""

LEFT_AND_LOCKED = (
    Condition("car-occupied", "FOD-06", lambda turn: turn.state.occupancy is Occupancy.VACANT),
    Condition("car-unlocked", "FOD-06", lambda turn: turn.state.lock is Lock.LOCKED),
    Condition("charging-cable", "FOD-06", lambda turn: turn.state.charging is Charging.DISCONNECTED),
)

INSTALLATION = (
    Condition("selector-lever", "FOD-06", lambda turn: turn.state.selector_lever is SelectorLever.PARK),
    Condition("parking-brake", "FOD-06", lambda turn: turn.state.parking_brake is ParkingBrake.APPLIED),
    Condition("car-on", "FOD-06", lambda turn: turn.state.ignition is Ignition.OFF),
    *LEFT_AND_LOCKED,
    Condition("battery-low", "FOD-06", lambda turn: turn.state.battery is Battery.SUFFICIENT),
)
"""What must hold from the moment the car is left until the function is installed."""

REMOVAL = (Condition("car-on", "FOD-13", lambda turn: turn.state.ignition is Ignition.OFF), *LEFT_AND_LOCKED)
"""What must hold until a function is removed (FOD-13)."""

PRECONDITIONS = {
    PackageState.STAGED: INSTALLATION,
    PackageState.WAITING: INSTALLATION,
    PackageState.REMOVING: REMOVAL,
}


def _connected(turn: Turn) -> bool:
    return turn.state.connection is Connection.CONNECTED


def _offer_id(turn: Turn) -> str:
    return turn.job.manifest.offer_id if turn.job else ""


# --- rules ----------------------------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """What follows in one region from the state of others: `raises` gives the event, or None."""

    name: str
    requirement: str
    raises: Callable[[Turn], Event | None]


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


VEHICLE_RULES = (
    Rule("roaming follows the registration", "CON-08", _registration_changed),
    Rule("data ends where it may not be used", "CON-01", _way_lost),
    Rule("data begins where it may be used", "CON-01", _way_found),
)
"""Applied to the vehicle, in this order."""

_TRANSFERABLE = frozenset((PackageState.CONSENTED, PackageState.DOWNLOADING, PackageState.PAUSED))


def _transfer(turn: Turn) -> Event | None:
    job = turn.job
    if job is None or job.state not in _TRANSFERABLE:
        return None
    blocked_by = blocking(turn, DOWNLOAD)
    if blocked_by:
        known = job.state is PackageState.PAUSED and job.blocked_by == blocked_by
        return None if known else DownloadBlocked(job.manifest.offer_id, blocked_by)
    return None if job.state is PackageState.DOWNLOADING else DownloadAllowed(job.manifest.offer_id)


def _preconditions(turn: Turn) -> Event | None:
    job = turn.job
    if job is None or job.state not in PRECONDITIONS:
        return None
    blocked_by = blocking(turn, PRECONDITIONS[job.state])
    return None if job.blocked_by == blocked_by else PreconditionsChanged(job.manifest.offer_id, blocked_by)


JOB_RULES = (
    Rule("a package is downloaded where nothing blocks it", "FOD-02", _transfer),
    Rule("a function is installed or removed where nothing blocks it", "FOD-06", _preconditions),
)
"""Applied to each package job, in this order."""
