"""A list of steps that is gone through: which step is under way, what it is judged by, and how it ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.lab import Lab, LabCar
from simulator.laws import Watch
from simulator.scenario.expectations import Judge
from simulator.scenario.loaded import LoadedScenario, PlannedStep
from simulator.scenario.model import Expect, Step
from simulator.scenario.verdict import Failure, Refused, Verdict, place_of, story
from simulator.scenario.waits import Waiting
from simulator.trace import Record


@dataclass
class Course:
    """A list of steps that is gone through; lanes have one each, with judges of their own."""

    lab: Lab
    loaded: LoadedScenario
    cars: Mapping[str, LabCar]
    judges: Mapping[str, Judge]
    verdict: Verdict
    waiting: Waiting
    steps: Sequence[PlannedStep]
    captured: dict[str, Any]
    """What `let` found, by name."""
    prefix: str = ""
    number: int = 0
    named: set[str] = field(default_factory=set)
    """What was expected since the last `do`, in its values."""
    step: Step = field(default_factory=Step)
    """The one under way."""
    around: "Course | None" = None
    """Of which this is a lane."""
    watch: Watch | None = None
    """Judges what happens by all laws; None: nobody does."""
    takes_no: bool = False
    """What can't be done is taken note of, and fails no step."""

    @property
    def broken(self) -> bool:
        """Whether something has failed, so that nothing more is done."""
        return bool(self.verdict.failures) or (self.watch is not None and self.watch.broken)

    @property
    def car(self) -> LabCar:
        """The one that the step is about."""
        return self.cars[self.step.car or next(iter(self.cars))]

    @property
    def judge(self) -> Judge:
        """Of that car."""
        return self.judges[self.step.car or next(iter(self.judges))]

    @property
    def name(self) -> str:
        """Of the step, as reports have it."""
        return f"{self.prefix}{self.number}"

    @property
    def place(self) -> dict[str, Any]:
        """Where the step was written, and where that file was included."""
        planned = self.steps[self.number - 1]
        return {"file": planned.file, "line": planned.line, **({"via": list(planned.via)} if planned.via else {})}

    def count_refusals(self) -> None:
        """Count what was refused since the last `do` and not expected; of lanes when all of them are through."""
        for judge in self.judges.values():
            if self.around is None:
                refused = [it for it in judge.refusals if not {it.name, f"refused-{it.name}"} & self.named]
                self.verdict.unexpected.update(Refused(it.name, self._led_from(it)) for it in refused)
            judge.since = len(self.lab.trace.records)
        if self.around is not None:
            self.around.named |= self.named
        self.named.clear()

    def _led_from(self, record: Record) -> str:
        """The place of the step that led to a record; the file alone where no step did."""
        records, cell = self.lab.trace.records, self.loaded.cell
        while record.kind != "step" and record.cause is not None:
            record = records[record.cause]
        if record.kind != "step":
            return f"{self.loaded.file} [{cell}]" if cell else self.loaded.file
        return place_of(record.data, cell)

    def conclude(self, text: str, found: str, *, held: bool, broken_off: bool = False) -> None:
        """Write down how the step ended; `broken_off`: not by what was found, but with the whole run."""
        requirements = list(self.step.requirements or self.loaded.scenario.requirements)
        data = {"text": text, "found": found, "requirements": requirements, **self.place}
        data |= {"broken_off": True} if broken_off else {}
        self.lab.trace.add("held" if held else "failed", self.name, data, self.car.vin)
        if held:
            self.verdict.held += 1
            return
        planned, happened = self.steps[self.number - 1], story(self.lab.trace.records, self.car.vin)
        failure = Failure(planned.file, planned.line, text, found, self.loaded.cell, happened, via=planned.via)
        self.verdict.failures.append(failure)

    def takes_as_breach(self, error: BaseException) -> bool:
        """Whether an error is one of the program, of which the watch takes note."""
        if self.watch is None or not isinstance(error, Exception):
            return False
        self.watch.break_law("alive", "", f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        return True

    def conclude_watch(self) -> None:
        """End the watch, and write down which law was broken, if one was."""
        if self.watch is None:
            return
        self.watch.end()
        breach = self.watch.breach
        if breach is None:
            return
        planned = self.steps[self.number - 1]
        data = {"text": breach.law.sentence, "found": breach.seen, "requirements": list(breach.law.rows), **self.place}
        vin = breach.car or self.car.vin
        happened = story(self.lab.trace.records[: breach.at], vin)
        self.lab.trace.add("failed", self.name, {**data, "law": breach.law.name}, vin)
        text = f"that {breach.law.sentence}"
        failure = Failure(planned.file, planned.line, text, breach.seen, self.loaded.cell, happened)
        self.verdict.failures.append(replace(failure, law=breach.law.name, step=self.number, via=planned.via))

    def next_expects(self, fits: Callable[[Expect], bool]) -> bool:
        """Whether the next step expects something."""
        following = self.steps[self.number : self.number + 1]
        return any(planned.step.expect is not None and fits(planned.step.expect) for planned in following)
