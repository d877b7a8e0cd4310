"""Reads scenario files; all that is wrong with one is said at once, with file, line, column and key.

    load_scenarios("trip.pcm.yaml")                        # every cell, and those that cannot exist
    load_scenario("trip.pcm.yaml[profile=some-car]")         # one

`places` knows where things stand, `files` finds them, `matrix` makes cells, `filling` puts in the values of names,
`unfold` splices in repeats and other files, `typed` and `checks` say what is wrong, `cells` does all that for one cell.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from simulator.scenario.cells import CellReader
from simulator.scenario.files import beside, read_source
from simulator.scenario.filling import names_in
from simulator.scenario.library import SUFFIX, shipped_parts, shipped_scenarios, shipped_text
from simulator.scenario.loaded import Absent, Cells, LoadedScenario
from simulator.scenario.matrix import SPECIAL, combinations, faults_of_matrix, matches
from simulator.scenario.model import Scenario
from simulator.scenario.places import Problem, ScenarioError, Source, read_yaml
from simulator.scenario.typed import convert_all
from simulator.scenario.words import instead_of, listed, nearest

__all__ = [
    "SUFFIX", "Cells", "LoadedScenario", "ScenarioError", "load_all", "load_scenario", "load_scenarios",
    "parse_scenario", "shipped_scenarios",
]  # fmt: skip

MOST_CELLS = 5000


def load_scenarios(name: str) -> Cells:
    """The cells of a shipped scenario by name, or of one of the user's by path; only some with `NAME[CELL]`.

    Raises:
        ScenarioError: `scenario-unknown`, `scenario-unreadable`, `scenario-syntax`, `scenario-invalid`,
            `scenario-cell-unknown`.
    """
    asked = re.fullmatch(r"(.+)\[([^\[\]]*)\]", name)
    if asked is None or Path(name).exists():
        return read_cells(read_source(name))
    return _chosen(read_cells(read_source(asked[1])), asked[2])


def load_all(names: Iterable[str]) -> list[Cells]:
    """The cells of several scenarios.

    Raises:
        ScenarioError: as `load_scenarios`, with all that is wrong with all of them.
    """
    found, problems = list[Cells](), list[Problem]()
    for name in names:
        try:
            found.append(load_scenarios(name))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found


def load_scenario(name: str) -> LoadedScenario:
    """The only cell of a scenario, or the one that is named.

    Raises:
        ScenarioError: as `load_scenarios`.
    """
    return only(load_scenarios(name))


def parse_scenario(text: str, file: str) -> LoadedScenario:
    """The scenario in a text, which has one cell.

    Raises:
        ScenarioError: as `load_scenarios`.
    """
    return only(read_cells(read_yaml(text, file)))


def read_cells(source: Source) -> Cells:
    """All cells of what was read.

    Raises:
        ScenarioError: `scenario-invalid`, with everything that is wrong.
    """
    problems: list[Problem] = []
    try:
        cells = _cells(source, problems.append)
    except RecursionError:
        message = "nested too deeply, or in itself"
        raise ScenarioError(
            [Problem(code="scenario-syntax", file=source.file, place=None, key="", message=message)]
        ) from None
    if problems or cells is None:
        raise ScenarioError(sorted(problems, key=lambda it: (it.file != source.file, it.place or ("", 0, 0))))
    return cells


def _cells(source: Source, note: Callable[[Problem], None]) -> Cells | None:
    plain: Mapping[str, Any] = source.plain if isinstance(source.plain, dict) else {}
    frame = _frame(source, plain, note)
    matrix = _matrix(source, plain, note)
    reader = CellReader(source, plain, frame, note, _open)
    found = [reader.read(cell) for cell in combinations(matrix)]
    there = [cell for cell in found if isinstance(cell, LoadedScenario)]
    twice = [name for name, count in Counter(cell.cell for cell in there).items() if count > 1]
    if twice:
        note(source.problem("matrix", f"two cells have the same name: {twice[0]}"))
    absent = tuple(cell for cell in found if isinstance(cell, Absent))
    return None if frame is None else Cells(source.file, frame, tuple(there), absent)


def _frame(source: Source, plain: Mapping[str, Any], note: Callable[[Problem], None]) -> Scenario | None:
    """What the file says of itself; cars and steps are looked at one by one elsewhere."""
    rest: Any = dict(plain) if isinstance(source.plain, dict) else source.plain
    if isinstance(plain.get("steps"), list):
        rest["steps"] = [{} for _ in plain["steps"][:1]]
    if plain.get("car") is not None:
        rest.pop("car")
    if isinstance(plain.get("cars"), dict):
        rest["cars"] = {name: {"country": "AA"} for name in plain["cars"]}
    frame, faults = convert_all(rest, Scenario)
    for fault in faults:
        note(source.problem(fault.key, fault.message))
    named = [name for name in ("car", "cars") if plain.get(name) is not None]
    if isinstance(source.plain, dict) and (len(named) != 1 or plain.get("cars") == {}):
        why = "" if named else "; a file without one can only be included"
        note(source.problem(named[-1] if named else "", f"a scenario has either a car or cars{why}"))
    return None if faults else frame


def _matrix(source: Source, plain: Mapping[str, Any], note: Callable[[Problem], None]) -> dict[str, list[Any]]:
    matrix, parameters = plain.get("matrix"), plain.get("parameters")
    sound = {
        str(name): values
        for name, values in (matrix.items() if isinstance(matrix, dict) else ())
        if isinstance(values, list) and values
    }
    known = [*SPECIAL, *(parameters if isinstance(parameters, dict) else ())]
    for name in sound:
        if name not in known:
            there = ", ".join(map(str, known))
            note(
                source.problem(f"matrix.{name}", f"no parameter is called so{nearest(name, known)}; there are: {there}")
            )
    for problem in faults_of_matrix(sound, known, names_in([plain.get(key) for key in ("car", "cars", "steps")])):
        note(source.problem(*problem))
    if prod(map(len, sound.values())) > MOST_CELLS:
        note(source.problem("matrix", f"more than {MOST_CELLS} cells come of this"))
        return {}
    return sound


def _open(name: str, folder: Path) -> Source:
    """An included scenario: a shipped one or a part by name, or a file as seen from a folder."""
    if shipped_text(name) is None and not (folder / name).exists():
        near = nearest(name, [*shipped_parts(), *shipped_scenarios(), *beside(name, folder)])
        raise LookupError(f"there is no file and no part {name!r}{near}; docs/scenarios.md lists the parts")
    try:
        return read_source(name if shipped_text(name) is not None else str(folder / name))
    except ScenarioError as error:
        raise LookupError(
            "\n".join(f"{it.file}: {it.message}" if it.place is None else str(it) for it in error.problems)
        ) from error


def _chosen(cells: Cells, asked: str) -> Cells:
    """The cells that are asked for; one that cannot exist is an error then."""
    there = tuple(cell for cell in cells.there if matches(asked, cell.cell))
    absent = [cell for cell in cells.absent if matches(asked, cell.cell)]
    if there:
        return cells._replace(there=there, absent=tuple(absent))
    if absent:
        raise _no_cell(cells.file, f"there is no cell {absent[0].cell}: {absent[0].why}")
    names = [cell.cell for cell in cells.there if cell.cell]
    known = instead_of(asked, names, "`pcm-sim scenarios NAME --format json`") if names else "; it has no matrix"
    raise _no_cell(cells.file, f"there is no cell {asked}{known}")


def only(cells: Cells) -> LoadedScenario:
    """The cell of a scenario that has one.

    Raises:
        ScenarioError: `scenario-cell-unknown`: it has several, or none that can exist.
    """
    if len(cells.there) == 1:
        return cells.there[0]
    names = listed([cell.cell for cell in cells.there])
    raise _no_cell(cells.file, f"it has {len(cells.there)} cells; name one of them{': ' if names else ''}{names}")


def _no_cell(file: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(code="scenario-cell-unknown", file=file, place=None, key="", message=message)])
