"""The library of scenarios: all of it holds, and what it shows is all that can be shown."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from ruamel.yaml import YAML

from simulator.scenario.library import (
    PARTS,
    load_library,
    shipped_parts,
    shipped_scenarios,
    shipped_text,
    topics_by_name,
)
from simulator.scenario.loaded import Cells
from simulator.scenario.loader import SUFFIX, load_scenarios
from simulator.scenario.model import Step
from simulator.session import Options, run

REQUIREMENTS = Path(__file__).parents[2] / "docs" / "requirements.yaml"
GENERATIONS = frozenset(("classic", "pana", "modern", "id", "taycan"))
SHIPPED = resources.files("simulator") / "scenarios"


@cache
def rows() -> frozenset[str]:
    """The catalogue's."""
    areas = YAML(typ="safe", pure=True).load(REQUIREMENTS.read_text(encoding="utf-8"))
    return frozenset(row["id"] for part in areas.values() for row in part)


@cache
def cells(name: str) -> Cells:
    return load_scenarios(name)


def steps(all_steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in all_steps:
        yield step
        for lane in step.parallel or ():
            yield from steps(lane)


def shown(name: str) -> set[str]:
    """The rows that a scenario names, and its steps."""
    of_steps = {row for cell in cells(name).there for step in steps(cell.scenario.steps) for row in step.requirements}
    return {*cells(name).head.requirements, *of_steps}


def proving(name: str) -> ParameterSet:
    """A scenario as a test of the rows that it names; they are read from its text, which is quicker."""
    found = re.findall(r"requirements: \[([^\]]*)\]", shipped_text(name) or "")
    return pytest.param(name, marks=pytest.mark.requirement(*(row.strip() for it in found for row in it.split(","))))


@pytest.mark.parametrize("name", [proving(name) for name in shipped_scenarios()])
def test_every_cell_of_the_scenario_holds(name: str) -> None:
    there = cells(name).there
    assert there
    for cell, verdict in zip(there, run(there, Options(live=False)).verdicts, strict=True):
        assert verdict.failures == [], cell.cell
        assert verdict.unexpected == {}, cell.cell
        assert verdict.held > 1, "what expects next to nothing shows nothing"


def test_there_are_enough_of_them() -> None:
    assert len(shipped_scenarios()) >= 40
    assert len(set(shipped_scenarios())) == len(shipped_scenarios()), "names are found without their folder"


def test_no_file_is_left_out() -> None:
    """What is in a folder that is no topic would be shipped, and found by nobody."""
    found = {
        (folder.name, file.name.removesuffix(SUFFIX))
        for folder in SHIPPED.iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(SUFFIX)
    }
    parts = {name for folder, name in found if folder == PARTS}
    assert {(topic, name) for name, topic in topics_by_name().items()} == {it for it in found if it[0] != PARTS}
    assert parts.isdisjoint(shipped_scenarios())
    assert all(shipped_text(name) for name in parts)


def test_every_row_is_shown_or_it_is_said_why_not() -> None:
    covered = set().union(*map(shown, shipped_scenarios()))
    not_shown = load_library().not_shown
    assert covered <= rows(), "no such row"
    assert covered | set(not_shown) == rows()
    assert covered.isdisjoint(not_shown)
    assert all(reason.endswith(".") for reason in not_shown.values())


@pytest.mark.parametrize("name", shipped_scenarios())
def test_its_tags_say_what_it_is_about(name: str) -> None:
    head, library = cells(name).head, load_library()
    families = {car.choice.resolve().car.family for cell in cells(name).there for car in cell.cars.values()}
    assert head.tags[0] == topics_by_name()[name]
    assert set(head.tags) <= {*library.topics, *library.tags}
    assert set(head.tags) & GENERATIONS == families
    assert head.description
    assert head.requirements


def test_every_tag_is_used_and_no_topic_is_empty() -> None:
    used = {tag for name in shipped_scenarios() for tag in cells(name).head.tags}
    assert used == {*load_library().topics, *load_library().tags}
    assert set(topics_by_name().values()) == set(load_library().topics)


def test_every_part_is_included_by_something() -> None:
    texts = "\n".join(shipped_text(name) or "" for name in (*shipped_scenarios(), *shipped_parts()))
    for name in shipped_parts():
        patterns = [f"scenario: {name}", *(f'scenario: "{beginning}-$' for beginning in beginnings(name))]
        assert any(pattern in texts for pattern in patterns), name


def beginnings(name: str) -> list[str]:
    words = name.split("-")
    return ["-".join(words[:count]) for count in range(1, len(words))]


def test_a_scenario_is_the_same_alone_and_after_others() -> None:
    """Each has a lab of its own: the calendar of one, its people and its cars, are nothing to the next."""
    alone = run(cells("monthly-subscription").there, Options(live=False))
    before = [*cells("never-downloaded").there, *cells("account-deleted").there]
    after = run([*before, *cells("monthly-subscription").there], Options(live=False))
    assert after.passed
    first = alone.records[1]
    again = [record for record in after.records if record.car == first.car]
    assert [(it.time, it.kind, it.name, it.data) for it in alone.records if it.car == first.car] == [
        (it.time, it.kind, it.name, it.data) for it in again
    ]
