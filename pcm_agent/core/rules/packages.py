"""What must hold while a package is downloaded, installed or removed, and what follows (FOD-02 to FOD-13, PRV-02)."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from pcm_agent.core.events import DownloadAllowed, DownloadBlocked, Event, PreconditionsChanged
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.preconditions import BY_FUNCTION, demands
from pcm_agent.core.rules.rule import Condition, Rule, blocking
from pcm_agent.core.states import (
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
)
from pcm_agent.protocol.messages import PackageState

_INSTALLING = (PackageState.ACTIVATING, PackageState.VERIFYING)


def another_downloads(turn: Turn) -> bool:
    """Another package than the turn's is being downloaded."""
    downloads = [job for job in turn.state.jobs.values() if job.state is PackageState.DOWNLOADING]
    return any(job is not turn.job for job in downloads)


def another_installs(turn: Turn) -> bool:
    """Another package of the same function as the turn's is being installed; each has to end before the next."""
    function = turn.job.assignment.function if turn.job else ""
    installs = [job for job in turn.state.jobs.values() if job.state in _INSTALLING and job is not turn.job]
    return any(job.assignment.function == function for job in installs)


def _connected(turn: Turn) -> bool:
    return turn.state.connection is Connection.CONNECTED


def confirmed(turn: Turn) -> bool:
    """What the repositories said of the job is not too old to begin something by it (Uptane 5.4.4)."""
    return turn.job is None or (turn.state.clock or turn.now) < turn.job.good_until


def _begun_or_confirmed(turn: Turn) -> bool:
    return (turn.job is not None and turn.job.state is PackageState.DOWNLOADING) or confirmed(turn)


DOWNLOAD = (
    Condition("roaming-off", "CON-08", lambda turn: turn.state.roaming is not Roaming.BARRED or _connected(turn)),
    Condition("no-data", "FOD-02", lambda turn: _connected(turn) or turn.state.roaming is Roaming.BARRED),
    Condition("private-mode", "PRV-02", lambda turn: turn.state.private_mode is PrivateMode.OFF),
    Condition("car-off", "FOD-16", lambda turn: turn.state.ignition is Ignition.ON),
    Condition("transfer-interrupted", "FOD-02", lambda turn: f"retry:{_offer_id(turn)}" not in turn.state.timers),
    Condition("another-download", "FOD-02", lambda turn: not another_downloads(turn)),
    Condition("confirmation-due", "FOD-04", _begun_or_confirmed),
)
"""What must hold while a package is downloaded: one at a time, and who breaks off lets the others go first.

What has begun is finished, however old the metadata has become meanwhile."""

LEFT_AND_LOCKED = (
    Condition("car-occupied", "FOD-06", lambda turn: turn.state.occupancy is Occupancy.VACANT),
    Condition("car-unlocked", "FOD-06", lambda turn: turn.state.lock is Lock.LOCKED),
    Condition("charging-cable", "FOD-06", lambda turn: turn.state.charging is Charging.DISCONNECTED),
)

LEFT_FOR_GOOD = (
    Condition("selector-lever", "FOD-06", lambda turn: turn.state.selector_lever is SelectorLever.PARK),
    Condition("parking-brake", "FOD-06", lambda turn: turn.state.parking_brake is ParkingBrake.APPLIED),
    Condition("car-on", "FOD-06", lambda turn: turn.state.ignition is Ignition.OFF),
    *LEFT_AND_LOCKED,
    Condition("battery-low", "FOD-06", lambda turn: turn.state.battery is Battery.SUFFICIENT),
)
"""How the car must be left, and stay, until the function is installed."""

STANDING = (*LEFT_FOR_GOOD, *BY_FUNCTION)
"""How the car must be while a function is installed, whatever its metadata demands besides."""

INSTALLATION = (
    *STANDING,
    Condition("another-installation", "FOD-04", lambda turn: not another_installs(turn)),
    Condition("confirmation-due", "FOD-04", confirmed),
)
"""What must hold from the moment the car is left until the installation begins."""

REMOVAL = (Condition("car-on", "FOD-13", lambda turn: turn.state.ignition is Ignition.OFF), *LEFT_AND_LOCKED)
"""What must hold until a function is removed (FOD-13)."""

UPDATES = (
    Condition("no-data", "FOD-16", _connected),
    Condition("private-mode", "FOD-16", lambda turn: turn.state.private_mode is PrivateMode.OFF),
    Condition("battery-low", "FOD-16", lambda turn: turn.state.battery is Battery.SUFFICIENT),
)
"""What a driver is to check where no message of an update appears (FOD-16)."""

PRECONDITIONS = {
    PackageState.STAGED: INSTALLATION,
    PackageState.WAITING: INSTALLATION,
    PackageState.ROLLED_BACK: INSTALLATION,
    PackageState.REMOVING: REMOVAL,
}


def _offer_id(turn: Turn) -> str:
    return turn.job.assignment.offer_id if turn.job else ""


_TRANSFERABLE = frozenset((PackageState.CONSENTED, PackageState.DOWNLOADING, PackageState.PAUSED))
_TRANSFER_FACTS = attrgetter("ignition", "connection", "roaming", "private_mode")
_STANDING_FACTS = attrgetter("ignition", "selector_lever", "parking_brake", "lock", "occupancy", "charging", "battery")


def _transfer_facts(turn: Turn) -> tuple[object, ...]:
    waits = f"retry:{_offer_id(turn)}" in turn.state.timers
    return (*_TRANSFER_FACTS(turn.state), waits, another_downloads(turn), confirmed(turn))


def _standing_facts(turn: Turn) -> tuple[object, ...]:
    demanded = blocking(turn, BY_FUNCTION) if demands(turn) else ()
    return (*_STANDING_FACTS(turn.state), confirmed(turn), another_installs(turn), demanded)


JOB_FACTS: Mapping[PackageState, Callable[[Turn], tuple[object, ...]]] = {
    **dict.fromkeys(_TRANSFERABLE, _transfer_facts),
    **dict.fromkeys(PRECONDITIONS, _standing_facts),
}
"""All that the rules look at besides the job itself, by the job's state; in any other they have nothing to say."""


def _transfer(turn: Turn) -> Event | None:
    job = turn.job
    if job is None or job.state not in _TRANSFERABLE:
        return None
    blocked_by = blocking(turn, DOWNLOAD)
    if blocked_by:
        known = job.state is PackageState.PAUSED and job.blocked_by == blocked_by
        return None if known else DownloadBlocked(job.assignment.offer_id, blocked_by)
    return None if job.state is PackageState.DOWNLOADING else DownloadAllowed(job.assignment.offer_id)


def _preconditions(turn: Turn) -> Event | None:
    job = turn.job
    if job is None or job.state not in PRECONDITIONS:
        return None
    if job.state is PackageState.ROLLED_BACK and not blocking(turn, LEFT_FOR_GOOD):
        return None  # nobody has come to the car since it failed: it would only fail again (FOD-07)
    blocked_by = blocking(turn, PRECONDITIONS[job.state])
    return None if job.blocked_by == blocked_by else PreconditionsChanged(job.assignment.offer_id, blocked_by)


PACKAGE_RULES = (
    Rule("a package is downloaded where nothing blocks it", "FOD-02", _transfer),
    Rule("a function is installed or removed where nothing blocks it", "FOD-06", _preconditions),
)
