"""Which states a car went through, lane by lane, over columns: the horizontal axis is the order of what happened.

Virtual time jumps: 28 days may pass between two events that are a second apart from others. So every event that led
to something has a column of its own, as wide as the names of the states in it need.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pcm_agent.core.regions import VEHICLE_REGIONS
from simulator.report.words import Offer, offers_in, region_name, symbol_words
from simulator.trace import Record

COLUMN = 24.0
"""Least width of a column."""
_CONSEQUENCES = frozenset(("transition", "symbol", "refusal", "shown"))
_ORDER: dict[str, float] = {region.name: number for number, region in enumerate(VEHICLE_REGIONS)}
_ORDER["symbol"] = _ORDER["connection"] + 0.5
FAULT = "fault "
"""How the key of a lane of what fails begins."""
_TONES = {
    "good": ("active", "connected", "home", "linked", "ready", "sufficient", "[LTE]", "[3G]", "[E]", "[WiFi]"),
    "busy": ("activating", "cancelling", "connecting", "consented", "downloading", "linking", "offered", "removing",
             "staged", "verifying"),
    "wait": ("paused", "pin-required", "roaming", "waiting", "private_mode on"),
    "bad": ("barred", "blocked", "expired", "failed", "low", "puk-required", "rolled-back"),
    "on": ("D", "N", "R", "occupied", "on", "released", "unlocked"),
}  # fmt: skip
TONES = {state: tone for tone, states in _TONES.items() for state in states}
"""State → class of colour; a state that is not here is quiet."""


@dataclass
class Column:
    """One moment: an event with all that it led to."""

    time: datetime
    records: list[Record] = field(default_factory=list)
    width: float = COLUMN

    def of(self, *kinds: str) -> list[Record]:
        """The records of these kinds, in order."""
        return [record for record in self.records if record.kind in kinds]

    def changes(self, lane: tuple[str, str]) -> bool:
        """Whether a lane changed here."""
        return any(lane_of(record) == lane for record in self.records)


@dataclass
class Span:
    """A state of a lane from one column to (not including) another; -1 as long as nobody knows the end."""

    first: int
    end: int
    state: str
    tone: str


@dataclass
class Lane:
    """A region of a car, or one of its packages."""

    car: str
    key: str
    name: str
    spans: list[Span] = field(default_factory=list)


def lane_of(record: Record) -> tuple[str, str] | None:
    """The lane that a record is about: car and region, or car and package."""
    if record.kind == "transition":
        return (record.car, record.data.get("offer_id") or record.data.get("service") or record.name)
    if record.kind == "fault":
        return (record.car, f"{FAULT}{record.name}")
    return (record.car, "symbol") if record.kind == "symbol" else None


def columns_of(records: Iterable[Record]) -> list[Column]:
    """The moments of a scenario. Heartbeats and the progress of downloads are left out."""
    told = [record for record in records if not _noise(record)]
    causes = {record.cause for record in told if record.kind in _CONSEQUENCES}
    columns: list[Column] = []
    for record in told:
        if record.kind == "event" and record.seq not in causes:
            continue
        if not columns or _begins(record, columns[-1]):
            columns.append(Column(record.time))
        column = columns[-1]
        if record.kind in {"event", "held", "failed"} and not column.of("event"):
            column.time = record.time
        column.records.append(record)
    return columns


def _noise(record: Record) -> bool:
    return record.kind == "note" or record.name == "DownloadProgressed" or record.name.endswith("/event/heartbeat")


def _begins(record: Record, column: Column) -> bool:
    """Whether a record needs a column of its own."""
    if record.kind == "step":
        return bool(column.records)
    if record.kind in {"event", "arrived", "backend"}:
        return bool(column.of("event"))
    lane = lane_of(record)
    return lane is not None and column.changes(lane)


def lanes_of(columns: Sequence[Column]) -> list[Lane]:
    """The lanes that changed, grouped by car: what fails, the regions in their order, then packages.

    While a car's PCM is without power it has no states: there its lanes have a gap.
    """
    lanes: dict[tuple[str, str], Lane] = {}
    offers: dict[str, Offer] = {}
    for index, column in enumerate(columns):
        for record in column.records:
            offers |= offers_in(record)
            key = lane_of(record)
            if key is not None:
                lane = lanes.setdefault(key, _begun(record, key, offers, index))
                (_fail if record.kind == "fault" else _change)(lane, record, index)
    for lane in lanes.values():
        _end(lane, len(columns))
    for key in [key for key in lanes if key[1] == f"{FAULT}power"]:
        _take_out([lane for lane in lanes.values() if lane.car == key[0]], lanes[key].spans)
    return sorted(lanes.values(), key=lambda lane: (lane.car, _place(lane.key)))


def _place(key: str) -> float:
    return -1 if key.startswith(FAULT) else _ORDER.get(key, len(_ORDER))


def _end(lane: Lane, end: int) -> None:
    """Let the last state last to the end, unless the lane has stopped by itself."""
    if lane.spans and (lane.spans[-1].end < 0 or not lane.key.startswith(FAULT)):
        lane.spans[-1].end = end
    lane.spans = [span for span in lane.spans if span.end > span.first]


def _take_out(lanes: Iterable[Lane], gaps: Iterable[Span]) -> None:
    """Leave out of the lanes of a car the time in which it had no power."""
    for gap in gaps:
        for lane in lanes:
            if not lane.key.startswith(FAULT):
                lane.spans = [part for span in lane.spans for part in _without(span, gap)]


def _without(span: Span, gap: Span) -> list[Span]:
    """What is left of a state at both sides of a gap."""
    before = replace(span, end=min(span.end, gap.first))
    after = replace(span, first=max(span.first, gap.end))
    return [part for part in (before, after) if part.end > part.first]


def _fail(lane: Lane, record: Record, index: int) -> None:
    """Something begins to fail or to be well again; what does not last is one moment wide."""
    if lane.spans and lane.spans[-1].end < 0:
        lane.spans[-1].end = index
    state = str(record.data.get("state", ""))
    if state:
        lane.spans.append(Span(index, index + 1 if record.data.get("moment") else -1, state, "bad"))


def _begun(record: Record, key: tuple[str, str], offers: Mapping[str, Offer], index: int) -> Lane:
    """A lane; a region was in its first state from the beginning, a package begins with its offer."""
    if record.kind == "fault":
        return Lane(*key, f"fault: {record.name.replace('_', ' ')}")
    if record.kind == "symbol":
        return Lane(*key, "status corner", [Span(0, index, "[–]", "quiet")])
    first = index if record.data.get("offer_id") else 0
    source = str(record.data["source"])
    return Lane(*key, region_name(record, offers), [Span(first, index, source, _tone(record.name, source))])


def _change(lane: Lane, record: Record, index: int) -> None:
    state = symbol_words(record) if record.kind == "symbol" else str(record.data["target"])
    if lane.spans[-1].state == state:
        return
    lane.spans[-1].end = index
    lane.spans.append(Span(index, index, state, _tone(record.name, state)))


def _tone(region: str, state: str) -> str:
    """The class of colour of a state; the same word may mean different things in different regions."""
    if region == "charging":
        return "wait" if state == "connected" else "quiet"
    return TONES.get(f"{region} {state}") or TONES.get(state, "quiet")
