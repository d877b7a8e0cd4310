from collections.abc import Callable
from pathlib import Path

import pytest

from pcm_agent.core.diagram import mermaid, table
from pcm_agent.core.regions import REGIONS
from simulator.cars import page
from simulator.scenario import reference

DOCS = Path(__file__).parents[1] / "docs"
ARCHITECTURE = DOCS / "architecture.md"
STATES = DOCS / "states.md"
HEAD = """\
# States and events

What each region of the vehicle answers in each of its states, written from the tables in `pcm_agent/core/regions/`; a
test keeps it current. The same for one region: `pcm-sim diagram --table REGION`.

| in a cell | what happens |
| --- | --- |
| → state | the region goes to another state |
| stays | the event is answered, the state stays |
| ⊘ code | the event is refused, with this code |
| – | no effect; why stands below the table |
| [guards] | only where all of them hold; else the next line of the cell |

An event that a region's table does not name is not the region's.
"""
MARK = "<!-- diagrams: generated, do not edit below -->\n"


def test_the_diagrams_in_the_architecture_are_those_of_the_tables(request: pytest.FixtureRequest) -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    head, mark, diagrams = text.partition(MARK)
    drawn = "".join(f"\n### {name}\n\n```mermaid\n{mermaid(region)}```\n" for name, region in REGIONS.items())
    if request.config.getoption("--update-golden"):
        ARCHITECTURE.write_text(head + MARK + drawn, encoding="utf-8")
        return
    assert mark
    assert diagrams == drawn


def test_the_page_about_the_cars_is_that_of_the_data(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "profiles.md", page())


def test_the_page_about_scenarios_is_that_of_the_model(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "scenarios.md", reference.page())


def test_the_tables_in_the_docs_are_those_of_the_regions(golden: Callable[[Path, str], None]) -> None:
    golden(STATES, HEAD + "".join(f"\n## {name}\n\n{table(region)}" for name, region in REGIONS.items()))
