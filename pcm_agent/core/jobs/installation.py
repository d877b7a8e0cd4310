"""Installation, rollback and removal of a function, once the car is left (FOD-04, FOD-06 to FOD-08, FOD-13)."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from pcm_agent.core.effects import InstallPackage, RemovePackage, RevertPackage, Show, VerifyPackage
from pcm_agent.core.jobs.job import display, job_of, nothing_blocks
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.packages import STANDING, confirmed
from pcm_agent.core.rules.rule import blocking
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageState as Job

if TYPE_CHECKING:
    from pcm_agent.core.events import InstallationFailed, PreconditionsChanged


def nothing_came_between(turn: Turn) -> bool:
    """The car is still as it must be for an installation, which a power cut interrupted; what has begun is finished."""
    return not blocking(turn, STANDING)


def too_old(turn: Turn) -> bool:
    """The time in which the car must be left alone is over, and meanwhile what the repositories said is too old."""
    return nothing_blocks(turn) and not confirmed(turn)


def outdone(turn: Turn) -> bool:
    """A newer release of the function was installed meanwhile; none goes back (Uptane 5.4.4.6)."""
    it = job_of(turn).assignment
    return nothing_blocks(turn) and it.release_counter < turn.state.counters.get(it.function, 0)


def spoilt(turn: Turn) -> bool:
    """What was fetched is no longer well on the disk, and no other try would make it so."""
    return cast("InstallationFailed", turn.event).code in ("package-hash", "package-missing")


def removal_begun(turn: Turn) -> bool:
    """The time in which the car must be left alone is over; only the removal itself is to be done."""
    return nothing_blocks(turn) and f"settle:{job_of(turn).assignment.offer_id}" not in turn.state.timers


def keep_outdone(turn: Turn) -> None:
    """Keep that a newer release has come before."""
    job_of(turn).code = "release-rollback"


def tell_failed(turn: Turn) -> None:
    """Say how the driver can have the activation tried again (FOD-07)."""
    job = job_of(turn)
    code = job.code or ""
    turn.add(Show("package-failed", {"function": job.assignment.function, "cause": code, "code": code}, display(turn)))


def tell_faulty(turn: Turn) -> None:
    """Any other error: what to do, and the dealer as the last resort (FOD-08)."""
    job = job_of(turn)
    code = job.code or ""
    turn.add(Show("package-faulty", {"function": job.assignment.function, "cause": code, "code": code}, display(turn)))


def settle_or_wait(turn: Turn) -> None:
    """Name what blocks; once nothing does, let the time pass that the car must be left alone (FOD-04, FOD-06)."""
    job = job_of(turn)
    job.blocked_by = cast("PreconditionsChanged", turn.event).blocked_by
    timer = f"settle:{job.assignment.offer_id}"
    if job.blocked_by:
        turn.cancel_timer(timer)
        turn.add(Show("package-waiting", {"function": job.assignment.function, "reasons": job.blocked_by}))
        return
    minutes = turn.car.profile.installation.settle_minutes
    turn.set_timer(timer, turn.now + timedelta(minutes=minutes))
    turn.add(Show("package-settling", {"function": job.assignment.function, "minutes": minutes}))


def keep_installed(turn: Turn) -> None:
    """The version is the car's now; no older one will ever be taken again (Uptane 5.4.4.6)."""
    it = job_of(turn).assignment
    turn.state.installed[it.function] = InstalledImage(
        function=it.function,
        version=it.version,
        sha256=it.sha256,
        release_counter=it.release_counter,
        offer_id=it.offer_id,
    )
    turn.state.counters[it.function] = max(it.release_counter, turn.state.counters.get(it.function, 0))


def keep_removed(turn: Turn) -> None:
    """The version is no longer in the car, unless another order has brought it, too; then it is that one's."""
    it, state = job_of(turn).assignment, turn.state
    jobs = [job for job in state.jobs.values() if job.assignment.sha256 == it.sha256 and job.state is Job.ACTIVE]
    known = state.installed.get(it.function)
    if known is None or known.sha256 != it.sha256:
        return
    if jobs:
        state.installed[it.function] = replace(known, offer_id=jobs[-1].assignment.offer_id)
    else:
        del state.installed[it.function]


def install(turn: Turn) -> None:
    """Switch to the new version."""
    turn.add(InstallPackage(job_of(turn).assignment.offer_id))


def verify(turn: Turn) -> None:
    """Check the new version."""
    turn.add(VerifyPackage(job_of(turn).assignment.offer_id))


def revert(turn: Turn) -> None:
    """Back to the version before, should half of an installation be left."""
    turn.add(RevertPackage(job_of(turn).assignment.offer_id))


def remove(turn: Turn) -> None:
    """Delete the function."""
    turn.add(RemovePackage(job_of(turn).assignment.offer_id))
