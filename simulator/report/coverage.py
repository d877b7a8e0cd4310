"""Which rows of the requirements' catalogue a run proves, which it refutes, and which it does not touch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulator.report.endings import Ending
from simulator.report.grid import file_and_cell, stem
from simulator.report.story import Scenario

FOREIGN = "not in the catalogue"
"""The topic of rows that only the scenarios know."""
_TITLES = {"fod": "Functions on demand"}


class Proof(StrEnum):
    """What a scenario, or the whole run, says of a row."""

    FAILED = "failed"
    UNSETTLED = "unsettled"
    PROVED = "proved"
    NONE = "not in this run"

    @property
    def sign(self) -> str:
        """One letter that says it without colour."""
        return {Proof.FAILED: "✗", Proof.UNSETTLED: "?", Proof.PROVED: "✓", Proof.NONE: "–"}[self]


class Witnesses(NamedTuple):
    """The cells of one file that say the same of a row."""

    proof: Proof
    name: str
    scenarios: tuple[Scenario, ...]


@dataclass
class Row:
    """A row of the catalogue, and what the run says of it."""

    id: str
    text: str
    found: list[tuple[Proof, Scenario]] = field(default_factory=list)

    @property
    def proof(self) -> Proof:
        """The worst that a scenario says."""
        told = {proof for proof, _ in self.found}
        return next((proof for proof in Proof if proof in told), Proof.NONE)

    @property
    def witnesses(self) -> list[Witnesses]:
        """What is said by whom, the worst first."""
        groups: dict[tuple[Proof, str], list[Scenario]] = {}
        for proof, scenario in self.found:
            groups.setdefault((proof, stem(file_and_cell(scenario.file)[0])), []).append(scenario)
        told = [Witnesses(*key, tuple(scenarios)) for key, scenarios in groups.items()]
        return sorted(told, key=lambda group: list(Proof).index(group.proof))


@dataclass
class Topic:
    """Rows that are about one matter."""

    name: str
    rows: list[Row]

    @property
    def title(self) -> str:
        """What it is called in words."""
        return _TITLES.get(self.name, self.name.capitalize())

    def of(self, proof: Proof) -> list[Row]:
        """The rows of which the run says this."""
        return [row for row in self.rows if row.proof is proof]


def coverage(scenarios: Iterable[Scenario], topics: Mapping[str, Mapping[str, str]]) -> list[Topic]:
    """What a run says of each row.

    A row is proved by a scenario that names it and held from beginning to end: of one that did not, nobody knows what
    else it would have found, so what held in it is unsettled. It is refuted where an expectation failed that names it.

    Args:
        scenarios: of the run.
        topics: the rows' texts by id, by topic: `catalogue`.
    """
    told = [Topic(name, [Row(*row) for row in rows.items()]) for name, rows in topics.items()]
    rows = {row.id: row for topic in told for row in topic.rows}
    foreign: dict[str, Row] = {}
    for scenario in scenarios:
        for name, proof in _says(scenario).items():
            row = rows.get(name) or foreign.setdefault(name, Row(name, ""))
            row.found.append((proof, scenario))
    return [*told, *([Topic(FOREIGN, list(foreign.values()))] if foreign else [])]


def _says(scenario: Scenario) -> dict[str, Proof]:
    """What a scenario says of the rows that it names, by id."""
    if scenario.ending is Ending.EMPTY:
        return {}
    named = dict.fromkeys([*_named([scenario.data]), *_named(record.data for record in scenario.of("held", "failed"))])
    refuted = set(_named(record.data for record in scenario.failures))
    rest = Proof.PROVED if scenario.ending is Ending.HELD else Proof.UNSETTLED
    return {name: Proof.FAILED if name in refuted else rest for name in named}


def _named(details: Iterable[Mapping[str, Sequence[str]]]) -> list[str]:
    return [str(name) for data in details for name in data.get("requirements", ())]
