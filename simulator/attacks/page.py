"""The attacks as a table of `docs/packages.md`."""

from simulator.attacks.table import ATTACKS
from simulator.markdown import table

MARK = "<!-- attacks: written from simulator/attacks/table.py -->\n"
"""Stands before and after the table."""


def rows() -> str:
    """The table in Markdown."""
    lines = [(f"`{it.name}`", it.tried, it.stopped_at, f"`{it.code}`" * bool(it.code)) for it in ATTACKS.values()]
    return "\n".join(table(("attack", "what is tried", "stopped at", "code"), lines))
