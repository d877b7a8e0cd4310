"""What a function's metadata may demand of the car besides what every installation needs (FOD-06).

The metadata names it; what a name means stands here. A demand is met by each function that does not name it. A name
that this car does not know can't be judged: it blocks, and never lets anything be installed.
"""

from collections.abc import Mapping

from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition
from pcm_agent.core.states import Alarm, Call, Climate, Connection, PrivateMode, ServiceMode

HIGH_BATTERY_PERCENT = 80
"""For installations that take so long that the usual charge might not outlast them."""


def demands(turn: Turn) -> tuple[str, ...]:
    """What the turn's function demands, by name."""
    return turn.job.assignment.preconditions if turn.job else ()


BY_NAME: Mapping[str, Condition] = {
    "no-call": Condition("call-in-progress", "FOD-06", lambda turn: turn.state.call is Call.NONE),
    "alarm-quiet": Condition("alarm-raised", "FOD-06", lambda turn: turn.state.alarm is Alarm.QUIET),
    "service-mode-off": Condition("service-mode-on", "FOD-06", lambda turn: turn.state.service_mode is ServiceMode.OFF),
    "climate-off": Condition("climate-on", "FOD-06", lambda turn: turn.state.climate is Climate.OFF),
    "battery-80": Condition(
        "battery-below-80", "FOD-06", lambda turn: turn.state.battery_percent >= HIGH_BATTERY_PERCENT
    ),
    "private-mode-off": Condition("private-mode", "FOD-06", lambda turn: turn.state.private_mode is PrivateMode.OFF),
    "connected": Condition("no-data", "FOD-06", lambda turn: turn.state.connection is Connection.CONNECTED),
}
"""All that metadata may demand of this car, by the name that it has there."""


def _if_demanded(name: str, condition: Condition) -> Condition:
    return condition._replace(holds=lambda turn: name not in demands(turn) or condition.holds(turn))


BY_FUNCTION = (
    *[_if_demanded(name, condition) for name, condition in BY_NAME.items()],
    Condition("precondition-unknown", "FOD-06", lambda turn: BY_NAME.keys() >= set(demands(turn))),
)
"""What must hold for the installation of the functions that demand it."""
