"""How far a run of several scenarios is: a bar below the timeline on a terminal, nothing elsewhere.

Where the output is no terminal the timeline says with each scenario which one of how many it is.
"""

from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from simulator.report.figures import printable
from simulator.trace import Record

WIDEST = 40
"""Letters of a title that are shown."""


class RunBar:
    """A listener of a trace, and a context in which its bar may be on the terminal.

    with RunBar(console, len(scenarios)) as bar:
        trace.listen(bar)

    Args:
        console: where.
        count: how many scenarios there are; one alone has no bar.
    """

    def __init__(self, console: Console, count: int) -> None:
        self._bar = _bar(console) if console.is_terminal and not console.is_dumb_terminal and count > 1 else None
        self._begun = 0
        self._wrong: set[int] = set()
        if self._bar is not None:
            self._task = self._bar.add_task("", total=count, facts="")

    def __enter__(self) -> "RunBar":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, record: Record) -> None:
        """Go on with a scenario's record; tell of a failure."""
        if self._bar is None or record.kind not in ("scenario", "failed"):
            return
        if record.kind == "scenario":
            self._begun += 1
            title = printable(record.data.get("title", record.name))
            self._bar.update(self._task, description=escape(title[:WIDEST]), completed=self._begun - 1)
        else:
            self._wrong.add(self._begun)
            self._bar.update(self._task, facts=f"{len(self._wrong)} failed")
        self._bar.refresh()


def _bar(console: Console) -> Progress:
    return Progress(
        MofNCompleteColumn(),
        BarColumn(bar_width=30),
        TextColumn("[red]{task.fields[facts]}[/]"),
        TextColumn("[dim]{task.description}[/]"),
        console=console,
        auto_refresh=False,
        transient=True,
    )
