"""The mutants. They act on the tables in memory, in a process of their own that ends after one of them."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from pcm_agent.core import rules, settling
from pcm_agent.core.region import Region, Row
from pcm_agent.core.regions import REGIONS
from pcm_agent.core.rules.rule import Condition, Rule


class Mutant(NamedTuple):
    """One thing that is disabled. `topic` is its region, or `rules` or `conditions`."""

    name: str
    topic: str
    apply: Callable[[], None]


def all_mutants() -> list[Mutant]:
    """Every mutant of the core, each under a name of its own."""
    mutants: dict[str, Mutant] = {}
    for mutant in (*_rules(), *_conditions(), *_rows()):
        twins = sum(other.partition(" #")[0] == mutant.name for other in mutants)
        name = f"{mutant.name} #{twins + 1}" if twins else mutant.name
        mutants[name] = mutant._replace(name=name)
    return list(mutants.values())


# --- rules and conditions -------------------------------------------------------------------------------------------


def _rules() -> Iterator[Mutant]:
    """A rule that never raises anything; the tables are those that the vehicle applies."""
    names = [name for name in vars(rules) if name.endswith("_RULES") and hasattr(settling, name)]
    for name in names:
        table: tuple[Rule, ...] = getattr(rules, name)
        for rule in table:
            idle = Rule(rule.name, rule.requirement, lambda _: None)
            yield Mutant(f"rule: {rule.name}", "rules", partial(_replace, table, _with(table, rule, idle)))


def _conditions() -> Iterator[Mutant]:
    """A condition that always holds, in one of the tables in which it stands."""
    for name, table in rules.CONDITIONS.items():
        for condition in table:
            idle = Condition(condition.code, condition.requirement, lambda _: True)
            changed = _with(table, condition, idle)
            yield Mutant(f"condition: {name}: {condition.code}", "conditions", partial(_replace, table, changed))


def _with(table: Iterable[object], old: object, new: object) -> tuple[object, ...]:
    return tuple(new if entry is old else entry for entry in table)


def _replace(old: object, new: object) -> None:
    """Put a table in place of another wherever the agent holds it: by a name, or in a mapping."""
    found = [
        _replace_in(vars(module), old, new) for name, module in sys.modules.items() if name.startswith("pcm_agent")
    ]
    if not any(found):
        raise LookupError("nobody holds this table")


def _replace_in(names: dict[str, object], old: object, new: object) -> bool:
    held = False
    for holder in (names, *(value for value in list(names.values()) if isinstance(value, dict))):
        for name, value in list(holder.items()):
            if value is old:
                holder[name], held = new, True
    return held


# --- rows of the regions --------------------------------------------------------------------------------------------


def _rows() -> Iterator[Mutant]:
    """A row that is not there; and for each of its guards, one that always holds."""
    for topic, region in REGIONS.items():
        for place, row in enumerate(region.rows):
            before, after = region.rows[:place], region.rows[place + 1 :]
            name = f"{topic}: {_described(row)}"
            yield Mutant(f"row: {name}", topic, partial(_set_rows, region, (*before, *after)))
            for guard in row.when:
                open_row = row._replace(when=tuple(other for other in row.when if other is not guard))
                text = f"guard: {name}: {guard.__name__}"
                yield Mutant(text, topic, partial(_set_rows, region, (*before, open_row, *after)))


def _described(row: Row) -> str:
    guards = f" [{', '.join(guard.__name__ for guard in row.when)}]" if row.when else ""
    return f"{'|'.join(row.sources())} {row.event.__name__}{guards} → {row.target or 'stays'}"


def _set_rows(region: Region, rows: tuple[Row, ...]) -> None:
    """Give a region other rows; where one is missing now, the event has no effect."""
    kept = {name: getattr(region, name) for name in inspect.signature(Region).parameters}
    unsure = _unsure(region, rows)
    excuses = {event: region.otherwise.get(event, "mutated") for event in unsure}
    mutated = Region(**kept | {"rows": rows, "otherwise": excuses})
    vars(region).update(vars(mutated))


def _unsure(region: Region, rows: tuple[Row, ...]) -> set[type]:
    """The events of the rows that have no effect in some state, or may have none."""
    return {
        event
        for event in {row.event for row in rows}
        for state in region.states
        if all(row.when for row in rows if row.event is event and state in row.sources())
    }
