"""Parts of what people do: in the car with their Porsche ID, in My Porsche, in the store and in the app."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from firmware_profiles import Equipment
from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Country, FunctionName, PorscheId, SettingName, Size


class LogIn(Part, frozen=True, kw_only=True):
    """Log in to the car with a Porsche ID."""

    porsche_id: PorscheId
    password: str
    security_code: str | None = None


class Setting(Part, frozen=True, kw_only=True):
    """A personal setting, and what it is set to."""

    name: SettingName
    value: str


class SecurityCode(Part, frozen=True, kw_only=True):
    """Set or change the security code in My Porsche."""

    porsche_id: PorscheId
    code: str


class Remote(Part, frozen=True, kw_only=True):
    """Have the car do something from the app."""

    action: Literal["lock", "unlock", "honk-and-flash", "climate-on", "climate-off", "charge-start", "charge-stop"]
    by: PorscheId
    security_code: str | None = None


class Register(Part, frozen=True, kw_only=True):
    """Add the car to somebody's profile in My Porsche; the account is made where there is none."""

    porsche_id: PorscheId
    password: str


class NewAccount(Part, frozen=True, kw_only=True):
    """Make a Porsche ID; with `add_user`, let the main user add it to the car."""

    porsche_id: PorscheId
    password: str


class Order(Part, frozen=True, kw_only=True):
    """Buy a function on demand for the car."""

    function: FunctionName
    """As in [functions](functions.md), which says which cars have it."""
    own: bool = False
    """It is a function of your own, which the store's catalogue does not have; all steps may name it then."""
    size: Size = "40 MB"
    version: str = "1.0"
    price: Annotated[str, Meta(pattern=r"^[0-9]{1,9}\.[0-9]{2} [A-Z]{3}$", description="such as 249.00 EUR")] = (
        "0.00 EUR"
    )
    """Of the function, or of each month of it; a trial is free whatever stands here."""
    consent: Literal["ordered", "ask"] = "ordered"
    kind: Literal["perpetual", "monthly", "trial"] = "perpetual"
    """For good, with a bill a month until notice is given, or free for some months."""
    months: Annotated[int, Meta(ge=1, le=120)] | None = None
    """How long a trial lasts; as the store's data say where it is left out, else 1."""
    preconditions: tuple[FunctionName, ...] = ()
    """What the function demands of the car besides what every installation needs; see [packages](packages.md)."""


class CarBuilt(Part, frozen=True, kw_only=True):
    """What the factory tells the backend of the car; in a scenario it has done so already."""

    profile: str
    country: Country
    equipment: tuple[Equipment, ...] = ()


class OrderService(Part, frozen=True, kw_only=True):
    """Buy a service for the car, or prolong it."""

    service: FunctionName
    days: Annotated[int, Meta(ge=1, le=36_500)] = 365
    """Its term, where no `until` is given."""
    until: Annotated[datetime, Meta(tz=True)] | None = None
    phone: str | None = None
    """For the security package: the number that the security operations centre calls."""


class ConnectApp(Part, frozen=True, kw_only=True):
    """Connect the app on a phone to the car."""

    language: Literal["ja", "en", "de"] | None = None
    """To which the phone is set from now on."""
    online: bool = True
    """Whether the phone has internet of its own."""
