"""What a judge knows of the car's looks at the repositories."""

from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.trust.refusals import REFUSALS


class Looks:
    """Whether the car is to look, whether it does, and what it has accepted."""

    def __init__(self) -> None:
        self.due, self.reading = False, False
        self.again = False
        """It was told to look while it looked, and is to look once more."""
        self.given_up = False
        """The last look was refused, and only somebody's help may mend it."""
        self.refused: str | None = None
        self.listed: frozenset[str] = frozenset()
        """The offers on the last list that was accepted."""
        self.news = False
        """The Director is to be told, now."""

    def answered(self, event: Event) -> bool:
        """Whether the event is the answer for which the car waits; a late one is nothing to it."""
        match event:
            case on.TimerFired("confirm"):
                self.due = True
            case on.IgnitionTurnedOn() if self.refused is not None:
                self.due = True
            case on.MetadataAccepted() if self.reading:
                self.due, self.reading, self.given_up = self.again, False, False
                self.refused, self.news = None, True
                self.listed = frozenset(it.offer_id for it in event.assignments)
                return True
            case on.MetadataRefused(code) if self.reading:
                self.news = self.refused != code
                self.refused, self.given_up = code, not (REFUSALS[code].retried or self.again)
                self.due, self.reading = not self.given_up, False
                return True
            case on.MetadataInterrupted() if self.reading:
                self.reading = False
                return True
        return False
