"""The cells of a matrix: every combination of its values, their names, and which of them cannot exist."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from firmware_profiles import Country, Profile, Way, load_countries
from simulator.scenario.filling import plain_text
from simulator.scenario.model import CarPart
from simulator.scenario.words import is_country, nearest

OF_THE_CAR = ("profile", "country", "language")
"""Names in a matrix that go into the first car, where it says nothing of them."""
SPECIAL = (*OF_THE_CAR, "way")
"""Names that a matrix may have without a parameter of that name."""

Cell = dict[str, Any]
"""Values by name."""


def combinations(matrix: Mapping[str, Sequence[Any]]) -> list[Cell]:
    """One cell for each combination, the last name changing first; a single empty cell without a matrix."""
    return [dict(zip(matrix, values, strict=True)) for values in product(*matrix.values())]


def faults_of_matrix(
    matrix: Mapping[str, Sequence[Any]], known: Collection[str], used: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Key and message of what would make cells that do not do what their names say.

    Args:
        matrix: values by name.
        known: the names that there are; what is wrong with others is told elsewhere.
        used: the names that cars and steps use.
    """
    for name in matrix:
        if name not in OF_THE_CAR and name in known and name not in used:
            yield f"matrix.{name}", f"no step uses ${{{name}}}, so all of these cells would be the same"
    for number, way in enumerate(matrix.get("way", ())):
        if way not in tuple(Way):
            near = nearest(plain_text(way), list(Way))
            yield f"matrix.way[{number}]", f"no way to data is called {way!r}{near}; there are: {', '.join(Way)}"


def cell_name(cell: Cell) -> str:
    """Such as `profile=some-car,country=JP`; "" without a matrix."""
    return ",".join(f"{name}={re.sub(r'[][,=]', '_', plain_text(value))}" for name, value in cell.items())


def matches(asked: str, name: str) -> bool:
    """Whether a cell is asked for: by its whole name, or by some of its values."""
    wanted, there = (set(filter(None, map(str.strip, text.split(",")))) for text in (asked, name))
    return bool(wanted) and wanted <= there


def why_not(cell: Cell, car: CarPart, profile: Profile) -> str | None:
    """Why there can be no such car, or no such way to data in it; None where there can."""
    country = load_countries().get(car.country)
    if country is None:
        known = "country" in cell and is_country(car.country)
        return f"nothing is known of cars in {car.country}" if known else None
    wrong = [name for name in car.equipment if name not in profile.equipment.options]
    if "profile" in cell and wrong:
        return f"{wrong[0]} can't be ordered for this car"
    return _why_no_way(cell["way"], profile, country) if "way" in cell else None


def _why_no_way(way: object, profile: Profile, country: Country) -> str | None:
    if way not in profile.data.ways:
        return f"this car has no way to data over {way}" if way in tuple(Way) else None
    there = {Way.EMBEDDED_SIM: country.embedded_sim, Way.HOTSPOT: country.hotspot}
    return None if there.get(Way(str(way)), True) else f"there is no data over {way} in {country.code}"
