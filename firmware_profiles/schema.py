"""What a profile says about a car, as frozen, typed values.

`ProfileFacts` is what stands in a file. `Profile` adds what the loader knows: the name, and the source of every value.
Values are plain: `profile.data.roaming` is a `RoamingControl`, and where it was said stands beside it under
`profile.sources["data.roaming"]`.
"""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from firmware_profiles.vocabulary import (
    Assumption,
    AtLeastOne,
    CodePlace,
    Corner,
    DataOff,
    Equipment,
    Linking,
    Menu,
    MenuPath,
    ModelYear,
    Percent,
    PlainValue,
    Registrar,
    RoamingControl,
    SeedLine,
    Text,
    Way,
)


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """Strict about unknown keys, as all structs of the data files are."""


class Reading(Facts, frozen=True, kw_only=True):
    """Another value that is told for the same fact, with the lines that tell it.

    Attributes:
        seeds: Lines of the seeds.
        assumed: The reason, where there are no such lines.
        when: The assumption that makes this reading the value, such as `my2021=porsche-id`; "" for none.
    """

    value: PlainValue
    seeds: tuple[SeedLine, ...] = field(name="source", default=())
    assumed: str = ""
    when: Assumption = ""


class Source(Facts, frozen=True, kw_only=True):
    """Where a value was said: lines of the seeds, or an assumption with its reason; never both.

    Attributes:
        seeds: A letter for the seed and a line number each, such as "A176".
        assumed: The reason for an assumption; "" when there are seeds.
        disputed: What other lines of the seeds say instead. The profile's value is the default among them.
    """

    seeds: tuple[SeedLine, ...] = ()
    assumed: str = ""
    disputed: tuple[Reading, ...] = ()


class ModelYears(Facts, frozen=True, kw_only=True):
    """First and last model year, both included; no last one while the car is still built."""

    first: ModelYear
    last: ModelYear | None = None

    def __contains__(self, year: int) -> bool:
        return self.first <= year and (self.last is None or year <= self.last)


class Car(Facts, frozen=True, kw_only=True):
    """Which cars a profile stands for.

    Attributes:
        line: The model line as it is written on the car.
        generation: Counted from 1, or None where the seeds count none.
        model_years: Spans of two profiles of one line may overlap.
        family: The group of profiles that share menus and rules.
        note: What one should know when choosing this profile.
    """

    line: Text
    generation: AtLeastOne | None = None
    model_years: ModelYears
    family: Text
    note: str = ""


class Data(Facts, frozen=True, kw_only=True):
    """How the car goes online (A176 to A214, B75 to B121).

    Attributes:
        ways: In the order of preference that the car begins with; which of them exist depends on the country too.
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


class Account(Facts, frozen=True, kw_only=True):
    """How the car and a Porsche ID come together.

    Attributes:
        linking: What the user enters in the PCM.
        code_places: Where an owner sees the pairing code (A160, A162, B127); none where there is no code.
        guest_mode: Whether the car can be used without a login, keeping nothing personal (B191).
        key_memory: Whether a key remembers which Porsche ID, or guest, used it last (B195).
    """

    linking: Linking
    code_places: tuple[CodePlace, ...] = ()
    guest_mode: bool
    key_memory: bool


class Status(Facts, frozen=True, kw_only=True):
    """Where the state of the data connection is shown (B109, B111)."""

    symbol_corner: Corner


class Phone(Facts, frozen=True, kw_only=True):
    """What the car does with a phone (A228, B149).

    Attributes:
        carplay: Whether it has Apple CarPlay.
        wireless_carplay: Whether it can have it without a cable; country and equipment must allow it too (CON-23).
    """

    carplay: bool
    wireless_carplay: bool


class Remote(Facts, frozen=True, kw_only=True):
    """Whether the main user must first allow remote access in the PCM (REM-01, B159)."""

    allowed_in_pcm: bool


class Security(Facts, frozen=True, kw_only=True):
    """What a driver card takes (SEC-02, B177).

    Attributes:
        driver_card: The equipment that it needs; None where there can be no driver card.
        card_registered_by: Who registers it; None likewise.
    """

    driver_card: Equipment | None = None
    card_registered_by: Registrar | None = None


class Orderable(Facts, frozen=True, kw_only=True):
    """What may be ordered for the car; whether a single car has it is not the profile's to say."""

    options: tuple[Equipment, ...]


class Installation(Facts, frozen=True, kw_only=True):
    """What a parked car needs before it installs a package (FOD-06, FOD-07).

    Attributes:
        settle_minutes: How long the car is left and locked before the installation is done.
        minimum_battery_percent: The charge that counts as enough.
    """

    settle_minutes: AtLeastOne
    minimum_battery_percent: Percent


class ProfileFacts(Facts, frozen=True, kw_only=True):
    """What stands in a profile file and those that it extends.

    Attributes:
        menus: For each setting that the car has, the labels to tap from the top of the PCM.
        digital_manual: Whether there is a digital owner's manual (AFT-03, B251).
    """

    car: Car
    data: Data
    account: Account
    status: Status
    phone: Phone
    remote: Remote
    security: Security
    equipment: Orderable
    installation: Installation
    menus: Mapping[Menu, MenuPath]
    digital_manual: bool


class Profile(ProfileFacts, frozen=True, kw_only=True):
    """A car's profile: the facts, under the file's name, with the source of each by its dotted key."""

    name: str
    sources: Mapping[str, Source]
    assumed: Mapping[str, str]
    """The readings by point that were asked for."""
    file: str | None = None
    """Where it stands, if it is one of the user's own."""

    @property
    def hardware_id(self) -> str:
        """What images for this car's PCM are made for; the seeds name no hardware, so each family is taken for one."""
        return f"pcm-{self.car.family}"
