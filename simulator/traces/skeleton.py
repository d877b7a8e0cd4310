"""Makes the skeleton of a scenario out of a trace: what was done, when, and what came of it, for one car.

It is a beginning: the words are missing, secrets are placeholders, and what no event tells is not in it, such as
a phone that opens its hotspot, or a price.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from pcm_agent.errors import LocalError
from simulator.report.words import offers_in
from simulator.scenario.model import Do, Expect
from simulator.trace import Record
from simulator.traces.doings import doing_of
from simulator.traces.inputs import Input, grouped
from simulator.traces.reading import TraceFile
from simulator.world.world import OPERATED

RENAMED = {"sharing": "share_data"}
"""Regions that an expectation calls otherwise."""
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9@._/-]*(?: [A-Za-z0-9@._/-]+)*")
"""What stands in YAML without quotes and is a text."""
WORDS = frozenset(("on", "off", "yes", "no", "y", "n", "true", "false", "null"))
"""What YAML, old or new, takes for something else than a text."""
AT_ONCE = timedelta(milliseconds=100)
"""What follows within this time is no wait: in a live run nothing takes no time."""
UNITS = {"d": 86_400, "h": 3600, "min": 60, "s": 1}


@dataclass
class _Step:
    """Something that is done, and what came until the next one."""

    record: Record
    offers: Mapping[str, str]
    said: str | None
    after: list[Record] = field(default_factory=list)

    @property
    def doing(self) -> dict[str, object]:
        """What is to be done; nothing where no scenario can do it."""
        doing = doing_of(self.record, self.after, self.offers)
        return dict([doing]) if doing and _is(Do, doing) else {}


def skeleton(trace: TraceFile, vin: str | None = None) -> str:
    """A scenario (YAML) that does to a car what a trace tells.

    Args:
        trace: of this version's format.
        vin: of the car; the trace's first one where it is left out.

    Raises:
        LocalError: `trace-format-unknown`, `trace-not-replayable`: it has no such car, or nothing was done to it.
    """
    trace.check()
    car = next((it for it in trace.records if it.kind == "car" and vin in (None, it.car)), None)
    steps = _steps(trace, car.car) if car else []
    if car is None or not steps:
        raise LocalError("trace-not-replayable", f"{trace.path}: {vin or 'no car'} has nothing done to it that is told")
    end = max(record.time for record in trace.records if record.car == car.car)
    return "\n".join([*_head(trace, car), "steps:", *_written(steps, end), ""])


# --- from records to steps ---


def _steps(trace: TraceFile, vin: str) -> list[_Step]:
    """What was done, one by one; what a scenario does not do, and would not have to, stands behind what was done."""
    steps: list[_Step] = []
    by_number = {record.seq: record for record in trace.records}
    offers: dict[str, str] = {}
    from_afar: frozenset[str] = frozenset()
    for item in grouped(record for record in trace.records if record.car == vin):
        record, outcome = (item.record, item.outcome) if isinstance(item, Input) else (item, [])
        record = _with_terms(record, trace.records) if record.name == "order-placed" else record
        if record.kind in ("event", "sent"):
            offers |= {number: offer.function for number, offer in offers_in(record).items()}
        from_afar = _from_afar(record, from_afar)
        possible = record.kind in ("event", "backend") and record.name not in from_afar
        if possible and _Step(record, offers, None, outcome).doing:
            steps.append(_Step(record, dict(offers), _said(by_number.get(record.cause or 0, record))))
        if steps:
            steps[-1].after += [record, *outcome]
    return steps


def _from_afar(record: Record, before: frozenset[str]) -> frozenset[str]:
    """The events that follow by themselves from remote commands, until they have happened."""
    if record.name == "CommandReceived" and record.data["kind"] == "remote":
        event = OPERATED.get(record.data["body"]["action"])
        return before | {type(event).__name__} if event else before
    return before if record.kind != "event" else before - {record.name}


def _with_terms(order: Record, records: Iterable[Record]) -> Record:
    """An order with its price, as it was billed, and with whether the driver was asked."""
    terms: dict[str, object] = {}
    for record in records:
        if record.name == "order-billed" and record.data.get("order") == order.data["order"]:
            terms["price"] = f"{record.data['amount']} {record.data['currency']}"
        for offer in record.data.get("assignments", ()) if record.name == "MetadataAccepted" else ():
            if offer["function"] == order.data["function"] and offer["consent"] == "ask":
                terms["consent"] = "ask"
    return msgspec.structs.replace(order, data={**order.data, **terms})


def _said(cause: Record) -> str | None:
    """What a scenario said of it, if one did."""
    return str(cause.data["text"]) if cause.kind == "step" and cause.data.get("said") else None


def _is(part: type[Do | Expect], pair: tuple[str, object]) -> bool:
    """Whether it may stand in a step."""
    try:
        msgspec.convert(dict([pair]), part)
    except msgspec.ValidationError:
        return False
    return True


def _expected(records: Iterable[Record]) -> dict[str, object]:
    """What came: each region's last state, the last text, the first refusal; as far as it can be expected."""
    found: dict[str, object] = {}
    for record in records:
        match record.kind:
            case "transition":
                found[RENAMED.get(record.name, record.name)] = record.data["target"]
            case "symbol":
                found["symbol"] = record.data.get("letter") or ("wifi" if record.data.get("wifi") else "none")
            case "shown" if "display" not in record.data:
                found["shown"] = record.name
            case "refusal":
                found.setdefault("refused", record.name)
    return {key: value for key, value in found.items() if _is(Expect, (key, value))}


# --- from steps to text ---


def _head(trace: TraceFile, car: Record) -> Iterator[str]:
    scenario = next((it for it in trace.records if it.kind == "scenario" and it.car == car.car), None)
    title = str(scenario.data["title"]) if scenario else f"A trace of {car.car}"
    part = {"profile": car.data.get("file", car.data["profile"])}
    part |= {key: car.data[key] for key in ("country", "language", "equipment", "assume") if car.data.get(key)}
    yield f"# Made of {trace.path.name}; secrets are placeholders."
    if "state" in car.data:
        yield "# The car was there before the trace: what it was then is not in here, it begins as a new one."
    yield "version: 1"
    yield f"title: {_flow(title)}"
    yield f"car: {_flow({**part, 'vin': car.car})}"


def _written(steps: list[_Step], end: datetime) -> Iterator[str]:
    """Each step and what came of it at once; the wait until the next one, and what came meanwhile."""
    ends = [*(step.record.time for step in steps[1:]), end]
    said: str | None = None
    for step, until in zip(steps, ends, strict=True):
        say = step.said if step.said != said else None
        yield from _lines(step.doing, say)
        said = step.said
        soon = step.record.time + AT_ONCE
        yield from _expectation(record for record in step.after if record.time <= soon)
        if until > soon:
            yield f"  - do: {{wait: {_flow(written_span(until - step.record.time))}}}"
            yield from _expectation(record for record in step.after if record.time > soon)


def _lines(doing: dict[str, object], say: str | None) -> Iterator[str]:
    if say is None:
        yield f"  - do: {_flow(doing)}"
    else:
        yield f"  - say: {_flow(say)}"
        yield f"    do: {_flow(doing)}"


def _expectation(records: Iterable[Record]) -> Iterator[str]:
    expected = _expected(records)
    if expected:
        yield f"  - expect: {_flow(expected)}"


def written_span(span: timedelta) -> str:
    """A time as a scenario has it, in the largest unit of which it is a whole number; else in seconds or days."""
    for unit, seconds in UNITS.items():
        if not span % timedelta(seconds=seconds):
            return f"{span // timedelta(seconds=seconds)} {unit}"
    exact = span.total_seconds()
    number, unit = (f"{exact:.6f}", "s") if exact < 1_000_000 else (f"{exact / 86_400:.12f}", "d")
    return f"{number.rstrip('0')} {unit}"


def _flow(value: object) -> str:
    """A value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return msgspec.json.encode(value).decode()
