"""What a profile says, in words, with who says so."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import msgspec

from firmware_profiles import Profile, Reading, Source, load_labels

FACTS = {
    "model line": "car.line",
    "generation": "car.generation",
    "first model year": "car.model_years.first",
    "last model year": "car.model_years.last",
    "family": "car.family",
    "ways to data": "data.ways",
    "when parked": "data.parked_ways",
    "roaming": "data.roaming",
    "data off by": "data.data_off",
    "SIM PIN stored": "data.sim_pin",
    "linked by": "account.linking",
    "pairing code seen in": "account.code_places",
    "guest mode": "account.guest_mode",
    "key memory": "account.key_memory",
    "status symbol": "status.symbol_corner",
    "CarPlay": "phone.carplay",
    "wireless CarPlay": "phone.wireless_carplay",
    "remote access allowed in the PCM": "remote.allowed_in_pcm",
    "driver card needs": "security.driver_card",
    "driver card registered by": "security.card_registered_by",
    "may be ordered": "equipment.options",
    "minutes before installing": "installation.settle_minutes",
    "battery for installing, percent": "installation.minimum_battery_percent",
    "digital manual": "digital_manual",
}
"""What is shown of a car, in this order, with the key of each."""
_ARROW = " > "


class Fact(NamedTuple):
    """One thing that is so of a car.

    Attributes:
        title: What it is about.
        value: What is so.
        source: Lines of the seeds, or `assumed: ` and the reason.
        others: What else is told, each with its source and, where there is one, the assumption that takes it.
    """

    title: str
    value: str
    source: str
    others: list[tuple[str, str]]


def name_of(profile: Profile) -> str:
    """The car as one calls it, such as `718` or `911 gen. 8`."""
    generation = profile.car.generation
    return profile.car.line + (f" gen. {generation}" if generation else "")


def model_years(profile: Profile) -> str:
    """The span of model years, such as `2012–2019` or `from 2020`."""
    years = profile.car.model_years
    return f"from {years.first}" if years.last is None else f"{years.first}–{years.last}"


def title(profile: Profile) -> str:
    """Car and model years in one line."""
    return f"{name_of(profile)}, model years {model_years(profile)}"


def said(source: Source | Reading) -> str:
    """Who says so."""
    return ", ".join(source.seeds) or f"assumed: {source.assumed}"


def facts(profile: Profile) -> Iterator[Fact]:
    """All but the menus, in a fixed order; what the car's data leaves out is left out."""
    for what, key in FACTS.items():
        if key in profile.sources:
            source = profile.sources[key]
            others = [(_text(reading.value), _told(reading)) for reading in source.disputed]
            yield Fact(what, _text(reduce(getattr, key.split("."), profile)), said(source), others)


def menus(profile: Profile, language: str) -> Iterator[tuple[str, str]]:
    """Each setting with its path, as a driver reads it."""
    for menu, path in sorted(profile.menus.items()):
        yield menu.value, _ARROW.join(read(path, language))


def paths(profile: Profile, key: str, language: str) -> list[tuple[str, str]]:
    """The other paths that are told for a setting, each with its source."""
    disputed = profile.sources[key].disputed
    return [(_ARROW.join(read(reading.value, language)), _told(reading)) for reading in disputed]


def read(path: object, language: str) -> list[str]:
    """The entries of a menu path in a language, from the top."""
    assert isinstance(path, tuple)
    return [load_labels()[label].in_(language) for label in path]


def who(those: Sequence[Profile], cars: Sequence[Profile]) -> str:
    """Cars by the families that are there as a whole, and by name where a family is there in part."""
    if len(those) == len(cars):
        return "all"
    parts = {car.car.family for car in cars if car not in those}
    families = sorted({car.car.family for car in those} - parts)
    return ", ".join([*families, *(f"`{car.name}`" for car in those if car.car.family in parts)])


def as_json(profile: Profile, language: str, assumed: Mapping[str, str]) -> dict[str, Any]:
    """The whole profile in plain values, with the menus also as a driver reads them, and with what was assumed."""
    plain: dict[str, Any] = msgspec.to_builtins(profile, enc_hook=dict)
    entries = {menu.value: read(path, language) for menu, path in profile.menus.items()}
    return plain | {"assumed": dict(assumed), "language": language, "menus_read": entries}


def _told(reading: Reading) -> str:
    return said(reading) + (f"; with --assume {reading.when}" if reading.when else "")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
