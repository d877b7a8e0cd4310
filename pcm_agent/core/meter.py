"""The meter: what the data connection was used for, month by month, in bytes (CON-12, CON-29)."""

from datetime import UTC

from pcm_agent.core.effects import Publish
from pcm_agent.core.region import Turn
from pcm_agent.core.report import usage_report
from pcm_agent.core.rules.data import roaming_is_charged
from pcm_agent.core.state import Use
from pcm_agent.core.states import Connection, Purpose


def book(turn: Turn, purpose: Purpose, count: int) -> None:
    """Count bytes that went over the way in use; without a data connection there are none."""
    state = turn.state
    if count <= 0 or state.way is None or state.connection is not Connection.CONNECTED:
        return
    _begin_month(turn)
    key = (purpose, state.way, roaming_is_charged(turn))
    for use in state.usage:
        if (use.purpose, use.way, use.charged) == key:
            use.bytes += count
            return
    state.usage.append(Use(*key, count))


def _close_month(turn: Turn) -> None:
    """Tell the backend what the month took, and begin to count anew."""
    turn.add(Publish(usage_report(turn.state)))
    turn.state.usage.clear()


def _begin_month(turn: Turn) -> None:
    """Have a month to count in: that of `now` (UTC)."""
    now, state = turn.now.astimezone(UTC), turn.state
    month = f"{now.year:04}-{now.month:02}"
    if state.usage_month == month:
        return
    if state.usage_month is not None:
        _close_month(turn)
    state.usage_month = month
