"""How `pcm-sim packages` says what it found, for a terminal of 80 columns or for a program."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.table import Table

from pcm_agent.trust.images import Assignment
from simulator.cli.calling import as_called
from simulator.cli.options import Form
from simulator.errors import meaning
from simulator.packages import Answer
from simulator.repository.audit import Finding

_RESTORE = "restore the file from a copy; `pcm-sim packages check --folder {folder}` says what else is wrong"
CURES = {
    "metadata-expired": "sign it anew: `pcm-sim packages sign --folder {folder}`",
    "root-expired": "sign it anew: `pcm-sim packages sign --offline --folder {folder}`",
    **dict.fromkeys(("metadata-missing", "metadata-signature", "metadata-mismatch", "metadata-malformed"), _RESTORE),
}
"""What the owner of the repositories does about what a car would refuse; about the rest, what stands at its code."""


def show_rows(rows: Sequence[RenderableType], value: object, form: Form) -> None:
    """Print what was found in words, or its value as JSON."""
    if form is Form.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
        return
    console = Console(highlight=False, markup=False)
    for row in rows:
        console.print(as_called(row) if isinstance(row, str) else row, soft_wrap=isinstance(row, str))


def answer_rows(answer: Answer, folder: str) -> Iterator[RenderableType]:
    """What a car would get, or why it would refuse and what to do."""
    yield f"{answer.vin} · {answer.ecu_serial} · {answer.hardware_id}"
    if answer.refusal is not None:
        code, message = answer.refusal
        yield f"would refuse: {message} [{code}]"
        yield f"what to do: {CURES.get(code, meaning(code).do).format(folder=folder)}"
        return
    if not answer.assignments:
        yield "nothing is assigned"
    for number, each in enumerate(answer.assignments):
        if number:
            yield ""
        yield _assignment(each)
    if answer.removals:
        yield f"to be removed: {', '.join(answer.removals)}"


def _assignment(it: Assignment) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(it.function, f"{it.version}, release {it.release_counter}, {it.length} bytes")
    table.add_row("", f"SHA-256 {it.sha256[:16]}…")
    table.add_row("", f"{it.offer_id}, {it.consent}, until {_instant(it.not_after)}")
    return table


def finding_rows(findings: Iterable[Finding]) -> Iterator[RenderableType]:
    """All that was looked at, and below it what is wrong with it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("what", "version", "keys", "expires (UTC)", ""):
        table.add_column(column, overflow="fold")
    listed = [*findings]
    for each in listed:
        keys = f"{each.threshold} of {each.keys}" if each.keys is not None else ""
        expires = f"{each.expires:%Y-%m-%d %H:%M}" if each.expires is not None else ""
        note = "wrong" if each.problem else "soon" if each.due else ""
        table.add_row(each.what, str(each.version or ""), keys, expires, note)
    yield table
    for each in listed:
        if each.problem:
            yield f"\n{each.what}\n  {each.problem}"
    if not any(each.problem for each in listed):
        yield "\nall is well"


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
