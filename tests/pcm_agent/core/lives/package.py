"""One package on its way, as a judge knows it."""

from datetime import datetime
from enum import StrEnum

from pcm_agent.trust.images import Assignment, Delta


class Step(StrEnum):
    """Where a package stands."""

    OFFERED = "offered"
    WANTED = "wanted"
    FETCHED = "fetched"
    INSTALLING = "installing"
    VERIFYING = "verifying"
    ACTIVE = "active"
    REMOVING = "removing"
    CANCELLING = "cancelling"
    OVER = "over"


OPEN = (Step.OFFERED, Step.WANTED, Step.FETCHED)
"""It can still be withdrawn, and only then is it of interest whether it is listed."""
BUSY = (Step.INSTALLING, Step.VERIFYING)
AWAY = (Step.CANCELLING, Step.OVER)


class Package:
    """One package on its way."""

    def __init__(self, assignment: Assignment, good_until: datetime, now: datetime) -> None:
        self.assignment, self.good_until = assignment, good_until
        self.fresh_since = now
        """Since when it has not been too old."""
        self.met_since: datetime | None = None
        """Since when all that the function demands of the car has held; None: it does not."""
        self.step = Step.WANTED if assignment.consent == "ordered" else Step.OFFERED
        self.received = 0
        self.fetched = 0
        """Bytes that vain tries brought."""
        self.delta: Delta | None = None
        """What is fetched in its place."""
        self.whole = False
        """No delta is taken any more."""
        self.failed_in: int | None = None
        """Which stay of the car it failed in; in the same one it is not tried again (FOD-07)."""

    @property
    def length(self) -> int:
        """Bytes that are really fetched."""
        return self.delta.length if self.delta else self.assignment.length

    def begin(self, installed: Assignment | None) -> None:
        """A shorter delta against what is installed is fetched in its place, unless it was begun otherwise."""
        deltas = [it for it in self.assignment.deltas if installed is not None and it.base_sha256 == installed.sha256]
        shorter = next((it for it in deltas if it.length < self.assignment.length), None)
        if self.whole or (self.delta is not None and self.delta != shorter):
            self.go_whole()
        else:
            self.delta, self.whole = shorter, shorter is None

    def go_whole(self) -> None:
        """Nothing of a delta is of any use."""
        if self.delta is not None:
            self.delta, self.received = None, 0
        self.whole = True

    def confirm(self, assignment: Assignment, good_until: datetime, now: datetime) -> None:
        """It is listed once more; with other bytes, what it stood for is not (FOD-04)."""
        if self.is_same(assignment):
            if self.good_until <= now:
                self.fresh_since = now
            self.assignment, self.good_until = assignment, good_until
            if self.step is Step.OFFERED and assignment.consent == "ordered":
                self.step = Step.WANTED
        else:
            self.unlist(now)

    def is_same(self, assignment: Assignment) -> bool:
        """Whether an offer means these bytes."""
        return (assignment.function, assignment.sha256) == (self.assignment.function, self.assignment.sha256)

    def unlist(self, now: datetime) -> None:
        """It is not listed any more: it is given up, and what is being installed right now is not begun again."""
        if self.step in OPEN:
            self.step = Step.CANCELLING
        elif self.step in BUSY:
            self.good_until = now
