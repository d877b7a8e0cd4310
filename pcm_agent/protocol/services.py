"""What backend and PCM say of services and of the app on a phone (CON-24, CON-25, REM-03, IDN-18)."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from pcm_agent.protocol.body import Body

ServiceId = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z0-9][a-z0-9.-]*$")]


class ProvideService(Body, frozen=True, kw_only=True):
    """A service was ordered for the car, or its term prolonged; it appears at the car's next restart (CON-25)."""

    service: ServiceId
    until: Annotated[datetime, Meta(tz=True)]
    """The end of its term."""


class CancelService(Body, frozen=True, kw_only=True):
    """End a service before its term is over."""

    service: ServiceId


class ServiceReported(Body, frozen=True, kw_only=True):
    """Where a service stands in the car, and what stands against it."""

    service: str
    state: Literal["ended", "ordered", "unavailable", "available"]
    until: datetime | None = None
    blocked_by: tuple[str, ...] = ()


class AppPresence(Body, frozen=True, kw_only=True, omit_defaults=False):
    """Retained; the app says it, not the PCM: whether it can hand commands to the car. `offline` is its last will."""

    status: Literal["online", "offline"]
    session_id: str


class ServicesReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """The services of the car, the switch in the map view, and the app."""

    traffic: str
    app: str
    app_online: bool
    services: tuple[ServiceReported, ...]
