"""The mutants of `scripts/mutate`: one for every rule, condition, row and guard; and none is explained in vain."""

import tomllib

from pcm_agent.core.regions import REGIONS
from pcm_agent.core.rules import CONDITIONS, JOB_RULES, SERVICE_RULES, VEHICLE_RULES
from scripts.lib.mutate.__main__ import EXPLAINED
from scripts.lib.mutate.mutants import all_mutants

NAMES = [mutant.name for mutant in all_mutants()]


def count(kind: str) -> int:
    return sum(name.startswith(f"{kind}: ") for name in NAMES)


def test_everything_is_disabled_once() -> None:
    rows = [row for region in REGIONS.values() for row in region.rows]
    assert len(set(NAMES)) == len(NAMES)
    assert count("rule") >= len(VEHICLE_RULES) + len(SERVICE_RULES) + len(JOB_RULES)
    assert count("condition") == sum(map(len, CONDITIONS.values()))
    assert count("row") == len(rows)
    assert count("guard") == sum(len(row.when) for row in rows)


def test_only_mutants_that_there_are_are_explained() -> None:
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    assert set(explained) <= set(NAMES)
    assert all(reason.strip() for reason in explained.values())
