"""What is fetched of a package: all of it, or the delta that makes it out of the installed version (FOD-02, FOD-04)."""

from pcm_agent.core.region import Turn
from pcm_agent.core.state import PackageJob
from pcm_agent.trust.images import Delta

MOST_DELTA = 64 * 1024 * 1024
"""Bytes of the longest delta that is used: the car holds it in memory while it makes the new version."""


def to_fetch(job: PackageJob) -> int:
    """Bytes that are really fetched."""
    return job.delta.length if job.delta else job.assignment.length


def choose(turn: Turn, job: PackageJob) -> None:
    """Take the delta against the installed version where that saves anything; what was begun whole stays so."""
    delta = None if job.whole else _usable(turn, job)
    if job.delta is not None and delta != job.delta:
        fetch_whole(job)  # the version that it builds on is gone, and what came of it with that
    else:
        job.delta, job.whole = delta, delta is None


def fetch_whole(job: PackageJob) -> None:
    """A delta was of no use: the package is fetched whole, once and for all."""
    job.delta, job.whole, job.received = None, True, 0


def _usable(turn: Turn, job: PackageJob) -> Delta | None:
    installed = turn.state.installed.get(job.assignment.function)
    delta = job.assignment.delta_from(installed.sha256) if installed else None
    saves = delta is not None and delta.length < min(job.assignment.length, MOST_DELTA + 1)
    return delta if saves else None
