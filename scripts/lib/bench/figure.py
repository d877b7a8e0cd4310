"""What one figure is, and how two things are measured side by side."""

import gc
import statistics
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct


class Aim(NamedTuple):
    """What a figure should be."""

    of: Literal["ratio", "ours"]
    relation: Literal["<=", ">="]
    limit: float

    def met(self, ours: float, ratio: float) -> bool:
        """Whether the figure is as it should be."""
        value = ratio if self.of == "ratio" else ours
        return value <= self.limit if self.relation == "<=" else value >= self.limit

    def __str__(self) -> str:
        return f"{self.of} {self.relation} {self.limit:g}"


class Limit(NamedTuple):
    """Something else that was measured, and must not be more than so much."""

    name: str
    value: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether it is as it should be."""
        return self.value <= self.most

    def __str__(self) -> str:
        return f"{self.name} <= {self.most:g} {self.unit}"


class Pair(NamedTuple):
    """One round: what ours took, and what the reference took right beside it."""

    ours: float
    reference: float

    @property
    def ratio(self) -> float:
        """Ours to the reference's."""
        return self.ours / self.reference


class Figure(Struct, frozen=True, kw_only=True):
    """One line of the output.

    Attributes:
        name: of the benchmark.
        ours: median of our rounds, in `unit`.
        reference: median of the reference's rounds, in `unit`.
        unit: of both.
        ratio: median of the rounds' ratios, ours to the reference's.
        aim: what is wanted.
        met: whether it is; all of it.
        runs: rounds measured.
        spread: smallest and largest ratio of a round.
        conditions: what was measured, and under which circumstances.
    """

    name: str
    ours: float
    reference: float
    unit: str
    ratio: float
    aim: str
    met: bool
    runs: int
    spread: tuple[float, float]
    conditions: dict[str, Any]


def figure(name: str, pairs: Sequence[Pair], unit: str, aim: Aim, conditions: dict[str, Any], *limits: Limit) -> Figure:
    """The figure that some rounds give; what is limited besides stands among the conditions."""
    ours = statistics.median(pair.ours for pair in pairs)
    ratios = [pair.ratio for pair in pairs]
    ratio = statistics.median(ratios)
    return Figure(
        name=name,
        ours=rounded(ours),
        reference=rounded(statistics.median(pair.reference for pair in pairs)),
        unit=unit,
        ratio=rounded(ratio),
        aim=", ".join(map(str, (aim, *limits))),
        met=aim.met(ours, ratio) and all(limit.met for limit in limits),
        runs=len(pairs),
        spread=(rounded(min(ratios)), rounded(max(ratios))),
        conditions=conditions | {f"{limit.name} ({limit.unit})": rounded(limit.value) for limit in limits},
    )


def rounded(value: float) -> float:
    """A value with four significant digits."""
    return float(f"{value:.4g}")


def side_by_side(ours: Callable[[], float], reference: Callable[[], float], rounds: int) -> list[Pair]:
    """Measure two things in turns, after one round of each to warm up; garbage is collected before each."""

    def taken(measure: Callable[[], float]) -> float:
        gc.collect()
        return measure()

    taken(ours)
    taken(reference)
    return [Pair(taken(ours), taken(reference)) for _ in range(rounds)]
