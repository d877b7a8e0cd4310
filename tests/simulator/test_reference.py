"""The page about scenarios: what it says can be written, and nothing is left out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import Struct

from pcm_agent.core.diagram import refusal
from pcm_agent.core.regions import REGIONS
from pcm_agent.errors import LocalError
from pcm_agent.texts import LANGUAGES, outline, text_ids
from simulator.clock import SimClock
from simulator.rig import BACKEND_ACTIONS, SCENARIO_ACTIONS
from simulator.scenario.actions import body_event, change_world
from simulator.scenario.examples import EXAMPLE, MORE
from simulator.scenario.loader import parse_scenario, read_cells
from simulator.scenario.model import CarPart, Do, Expect, Part, Scenario, Step, given
from simulator.scenario.places import read_yaml
from simulator.scenario.reference import members, page
from simulator.scenario.samples import example
from simulator.scenario.words import refusal_codes
from simulator.session import Outcome
from simulator.world import World

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


@pytest.mark.parametrize("name", sorted({*Do.__struct_fields__} - BACKEND_ACTIONS - {"wait", "agree_to", "menu"}))
def test_what_is_only_for_scenarios_no_running_car_can_do(name: str) -> None:
    """The three that are left out need the agent: see `do_in_world`."""
    world = World(SimClock(datetime(2026, 3, 2, 8, tzinfo=UTC)))
    world.connect(lambda event: None)
    do = msgspec.convert({name: example(name, members(Do)[name][0])}, Do)
    try:
        if not change_world(world, "JP", name, getattr(do, name)):
            body_event(name, getattr(do, name))
        code = None
    except LocalError as error:
        code = error.code
    assert (code in ("action-unknown", "link-not-here")) == (name in SCENARIO_ACTIONS)


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
