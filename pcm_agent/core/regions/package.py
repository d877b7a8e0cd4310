"""One package job, from the offer to the active function and out again (FOD-01 to FOD-13, PRV-02)."""

from datetime import timedelta
from typing import Literal, cast

from pcm_agent.core.backoff import pause_after
from pcm_agent.core.effects import (
    DiscardPackage,
    InstallPackage,
    Publish,
    RemovePackage,
    ReportInstalled,
    RevertPackage,
    Show,
    StartDownload,
    StopDownload,
    VerifyPackage,
)
from pcm_agent.core.events import (
    DeltaUnusable,
    DownloadAllowed,
    DownloadBlocked,
    DownloadCompleted,
    DownloadFailed,
    DownloadInterrupted,
    DownloadProgressed,
    IgnitionTurnedOn,
    InstallationFailed,
    PackageConsented,
    PackageDiscarded,
    PackageInstalled,
    PackageRemovalOrdered,
    PackageRemoved,
    PackageVerified,
    PackageWithdrawn,
    PcmStarted,
    PreconditionsChanged,
    TimerFired,
    WithdrawalAsked,
)
from pcm_agent.core.fetching import choose, fetch_whole, to_fetch
from pcm_agent.core.meter import book
from pcm_agent.core.region import Action, Guard, Region, Row, Turn, refuse
from pcm_agent.core.report import package_report
from pcm_agent.core.rules.packages import STANDING, confirmed
from pcm_agent.core.rules.rule import blocking
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Ignition, ParkingBrake, Purpose, SelectorLever
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageState as Job

MOST_ATTEMPTS = 10_000
"""Vain transfers in a row after which it is given up: more than fit into the 28 days of an order (FOD-01)."""
WORTHWHILE = 64 * 1024
"""New bytes that make a transfer that broke off worth trying again soon; of a small package, a hundredth of it."""
BREAK = ("transfer-interrupted",)
"""All that stands against a download whose transfer broke off."""
MOST_TOLD = 100
"""So often at most the backend is told of a transfer; where it stands is in the reported state too."""
MOST_FETCHED = 3
"""So many times its length may be fetched in tries that break off, before a package is given up."""


def job_of(turn: Turn) -> PackageJob:
    """The turn's job."""
    return cast("PackageJob", turn.job)


def _timer(kind: str) -> Guard:
    def due(turn: Turn) -> bool:
        return cast("TimerFired", turn.event).key.startswith(f"{kind}:")

    due.__name__ = f"{kind} due"
    return due


def nothing_blocks(turn: Turn) -> bool:
    """All preconditions hold."""
    return job_of(turn).blocked_by == ()


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


def judge_anew(turn: Turn) -> None:
    """Whatever blocked before, what is to be done now has to wait for its own preconditions."""
    job_of(turn).blocked_by = None


def tell(turn: Turn) -> None:
    """Tell the backend where the job stands."""
    turn.add(Publish(package_report(job_of(turn))))


def tell_transfer(turn: Turn) -> None:
    """Tell the backend how the transfer goes, unless it was told so often that one more says nothing."""
    job = job_of(turn)
    if job.told < MOST_TOLD:
        job.told += 1
        durable = not isinstance(turn.event, DownloadProgressed)
        turn.add(Publish(package_report(job), durable=durable))


def keep_progress(turn: Turn) -> None:
    """Keep how far the download is."""
    _receive(turn, cast("DownloadProgressed", turn.event).received)
    job_of(turn).attempts = 0


def _receive(turn: Turn, received: int | None, skipped: int = 0) -> None:
    """Keep how much is there, and meter what came (CON-29)."""
    job = job_of(turn)
    there = job.received if received is None else received
    book(turn, Purpose.PACKAGE, max(0, there - job.received) + skipped)
    job.received = there


def _show(text: str) -> Action:
    def show(turn: Turn) -> None:
        turn.add(Show(text, {"function": job_of(turn).assignment.function}))

    show.__name__ = f"show {text}"
    return show


def show_downloading(turn: Turn) -> None:
    """Tell the driver that it is downloaded, unless only a break was mended."""
    if job_of(turn).blocked_by != BREAK:
        turn.add(Show("package-downloading", {"function": job_of(turn).assignment.function}))


def start(turn: Turn) -> None:
    """Fetch, from where it ended."""
    job = job_of(turn)
    job.blocked_by, job.code = (), None
    choose(turn, job)
    turn.add(StartDownload(job.assignment.offer_id))


def stop(turn: Turn) -> None:
    """Stop fetching."""
    turn.add(StopDownload(job_of(turn).assignment.offer_id))


def name_causes(turn: Turn) -> None:
    """Keep what stands against the download, and tell the driver, but for a break that mends itself."""
    job = job_of(turn)
    job.blocked_by = cast("DownloadBlocked", turn.event).blocked_by
    if job.blocked_by != BREAK:
        turn.add(Show("package-paused", {"function": job.assignment.function, "reasons": job.blocked_by}))


def finish_download(turn: Turn) -> None:
    """All bytes are there and right: the 28 days are kept (FOD-01, FOD-04)."""
    job = job_of(turn)
    _receive(turn, to_fetch(job), cast("DownloadCompleted", turn.event).skipped)
    job.attempts, job.code, job.blocked_by = 0, None, None
    turn.cancel_timer(f"expiry:{job.assignment.offer_id}")


def _worthwhile(turn: Turn) -> bool:
    """The transfer that broke off brought more than next to nothing."""
    return cast("DownloadInterrupted", turn.event).fetched >= min(WORTHWHILE, to_fetch(job_of(turn)) / 100)


def budget_spent(turn: Turn) -> bool:
    """It was tried so often, or so much was fetched, that trying on would only cost."""
    job, event = job_of(turn), cast("DownloadInterrupted", turn.event)
    fetched = job.fetched + event.fetched + event.skipped
    vain = job.attempts >= MOST_ATTEMPTS and not _worthwhile(turn)
    return vain or fetched > MOST_FETCHED * job.assignment.length


def keep_what_came(turn: Turn) -> None:
    """Keep and meter what a transfer brought before it broke off; enough of it ends the row of vain tries."""
    job, event = job_of(turn), cast("DownloadInterrupted", turn.event)
    _receive(turn, event.received, event.skipped)
    job.fetched += event.fetched + event.skipped
    if _worthwhile(turn):
        job.attempts = 0


def meter_failure(turn: Turn) -> None:
    """What came is metered, though nothing of it is kept."""
    event = cast("DownloadInterrupted | DownloadFailed | DeltaUnusable", turn.event)
    _receive(turn, event.received, event.skipped)
    job_of(turn).received = 0


def start_whole(turn: Turn) -> None:
    """Fetch the package itself."""
    fetch_whole(job_of(turn))
    turn.add(StartDownload(job_of(turn).assignment.offer_id))


def pause_before_retry(turn: Turn) -> None:
    """Wait before the next try, longer each time."""
    job, event = job_of(turn), cast("DownloadInterrupted | InstallationFailed", turn.event)
    job.code = event.code
    jitter = event.jitter if isinstance(event, DownloadInterrupted) else 0.0
    turn.set_timer(f"retry:{job.assignment.offer_id}", turn.now + pause_after(job.attempts, jitter))
    job.attempts += 1


def try_transfer(turn: Turn) -> None:
    """The power button ends the pause after a transfer that broke off (FOD-16)."""
    job_of(turn).attempts = 0
    turn.cancel_timer(f"retry:{job_of(turn).assignment.offer_id}")


def keep_code(turn: Turn) -> None:
    """Keep why it failed; nothing more is to come before the car is used again."""
    job = job_of(turn)
    job.code = cast("DownloadInterrupted | DownloadFailed | InstallationFailed", turn.event).code
    job.blocked_by = ()
    turn.cancel_timer(f"expiry:{job.assignment.offer_id}")


def keep_outdone(turn: Turn) -> None:
    """Keep that a newer release has come before."""
    job_of(turn).code = "release-rollback"


def display(turn: Turn) -> Literal["pcm", "cluster"]:
    """Where an error stands: before the driver's eyes in the instrument cluster while driving, else in the PCM."""
    state = turn.state
    held = state.selector_lever is SelectorLever.PARK and state.parking_brake is ParkingBrake.APPLIED
    return "pcm" if held or state.ignition is Ignition.OFF else "cluster"


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


def forget_code(turn: Turn) -> None:
    """What failed before has healed."""
    job_of(turn).code = None


def forget_timers(turn: Turn) -> None:
    """No timer of the job is needed any more."""
    job = job_of(turn)
    job.blocked_by = ()
    for kind in ("expiry", "retry", "settle"):
        turn.cancel_timer(f"{kind}:{job.assignment.offer_id}")


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
        function=it.function, version=it.version, sha256=it.sha256, release_counter=it.release_counter
    )
    turn.state.counters[it.function] = max(it.release_counter, turn.state.counters.get(it.function, 0))


def keep_removed(turn: Turn) -> None:
    """The version is no longer in the car, unless another order has brought it, too."""
    it, state = job_of(turn).assignment, turn.state
    same = [job for job in state.jobs.values() if job.assignment.sha256 == it.sha256 and job.state is Job.ACTIVE]
    known = state.installed.get(it.function)
    if known is not None and known.sha256 == it.sha256 and not same:
        del state.installed[it.function]


def attest(turn: Turn) -> None:
    """Tell the Director, signed, what is installed now."""
    turn.add(ReportInstalled())


def install(turn: Turn) -> None:
    """Switch to the new version."""
    turn.add(InstallPackage(job_of(turn).assignment.offer_id))


def verify(turn: Turn) -> None:
    """Check the new version."""
    turn.add(VerifyPackage(job_of(turn).assignment.offer_id))


def revert(turn: Turn) -> None:
    """Back to the version before, should half of an installation be left."""
    turn.add(RevertPackage(job_of(turn).assignment.offer_id))


def discard(turn: Turn) -> None:
    """Delete what was downloaded."""
    turn.add(DiscardPackage(job_of(turn).assignment.offer_id))


def remove(turn: Turn) -> None:
    """Delete the function."""
    turn.add(RemovePackage(job_of(turn).assignment.offer_id))


NOT_YET_STAGED = (Job.OFFERED, Job.CONSENTED, Job.DOWNLOADING, Job.PAUSED)
NOT_YET_ACTIVATING = (*NOT_YET_STAGED, Job.STAGED, Job.WAITING, Job.ROLLED_BACK)
BUSY = (Job.ACTIVATING, Job.VERIFYING)

PACKAGE = Region(
    "package",
    Job,
    Job.OFFERED,
    (
        Row(PackageConsented, Job.OFFERED, Job.CONSENTED, (), (tell,)),
        # transfer
        Row(
            DownloadAllowed,
            (Job.CONSENTED, Job.PAUSED),
            Job.DOWNLOADING,
            (),
            (show_downloading, start, tell_transfer),
        ),
        Row(DownloadBlocked, Job.DOWNLOADING, Job.PAUSED, (), (stop, name_causes, tell_transfer)),
        Row(DownloadBlocked, (Job.CONSENTED, Job.PAUSED), Job.PAUSED, (), (name_causes, tell_transfer)),
        Row(DownloadProgressed, Job.DOWNLOADING, None, (), (keep_progress, tell_transfer)),
        Row(
            DownloadInterrupted,
            Job.DOWNLOADING,
            Job.FAILED,
            (budget_spent,),
            (keep_code, meter_failure, discard, tell_faulty, tell),
        ),
        Row(DownloadInterrupted, Job.DOWNLOADING, None, (), (keep_what_came, pause_before_retry)),
        Row(DownloadFailed, Job.DOWNLOADING, Job.FAILED, (), (keep_code, meter_failure, tell_faulty, tell)),
        Row(DeltaUnusable, Job.DOWNLOADING, None, (), (meter_failure, start_whole, tell_transfer)),
        Row(IgnitionTurnedOn, Job.PAUSED, None, (), (try_transfer,)),
        Row(DownloadCompleted, Job.DOWNLOADING, Job.STAGED, (), (finish_download, _show("package-ready"), tell)),
        Row(
            TimerFired,
            NOT_YET_STAGED,
            Job.EXPIRED,
            (_timer("expiry"),),
            (stop, forget_timers, discard, _show("package-expired"), tell),
        ),
        # installation
        Row(PreconditionsChanged, Job.STAGED, Job.WAITING, (), (settle_or_wait, tell)),
        Row(PreconditionsChanged, (Job.WAITING, Job.REMOVING), None, (), (settle_or_wait, tell)),
        Row(TimerFired, Job.WAITING, None, (_timer("settle"), too_old), (judge_anew,)),
        Row(
            TimerFired,
            Job.WAITING,
            Job.FAILED,
            (_timer("settle"), outdone),
            (keep_outdone, forget_timers, discard, tell_faulty, tell),
        ),
        Row(TimerFired, Job.WAITING, Job.ACTIVATING, (_timer("settle"), nothing_blocks), (install, tell)),
        Row(PackageInstalled, Job.ACTIVATING, Job.VERIFYING, (), (verify, tell)),
        Row(
            PackageVerified,
            Job.VERIFYING,
            Job.ACTIVE,
            (),
            (forget_code, keep_installed, _show("package-active"), tell, attest),
        ),
        Row(InstallationFailed, BUSY, Job.FAILED, (spoilt,), (keep_code, forget_timers, discard, tell_faulty, tell)),
        Row(InstallationFailed, BUSY, Job.ROLLED_BACK, (), (keep_code, revert, tell_failed, tell)),
        # raised once somebody comes to the car: it is tried again, once each time that the car is left (FOD-07)
        Row(PreconditionsChanged, Job.ROLLED_BACK, Job.WAITING, (), (settle_or_wait, tell)),
        # after a power cut: unfinished steps are done again, each is atomic and may be repeated; one that must not be
        # done while the car is used waits until it is left again, and nothing of it is left
        Row(PcmStarted, Job.ACTIVATING, None, (nothing_came_between,), (install,)),
        Row(PcmStarted, Job.ACTIVATING, Job.WAITING, (), (judge_anew, revert, tell)),
        Row(PcmStarted, (Job.WAITING, Job.ROLLED_BACK), None, (), (revert,)),
        Row(PcmStarted, Job.VERIFYING, None, (), (verify,)),
        Row(PcmStarted, Job.CANCELLING, None, (), (discard,)),
        Row(PcmStarted, Job.REMOVING, None, (removal_begun,), (remove,)),
        # cancelling: the backend asks whether it can be, and then the Director lists it no longer; a word over MQTT
        # alone, which nobody has signed, ends nothing
        Row(WithdrawalAsked, BUSY, None, (), (refuse("installation-in-progress", "FOD-06"),)),
        Row(WithdrawalAsked, (Job.ACTIVE, Job.REMOVING), None, (), (refuse("already-active", "FOD-10"),)),
        Row(PackageWithdrawn, Job.DOWNLOADING, Job.CANCELLING, (), (stop, forget_timers, discard, tell)),
        Row(PackageWithdrawn, NOT_YET_ACTIVATING, Job.CANCELLING, (), (forget_timers, discard, tell)),
        Row(PackageDiscarded, Job.CANCELLING, Job.CANCELLED, (), (forget_timers, _show("package-cancelled"), tell)),
        Row(InstallationFailed, (Job.CANCELLING, Job.REMOVING), None, (), (pause_before_retry,)),
        Row(TimerFired, Job.CANCELLING, None, (_timer("retry"),), (discard,)),
        # the end of a subscription
        Row(PackageRemovalOrdered, Job.ACTIVE, Job.REMOVING, (), (judge_anew, _show("package-removing"), tell)),
        Row(TimerFired, Job.REMOVING, None, (_timer("settle"), nothing_blocks), (remove,)),
        Row(TimerFired, Job.REMOVING, None, (_timer("retry"), removal_begun), (remove,)),
        Row(
            PackageRemoved,
            Job.REMOVING,
            Job.REMOVED,
            (),
            (forget_timers, keep_removed, _show("package-removed"), tell, attest),
        ),
    ),
    field="state",
    otherwise={
        **dict.fromkeys(
            (DownloadProgressed, DownloadInterrupted, DeltaUnusable, DownloadFailed, DownloadCompleted),
            "late: nothing is being downloaded any more",
        ),
        **dict.fromkeys(
            (PackageInstalled, PackageVerified, InstallationFailed, PackageDiscarded, PackageRemoved),
            "late: the job is in another step by now",
        ),
        **dict.fromkeys(
            (DownloadAllowed, DownloadBlocked, PreconditionsChanged),
            "the rules raise this only where it matters",
        ),
        IgnitionTurnedOn: "no transfer has broken off",
        PackageConsented: "the driver agreed before, or the job is over",
        WithdrawalAsked: "nothing stands against it: it ends once the Director lists it no longer, or has ended",
        PackageWithdrawn: "it is being cancelled or installed, is active, or is over already",
        PackageRemovalOrdered: "there is nothing to remove, or not yet",
        PcmStarted: "no step was under way",
        TimerFired: "another timer, or the time for it is over",
    },
    per_job=True,
)
