"""What a judge knows of the car's looks at the repositories."""

from datetime import timedelta

from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.trust.refusals import REFUSALS

LONGEST_PAUSE: dict[type[Event], timedelta] = {
    on.MetadataRefused: timedelta(hours=4),
    on.MetadataInterrupted: timedelta(minutes=5),
}


class Looks:
    """Whether the car is to look, whether it does, and what it has accepted."""

    def __init__(self) -> None:
        self.due, self.reading = False, False
        self.again = False
        """It was told to look while it looked, and is to look once more."""
        self.given_up = False
        """The last look was refused, and only somebody's help may mend it."""
        self.pausing = False
        """The last look came to nothing, and nobody has told the car to look since."""
        self.vain = 0
        """So many in a row; those that broke off count no further than their pause grows."""
        self.broke_off = False
        """The last look did, so its pause ends with the link."""
        self.shortest = timedelta(0)
        """How long the next pause must be, without jitter."""
        self.refused: str | None = None
        self.listed: frozenset[str] = frozenset()
        """The offers on the last list that was accepted."""
        self.not_followed: frozenset[tuple[str, str, str]] = frozenset()
        """What the last list names and the car must not follow: offer, function, code."""
        self.to_tell: list[tuple[str, str]] = []
        """Of that, what the driver is to be told, now: function, code."""
        self.news = False
        """The Director is to be told, now."""

    def told(self) -> None:
        """It is told to look."""
        self.due, self.again, self.pausing = True, self.reading, False

    def found(self, not_followed: frozenset[tuple[str, str, str]]) -> None:
        """What a list names that is not to be followed; what the one before named so has been told."""
        self.to_tell = sorted(it[1:] for it in not_followed - self.not_followed)
        self.not_followed = not_followed

    def right_pause(self, pause: timedelta) -> bool:
        """Whether the pause after a look that came to nothing is longer than the one before, and not too long."""
        return self.shortest <= pause <= 1.5 * self.shortest

    def offline(self) -> None:
        """There is no data: whatever comes is another link than the one that broke off."""
        self.pausing &= not self.broke_off

    def answered(self, event: Event) -> bool:
        """Whether the event is the answer for which the car waits; a late one is nothing to it."""
        match event:
            case on.TimerFired("confirm"):
                self.due = True
            case on.TimerFired("look"):
                self.pausing = False
            case on.IgnitionTurnedOn():
                self.due |= self.refused is not None
                self.pausing, self.vain = False, 0
            case on.MetadataAccepted() if self.reading:
                self.due, self.reading, self.given_up = self.again, False, False
                self.refused, self.news, self.vain = None, True, 0
                self.listed = frozenset(it.offer_id for it in event.assignments)
                return True
            case on.MetadataRefused(code) if self.reading:
                self.news = self.refused != code
                self.refused, self.given_up = code, not (REFUSALS[code].retried or self.again)
                self.due = not self.given_up
                self._came_to_nothing(event)
                return True
            case on.MetadataInterrupted() if self.reading:
                self._came_to_nothing(event)
                return True
        return False

    def _came_to_nothing(self, event: Event) -> None:
        doubled, longest = timedelta(seconds=2 ** min(self.vain, 20)), LONGEST_PAUSE[type(event)]
        self.reading, self.broke_off = False, isinstance(event, on.MetadataInterrupted)
        self.pausing = self.due and not self.again
        self.shortest = min(doubled, longest)
        self.vain += self.due and not (self.broke_off and doubled >= longest)
