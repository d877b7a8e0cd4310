"""The written tables: every cell of every region says what happens there."""

import re
from enum import StrEnum

import pytest

from pcm_agent.core import events as on
from pcm_agent.core.diagram import NO_EFFECT, cell, is_sure, refusal, table
from pcm_agent.core.events import Event
from pcm_agent.core.region import Region
from pcm_agent.core.regions import REGIONS
from pcm_agent.core.regions.body import LOCK
from pcm_agent.core.states import Roaming

CELLS: list[tuple[Region, StrEnum, type[Event]]] = [
    (region, state, event) for region in REGIONS.values() for state in region.states for event in region.events
]
ANSWER = re.compile(r"(→ (?P<target>[\w-]+)|stays|⊘ (?P<code>[a-z-]+))( \[(?P<guards>[^\[\]|<>]+)\])?")


def test_a_small_table_in_full() -> None:
    assert table(LOCK) == (
        "| event | `unlocked` | `locked` |\n"
        "| --- | --- | --- |\n"
        "| `CarUnlocked` | – | → unlocked |\n"
        "| `CarLocked` | → locked | – |\n"
        "\n"
        "- – `CarLocked`: it is so already\n"
        "- – `CarUnlocked`: it is so already\n"
    )


def test_guards_and_refusals_stand_in_their_order() -> None:
    assert (
        cell(REGIONS["roaming"], Roaming.HOME, on.RoamingEnabled)
        == "⊘ no-such-setting [automatic]<br>stays [over embedded sim]<br>stays"
    )
    assert cell(REGIONS["roaming"], Roaming.HOME, on.RoamingChanged) == (
        "→ barred [registered barred]<br>→ roaming [registered roaming]<br>–"
    )


@pytest.mark.parametrize(
    ("region", "state", "event"), CELLS, ids=[f"{it.name}={state}-{event.__name__}" for it, state, event in CELLS]
)
def test_each_cell_is_a_transition_a_refusal_or_a_stated_no_effect(
    region: Region, state: StrEnum, event: type[Event]
) -> None:
    answers = cell(region, state, event).split("<br>")
    rows = region.cell(state, event)
    if not is_sure(region, state, event):
        assert answers.pop() == NO_EFFECT
        assert region.otherwise[event].strip()
    assert len(answers) == len(rows)
    for row, text in zip(rows, answers, strict=True):
        found = ANSWER.fullmatch(text)
        assert found, text
        assert found["target"] in {None, *region.states}
        assert found["code"] == refusal(row)
        assert (found["guards"] is None) is (not row.when)


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_a_table_has_a_line_for_each_event_and_a_column_for_each_state(region: Region) -> None:
    head, _, *lines = table(region).partition("\n\n")[0].splitlines()
    assert len(lines) == len(region.events)
    assert {line.count(" | ") for line in (head, *lines)} == {len(region.states)}
