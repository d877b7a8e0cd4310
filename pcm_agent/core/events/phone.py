"""Phones in the car: Bluetooth, CarPlay, calls."""

from pcm_agent.core.events.base import Event
from pcm_agent.core.states import CallLine


class PhoneConnected(Event, frozen=True):
    """A phone is connected over Bluetooth, for calls, media and messages."""

    phone: str


class PhoneDisconnected(Event, frozen=True):
    """No phone is connected over Bluetooth any more."""


class CarPlayStarted(Event, frozen=True):
    """A phone shows itself on the PCM's screen, by cable or without one."""

    phone: str
    wireless: bool = False


class CarPlayEnded(Event, frozen=True):
    """The PCM's screen is its own again."""


class CallStarted(Event, frozen=True):
    """Somebody calls, or is called, over a phone or over the inserted SIM."""

    line: CallLine


class CallEnded(Event, frozen=True):
    """The call is over: hung up, or its line is gone."""
