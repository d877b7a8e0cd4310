"""What the security package tells the security operations centre, and the centre's answer (SEC-01, SEC-03)."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from pcm_agent.protocol.body import Body


class AlarmRaised(Body, frozen=True, kw_only=True):
    """The car moved without a driver card, or a sensor found a possible theft."""

    alarm: Literal["silent", "theft"]
    cause: str
    """`driver-card`, or the sensor."""
    at: Annotated[datetime, Meta(tz=True)]
    """When it happened; offline it is told later."""


class CloseAlarm(Body, frozen=True, kw_only=True):
    """The centre has dealt with the alarm."""


class SecurityReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """The security package in the car."""

    alarm: str
    driver_card: str
    service_mode: str
