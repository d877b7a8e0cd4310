"""From TOML files to the tables that are the same for all cars: texts, countries, services, use, disputes.

Shipped files are read once and kept. A file of the user's is read at each call, so that an edit shows.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from firmware_profiles.document import Document, read_document
from firmware_profiles.errors import ProfileErrorCode
from firmware_profiles.inheritance import settle, stacked
from firmware_profiles.reference import (
    Band,
    BandFacts,
    Country,
    CountryFacts,
    Dispute,
    DisputeFacts,
    Label,
    Rates,
    Service,
    ServiceFacts,
    Told,
    Translated,
    Usage,
)
from firmware_profiles.shipped import COUNTRIES, DISPUTES, LABELS, SERVICES, USAGE, shipped_document
from firmware_profiles.sources import separate
from firmware_profiles.validation import convert
from firmware_profiles.vocabulary import CountryCode, Name

USUAL = "usual"
"""The table of the country file that holds what each country has that does not say otherwise."""
Table = TypeVar("Table")
Facts = TypeVar("Facts", bound=msgspec.Struct)
Row = TypeVar("Row", bound=msgspec.Struct)


def load_countries(path: Path | None = None) -> Mapping[str, Country]:
    """Return the countries by ISO 3166-1 alpha-2 code, in the order of the file.

    Args:
        path: A file of one's own in the form of `data/countries.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_countries() if path is None else _countries(read_document(path, str(path)))


def load_labels(path: Path | None = None) -> Mapping[str, Label]:
    """Return the menu labels by id, in the order of the file.

    Args:
        path: A file of one's own in the form of `data/labels.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_labels() if path is None else _labels(read_document(path, str(path)))


def load_services(path: Path | None = None) -> Mapping[str, Service]:
    """Return the Connect services by id, in the order of the file.

    Args:
        path: A file of one's own in the form of `data/services.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_services() if path is None else _services(read_document(path, str(path)))


def load_usage(path: Path | None = None) -> Usage:
    """Return how much data cars use (CON-29).

    Args:
        path: A file of one's own in the form of `data/usage.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_usage() if path is None else _usage(read_document(path, str(path)))


def load_disputes(path: Path | None = None) -> Mapping[str, Dispute]:
    """Return the points on which the seeds disagree by id, in the order of the file.

    Args:
        path: A file in the form of `data/disputes.toml`; without it, the shipped one, which is what profiles go by.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_disputes() if path is None else _disputes(read_document(path, str(path)))


@cache
def _shipped_countries() -> Mapping[str, Country]:
    return _countries(shipped_document(COUNTRIES))


@cache
def _shipped_labels() -> Mapping[str, Label]:
    return _labels(shipped_document(LABELS))


@cache
def _shipped_services() -> Mapping[str, Service]:
    return _services(shipped_document(SERVICES))


@cache
def _shipped_usage() -> Usage:
    return _usage(shipped_document(USAGE))


@cache
def _shipped_disputes() -> Mapping[str, Dispute]:
    return _disputes(shipped_document(DISPUTES))


def _countries(document: Document) -> Mapping[str, Country]:
    usual = [separate(document, document.tables[USUAL], (USUAL,))] if USUAL in document.tables else []
    countries = {}
    for code, table in document.tables.items():
        if code == USUAL:
            continue
        convert(document, code, CountryCode, (code,))
        facts, sources = settle(stacked([*usual, separate(document, table, (code,))]), CountryFacts)
        countries[code] = Country(**_fields(facts), code=code, sources=sources)
    return MappingProxyType(countries)


def _labels(document: Document) -> Mapping[str, Label]:
    return _named(document, document.tables, (), Translated, Label)


def _services(document: Document) -> Mapping[str, Service]:
    return _named(document, document.tables, (), ServiceFacts, Service)


def _usage(document: Document) -> Usage:
    convert(document, dict(document.tables), _UsageFile)
    rates, sources = settle(stacked([separate(document, document.tables["rates"], ("rates",))]), Rates)
    bands = _named(document, document.tables["bands"], ("bands",), BandFacts, Band)
    return Usage(rates=rates, rate_sources=sources, bands=tuple(bands.values()))


class _UsageFile(msgspec.Struct, forbid_unknown_fields=True):
    """The two tables of the file of use, before they are looked into."""

    rates: dict[str, Any]
    bands: dict[str, Any]


def _disputes(document: Document) -> Mapping[str, Dispute]:
    disputes = {}
    for point, table in document.tables.items():
        convert(document, point, Name, (point,))
        readings = table.get("readings") if isinstance(table, dict) else None
        for reading, told in readings.items() if isinstance(readings, dict) else ():
            convert(document, reading, Name, (point, "readings", reading))
            convert(document, told, Told, (point, "readings", reading))
        facts = convert(document, table, DisputeFacts, (point,))
        if facts.default not in facts.readings:
            message = f"expected one of {', '.join(facts.readings)}, got {facts.default!r}"
            raise document.error(ProfileErrorCode.INVALID, (point, "default"), message)
        disputes[point] = Dispute(**_fields(facts), id=point)
    return MappingProxyType(disputes)


def _named(
    document: Document, tables: object, base: tuple[str, ...], kind: type[Facts], row: Callable[..., Row]
) -> Mapping[str, Row]:
    """The tables of a file by their ids."""
    assert isinstance(tables, Mapping)
    rows = {}
    for name, table in tables.items():
        convert(document, name, Name, (*base, name))
        facts, sources = settle(stacked([separate(document, table, (*base, name))]), kind)
        rows[name] = row(**_fields(facts), id=name, sources=sources)
    return MappingProxyType(rows)


def _fields(facts: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(facts)
