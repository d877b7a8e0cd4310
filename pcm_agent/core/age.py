"""What time it is for whatever must not be too old, whichever way the car's clock was set (Uptane 5.4.4.2).

A clock that is set back makes nothing fresh again: the latest instant counts at which anything happened. But a clock
that was ahead, if only for a moment, must not keep the car from all that is signed until that instant comes. So a look
believes that instant only up to where the timestamps that were accepted last expire. Those have expired by then, far as
the clock may be set back; and such as are signed later expire later, and are accepted.
"""

from datetime import datetime

from pcm_agent.core.state import VehicleState


def of_a_look(state: VehicleState, now: datetime) -> datetime:
    """What the metadata of a look is judged by."""
    if state.clock is None or state.vouched_until is None:
        return now
    return max(now, min(state.clock, state.vouched_until))


def accepted(state: VehicleState, now: datetime, vouched_until: datetime | None) -> None:
    """A look was accepted: of the time before so much is kept as it was judged by, and both timestamps vouch anew."""
    state.clock, state.vouched_until = of_a_look(state, now), vouched_until
