"""When the car looks at the repositories (Uptane 5.4.4): with data, in private mode too.

Private mode keeps packages from being downloaded (PRV-02). Which ones there are is told all the same, as it is over
MQTT: the driver then reads what is waiting for private mode to end.
"""

from pcm_agent.core.events import Event, MetadataCheckAllowed, MetadataCheckBlocked
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.states import Connection, Metadata

PAUSE = "look"
"""Key of the timer that runs between two looks of which the first came to nothing."""

METADATA_CHECK = (
    Condition("no-data", "FOD-02", lambda turn: turn.state.connection is Connection.CONNECTED),
    Condition("transfer-interrupted", "FOD-02", lambda turn: PAUSE not in turn.state.timers),
)
"""What must hold while the repositories are read."""


def waits_for_this_link(turn: Turn) -> bool:
    """The car waits before the next look, since the last one broke off."""
    return turn.state.look_interrupted and PAUSE in turn.state.timers


def _look(turn: Turn) -> Event | None:
    metadata = turn.state.metadata
    if metadata is Metadata.CURRENT:
        return None
    allowed = all(condition.holds(turn) for condition in METADATA_CHECK)
    if metadata is Metadata.DUE:
        return MetadataCheckAllowed() if allowed else _link_is_gone(turn)
    return None if allowed else MetadataCheckBlocked()


def _link_is_gone(turn: Turn) -> Event | None:
    """Nobody waits for a link that has ended; the next one may be better."""
    gone = waits_for_this_link(turn) and turn.state.connection is not Connection.CONNECTED
    return MetadataCheckBlocked() if gone else None


METADATA_RULES = (Rule("the car looks at the repositories where nothing blocks it", "FOD-02", _look),)
