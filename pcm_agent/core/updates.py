"""The Updates page: where each installation stands, and what to check where nothing goes on (FOD-05, FOD-16)."""

from typing import Literal

from pcm_agent.core.effects import Show
from pcm_agent.core.region import Turn
from pcm_agent.core.report import package_report
from pcm_agent.core.rules.packages import UPDATES
from pcm_agent.core.rules.rule import blocking
from pcm_agent.core.state import PackageJob, RefusedOffer
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
        _show(turn, job)
    for refused in turn.state.refused_offers.values():
        show_refused(turn, refused)
    reasons = blocking(turn, UPDATES)
    if reasons:
        turn.add(Show("updates-check", {"reasons": reasons}))
    elif not jobs and not turn.state.refused_offers:
        turn.add(Show("updates-none"))


def show_refused(turn: Turn, refused: RefusedOffer, display: Literal["pcm", "cluster"] = "pcm") -> None:
    """Say what of the last list was not followed, and what to do (FOD-08)."""
    turn.add(Show(f"refused-{refused.code}", {"function": refused.function}, display))


def _show(turn: Turn, job: PackageJob) -> None:
    """Where a job stands, how far it is, what it waits for, and how it ended last."""
    function = job.assignment.function
    turn.add(Show("updates-state", {"function": function, "state": job.state.value}))
    report = package_report(job)
    if job.state in (PackageState.DOWNLOADING, PackageState.PAUSED):
        turn.add(Show("updates-progress", {"function": function, "percent": 100 * report.received // report.length}))
    if job.blocked_by:
        turn.add(Show("updates-waiting", {"function": function, "reasons": job.blocked_by}))
    if job.code is not None:
        turn.add(Show("updates-last", {"function": function, "cause": job.code, "code": job.code}))
