"""Parts of what is done in the car and around it: radio, SIM, phones, menus, passengers and data."""

from typing import Annotated, Literal

from msgspec import Meta

from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Country, Size, Switch, UseName


class Radio(Part, frozen=True, kw_only=True):
    """The cell that serves the car; the country stays the same where it is left out."""

    access: Literal["lte", "3g", "edge", "none"]
    country: Country | None = None


class InsertSim(Part, frozen=True, kw_only=True):
    """Put a SIM of one's own into the slot."""

    country: Country
    pin: str | None = None
    puk: str | None = None
    apns: tuple[str, ...] = ("internet",)
    keeps_data: bool = True
    """Whether its provider lets data go on beside a call on LTE."""
    card: str = ""
    """Which SIM it is, where there are several: a stored PIN belongs to its card.

    Without one it is the same SIM wherever country, PIN and PUK are the same.
    """


class EnterPin(Part, frozen=True, kw_only=True):
    """Type the SIM's PIN."""

    pin: str
    store: bool = False


class EnterPuk(Part, frozen=True, kw_only=True):
    """Type the SIM's PUK and a new PIN."""

    puk: str
    new_pin: str


class Network(Part, frozen=True, kw_only=True):
    """A phone's WiFi network, to be joined."""

    ssid: str
    password: str


class OpenHotspot(Part, frozen=True, kw_only=True):
    """A phone opens its WiFi network."""

    ssid: str
    password: str
    phone: str | None = None
    """Which phone it is; a call with the same one may stop its data."""
    keeps_data: bool = True
    """Whether its provider lets data go on beside a call on LTE."""


class StartCarPlay(Part, frozen=True, kw_only=True):
    """A phone shows itself on the PCM's screen."""

    phone: str
    over: Literal["cable", "wireless"] = "cable"


MenuWay = Annotated[
    tuple[str, ...],
    Meta(min_length=1, description="labels from the top of the menus, in Japanese, English or German, or their ids"),
]


class MenuEntry(Part, frozen=True, kw_only=True):
    """Tap a way through the menus and type what is asked for there."""

    path: MenuWay
    enter: str | tuple[str, ...]
    """Field by field; `from-my-porsche` for the pairing code that My Porsche shows."""


MenuTap = MenuWay | MenuEntry


class JoinDevice(Part, frozen=True, kw_only=True):
    """A passenger's phone knows the car's WiFi and is in the car."""

    name: str
    platform: Literal["ios", "android"]
    stays: bool = False
    """It stays in that WiFi even where there is no data for it."""


class BookPackage(Part, frozen=True, kw_only=True):
    """Book a data package for passengers, from now on."""

    days: Annotated[int, Meta(ge=1, le=366)] = 30
    renewal: Switch = "off"
    """On: renewed by itself, for as long each time."""


class UseData(Part, frozen=True, kw_only=True):
    """Let something use the data connection."""

    purpose: UseName
    size: Size


class OfferMap(Part, frozen=True, kw_only=True):
    """Offer a newer map."""

    version: str
    size: Size
