"""The one list of laws: whole, in words, with rows that there are, and the laws of the core in it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.laws.page import page
from simulator.laws.table import LAWS, Judge, Law
from tests.pcm_agent.core.lives.laws import Law as CoreLaw

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
JUDGES = ROOT / "simulator" / "laws"


def test_the_page_about_the_invariants_is_that_of_the_list(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "invariants.md", page())


def test_the_laws_of_the_core_are_those_of_the_list_that_its_lives_judge_by() -> None:
    assert {law.value for law in CoreLaw} == {name for name, law in LAWS.items() if Judge.CORE in law.judges}


def test_explore_judges_by_exactly_the_laws_that_the_list_says() -> None:
    judged = set[str]()
    for path in [*sorted(JUDGES.glob("*.py")), ROOT / "simulator" / "scenario" / "course.py"]:
        text = path.read_text(encoding="utf-8")
        judged |= set(re.findall(r"(?:hold|breaks|break_law)\(\s*\"([a-z0-9-]+)\"", text))
    assert judged == {name for name, law in LAWS.items() if Judge.EXPLORE in law.judges}


def test_each_row_of_a_law_is_a_requirement() -> None:
    areas = YAML(typ="safe", pure=True).load((DOCS / "requirements.yaml").read_text("utf-8"))
    known = {row["id"] for area in areas.values() for row in area}
    assert {row for law in LAWS.values() for row in law.rows} <= known


@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_each_law_has_a_judge_and_a_sentence_of_its_own(law: Law) -> None:
    assert law.judges
    assert [other.name for other in LAWS.values() if other.sentence == law.sentence] == [law.name]
