"""What a profile says about a car, a country and a menu label, as frozen, typed values.

The `...Facts` structs are what stands in a file. The structs built on them add what the loader knows:
the name or code, and the source of every value. Values are plain: `profile.data.roaming` is a
`RoamingControl`, and where it was said stands beside it under `profile.sources["data.roaming"]`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

Text = Annotated[str, Meta(min_length=1)]
SeedLine = Annotated[str, Meta(pattern=r"^[AB][0-9]+$")]
LabelId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MenuPath = Annotated[tuple[LabelId, ...], Meta(min_length=1)]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Address = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
ModelYear = Annotated[int, Meta(ge=2000, le=2100)]
Minutes = Annotated[int, Meta(ge=1)]
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


class Corner(StrEnum):
    """The corner of the screen where the symbol of the data connection stands (B109)."""

    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"


class Menu(StrEnum):
    """A setting that is reached through a menu path of its own on each generation."""

    ROAMING = "roaming"
    DATA_OFF = "data-off"
    SIM_PIN = "sim-pin"
    LINK_ACCOUNT = "link-account"
    IN_CAR_HOTSPOT = "in-car-hotspot"


class _Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """Strict about unknown keys, as all structs here are."""


class Reading(_Facts, frozen=True, kw_only=True):
    """Another value that the seeds give for the same fact, with the lines that give it."""

    value: PlainValue
    seeds: Annotated[tuple[SeedLine, ...], Meta(min_length=1)] = field(name="source")


class Source(_Facts, frozen=True, kw_only=True):
    """Where a value was said: lines of the seeds, or an assumption with its reason; never both.

    Attributes:
        seeds: A letter for the seed and a line number each, such as "A176".
        assumed: The reason for an assumption; "" when there are seeds.
        disputed: What other lines of the seeds say instead. The profile's value is the default among them.
    """

    seeds: tuple[SeedLine, ...] = ()
    assumed: str = ""
    disputed: tuple[Reading, ...] = ()


class ModelYears(_Facts, frozen=True, kw_only=True):
    """First and last model year, both included; no last one while the car is still built."""

    first: ModelYear
    last: ModelYear | None = None


class Car(_Facts, frozen=True, kw_only=True):
    """Which cars a profile stands for.

    Attributes:
        line: The model line as it is written on the car.
        generation: Counted from 1, or None where the seeds count none.
        model_years: Spans of two profiles of one line may overlap.
        family: The group of profiles that share menus and rules.
        note: What one should know when choosing this profile.
    """

    line: Text
    generation: Annotated[int, Meta(ge=1)] | None = None
    model_years: ModelYears
    family: Text
    note: str = ""


class Data(_Facts, frozen=True, kw_only=True):
    """How the car goes online (A176 to A214, B75 to B121).

    Attributes:
        ways: In order of preference; which of them exist depends on the country too.
        parked_ways: Those of them that stay connected while the car is off and locked.
        roaming: Who enables roaming.
        data_off: What switches data off.
        sim_pin: Whether there is a SIM PIN that can be asked for and stored.
    """

    ways: Annotated[tuple[Way, ...], Meta(min_length=1)]
    parked_ways: tuple[Way, ...]
    roaming: RoamingControl
    data_off: DataOff
    sim_pin: bool


class Account(_Facts, frozen=True, kw_only=True):
    """How the car and a Porsche ID come together.

    Attributes:
        linking: What the user enters in the PCM.
        guest_mode: Whether the car can be used without a login, keeping nothing personal (B191).
        key_memory: Whether a key remembers which Porsche ID, or guest, used it last (B195).
    """

    linking: Linking
    guest_mode: bool
    key_memory: bool


class Status(_Facts, frozen=True, kw_only=True):
    """Where the state of the data connection is shown (B109, B111)."""

    symbol_corner: Corner


class Remote(_Facts, frozen=True, kw_only=True):
    """Whether the main user must first allow remote access in the PCM (REM-01, B159)."""

    allowed_in_pcm: bool


class Installation(_Facts, frozen=True, kw_only=True):
    """What a parked car needs before it installs a package (FOD-06, FOD-07).

    Attributes:
        settle_minutes: How long the car is left and locked before the installation is done.
        minimum_battery_percent: The charge that counts as enough.
    """

    settle_minutes: Minutes
    minimum_battery_percent: Percent


class ProfileFacts(_Facts, frozen=True, kw_only=True):
    """What stands in a profile file.

    Attributes:
        menus: For each setting that the car has, the labels to tap from the top of the PCM.
        digital_manual: Whether there is a digital owner's manual (B251).
    """

    car: Car
    data: Data
    account: Account
    status: Status
    remote: Remote
    installation: Installation
    menus: Mapping[Menu, MenuPath]
    digital_manual: bool


class Profile(ProfileFacts, frozen=True, kw_only=True):
    """A car's profile: the facts, under the file's name, with the source of each by its dotted key."""

    name: str
    sources: Mapping[str, Source]


class Translated(_Facts, frozen=True, kw_only=True):
    """One text in Japanese, English and German."""

    ja: Text
    en: Text
    de: Text


class Label(Translated, frozen=True, kw_only=True):
    """What a menu entry says, by the id that profiles use; `sources` by language."""

    id: str
    sources: Mapping[str, Source]


class CountryFacts(_Facts, frozen=True, kw_only=True):
    """What stands in the country file.

    Attributes:
        name: As the country is called in each language.
        support_address: The e-mail address of Porsche Connect support (A19 to A63).
        embedded_sim: Whether embedded SIMs have data here (A178).
        functions_on_demand: Whether they are sold here (A232).
        security_code: Whether remote services need a security code besides the Porsche ID (A170).
        service_booking: Whether a service can be booked in My Porsche (A260).
    """

    name: Translated
    support_address: Address
    embedded_sim: bool
    functions_on_demand: bool
    security_code: bool
    service_booking: bool


class Country(CountryFacts, frozen=True, kw_only=True):
    """A country by its ISO 3166-1 alpha-2 code; `sources` by dotted key, such as "name.ja"."""

    code: CountryCode
    sources: Mapping[str, Source]
