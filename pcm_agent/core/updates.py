"""The Updates page: where each installation stands, and what to check where nothing goes on (FOD-05, FOD-16)."""

from pcm_agent.core.effects import Show
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.packages import UPDATES
from pcm_agent.core.rules.rule import blocking
from pcm_agent.protocol.messages import PackageState

GONE = frozenset((PackageState.CANCELLED, PackageState.EXPIRED, PackageState.REMOVED))
"""Jobs of which nothing is left to see."""


def show_updates(turn: Turn) -> None:
    """Show the page, at any time; looking changes nothing.

    What is offered there is installed by agreeing to it (`PackageConsented`); a restart with the power button tries
    again what broke off.
    """
    jobs = [job for job in turn.state.jobs.values() if job.state not in GONE]
    for job in jobs:
        turn.add(Show("updates-state", {"function": job.assignment.function, "state": job.state.value}))
    reasons = blocking(turn, UPDATES)
    if reasons:
        turn.add(Show("updates-check", {"reasons": reasons}))
    elif not jobs:
        turn.add(Show("updates-none"))
