"""Message bodies about data: the in-car hotspot, what the data connection was used for.

Nothing in them is personal: no phone is named, and data is counted by purpose and way alone.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from pcm_agent.protocol.body import Body

Instant = Annotated[datetime, Meta(tz=True)]
WayName = Literal["embedded-sim", "inserted-sim", "hotspot"]


class BookDataPackage(Body, frozen=True, kw_only=True):
    """A data package for passengers was booked, or is not to be renewed any more (CON-27)."""

    until: Instant
    renewed_days: Annotated[int, Meta(ge=1, le=366)] | None = None
    """At its end it is renewed by itself for so many days; None: it expires."""


class DataPackageReported(Body, frozen=True, kw_only=True):
    """Where the data package stands: booked, renewed by itself, or expired."""

    state: Literal["none", "valid", "expired"]
    until: Instant | None = None
    renewed_days: int | None = None


class DataUse(Body, frozen=True, kw_only=True):
    """Bytes that went over one way for one purpose."""

    purpose: str
    way: WayName
    charged: bool = False
    """They carry a roaming charge (CON-12)."""
    bytes: int


class DataUsageReported(Body, frozen=True, kw_only=True):
    """What the data connection was used for in one month (UTC), at its end."""

    month: str | None
    """Such as 2026-03."""
    uses: tuple[DataUse, ...] = ()


class DeviceReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """A passenger's phone: where its data comes from, and whether its apps reach the PCM."""

    platform: Literal["ios", "android"]
    route: Literal["car", "own", "none"]
    app_data: bool


class SharingReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """The in-car hotspot, in the reported state."""

    sharing: Literal["off", "on"]
    package: DataPackageReported
    devices: tuple[DeviceReported, ...]


class MapUpdateReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """The online update of the map, in the reported state."""

    state: Literal["none", "waiting", "loading", "loaded"]
    version: str | None
    received: int
    length: int
