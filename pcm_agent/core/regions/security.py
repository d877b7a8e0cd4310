"""The security package: driver card, alarm, service mode (SEC-01 to SEC-04).

An alarm is told to the security operations centre and to nobody else: nothing is shown or sounded in the car. It is
told even in private mode, which shields the driver, not a thief, and it is never dropped: without data it waits in
the queue of durable reports.

Service mode suspends only the sensors that work on the car sets off (`SENSORS`). The driver card, tampering and
jamming go on being watched, so that the service is never off as a whole (SEC-04).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, cast

from firmware_profiles import Equipment
from pcm_agent.core.effects import Publish
from pcm_agent.core.events import (
    AlarmClosed,
    CarMoved,
    DriverCardDetected,
    DriverCardLost,
    SecurityPackageDisabled,
    ServiceModeDisabled,
    ServiceModeEnabled,
    TheftSensorTripped,
    TimerFired,
)
from pcm_agent.core.region import Region, Row, Turn, refuse, show
from pcm_agent.core.states import Alarm, DriverCard, Lock, ServiceMode, TheftSensor
from pcm_agent.protocol.security import AlarmRaised

SERVICE_MODE_TIME = timedelta(hours=8)
"""After this the whole alarm is on again; assumed: a day in the workshop. The seeds say only "for a time" (B181)."""
TIMER = "service-mode"
TRACKING = frozenset((Equipment.VEHICLE_TRACKING_SYSTEM, Equipment.VEHICLE_TRACKING_SYSTEM_PLUS))
"""A car with either is watched against theft."""


class Watch(NamedTuple):
    """When a sensor counts."""

    locked_only: bool
    """A driver sets it off too, so it counts only while the car is locked."""
    in_service_mode: bool


SENSORS: Mapping[TheftSensor, Watch] = {
    TheftSensor.TILT: Watch(locked_only=True, in_service_mode=False),
    TheftSensor.TOWING: Watch(locked_only=True, in_service_mode=False),
    TheftSensor.GLASS: Watch(locked_only=True, in_service_mode=False),
    TheftSensor.INTERIOR: Watch(locked_only=True, in_service_mode=False),
    TheftSensor.TAMPERING: Watch(locked_only=False, in_service_mode=True),
    TheftSensor.JAMMING: Watch(locked_only=False, in_service_mode=True),
}
"""The sensors are assumed; the seeds speak of "several" (B179)."""


def no_card_reader(turn: Turn) -> bool:
    """The car lacks the equipment that a driver card needs (SEC-02)."""
    return turn.car.profile.security.driver_card not in turn.car.equipment


def card_missing(turn: Turn) -> bool:
    """The car can detect a driver card, and detects none."""
    return turn.state.driver_card is DriverCard.ABSENT and not no_card_reader(turn)


def not_watched(turn: Turn) -> bool:
    """The car has no vehicle tracking system."""
    return turn.car.equipment.isdisjoint(TRACKING)


def counts(turn: Turn) -> bool:
    """The sensor means a possible theft now."""
    watch = SENSORS[cast("TheftSensorTripped", turn.event).sensor]
    locked = turn.state.lock is Lock.LOCKED or not watch.locked_only
    suspended = turn.state.service_mode is ServiceMode.ON and not watch.in_service_mode
    return locked and not suspended and not not_watched(turn)


def tell_silent(turn: Turn) -> None:
    """Tell the centre at once that the car moves without a driver card (SEC-01)."""
    turn.add(Publish(AlarmRaised(alarm="silent", cause="driver-card", at=turn.now)))


def tell_theft(turn: Turn) -> None:
    """Tell the centre what the sensor found (SEC-03)."""
    sensor = cast("TheftSensorTripped", turn.event).sensor
    turn.add(Publish(AlarmRaised(alarm="theft", cause=sensor.value, at=turn.now)))


def time_over(turn: Turn) -> bool:
    """Service mode has lasted long enough."""
    return cast("TimerFired", turn.event).key == TIMER


def begin(turn: Turn) -> None:
    """Service mode ends by itself."""
    turn.set_timer(TIMER, turn.now + SERVICE_MODE_TIME)


def end(turn: Turn) -> None:
    """The whole alarm is on again."""
    turn.cancel_timer(TIMER)


DRIVER_CARD = Region(
    "driver_card",
    DriverCard,
    DriverCard.ABSENT,
    (
        Row(DriverCardDetected, tuple(DriverCard), None, (no_card_reader,), (refuse("no-driver-card", "SEC-02"),)),
        Row(DriverCardDetected, DriverCard.ABSENT, DriverCard.PRESENT),
        Row(DriverCardLost, tuple(DriverCard), None, (no_card_reader,), (refuse("no-driver-card", "SEC-02"),)),
        Row(DriverCardLost, DriverCard.PRESENT, DriverCard.ABSENT),
    ),
    field="driver_card",
    otherwise=dict.fromkeys((DriverCardDetected, DriverCardLost), "it is so already"),
)

ALARM = Region(
    "alarm",
    Alarm,
    Alarm.QUIET,
    (
        Row(CarMoved, (Alarm.QUIET, Alarm.THEFT), Alarm.SILENT, (card_missing,), (tell_silent,)),
        Row(TheftSensorTripped, tuple(Alarm), None, (not_watched,), (refuse("no-security-package", "SEC-03"),)),
        Row(TheftSensorTripped, (Alarm.QUIET, Alarm.SILENT), Alarm.THEFT, (counts,), (tell_theft,)),
        Row(TheftSensorTripped, Alarm.THEFT, None, (counts,), (tell_theft,)),
        Row(AlarmClosed, (Alarm.SILENT, Alarm.THEFT), Alarm.QUIET),
        Row(SecurityPackageDisabled, tuple(Alarm), None, (not_watched,), (refuse("no-security-package", "SEC-04"),)),
        Row(SecurityPackageDisabled, tuple(Alarm), None, (), (refuse("security-always-on", "SEC-04"),)),
    ),
    field="alarm",
    otherwise={
        CarMoved: "a driver card is there, the car has none, or the centre knows already",
        TheftSensorTripped: "it is nothing that the car watches now",
        AlarmClosed: "there is no alarm",
    },
)

SERVICE_MODE = Region(
    "service_mode",
    ServiceMode,
    ServiceMode.OFF,
    (
        Row(ServiceModeEnabled, tuple(ServiceMode), None, (not_watched,), (refuse("no-security-package", "SEC-04"),)),
        Row(ServiceModeEnabled, ServiceMode.OFF, ServiceMode.ON, (), (begin, show("service-mode-on"))),
        Row(ServiceModeDisabled, ServiceMode.ON, ServiceMode.OFF, (), (end, show("service-mode-off"))),
        Row(TimerFired, ServiceMode.ON, ServiceMode.OFF, (time_over,), (show("service-mode-off"),)),
    ),
    field="service_mode",
    otherwise={
        ServiceModeEnabled: "it is so already",
        ServiceModeDisabled: "it is so already",
        TimerFired: "another timer",
    },
)
