"""Services that were ordered for the car, and the app on a phone in it."""

from datetime import datetime

from pcm_agent.core.events.base import Event


class ServiceProvided(Event, frozen=True):
    """The backend provides a service until the end of its term, or prolongs it."""

    service: str
    until: datetime


class ServiceCancelled(Event, frozen=True):
    """The backend ends a service before its term is over."""

    service: str


class ServiceListed(Event, frozen=True):
    """The car was restarted after a service was provided; raised by the rules alone."""

    service: str


class ServiceJudged(Event, frozen=True):
    """What stands against a service is now this, nothing if empty; raised by the rules alone."""

    service: str
    blocked_by: tuple[str, ...]


class TrafficEnabled(Event, frozen=True):
    """Real-time traffic was switched on in the map view."""


class TrafficDisabled(Event, frozen=True):
    """Real-time traffic was switched off in the map view."""


class AppConnected(Event, frozen=True):
    """The app on a phone is connected to the car, or the phone's own internet came or went."""

    online: bool = True


class AppDisconnected(Event, frozen=True):
    """The app is not connected to the car any more."""


class AppConnectionOpened(Event, frozen=True):
    """The driver looks at the connection of the app, in the PCM or in a function that needs it."""


class UpdatesOpened(Event, frozen=True):
    """The driver looks at the Updates page."""
