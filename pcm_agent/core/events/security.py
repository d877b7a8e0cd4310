"""The security package: driver card, sensors, the centre's answer."""

from pcm_agent.core.events.base import Event
from pcm_agent.core.states import TheftSensor


class DriverCardDetected(Event, frozen=True):
    """A registered driver card is in the car."""


class DriverCardLost(Event, frozen=True):
    """No driver card is in the car any more."""


class CarMoved(Event, frozen=True):
    """The car moves."""


class TheftSensorTripped(Event, frozen=True):
    """A sensor found what may be a theft."""

    sensor: TheftSensor


class ServiceModeEnabled(Event, frozen=True):
    """Service mode was switched on, as for a workshop."""


class ServiceModeDisabled(Event, frozen=True):
    """Service mode was switched off."""


class SecurityPackageDisabled(Event, frozen=True):
    """Somebody tried to switch the security package off."""


class AlarmClosed(Event, frozen=True):
    """The security operations centre closed the alarm."""
