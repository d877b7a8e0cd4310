"""The words of the data files: what each fact may be, with the line of the seeds behind it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
SeedLine = Annotated[str, Meta(pattern=r"^[AB][0-9]+$")]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MenuPath = Annotated[tuple[Name, ...], Meta(min_length=1)]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Address = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
Assumption = Annotated[str, Meta(pattern=r"^([a-z0-9-]+=[a-z0-9-]+)?$")]
ModelYear = Annotated[int, Meta(ge=2000, le=2100)]
Count = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]
Percent = Annotated[int, Meta(ge=0, le=100)]
PlainValue = str | int | bool | tuple[str, ...]


class Way(StrEnum):
    """A way for data to reach the PCM (A176, B135)."""

    EMBEDDED_SIM = "embedded-sim"
    INSERTED_SIM = "inserted-sim"
    HOTSPOT = "hotspot"


class RoamingControl(StrEnum):
    """Who enables roaming: the user by a switch (A186), or the car by itself (A194)."""

    SWITCH = "switch"
    AUTOMATIC = "automatic"


class DataOff(StrEnum):
    """What a user does to switch data off: a switch for mobile data (A204), or private mode (A206)."""

    MOBILE_DATA_SWITCH = "mobile-data-switch"
    PRIVATE_MODE = "private-mode"


class Linking(StrEnum):
    """What a user enters in the car to link it: an 8-digit pairing code (A120), or the Porsche ID itself (A119)."""

    PAIRING_CODE = "pairing-code"
    PORSCHE_ID = "porsche-id"


class CodePlace(StrEnum):
    """Where an owner sees the pairing code: the portal (A160, B123), or one of two apps (B127, A162)."""

    MY_PORSCHE = "my-porsche"
    CONNECT_APP = "connect-app"
    MY_PORSCHE_APP = "my-porsche-app"


class Corner(StrEnum):
    """The corner of the screen where the symbol of the data connection stands (B109)."""

    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"


class Equipment(StrEnum):
    """What may be ordered for a car besides (B149, B177)."""

    WIRELESS_CARPLAY = "wireless-carplay"
    VEHICLE_TRACKING_SYSTEM = "vehicle-tracking-system"
    VEHICLE_TRACKING_SYSTEM_PLUS = "vehicle-tracking-system-plus"


class Registrar(StrEnum):
    """Who makes equipment known to the car (B177)."""

    DEALER = "dealer"


class Menu(StrEnum):
    """A setting that is reached through a menu path of its own on each generation."""

    ROAMING = "roaming"
    DATA_OFF = "data-off"
    SIM_PIN = "sim-pin"
    APN = "apn"
    HOTSPOT_SCAN = "hotspot-scan"
    WAY_ORDER = "way-order"
    IN_CAR_HOTSPOT = "in-car-hotspot"
    LINK_ACCOUNT = "link-account"
    LOG_OUT = "log-out"
    GUEST = "guest"
    PRIVATE_MODE = "private-mode"
    REMOTE_ACCESS = "remote-access"
    TRAFFIC = "traffic"
    UPDATES = "updates"
    MAP_UPDATES_OVER_MOBILE = "map-updates-over-mobile"
    SERVICE_MODE = "service-mode"
    FACTORY_RESET = "factory-reset"
    APP_CONNECTION = "app-connection"
