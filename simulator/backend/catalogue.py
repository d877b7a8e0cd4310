"""What the store sells for which cars, as data with a source for every value (FOD-14, FOD-15).

catalogue = load_catalogue()
catalogue.functions["some-function"].kinds           # on what terms it is sold
reason_against(catalogue.updates["some-update"], car)  # why a car does not get it; None: nothing speaks against it
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from firmware_profiles import Equipment, Source, load_countries, profile_names
from firmware_profiles.document import Document, read_document
from firmware_profiles.inheritance import settle, stacked
from firmware_profiles.schema import Facts
from firmware_profiles.sources import separate
from firmware_profiles.validation import convert
from firmware_profiles.vocabulary import AtLeastOne, CountryCode, Name, Text
from simulator.backend.records import OrderKind

FILE = "functions.toml"
Kind = TypeVar("Kind", bound=msgspec.Struct)
Row = TypeVar("Row", bound=msgspec.Struct)


class FitFacts(Facts, frozen=True, kw_only=True):
    """Which cars something is for.

    Attributes:
        profiles: Of these kinds of cars only.
        countries_without: Not where a car was sold in one of these.
        equipment: Only where all of this was ordered with the car.
    """

    profiles: tuple[Name, ...]
    countries_without: tuple[CountryCode, ...]
    equipment: tuple[Equipment, ...]


class FunctionFacts(FitFacts, frozen=True, kw_only=True):
    """What stands in the file about a function on demand.

    Attributes:
        kinds: On what terms it is sold.
        trial_months: How long a trial of it lasts; None where there is none.
    """

    kinds: tuple[OrderKind, ...]
    trial_months: AtLeastOne | None = None


class Function(FunctionFacts, frozen=True, kw_only=True):
    """A function on demand by its id."""

    id: Name
    sources: Mapping[str, Source]


class UpdateFacts(FitFacts, frozen=True, kw_only=True):
    """What stands in the file about an online software update: its newest version, and how large that is."""

    version: Text
    bytes: AtLeastOne


class Update(UpdateFacts, frozen=True, kw_only=True):
    """An online software update by its id."""

    id: Name
    sources: Mapping[str, Source]


class Catalogue(NamedTuple):
    """All that the data know, by id."""

    functions: Mapping[str, Function]
    updates: Mapping[str, Update]


class Build(NamedTuple):
    """A car as the factory made it."""

    profile: str
    country: str
    """Where it was sold, ISO 3166-1 alpha-2."""
    equipment: frozenset[str] = frozenset()


class Reason(NamedTuple):
    """Why a car does not get something: a code, and what it means here."""

    code: str
    text: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The two tables of the file, before they are looked into."""

    functions: dict[str, Any]
    updates: dict[str, Any]


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Return what the store sells.

    Args:
        path: A file of one's own in the form of `data/functions.toml`; without it, the shipped one.

    Raises:
        ProfileError: `profile-unreadable` or `profile-invalid`, with file, line and key.
    """
    return _shipped() if path is None else _catalogue(read_document(path, str(path)))


@cache
def _shipped() -> Catalogue:
    return _catalogue(read_document(resources.files("simulator.backend") / "data" / FILE, FILE))


def _catalogue(document: Document) -> Catalogue:
    tables = convert(document, dict(document.tables), _File)
    functions = _rows(document, "functions", tables.functions, FunctionFacts, Function)
    return Catalogue(functions, _rows(document, "updates", tables.updates, UpdateFacts, Update))


def _rows(
    document: Document, key: str, tables: Mapping[str, Any], kind: type[Kind], row: Callable[..., Row]
) -> Mapping[str, Row]:
    rows = {}
    for name, table in tables.items():
        convert(document, name, Name, (key, name))
        facts, sources = settle(stacked([separate(document, table, (key, name))]), kind)
        rows[name] = row(**msgspec.structs.asdict(facts), id=name, sources=sources)
    return MappingProxyType(rows)


def reason_against(thing: FitFacts, car: Build) -> Reason | None:
    """Why a car does not get a function or an update; None where it fits."""
    if car.country in thing.countries_without:
        return Reason("not-in-country", f"it does not exist in {car.country}")
    if car.profile not in thing.profiles:
        return Reason("not-for-car", f"it does not exist for a {car.profile}")
    missing = sorted(set(thing.equipment) - car.equipment)
    return Reason("equipment-missing", f"it needs {', '.join(missing)}") if missing else None


def no_functions_in(country: str) -> Reason | None:
    """Why nothing is sold in a country at all; None where functions on demand exist there (FOD-14)."""
    known = load_countries().get(country)
    if known is None or known.functions_on_demand:
        return None
    return Reason("not-in-country", f"there are no functions on demand in {country}")


def is_shipped_car(car: Build) -> bool:
    """Whether it is one that the data can speak of; a profile of one's own is none."""
    return car.profile in profile_names()
