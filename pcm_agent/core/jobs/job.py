"""The turn's package job: what stands against it, and what is said of it."""

from typing import TYPE_CHECKING, Literal, cast

from pcm_agent.core.effects import DiscardPackage, Publish, Show
from pcm_agent.core.region import Action, Guard, Turn
from pcm_agent.core.report import package_report
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Ignition, ParkingBrake, SelectorLever
from pcm_agent.protocol.messages import PackageState as Job

if TYPE_CHECKING:
    from pcm_agent.core.events import DownloadFailed, DownloadInterrupted, InstallationFailed, TimerFired

NOT_YET_STAGED = (Job.OFFERED, Job.CONSENTED, Job.DOWNLOADING, Job.PAUSED)
NOT_YET_ACTIVATING = (*NOT_YET_STAGED, Job.STAGED, Job.WAITING, Job.ROLLED_BACK)
BUSY = (Job.ACTIVATING, Job.VERIFYING)


def job_of(turn: Turn) -> PackageJob:
    """The turn's job."""
    return cast("PackageJob", turn.job)


def timer_of(kind: str) -> Guard:
    """A guard: the timer is the job's, of this kind."""

    def due(turn: Turn) -> bool:
        return cast("TimerFired", turn.event).key.startswith(f"{kind}:")

    due.__name__ = f"{kind} due"
    return due


def nothing_blocks(turn: Turn) -> bool:
    """All preconditions hold."""
    return job_of(turn).blocked_by == ()


def judge_anew(turn: Turn) -> None:
    """Whatever blocked before, what is to be done now has to wait for its own preconditions."""
    job_of(turn).blocked_by = None


def tell(turn: Turn) -> None:
    """Tell the backend where the job stands."""
    turn.add(Publish(package_report(job_of(turn))))


def show_function(text: str) -> Action:
    """An action that shows the driver a message with the function's name."""

    def show(turn: Turn) -> None:
        turn.add(Show(text, {"function": job_of(turn).assignment.function}))

    show.__name__ = f"show {text}"
    return show


def display(turn: Turn) -> Literal["pcm", "cluster"]:
    """Where an error stands: before the driver's eyes in the instrument cluster while driving, else in the PCM."""
    state = turn.state
    held = state.selector_lever is SelectorLever.PARK and state.parking_brake is ParkingBrake.APPLIED
    return "pcm" if held or state.ignition is Ignition.OFF else "cluster"


def keep_code(turn: Turn) -> None:
    """Keep why it failed; nothing more is to come before the car is used again."""
    job = job_of(turn)
    job.code = cast("DownloadInterrupted | DownloadFailed | InstallationFailed", turn.event).code
    job.blocked_by = ()
    turn.cancel_timer(f"expiry:{job.assignment.offer_id}")


def forget_code(turn: Turn) -> None:
    """What failed before has healed."""
    job_of(turn).code = None


def forget_timers(turn: Turn) -> None:
    """No timer of the job is needed any more."""
    job = job_of(turn)
    job.blocked_by = ()
    for kind in ("expiry", "retry", "settle"):
        turn.cancel_timer(f"{kind}:{job.assignment.offer_id}")


def discard(turn: Turn) -> None:
    """Delete what was downloaded."""
    turn.add(DiscardPackage(job_of(turn).assignment.offer_id))
