"""Pauses between tries that come to nothing: each is longer than the one before, and no two cars have the same."""

from datetime import timedelta

LONGEST_PAUSE = timedelta(minutes=5)
"""Upper bound of a pause, but for its jitter, where nobody sets another one; it doubles from one second."""
JITTER = 0.5
"""So much of a pause may be added to it, at random."""
_MOST_DOUBLINGS = 16


def pause_after(attempts: int, jitter: float, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait before the next try.

    Args:
        attempts: tries in a row that came to nothing, before the last one.
        jitter: a random number from 0 to 1.
        longest: upper bound, but for the jitter; eighteen hours at most.
    """
    doubled = timedelta(seconds=2 ** min(attempts, _MOST_DOUBLINGS))
    return min(doubled, longest) * (1 + JITTER * jitter)
