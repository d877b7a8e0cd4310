from collections.abc import Callable
from pathlib import Path

import pytest

from pcm_agent.core.diagram import mermaid
from pcm_agent.core.regions import REGIONS
from simulator.cars import page

DOCS = Path(__file__).parents[1] / "docs"
ARCHITECTURE = DOCS / "architecture.md"
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
