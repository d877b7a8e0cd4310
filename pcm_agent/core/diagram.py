"""State diagrams (Mermaid `stateDiagram-v2`) and state × event tables (Markdown), drawn from the regions' tables.

A cell of a table says what happens there, one line a row:

    → target [guards]      the region goes to another state, where the guards hold
    stays [guards]         it answers, and stays in its state
    ⊘ code [guards]        it refuses
    –                      no effect; why stands below the table
"""

from enum import StrEnum

from pcm_agent.core.events import Event
from pcm_agent.core.region import Region, Row

NO_EFFECT = "–"
REFUSE = "refuse "


def mermaid(region: Region) -> str:
    """The diagram of one region, one arrow a pair of states. Rows that stay in their state are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in region.rows:
        if row.target is not None:
            for state in row.sources():
                arrows.setdefault((_name(state.value), _name(row.target.value)), []).append(_label(row))
    lines = [f"%% {region.name}", "stateDiagram-v2", f"    [*] --> {_name(region.initial.value)}"]
    for (source, target), labels in arrows.items():
        lines.append(f"    {source} --> {target}: {', '.join(dict.fromkeys(labels))}")
    return "\n".join(lines) + "\n"


def _name(state: str) -> str:
    """Mermaid takes letters, digits and underscores."""
    return state.replace("-", "_")


def _label(row: Row) -> str:
    return f"{row.event.__name__}{_guards(row)}"


def table(region: Region) -> str:
    """The table of one region: a line an event, a column a state."""
    states = list(region.states)
    lines = [
        _line(["event", *(f"`{state}`" for state in states)]),
        _line(["---"] * (len(states) + 1)),
        *(_line([f"`{event.__name__}`", *(cell(region, state, event) for state in states)]) for event in region.events),
    ]
    reasons = [f"- {NO_EFFECT} `{event.__name__}`: {reason}" for event, reason in region.otherwise.items()]
    return "\n".join([*lines, "", *reasons]).rstrip() + "\n"


def cell(region: Region, state: StrEnum, event: type[Event]) -> str:
    """What may happen in a state on an event, the first that fits; the last is sure, or it is no effect."""
    said = [_answer(row, state) for row in region.cell(state, event)]
    return "<br>".join([*said, *([] if is_sure(region, state, event) else [NO_EFFECT])])


def is_sure(region: Region, state: StrEnum, event: type[Event]) -> bool:
    """Whether some row is taken in any case."""
    return not all(row.when for row in region.cell(state, event))


def refusal(row: Row) -> str | None:
    """The code with which a row refuses its event, if it does."""
    names = [action.__name__ for action in row.then]
    return next((name.removeprefix(REFUSE) for name in names if name.startswith(REFUSE)), None)


def _answer(row: Row, state: StrEnum) -> str:
    code = refusal(row)
    moves = row.target is not None and row.target is not state
    what = f"⊘ {code}" if code else f"→ {row.target}" if moves else "stays"
    return f"{what}{_guards(row)}"


def _guards(row: Row) -> str:
    names = ", ".join(guard.__name__.replace("_", " ") for guard in row.when)
    return f" [{names}]" if names else ""


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
