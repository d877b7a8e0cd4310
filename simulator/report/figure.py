"""The timeline of a scenario as a drawing: where every lane, state, message and mark stands.

Below the states of a car stand what its driver reads and what was refused, then two rails, car and backend, with the
messages between them as arrows. A long scenario is drawn in strips below each other, so that each fits on a page; the
names of the lanes stand in a drawing of their own that stays in place while the strip is scrolled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.report.axis import FAILED, POINTS, SIGN, parts_of, step_width, tell_time, widen
from simulator.report.figures import printable, size
from simulator.report.lanes import Column, Lane, Span, columns_of, lanes_of
from simulator.report.shapes import FOOT, HEAD, ROW, WIDTH, WIRE, Box, Figure, Label, Mark, Strip
from simulator.report.story import Scenario, Story, topic_kind
from simulator.report.words import backend_words, refusal_words
from simulator.trace import Record

FIRST, LAST = 3, 9
"""So many strips of a very long timeline are drawn from its beginning and its end."""
LETTERS = {"car": 7.9, "lane": 6.9, "point": 6.9}
"""Widths of a letter of a name."""
LONGEST = 26
"""Letters of a lane's name that are shown."""
_NAMES = {"shown": "driver reads", "refusal": "refused", "car": "car", "backend": "backend"}
_TRAFFIC = ("sent", "arrived", "backend")


@dataclass
class Plan:
    """Which row each lane and each kind of mark stands in.

    Attributes:
        labels: the names at the left.
        rows: the height of a row by car and by lane, or by kind of mark.
        bottom: where the last row ends.
    """

    labels: list[Label]
    rows: dict[tuple[str, str], float]
    bottom: float = HEAD

    def put(self, key: tuple[str, str], kind: str, name: str, *, height: float = ROW) -> None:
        """Add a row below the others."""
        self.rows[key] = self.bottom
        short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        self.labels.append(Label(self.bottom, kind, printable(short)))
        self.bottom += height


def draw(story: Story, scenario: Scenario) -> Figure:
    """The timeline of a scenario."""
    columns = columns_of(scenario.records)
    lanes = lanes_of(columns)
    widen(columns, lanes)
    plan = _plan(story, scenario, columns, lanes)
    names = max([40.0, *(len(label.text) * LETTERS[label.kind] for label in plan.labels)]) + 8
    parts = parts_of(columns, WIDTH - names)
    strips: list[Strip] = []
    end = 0
    for part in (part for number, part in enumerate(parts) if part and _is_drawn(number, len(parts), columns, part)):
        strips.append(_strip(scenario, columns, part, lanes, plan))
        strips[-1].skipped = part.start - end
        end = part.stop
    return Figure(plan.labels, strips, names, len(columns) - end)


def _is_drawn(number: int, count: int, columns: Sequence[Column], part: range) -> bool:
    """A failure is drawn wherever it stands."""
    near = number < FIRST or number >= count - LAST
    return near or any(columns[index].of("failed") for index in part)


def _plan(story: Story, scenario: Scenario, columns: Sequence[Column], lanes: Sequence[Lane]) -> Plan:
    """The rows: those of the lab, then car by car, in the scenario's order."""
    plan = Plan([], {})
    marked = {record.car: None for column in columns for record in column.of(*POINTS)}
    named = ["", *(data.get("vin") for data in scenario.data.get("cars", {}).values())]
    there = dict.fromkeys([*(lane.car for lane in lanes), *marked])
    cars = sorted(there, key=lambda car: named.index(car) if car in named else len(named))
    for car in cars:
        if len(cars) > 1:
            plan.put((car, ""), "car", story.car(car) or "the lab")
        for lane in lanes:
            if lane.car == car:
                plan.put((car, f"lane {lane.key}"), "lane", lane.name)
        kinds = {record.kind for column in columns for record in column.of(*POINTS) if record.car == car}
        for kind in ("shown", "refusal"):
            if kind in kinds:
                plan.put((car, kind), "point", _NAMES[kind])
        if kinds & set(_TRAFFIC):
            plan.put((car, "car"), "point", _NAMES["car"], height=WIRE)
            plan.put((car, "backend"), "point", _NAMES["backend"])
    return plan


def _strip(scenario: Scenario, columns: Sequence[Column], part: range, lanes: Sequence[Lane], plan: Plan) -> Strip:
    edges = [0.0]
    for index in part:
        edges.append(edges[-1] + columns[index].width)
    strip = Strip(edges[-1], plan.bottom + FOOT)
    for lane in lanes:
        y = plan.rows[lane.car, f"lane {lane.key}"]
        strip.boxes += [_box(state, lane, part, edges, y) for state in lane.spans if _meets(state, part)]
    for index, x in zip(part, edges, strict=False):
        strip.marks += _points(columns[index], x, plan)
        _judge(strip, scenario, columns[index], x)
        tell_time(strip, columns, index, x)
    return strip


def _meets(state: Span, part: range) -> bool:
    return state.first < part.stop and state.end > part.start


def _box(state: Span, lane: Lane, part: range, edges: Sequence[float], y: float) -> Box:
    begin = edges[max(state.first, part.start) - part.start]
    width = edges[min(state.end, part.stop) - part.start] - begin
    fits = len(state.state) * 6.3 + 5 <= width
    text = state.state if fits else ""
    return Box(begin, y, width, state.tone, printable(text), printable(f"{lane.name}: {state.state}"))


def _points(column: Column, x: float, plan: Plan) -> Iterable[Mark]:
    """The marks of one moment; messages and what the backend did stand in their order."""
    for kinds in (("shown",), ("refusal",), _TRAFFIC):
        found = column.of(*kinds)
        gap = min(8.0, (column.width - 8) / max(1, len(found)))
        for number, record in enumerate(found):
            row = plan.rows[record.car, "car" if record.kind in ("sent", "arrived") else record.kind]
            yield Mark(x + 6 + number * gap, row + ROW / 2, record.kind, "", printable(_hint(record)))


def _judge(strip: Strip, scenario: Scenario, column: Column, x: float) -> None:
    """The step that begins, and what was expected."""
    for record in column.of("step"):
        width = max(18.0, len(record.name) * 7 + 8)
        strip.steps.append(Mark(x, 11, "step", printable(record.name), printable(record.data["text"]), "", width))
    x += step_width(column)
    for record in column.of("held", "failed"):
        sign, width = ("✓", SIGN) if record.kind == "held" else ("✗ failed", FAILED)
        anchor = f"s{scenario.number}-f{record.seq}" if record.kind == "failed" else ""
        strip.marks.append(Mark(x, 15, record.kind, sign, printable(record.data["text"]), anchor, width))
        x += width


def _hint(record: Record) -> str:
    match record.kind:
        case "refusal":
            return refusal_words(record)
        case "backend":
            return f"backend: {backend_words(record)}"
        case "sent" | "arrived":
            way = "car → backend" if record.kind == "sent" else "backend → car"
            return f"{way}: {topic_kind(record.name)}, {size(record.data.get('bytes', 0))}"
    return record.name
