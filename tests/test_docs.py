import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import firmware_profiles
from pcm_agent.core.diagram import mermaid, table
from pcm_agent.core.regions import REGIONS
from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS
from simulator.attacks import page as attacks_page
from simulator.backend import page as functions_page
from simulator.cars import CITATION, page, sources_page
from simulator.errors import page as errors_page
from simulator.scenario import reference

DOCS = Path(__file__).parents[1] / "docs"
REQUIREMENTS = YAML(typ="safe", pure=True).load((DOCS / "requirements.yaml").read_text("utf-8"))
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


def test_the_page_about_the_sources_is_that_of_requirements_and_data(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "sources.md", sources_page(REQUIREMENTS))


def test_every_citation_leads_to_an_entry_and_every_cited_line_has_one() -> None:
    cars, sources = page(), sources_page(REQUIREMENTS)
    entries = set(re.findall(r"^### ([AB][0-9]+)$", sources, re.MULTILINE))
    links = re.findall(r"\[([AB][0-9]+)\]\(sources\.md#([ab][0-9]+)\)", cars)
    assert all(line.lower() == anchor for line, anchor in links)
    assert {line for line, _ in links} <= entries
    assert not CITATION.findall(re.sub(r"\[[AB][0-9]+\]\([^)]*\)", "", cars)), "a citation without a link"
    rows = {line for area in REQUIREMENTS.values() for row in area for line in row["seed"]}
    assert entries == {line for line, _ in links} | rows | of_the_tables()
    assert set(re.findall(r"\(#([ab][0-9]+)\)", sources)) == {entry.lower() for entry in entries}


def of_the_tables() -> set[str]:
    """The lines that stand in the data files, be it in a source or in the reason of an assumption."""
    data = Path(firmware_profiles.__file__).parent / "data"
    texts = [re.sub(r"(^|\s)#.*", "", path.read_text("utf-8"), flags=re.MULTILINE) for path in data.rglob("*.toml")]
    return {line for text in texts for line in CITATION.findall(text)}


def test_each_entry_says_what_rests_on_it() -> None:
    entries = sources_page(REQUIREMENTS).partition("\n### ")[2].split("\n### ")
    assert all(entry.partition("\n\n- ")[2] for entry in entries)
    taycan = next(entry for entry in entries if entry.startswith("A176\n"))
    assert "**CON-02** taycan: data only over the embedded SIM" in taycan
    assert "- ways to data: embedded-sim · taycan" in taycan


def test_the_page_about_functions_is_that_of_the_catalogue(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "functions.md", functions_page.page())


def test_the_page_about_errors_is_that_of_the_data(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "errors.md", errors_page.page())


def test_the_page_about_scenarios_is_that_of_the_model(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "scenarios.md", reference.page())


def test_the_tables_in_the_docs_are_those_of_the_regions(golden: Callable[[Path, str], None]) -> None:
    golden(STATES, HEAD + "".join(f"\n## {name}\n\n{table(region)}" for name, region in REGIONS.items()))


def test_the_page_about_packages_lists_every_refusal_in_order() -> None:
    rows = [
        f"| `{code}` | {refusal.meaning} | {'yes ' if refusal.retried else ''}|"
        for code, refusal in (dict(REFUSALS) | dict(MANIFEST_REFUSALS)).items()
    ]
    text = (DOCS / "packages.md").read_text(encoding="utf-8")
    listed = [line for line in text.splitlines() if line.startswith("| `") and not line.startswith("| `keys/")]
    assert listed[: len(rows)] == rows


def test_the_page_about_packages_lists_every_attack(golden: Callable[[Path, str], None]) -> None:
    page = DOCS / "packages.md"
    before, _, after = page.read_text(encoding="utf-8").split(attacks_page.MARK)
    golden(page, attacks_page.MARK.join((before, attacks_page.rows(), after)))
