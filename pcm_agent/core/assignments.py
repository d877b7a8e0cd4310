"""What the car is to have becomes package jobs: new ones begin, those that are listed no longer end (FOD-01, FOD-02).

The Director's list is what the car is to have, all of it. So an order that was cancelled, or an image that was
withdrawn, is simply not listed any more, and nobody can install it then. What is installed stays: only where the list
says that it is to be removed a function is taken out of a car (FOD-10, FOD-13).
"""

from datetime import timedelta

from pcm_agent.core.effects import Publish, Show
from pcm_agent.core.events import MetadataAccepted, PackageConsented, PackageRemovalOrdered, PackageWithdrawn
from pcm_agent.core.firing import fire
from pcm_agent.core.jobs.job import BUSY, NOT_YET_ACTIVATING, NOT_YET_STAGED, display
from pcm_agent.core.region import Turn
from pcm_agent.core.regions.metadata import CONFIRM
from pcm_agent.core.report import package_report
from pcm_agent.core.state import PackageJob, RefusedOffer
from pcm_agent.core.updates import show_refused
from pcm_agent.protocol.messages import PackageState
from pcm_agent.trust.images import Assignment

FINISHED = frozenset(
    (
        PackageState.CANCELLED,
        PackageState.EXPIRED,
        PackageState.FAILED,
        PackageState.REMOVED,
    )
)
"""What nothing follows any more; a job that was rolled back is tried again (FOD-07)."""
SOONEST = timedelta(minutes=1)
"""So long at least until the next look, however little is left of what was said: else looks would come ever faster."""
JOBS_KEPT = 32
"""So many finished jobs are remembered; older ones make room, unless they are listed still."""


def follow(turn: Turn, accepted: MetadataAccepted) -> None:
    """Make the jobs those of the list."""
    listed = {assignment.offer_id for assignment in accepted.assignments}
    _forget_finished(turn, listed)
    told, turn.state.refused_offers = turn.state.refused_offers, {}
    for assignment in accepted.assignments:
        turn.event = accepted  # the one before may have raised another, and a refusal names its event
        _assign(turn, assignment, accepted)
    _tell_refused(turn, told)
    for offer_id in turn.state.jobs:
        if offer_id not in listed:
            _withdraw(turn, offer_id)
    for offer_id in accepted.removals:
        _remove(turn, offer_id)
    _confirm_in_time(turn)


def _assign(turn: Turn, assignment: Assignment, accepted: MetadataAccepted) -> None:
    """An offer that came before is no second job: whatever is new of it besides its bytes is kept."""
    job = turn.state.jobs.get(assignment.offer_id)
    if job is None:
        _open(turn, assignment, accepted)
    elif (job.assignment.function, job.assignment.sha256) != (assignment.function, assignment.sha256):
        turn.refuse("offer-changed", "FOD-04")
        turn.state.refused_offers[assignment.offer_id] = RefusedOffer(job.assignment.function, "offer-changed")
        _withdraw(turn, assignment.offer_id)
    else:
        if job.state in NOT_YET_STAGED and job.assignment.not_after != assignment.not_after:
            turn.set_timer(f"expiry:{assignment.offer_id}", assignment.not_after)
        job.assignment, job.good_until = assignment, accepted.good_until
        _consent_if_ordered(turn, job)


def _open(turn: Turn, assignment: Assignment, accepted: MetadataAccepted) -> None:
    """Begin a package job (FOD-02), unless the 28 days are over (FOD-01)."""
    if turn.now >= assignment.not_after:
        turn.refuse("offer-expired", "FOD-01")
        turn.state.refused_offers[assignment.offer_id] = RefusedOffer(assignment.function, "offer-expired")
        return
    job = turn.state.jobs[assignment.offer_id] = PackageJob(assignment=assignment, good_until=accepted.good_until)
    turn.set_timer(f"expiry:{assignment.offer_id}", assignment.not_after)
    turn.add(Publish(package_report(job)))
    if assignment.consent == "ask":
        turn.add(Show("package-consent", {"function": assignment.function}))
    _consent_if_ordered(turn, job)


def _consent_if_ordered(turn: Turn, job: PackageJob) -> None:
    """What was ordered needs no word of the driver, nor any more what is ordered after all; else nothing changes."""
    if job.state is PackageState.OFFERED and job.assignment.consent == "ordered":
        fire(turn, PackageConsented(job.assignment.offer_id))


def _tell_refused(turn: Turn, told: dict[str, RefusedOffer]) -> None:
    """Tell the driver what is to be ordered anew, once while the list says the same (FOD-08)."""
    for offer_id, refused in turn.state.refused_offers.items():
        if told.get(offer_id) != refused:
            show_refused(turn, refused, display(turn))


def _withdraw(turn: Turn, offer_id: str) -> None:
    """An image that is not listed any more is given up; but what is being installed right now is only not begun again.

    Were it stopped, nobody could say which version there is.
    """
    job = turn.state.jobs[offer_id]
    if job.state in NOT_YET_ACTIVATING:
        fire(turn, PackageWithdrawn(offer_id))
    elif job.state in BUSY:
        job.good_until = turn.now


def _remove(turn: Turn, offer_id: str) -> None:
    """Take out what is active; what is being installed right now is left for the next look, which is sure to come."""
    job = turn.state.jobs.get(offer_id)
    if job is not None and job.state is PackageState.ACTIVE:
        fire(turn, PackageRemovalOrdered(offer_id))


def _forget_finished(turn: Turn, listed: set[str]) -> None:
    finished = [offer_id for offer_id, job in turn.state.jobs.items() if job.state in FINISHED]
    for offer_id in finished[: max(0, len(finished) - JOBS_KEPT)]:
        if offer_id not in listed:
            del turn.state.jobs[offer_id]


def _confirm_in_time(turn: Turn) -> None:
    """Look again before what was said of unfinished jobs is too old to go on by it.

    An installation that is under way counts: it may fail, and is then to be tried again, or to be given up.
    """
    unfinished = [job for job in turn.state.jobs.values() if job.state in (*NOT_YET_ACTIVATING, *BUSY)]
    if unfinished:
        until = min(job.good_until for job in unfinished)
        turn.set_timer(CONFIRM, turn.now + max((until - turn.now) / 2, SOONEST))
    else:
        turn.cancel_timer(CONFIRM)
