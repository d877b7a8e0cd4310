"""The download of a package: begun, broken off, tried again within its budgets, metered (FOD-02, CON-29, PRV-02)."""

from typing import cast

from pcm_agent.core.backoff import pause_after
from pcm_agent.core.effects import Publish, Show, StartDownload, StopDownload
from pcm_agent.core.events import (
    DeltaUnusable,
    DownloadBlocked,
    DownloadCompleted,
    DownloadFailed,
    DownloadInterrupted,
    DownloadProgressed,
    InstallationFailed,
)
from pcm_agent.core.fetching import choose, fetch_whole, to_fetch
from pcm_agent.core.jobs.job import job_of
from pcm_agent.core.meter import book
from pcm_agent.core.region import Turn
from pcm_agent.core.report import package_report
from pcm_agent.core.states import Purpose

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
