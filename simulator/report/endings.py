"""How the cells of a run ended, those included that were not run."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Ending(StrEnum):
    """How a scenario, or a cell of its matrix, came out of a run."""

    FAILED = "failed"
    BROKEN_OFF = "broken off"
    NOT_BEGUN = "not begun"
    HELD = "held"
    EMPTY = "nothing expected"
    NOT_APPLICABLE = "not applicable"

    @property
    def sign(self) -> str:
        """One letter that says it without colour."""
        return _SIGNS[self]

    @property
    def wrong(self) -> bool:
        """Whether somebody has to look at it."""
        return self in {Ending.FAILED, Ending.BROKEN_OFF}


_SIGNS = {
    Ending.FAILED: "✗",
    Ending.BROKEN_OFF: "!",
    Ending.NOT_BEGUN: "…",
    Ending.HELD: "✓",
    Ending.EMPTY: "○",
    Ending.NOT_APPLICABLE: "–",
}  # fmt: skip


class Untold(NamedTuple):
    """A cell that was not run.

    Attributes:
        name: the file, with the cell.
        ending: `NOT_BEGUN` or `NOT_APPLICABLE`.
        why: in words.
    """

    name: str
    ending: Ending
    why: str


def not_run(run: Mapping[str, Any], begun: int) -> list[Untold]:
    """The cells of a run that were not run: those after the one that it broke off in, and those that cannot exist.

    Args:
        run: `run_data`.
        begun: how many scenarios were.
    """
    later = run.get("scenarios", ())[begun:]
    absent = run.get("not_applicable", {})
    return [
        *(Untold(name, Ending.NOT_BEGUN, "the run was broken off before") for name in later),
        *(Untold(name, Ending.NOT_APPLICABLE, why) for name, why in absent.items()),
    ]
