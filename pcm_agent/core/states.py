"""The states of each region, and the few other words that a state is told in."""

from enum import StrEnum


class Ignition(StrEnum):
    """Readiness to drive, switched with the power button."""

    OFF = "off"
    ON = "on"


class SelectorLever(StrEnum):
    """Position of the selector lever."""

    PARK = "P"
    REVERSE = "R"
    NEUTRAL = "N"
    DRIVE = "D"


class ParkingBrake(StrEnum):
    """The electric parking brake."""

    RELEASED = "released"
    APPLIED = "applied"


class Lock(StrEnum):
    """The central locking."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"


class Occupancy(StrEnum):
    """Whether anybody sits in the car."""

    VACANT = "vacant"
    OCCUPIED = "occupied"


class Charging(StrEnum):
    """The charging cable."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"


class Battery(StrEnum):
    """Whether the battery is charged enough for an installation."""

    LOW = "low"
    SUFFICIENT = "sufficient"


class Connection(StrEnum):
    """The PCM's data connection."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"


class Access(StrEnum):
    """Radio access technology (3GPP): E-UTRA, UTRA, GERAN."""

    LTE = "lte"
    UMTS = "3g"
    EDGE = "edge"


class Roaming(StrEnum):
    """Where the subscription that carries the data is registered (3GPP TS 27.007 `+CREG`: 1 home, 5 roaming)."""

    HOME = "home"
    BARRED = "barred"
    ROAMING = "roaming"


class Sim(StrEnum):
    """The inserted SIM and its PIN (3GPP TS 27.007 `+CPIN`)."""

    ABSENT = "absent"
    PIN_REQUIRED = "pin-required"
    READY = "ready"
    PUK_REQUIRED = "puk-required"
    BLOCKED = "blocked"


class Bluetooth(StrEnum):
    """A phone on Bluetooth, for calls, media and messages."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"


class CarPlay(StrEnum):
    """A phone on the PCM's screen."""

    OFF = "off"
    CABLE = "cable"
    WIRELESS = "wireless"


class CallLine(StrEnum):
    """What a call goes over."""

    PHONE = "phone"
    INSERTED_SIM = "inserted-sim"


class Metadata(StrEnum):
    """What the car knows of what the repositories say of it (Uptane 5.4.4)."""

    CURRENT = "current"
    DUE = "due"
    CHECKING = "checking"


class Call(StrEnum):
    """The call that goes on, by its line."""

    NONE = "none"
    PHONE = "phone"
    INSERTED_SIM = "inserted-sim"


class PrivateMode(StrEnum):
    """Private mode for all services."""

    OFF = "off"
    ON = "on"


class Personal(StrEnum):
    """Whether the backend knows all that it should of the people in the car (IDN-12)."""

    TOLD = "told"
    UNTOLD = "untold"


class Remote(StrEnum):
    """Remote access; suspended only while private mode is on (PRV-01)."""

    OFF = "off"
    ALLOWED = "allowed"
    SUSPENDED = "suspended"


class Climate(StrEnum):
    """Air conditioning of the parked car."""

    OFF = "off"
    ON = "on"


class Charge(StrEnum):
    """Whether current flows through the charging cable."""

    IDLE = "idle"
    FLOWING = "flowing"


class Account(StrEnum):
    """The link between car and Porsche ID."""

    UNLINKED = "unlinked"
    LINKING = "linking"
    LINKED = "linked"


class ServiceState(StrEnum):
    """A service that was ordered for the car, as the PCM sees it (CON-25, REM-03)."""

    ENDED = "ended"
    ORDERED = "ordered"
    """The backend provided it; it appears at the next restart."""
    UNAVAILABLE = "unavailable"
    AVAILABLE = "available"


class Traffic(StrEnum):
    """The switch for real-time traffic in the map view."""

    OFF = "off"
    ON = "on"


class App(StrEnum):
    """The link to the app on a phone in the car."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"


class Alarm(StrEnum):
    """What the security operations centre has been told and not closed yet."""

    QUIET = "quiet"
    SILENT = "silent"
    """The car moved without a driver card."""
    THEFT = "theft"
    """A sensor found a possible theft."""


class DriverCard(StrEnum):
    """Whether a driver card is detected in the car."""

    ABSENT = "absent"
    PRESENT = "present"


class ServiceMode(StrEnum):
    """Parts of the alarm are suspended, as in a workshop."""

    OFF = "off"
    ON = "on"


class TheftSensor(StrEnum):
    """What watches the parked car."""

    TILT = "tilt"
    TOWING = "towing"
    GLASS = "glass"
    INTERIOR = "interior"
    TAMPERING = "tampering"
    JAMMING = "jamming"


class Sharing(StrEnum):
    """The in-car hotspot: whether the data connection is shared with WiFi devices."""

    OFF = "off"
    ON = "on"


class DataPackage(StrEnum):
    """The data package that passengers' phones use up."""

    NONE = "none"
    VALID = "valid"
    EXPIRED = "expired"


class Platform(StrEnum):
    """What a passenger's phone runs on."""

    IOS = "ios"
    ANDROID = "android"


class Route(StrEnum):
    """Where a passenger's phone gets its data from."""

    CAR = "car"
    OWN = "own"
    NONE = "none"


class Purpose(StrEnum):
    """What data is used for."""

    TRAFFIC = "traffic"
    NAVIGATION = "navigation"
    MUSIC = "music"
    WEATHER = "weather"
    PASSENGERS = "passengers"
    PACKAGE = "package"
    METADATA = "metadata"
    """What the repositories say, whether it is believed or not."""
    MAP_UPDATE = "map-update"


class MapUpdate(StrEnum):
    """The online update of the map."""

    NONE = "none"
    WAITING = "waiting"
    LOADING = "loading"
    LOADED = "loaded"
