"""The page `docs/profiles.md`: all cars, their menus, the countries and the disputes, as they stand in the data."""

from collections.abc import Iterator, Sequence

from firmware_profiles import Country, Menu, Profile, load_countries, load_disputes, load_profile, profile_names
from simulator.cars.sources import linked
from simulator.cars.words import FACTS, facts, model_years, name_of, paths, read, said, who
from simulator.markdown import table

_HEAD = """\
# The cars

Generated from `firmware_profiles/data/` by `pcm-sim profiles --format markdown`; do not edit.

A and B are the two documents that the simulation follows (the seeds), the number is the line; [sources](sources.md)
says what else rests on it. What is *assumed* stands in neither: the reason is given, and the value may be edited at
will. `pcm-sim profile NAME` shows one car alone.
"""
_COLUMNS = {
    "embedded SIM": "embedded_sim",
    "calls over the inserted SIM": "inserted_sim_calls",
    "hotspot": "hotspot",
    "wireless CarPlay": "wireless_carplay",
    "functions on demand": "functions_on_demand",
    "security code": "security_code",
    "service booking": "service_booking",
    "VIN check digit": "vin_check_digit",
}


def page() -> str:
    """The page in Markdown, ready to be written."""
    cars = [load_profile(name) for name in profile_names()]
    parts = [*_overview(cars), *_facts(cars), *_menus(cars), *_disputes(), *_countries()]
    return "\n".join([_HEAD, *map(linked, parts)])


def _overview(cars: Sequence[Profile]) -> Iterator[str]:
    rows = [
        (
            f"`{car.name}`",
            name_of(car),
            model_years(car),
            car.car.family,
            ", ".join(car.data.ways),
            car.data.roaming,
            car.account.linking,
            car.status.symbol_corner,
            "yes" if car.account.guest_mode else "no",
            "yes" if car.digital_manual else "no",
        )
        for car in cars
    ]
    head = (
        "profile", "car", "model years", "family", "ways to data", "roaming", "linked by", "symbol", "guest mode",
        "digital manual",
    )  # fmt: skip
    yield from table(head, rows)


def _facts(cars: Sequence[Profile]) -> Iterator[str]:
    """Each fact once, with the cars that share value and source."""
    yield "## What is so of which car\n"
    rows: dict[tuple[str, str, str], list[Profile]] = {}
    for car in cars:
        for fact in facts(car):
            others = "".join(f"<br>or {value}: {source}" for value, source in fact.others)
            rows.setdefault((fact.title, fact.value + others, _marked(fact.source)), []).append(car)
    ordered = sorted(rows.items(), key=lambda row: list(FACTS).index(row[0][0]))
    yield from table(("what", "value", "source", "cars"), [(*row, who(those, cars)) for row, those in ordered])


def _menus(cars: Sequence[Profile]) -> Iterator[str]:
    yield "## Where the settings are\n"
    rows: dict[tuple[str, str, str], list[Profile]] = {}
    for menu in Menu:
        for car in (car for car in cars if menu in car.menus):
            key = f"menus.{menu}"
            others = "".join(f"<br>or {path}: {source}" for path, source in paths(car, key, "en"))
            path = " > ".join(read(car.menus[menu], "en")) + others
            rows.setdefault((menu, path, _marked(said(car.sources[key]))), []).append(car)
    yield from table(("setting", "path", "source", "cars"), [(*row, who(those, cars)) for row, those in rows.items()])


def _disputes() -> Iterator[str]:
    yield "## Where the documents disagree\n"
    rows = [
        (
            dispute.question if told is next(iter(dispute.readings.values())) else "",
            told.says,
            ", ".join(told.source),
            "taken" if reading == dispute.default else f"`--assume {dispute.id}={reading}`",
        )
        for dispute in load_disputes().values()
        for reading, told in dispute.readings.items()
    ]
    yield from table(("question", "side", "source", "how to take it"), rows)


def _countries() -> Iterator[str]:
    countries = load_countries().values()
    yield "## Countries\n"
    yield "Names in Japanese and addresses are as in the documents. Columns *in italics* are assumed: that they differ"
    yield "by country is told, but not how.\n"
    head = ["", "ja", "en", "de", "support", *(f"*{title}*" for title in _COLUMNS), "*lacks*", "source"]
    yield from table(head, [_country(country) for country in countries])


def _country(country: Country) -> list[str]:
    name, source = country.name, country.sources["name.ja"]
    columns = ["yes" if getattr(country, column) else "no" for column in _COLUMNS.values()]
    lacks = ", ".join(country.services_unavailable)
    return [country.code, name.ja, name.en, name.de, country.support_address, *columns, lacks, said(source)]


def _marked(source: str) -> str:
    return f"*assumed*{source.removeprefix('assumed')}" if source.startswith("assumed: ") else source
