"""The life of the PCM itself, and of its timers."""

from pcm_agent.core.events.base import Event


class PcmStarted(Event, frozen=True):
    """The PCM booted: fresh, after a restart or after a power cut."""


class TimerFired(Event, frozen=True):
    """A timer that the core had set is due."""

    key: str
