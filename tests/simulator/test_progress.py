"""The bar of a run of several scenarios."""

import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from rich.console import Console

from simulator.report.progress import RunBar
from simulator.trace import Kind, Record


def record(kind: Kind, name: str, **data: object) -> Record:
    return Record(seq=0, time=datetime(2026, 1, 15, tzinfo=UTC), car="V", kind=kind, name=name, data=data)


def printed(*records: Record, count: int = 3, terminal: bool = True) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, no_color=True, _environ={"TERM": "xterm"})
    with RunBar(console, count) as bar:
        for told in records:
            bar(told)
    return out.getvalue()


def test_a_terminal_shows_how_far_the_run_is_and_how_many_failed() -> None:
    shown = printed(
        record("scenario", "a", title="An [bold]order"),
        record("failed", "1"),
        record("failed", "2"),
        record("scenario", "b", title="A border"),
    )
    last = shown.rpartition("A border")[0].rpartition("An [bold]order")
    assert "0/3" in last[0]
    assert "1/3" in last[2]
    assert "1 failed" in last[2]
    assert shown.endswith("\x1b[2K")  # nothing stays


@pytest.mark.parametrize(("count", "terminal"), [(3, False), (1, True)])
def test_a_log_or_a_single_scenario_has_no_bar(count: int, *, terminal: bool) -> None:
    assert printed(record("scenario", "a"), record("failed", "1"), count=count, terminal=terminal) == ""


def test_a_bar_is_taken_away_when_the_run_breaks_off() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    with suppress(KeyboardInterrupt), RunBar(console, 2) as bar:
        bar(record("scenario", "a"))
        raise KeyboardInterrupt
    assert "\x1b[?25h" in out.getvalue()
