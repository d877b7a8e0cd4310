"""A download as people follow it in the terminal."""

from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from simulator.report.figures import printable, size
from simulator.report.words import Offer

STEP_PERCENT = 25


class Download:
    """One transfer: a live bar on a terminal, elsewhere a line with what has come as soon as 25, 50 and 75 % have.

    The rate is that of the simulation's clock, so a run says the same however fast it is played.
    """

    def __init__(self, console: Console, offer_id: str, offer: Offer, begun: datetime, received: int) -> None:
        self.offer_id = offer_id
        self.offer = offer
        self._begun = begun
        self._first = received
        self._next = STEP_PERCENT
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = _bar(console)
            self._task: TaskID = self._bar.add_task(printable(offer.function), total=offer.length, facts="")
            self._bar.start()

    def update(self, now: datetime, received: int) -> str | None:
        """The line to print, None where there is none."""
        facts = f"{size(received)} of {size(self.offer.length)}{self._rate(now, received)}"
        if self._bar is not None:
            self._bar.update(self._task, completed=received, facts=facts, refresh=True)
            return None
        percent = received * 100 // self.offer.length
        if percent < self._next or percent >= 100:
            return None
        self._next = (percent // STEP_PERCENT + 1) * STEP_PERCENT
        return f"{self.offer.function}: {percent} %, {facts}"

    def _rate(self, now: datetime, received: int) -> str:
        seconds = (now - self._begun).total_seconds()
        return f", {(received - self._first) / seconds / 1e6:.1f} MB/s" if seconds > 0 else ""

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._bar is not None:
            self._bar.stop()


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("         │ {task.description}", style="default", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[facts]}", markup=False),
        console=console,
        auto_refresh=False,
        transient=True,
    )
