"""The timeline in the terminal: what happens, in plain words, as it happens.

    trace.listen(Timeline(Console(), {vin: CarLabel("A car · Japan", "ja")}, render=render))

On a terminal a download is a live bar, elsewhere a line in each quarter. Messages on the wire are shown only if
`verbose`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from simulator.report.figures import day, printable, size, span
from simulator.report.transfer import Download
from simulator.report.words import (
    CarLabel,
    Offer,
    Render,
    backend_words,
    event_words,
    offers_in,
    refusal_words,
    symbol_words,
    transition_words,
)
from simulator.report.wrap import wrapped
from simulator.scenario.verdict import place_of
from simulator.trace import Record, details

__all__ = ["CarLabel", "Timeline"]

WIDEST = 120
JUMP = timedelta(minutes=1)
"""A longer pause between two lines is told."""
INDENT = 11
"""Room for the time and the mark."""
LEGEND = "▸ step   · event   │ state   ▐ the driver reads   ◆ backend   ↯ fault   ✓ held"

LEGEND_OF_AGENT = "· event   │ state   ▐ what the driver reads   ⊘ refused by the car   ! worth knowing"
LEGEND_OF_BACKEND = "◆ what the backend did   ! worth knowing: code and what to do; `pcm-sim errors CODE` explains it"


class Timeline:
    """A listener of a trace that prints it for people.

    Args:
        console: where to print; its width is used up to 120 columns.
        cars: by VIN, how the cars are called and which language they speak.
        render: gives the text that the driver reads; `pcm_agent.texts.render`.
        verbose: print messages on the wire and heartbeats too.
        wants: which records to print; the others are only read for what they say of these.
    """

    def __init__(
        self,
        console: Console,
        cars: Mapping[str, CarLabel],
        *,
        render: Render,
        verbose: bool = False,
        wants: Callable[[Record], bool] = lambda _: True,
    ) -> None:
        self._console = console
        self._cars = cars
        self._render = render
        self._verbose = verbose
        self._wants = wants
        self._mode = ""
        self._scenarios, self._begun = 0, 0
        self._vin = next(iter(cars)) if len(cars) == 1 else ""
        """The car that lines are about unless they name another."""
        self._last: datetime | None = None
        self._noted: tuple[datetime, str, str] | None = None
        """When the last note was made, what it said, and of which car; "": the backend's."""
        self._event: dict[str, Record] = {}
        self._offers: dict[str, Offer] = {}
        self._download: Download | None = None
        self._printers = {
            "run": self._run,
            "car": self._learn_car,
            "scenario": self._scenario,
            "step": self._step,
            "event": self._happened,
            "transition": self._transition,
            "refusal": self._refusal,
            "fault": self._fault,
            "shown": self._shown,
            "symbol": self._symbol,
            "sent": self._wire,
            "arrived": self._wire,
            "note": self._note,
            "backend": self._backend,
            "held": self._held,
            "failed": self._failed,
        }

    def __call__(self, record: Record) -> None:
        """Print one record, or nothing where others tell it."""
        if record.kind in ("event", "sent"):
            self._offers |= offers_in(record)
        if self._wants(record):
            self._printers.get(record.kind, self._other)(record)
        elif record.kind == "event":
            self._event[record.car] = record

    def close(self) -> None:
        """Take a bar off the terminal; to be called when the run ends, however it ends."""
        if self._download is not None:
            self._download.close()
            self._download = None

    # --- records ---

    def _other(self, record: Record) -> None:
        """What another version writes, as it stands there."""
        self._line(record, "?", f"{record.kind} {record.name} {details(record.data)}", "dim")

    def _learn_car(self, record: Record) -> None:
        """A heading of its own only where the car was there before: it goes on from a state."""
        if self._verbose and "state" in record.data:
            self._line(record, "!", f"a {record.name} goes on where it was", "dim")

    def _run(self, record: Record) -> None:
        self._scenarios = len(record.data.get("scenarios", ()))
        self._mode = f" · {record.data.get('mode')}, seed {record.data.get('seed')}"
        self._print(Text(LEGEND, "dim"))

    def _scenario(self, record: Record) -> None:
        self.close()
        self._vin = record.data.get("vin", record.car)
        self._last = None
        self._begun += 1
        title = Text(printable(record.data.get("title", record.name)), "bold")
        self._console.print()
        self._print(Rule(title, align="left", style="cyan"))
        cell = f" · {record.data['cell']}" if "cell" in record.data else ""
        count = f" · {self._begun} of {self._scenarios}" if self._scenarios > 1 else ""
        self._print(Text(printable(f"{self._name(self._vin)} · {self._vin}{self._mode}{count}{cell}"), "dim"))

    def _step(self, record: Record) -> None:
        """A heading; a step without words of its own is told by what comes of it."""
        if record.data.get("said") is False and not self._verbose:
            return
        self._console.print()
        self._line(record, "▸", record.data["text"], "bold cyan")

    def _happened(self, record: Record) -> None:
        self._event[record.car] = record
        if record.name == "DownloadProgressed":
            self.progress(record)
        words = event_words(record)
        if words is not None:
            self._line(record, "·", words, "bright_black")

    def _transition(self, record: Record) -> None:
        if record.data["source"] == "downloading":
            self._end_download(record)
        words = transition_words(record, self._event.get(record.car), self._offers)
        if words is not None:
            self._line(record, "│", words, "default")

    def _refusal(self, record: Record) -> None:
        self._line(record, "⊘", refusal_words(record), "yellow")

    def _fault(self, record: Record) -> None:
        """What began to fail, or is well again."""
        begins = bool(record.data.get("state"))
        words = f"{'fault' if begins else 'fault over'}: {record.data.get('text', record.name)}"
        self._line(record, "↯", words, "red" if begins else "green")

    def _shown(self, record: Record) -> None:
        """What the driver reads, and the English where that is another language."""
        label = self._cars.get(record.car)
        language = label.language if label else "en"
        where = "instrument cluster: " if record.data.get("display") == "cluster" else ""
        self._line(record, "▐", where + self._render(language, record.name, record.data), "blue", "bold white on blue")
        if language != "en":
            english = self._render("en", record.name, record.data)
            self._line(record, "▐", f"({english})", "blue", "italic bright_black")

    def _symbol(self, record: Record) -> None:
        self._line(record, "│", f"status corner {symbol_words(record)}", "default", "bold")

    def _wire(self, record: Record) -> None:
        if self._verbose:
            arrow = "→" if record.kind == "sent" else "←"
            self._line(record, arrow, f"{record.name}  {size(record.data.get('bytes', 0))}", "bright_black")

    def _note(self, record: Record) -> None:
        text = record.data.get("text")
        said = f"{record.name}: {text}" if text else record.name
        repeated = self._repeated(record, said)
        if self._verbose or (record.name != "heartbeat" and not repeated):
            backend = self._vin and not record.car and not said.startswith("backend")
            self._line(record, "!", f"backend: {said}" if backend else said, "dim yellow")

    def _repeated(self, record: Record, said: str) -> bool:
        """Whether car and backend both say it, such as of one cut that it was cut; two cars say it of two things."""
        before, self._noted = self._noted, (record.time, said, record.car)
        return before is not None and before[:2] == (record.time, said) and "" in (before[2], record.car)

    def _backend(self, record: Record) -> None:
        if self._verbose or record.name != "command-done":
            self._line(record, "◆", backend_words(record), "magenta")

    def _held(self, record: Record) -> None:
        self._line(record, "✓", record.data["text"], "green")

    def _failed(self, record: Record) -> None:
        self._line(record, "✗", record.data["text"], "bold red")
        self._line(record, " ", f"found: {record.data.get('found', '')}", "red")
        self._line(record, " ", place_of(record.data), "red")

    # --- downloads ---

    def progress(self, record: Record) -> None:
        """Show how far a download is, from its `DownloadProgressed` event."""
        offer_id, received = record.data["offer_id"], record.data["received"]
        offer = self._offers.get(offer_id)
        if offer is None or not offer.length:
            return
        if self._download is None or self._download.offer_id != offer_id:
            self.close()
            self._download = Download(self._console, offer_id, offer, record.time, received)
        line = self._download.update(record.time, received)
        if line is not None:
            self._line(record, "│", line, "default")

    def _end_download(self, record: Record) -> None:
        download = self._download
        self.close()
        if download is not None and record.data["target"] == "staged":
            whole = f"{download.offer.function}: {size(download.offer.length)} downloaded, the hash is right"
            self._line(record, "│", whole, "default")

    # --- lines ---

    def _line(self, record: Record, mark: str, words: str, style: str, inner: str = "") -> None:
        """One entry: time, mark and words; long words hang under their beginning, as a block where it has a ground."""
        self._tell_time(record.time)
        if record.car not in ("", self._vin):
            words = f"{self._name(record.car)}: {words}"
        lines = wrapped(printable(words), self._width - INDENT)
        coloured = self._console.is_terminal and not self._console.no_color
        block = max(map(cell_len, lines)) if coloured and " on " in inner else 0
        for number, line in enumerate(lines):
            margin = f" {mark if inner or not number else ' '} "
            text = Text.assemble((self._clock(record.time), "dim"), (margin, style))
            self._print(text.append(line + " " * (block - cell_len(line)), inner or style))
            self._last = record.time

    def _clock(self, now: datetime) -> str:
        """The time where it changed, else as much room."""
        clock = f"{now:%H:%M:%S}"
        return " " * len(clock) if self._last is not None and f"{self._last:%H:%M:%S}" == clock else clock

    def _tell_time(self, now: datetime) -> None:
        """The date where it changes, and how long nothing happened where that is long."""
        last = self._last
        if last is None or last.date() != now.date():
            self._print(Text(f"{day(now)}, UTC", "dim"))
        if last is not None and now - last >= JUMP:
            self._print(Text(f"         ⋮ {span(now - last)} later", "dim italic"))

    def _name(self, vin: str) -> str:
        return self._cars[vin].name if vin in self._cars else vin

    @property
    def _width(self) -> int:
        return min(self._console.width, WIDEST)

    def _print(self, content: RenderableType) -> None:
        self._console.print(content, width=self._width, highlight=False, no_wrap=True, overflow="ignore", crop=False)
