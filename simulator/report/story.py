"""The records of a run, put in order for its reports: scenarios, their steps and what was expected of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, NamedTuple

from simulator.report.endings import Ending, Untold, not_run
from simulator.report.words import CarLabel, Render
from simulator.trace import Record


class Message(NamedTuple):
    """What the driver read: in the car's language, and in English."""

    time: datetime
    language: str
    text: str
    english: str


class Traffic(NamedTuple):
    """Messages of one kind over MQTT."""

    direction: str
    kind: str
    messages: int
    size: int


@dataclass
class Step:
    """A step of a scenario, with what was expected after it."""

    number: str
    text: str
    file: str
    line: int
    time: datetime
    car: str = ""
    expectations: list[Record] = field(default_factory=list)


@dataclass
class Scenario:
    """One scenario: its own record, and all that happened in it.

    Attributes:
        data: of its record.
        title: with the cell of the matrix.
        begun: in virtual time.
        number: in the run, counted from 1.
        again: the command that gives the same once more, "" where it is not known.
        records: in order.
    """

    data: Mapping[str, Any]
    title: str
    begun: datetime
    number: int = 1
    again: str = ""
    records: list[Record] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Record]:
        """The records of these kinds, in order."""
        return [record for record in self.records if record.kind in kinds]

    @property
    def failures(self) -> list[Record]:
        """The expectations that did not hold."""
        return self.of("failed")

    @property
    def ending(self) -> Ending:
        """How it ended."""
        failures = self.failures
        if failures:
            return Ending.BROKEN_OFF if failures[-1].data.get("broken_off") else Ending.FAILED
        return Ending.HELD if self.of("held") else Ending.EMPTY

    @property
    def duration(self) -> timedelta:
        """How long it took, in virtual time."""
        return max((record.time for record in self.records), default=self.begun) - self.begun

    @property
    def file(self) -> str:
        """Where it is written."""
        return str(self.data.get("file", ""))

    def line_of(self, file: str, line: int) -> str:
        """A line of the scenario, or of a file that it includes with that one's name; "" where none is known."""
        return f"{PurePath(file).name}:{line}" if line and file != self.file else str(line or "")

    def steps(self) -> list[Step]:
        """The steps, each with what was expected from there on to the next one."""
        steps: list[Step] = []
        for record in self.of("step", "held", "failed"):
            if record.kind == "step" or not steps:
                steps.append(_step(record))
            if record.kind != "step":
                steps[-1].expectations.append(record)
        return steps

    def requirements(self, expectation: Record) -> list[str]:
        """The requirements that an expectation proves, where they are not simply the scenario's."""
        own = list(expectation.data.get("requirements", ()))
        return [] if own == list(self.data.get("requirements", ())) else own

    def car_name(self, vin: str) -> str:
        """What the scenario calls one of its cars, "" where it has one only."""
        return next((name for name, data in self.data.get("cars", {}).items() if data.get("vin") == vin), "")

    def traffic(self) -> list[Traffic]:
        """How many messages of each kind went over MQTT, and how many bytes."""
        counts: Counter[tuple[str, str]] = Counter()
        sizes: Counter[tuple[str, str]] = Counter()
        for record in self.of("sent", "arrived"):
            key = (record.kind, topic_kind(record.name))
            counts[key] += 1
            sizes[key] += record.data.get("bytes", 0)
        return [Traffic(*key, counts[key], sizes[key]) for key in sorted(counts, reverse=True)]


def _step(record: Record) -> Step:
    text = record.data["text"] if record.kind == "step" else "From the beginning"
    return Step(
        record.name, str(text), record.data.get("file", ""), record.data.get("line", 0), record.time, record.car
    )


def topic_kind(topic: str) -> str:
    """A topic without root, version and car: `event/connection`."""
    return "/".join(topic.split("/")[3:]) or topic


def scenarios_of(records: Iterable[Record], again: Sequence[str] = ()) -> list[Scenario]:
    """The scenarios of a run; what is about a car belongs to the last scenario that names it.

    Args:
        records: of the trace.
        again: for each scenario the command that gives the same once more.
    """
    scenarios: list[Scenario] = []
    by_car: dict[str, Scenario] = {}
    for record in records:
        if record.kind == "scenario":
            cell = f" [{record.data['cell']}]" if "cell" in record.data else ""
            title = f"{record.data.get('title', record.name)}{cell}"
            scenario = Scenario(record.data, title, record.time, len(scenarios) + 1)
            scenario.again = next(iter(again[len(scenarios) :]), "")
            scenarios.append(scenario)
            by_car[str(record.data.get("vin", record.car))] = scenario
        elif scenarios and record.kind not in ("run", "car"):
            by_car.get(record.car, scenarios[-1]).records.append(record)
    return scenarios


def run_data(records: Sequence[Record]) -> Mapping[str, Any]:
    """What the first record says of the run."""
    return next((record.data for record in records if record.kind == "run"), {})


@dataclass
class Story:
    """A whole run, ready to be told."""

    run: Mapping[str, Any]
    scenarios: list[Scenario]
    cars: Mapping[str, CarLabel]
    render: Render

    @classmethod
    def of(
        cls, records: Sequence[Record], cars: Mapping[str, CarLabel], render: Render, again: Sequence[str] = ()
    ) -> "Story":
        """The story that a trace tells; `again`: a command for each scenario."""
        return cls(run_data(records), scenarios_of(records, again), cars, render)

    @property
    def not_run(self) -> list[Untold]:
        """The cells that were not run."""
        return not_run(self.run, len(self.scenarios))

    @property
    def endings(self) -> Counter[Ending]:
        """How many cells ended how."""
        return Counter([*(it.ending for it in self.scenarios), *(it.ending for it in self.not_run)])

    @property
    def wrong(self) -> list[Scenario]:
        """The scenarios that somebody has to look at."""
        return [scenario for scenario in self.scenarios if scenario.ending.wrong]

    def ended(self, ending: Ending) -> list[Scenario]:
        """The scenarios that ended so."""
        return [scenario for scenario in self.scenarios if scenario.ending is ending]

    @property
    def failures(self) -> list[Record]:
        """The expectations that did not hold."""
        return [record for scenario in self.scenarios for record in scenario.failures]

    @property
    def held(self) -> int:
        """How many expectations held."""
        return sum(len(scenario.of("held")) for scenario in self.scenarios)

    @property
    def duration(self) -> timedelta:
        """How long all scenarios took, in virtual time."""
        return sum((scenario.duration for scenario in self.scenarios), timedelta())

    def car(self, vin: str) -> str:
        """How a car is called."""
        return self.cars[vin].name if vin in self.cars else vin

    def message(self, record: Record) -> Message:
        """What the driver read."""
        language = self.cars[record.car].language if record.car in self.cars else "en"
        text = self.render(language, record.name, record.data)
        english = text if language == "en" else self.render("en", record.name, record.data)
        return Message(record.time, language, text, english)
