"""One package on its way, as a judge knows it."""

from datetime import datetime
from enum import StrEnum

from pcm_agent.trust.images import Assignment


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
        self.failed_in: int | None = None
        """Which stay of the car it failed in; in the same one it is not tried again (FOD-07)."""

    def confirm(self, assignment: Assignment, good_until: datetime, now: datetime) -> None:
        """It is listed once more; other bytes are not believed (FOD-04)."""
        if (assignment.function, assignment.sha256) == (self.assignment.function, self.assignment.sha256):
            if self.good_until <= now:
                self.fresh_since = now
            self.assignment, self.good_until = assignment, good_until
