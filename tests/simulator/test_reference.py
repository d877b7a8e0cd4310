"""The page about scenarios: what it says can be written, and nothing is left out."""

import re
from collections.abc import Callable

import msgspec
import pytest
from msgspec import Struct

from pcm_agent.core.diagram import refusal
from pcm_agent.core.regions import REGIONS
from pcm_agent.errors import LocalError
from pcm_agent.texts import LANGUAGES, outline, text_ids
from simulator.rig import BACKEND_ACTIONS
from simulator.scenario.examples import EXAMPLE, MORE
from simulator.scenario.loader import parse_scenario, read_cells
from simulator.scenario.model import CarPart, Do, Expect, Part, Scenario, Step, given
from simulator.scenario.places import read_yaml
from simulator.scenario.reference import members, page
from simulator.scenario.samples import example
from simulator.scenario.words import refusal_codes
from simulator.session import Outcome

PARTS = (Scenario, CarPart, Step, Do, Expect)


def test_the_scenario_on_the_page_holds(run_virtual: Callable[..., Outcome]) -> None:
    outcome = run_virtual(parse_scenario(EXAMPLE, "example.pcm.yaml"))
    assert outcome.passed
    assert outcome.verdicts[0].held == 3
    assert not outcome.verdicts[0].unexpected


def test_the_scenario_with_all_that_is_more_holds_in_every_cell(run_virtual: Callable[..., Outcome]) -> None:
    cells = read_cells(read_yaml(MORE, "more.pcm.yaml")).there
    outcome = run_virtual(*cells)
    assert [verdict.failures for verdict in outcome.verdicts] == [[], [], [], []]
    assert all(verdict.held == 2 for verdict in outcome.verdicts)


@pytest.mark.parametrize("kind", PARTS)
def test_something_is_said_of_every_key(kind: type[Struct]) -> None:
    assert [name for name, (_, told) in members(kind).items() if not told] == []


@pytest.mark.parametrize("kind", [Do, Expect])
def test_every_example_can_be_written(kind: type[Part]) -> None:
    for name, (hint, _) in members(kind).items():
        part = msgspec.convert({name: example(name, hint)}, kind)
        assert list(given(part)) == [name]


def test_every_action_stands_in_one_group() -> None:
    table = page().partition("## What is done")[2].partition("## What must hold")[0]
    assert sorted(re.findall(r"^\| `(\w+)` ", table, re.MULTILINE)) == sorted(Do.__struct_fields__)
    assert set(Do.__struct_fields__) >= BACKEND_ACTIONS


def test_every_refusal_of_a_region_and_of_a_text_is_listed() -> None:
    told = {text.removeprefix("refused-") for text in text_ids("en") if text.startswith("refused-")}
    rows = {refusal(row) for region in REGIONS.values() for row in region.rows} - {None}
    assert set(refusal_codes()) == told | rows
    assert refusal_codes()["sim-blocked"] == ["sim"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_an_outline(language: str) -> None:
    assert all(outline(language, text) for text in text_ids(language))


def test_the_outline_of_a_message() -> None:
    assert outline("en", "sim-pin-wrong") == "Wrong PIN. … tries left."
    with pytest.raises(LocalError, match="no text 'xyzzy'"):
        outline("en", "xyzzy")
