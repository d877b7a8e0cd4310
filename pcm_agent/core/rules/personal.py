"""When the backend is told of the people in the car: with data, and never in private mode (IDN-12, PRV-01)."""

from pcm_agent.core.events import Event, PersonalNewsDue
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.states import Connection, Personal, PrivateMode

PERSONAL_NEWS = (
    Condition("no-data", "IDN-12", lambda turn: turn.state.connection is Connection.CONNECTED),
    Condition("private-mode", "PRV-01", lambda turn: turn.state.private_mode is PrivateMode.OFF),
)
"""What must hold while something personal is told."""


def _news(turn: Turn) -> Event | None:
    if turn.state.personal is Personal.TOLD:
        return None
    return PersonalNewsDue() if all(condition.holds(turn) for condition in PERSONAL_NEWS) else None


PERSONAL_RULES = (Rule("settings are kept at the backend", "IDN-12", _news),)
