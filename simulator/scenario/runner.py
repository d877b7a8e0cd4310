"""Goes through a scenario's steps in a lab, and writes into the trace what held and what did not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from pcm_agent.errors import LocalError
from simulator.lab import Lab, LabCar
from simulator.scenario import actions, expectations
from simulator.scenario.captures import capture
from simulator.scenario.cells import step_of
from simulator.scenario.doing import Doing
from simulator.scenario.expectations import Judge
from simulator.scenario.filling import fill
from simulator.scenario.loaded import LoadedScenario, PlannedStep
from simulator.scenario.model import Do, Expect, Step, duration, given
from simulator.scenario.verdict import Failure, Verdict, story
from simulator.scenario.waits import Alone, Lane, Waiting, side_by_side

__all__ = ["Failure", "Verdict", "run_scenario"]

PATIENCE = timedelta(seconds=30)
"""`within` where a scenario leaves it out."""


@dataclass
class _Run:
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
    around: "_Run | None" = None
    """Of which this is a lane."""

    @property
    def car(self) -> LabCar:
        return self.cars[self.step.car or next(iter(self.cars))]

    @property
    def judge(self) -> Judge:
        return self.judges[self.step.car or next(iter(self.judges))]

    @property
    def name(self) -> str:
        return f"{self.prefix}{self.number}"

    @property
    def place(self) -> dict[str, str | int]:
        planned = self.steps[self.number - 1]
        return {"file": planned.file, "line": planned.line}

    def count_refusals(self) -> None:
        """Count what was refused since the last `do` and not expected; of lanes when all of them are through."""
        for judge in self.judges.values():
            if self.around is None:
                refused = [code for code in judge.refusals if not {code, f"refused-{code}"} & self.named]
                self.verdict.unexpected.update(refused)
            judge.since = len(self.lab.trace.records)
        if self.around is not None:
            self.around.named |= self.named
        self.named.clear()

    def conclude(self, text: str, found: str, *, held: bool) -> None:
        """Write down how the step ended."""
        requirements = list(self.step.requirements or self.loaded.scenario.requirements)
        data = {"text": text, "found": found, "requirements": requirements, **self.place}
        self.lab.trace.add("held" if held else "failed", self.name, data, self.car.vin)
        if held:
            self.verdict.held += 1
            return
        planned, happened = self.steps[self.number - 1], story(self.lab.trace.records, self.car.vin)
        self.verdict.failures.append(Failure(planned.file, planned.line, text, found, self.loaded.cell, happened))

    def next_expects(self, fits: Callable[[Expect], bool]) -> bool:
        """Whether the next step expects something."""
        following = self.steps[self.number : self.number + 1]
        return any(planned.step.expect is not None and fits(planned.step.expect) for planned in following)


async def run_scenario(lab: Lab, loaded: LoadedScenario, *cars: LabCar) -> Verdict:
    """Go through all steps, or up to the first that does not hold or can't be done.

    Args:
        lab: where.
        loaded: what is to happen.
        cars: in the order of the scenario's.
    """
    named = dict(zip(loaded.cars, cars, strict=True))
    judges = {name: Judge(lab, car) for name, car in named.items()}
    run = _Run(lab, loaded, named, judges, Verdict(loaded.scenario.title), Alone(lab), loaded.plan, {})
    lab.trace.add("scenario", loaded.scenario.title, _details(lab, loaded, named), cars[0].vin)
    await _go_through(run)
    lab.cause = None
    return run.verdict


def _details(lab: Lab, loaded: LoadedScenario, cars: Mapping[str, LabCar]) -> dict[str, object]:
    first, *others = cars.values()
    return {
        "title": loaded.scenario.title,
        "file": loaded.file,
        **({"cell": loaded.cell} if loaded.cell else {}),
        **_of_car(first),
        "requirements": list(loaded.scenario.requirements),
        "seed": lab.seed,
        "mode": "live" if lab.means.live else "virtual",
        **({"cars": {name: _of_car(car) for name, car in cars.items()}} if others else {}),
    }


def _of_car(car: LabCar) -> dict[str, str]:
    return {
        "profile": car.profile.name,
        "model": car.profile.car.line,
        "country": car.market.code,
        "language": car.language,
        "vin": car.vin,
    }


async def _go_through(run: _Run) -> None:
    for planned in run.steps:
        run.number += 1
        try:
            run.step = _as_known_now(run, planned)
            await _step(run, planned)
        except LocalError as error:  # of what the run had to fill in
            run.conclude(planned.step.say or "the step", f"not done: {error}", held=False)
        if run.verdict.failures:
            break
    run.count_refusals()


def _as_known_now(run: _Run, planned: PlannedStep) -> Step:
    """The step with what was captured filled in.

    Raises:
        LocalError: `capture-unusable`: that can't stand there.
    """
    if planned.late is None:
        return planned.step
    unknown: list[str] = []
    plain = fill(planned.late, run.captured, (), "", lambda key, message: unknown.append(f"{key}: {message}"))
    step, faults = step_of(plain, frozenset(run.cars))
    if unknown or faults:
        raise LocalError("capture-unusable", "; ".join([*unknown, *(": ".join(fault) for fault in faults)]))
    return step


async def _step(run: _Run, planned: PlannedStep) -> None:
    step = run.step
    text = step.say or (actions.describe(step.do) if step.do else "")
    if text:
        data = {"text": text, "said": step.say is not None, **run.place}
        run.lab.cause = run.lab.trace.add("step", run.name, data, run.car.vin)
    if step.do is not None:
        await run.lab.means.settle(run.lab)
        run.count_refusals()
        await _do(run, step.do)
    elif step.expect is not None:
        await _expect(run, step, step.expect)
    elif step.never is not None:
        await _never(run, step, step.never)
    elif step.let is not None:
        await run.lab.means.settle(run.lab)
        run.captured |= {name: capture(run.lab, run.car, run.judge, what) for name, what in step.let.items()}
    elif planned.lanes:
        await _parallel(run, planned)


async def _expect(run: _Run, step: Step, expect: Expect) -> None:
    judge, until = run.judge, step.until
    within = duration(step.within) if step.within else PATIENCE
    run.named |= expectations.words(expect)
    if until is None:
        held = await run.waiting.wait(lambda: judge.holds(expect), within)
        run.conclude(expectations.describe(expect), judge.found(expect), held=held)
        return
    run.named |= expectations.words(until)
    await run.waiting.wait(lambda: judge.holds(until) or not judge.holds(expect), within)
    text = f"{expectations.describe(expect)} until {expectations.describe(until)}"
    run.conclude(text, f"{judge.found(expect)}; {judge.found(until)}", held=judge.holds(until))


async def _never(run: _Run, step: Step, never: Expect) -> None:
    judge, text = run.judge, f"never {expectations.describe(never)}"
    if step.during is not None:
        happened = await run.waiting.wait(lambda: judge.holds(never), duration(step.during), jumps=True)
        run.conclude(text, judge.found(never), held=not happened)
    elif step.while_ is not None:
        await _never_while(run, step, never, step.while_)


async def _never_while(run: _Run, step: Step, never: Expect, meanwhile: Expect) -> None:
    """It must not become true as long as something else holds; that must hold at first, and must end."""
    judge, begun = run.judge, list[bool]()

    def over() -> bool:
        lasts = judge.holds(meanwhile)
        begun.append(lasts)
        return not lasts or judge.holds(never)

    ended = await run.waiting.wait(over, duration(step.within) if step.within else PATIENCE)
    held = ended and begun[0] and not judge.holds(meanwhile)
    still = "" if ended else " (which does not end)"
    text = f"never {expectations.describe(never)} while {expectations.describe(meanwhile)}"
    run.conclude(text, f"{judge.found(never)}; {judge.found(meanwhile)}{still}", held=held)


async def _parallel(run: _Run, planned: PlannedStep) -> None:
    """Go through lists of steps side by side."""

    def steps_of(number: int) -> Callable[[Lane], Any]:
        lane = planned.lanes[number]
        judges = {name: judge.beside() for name, judge in run.judges.items()}
        prefix = f"{run.name}.{number + 1}."
        return lambda waiting: _go_through(
            replace(run, judges=judges, waiting=waiting, steps=lane, prefix=prefix, number=0, named=set(), around=run)
        )

    run.count_refusals()
    lanes = [steps_of(number) for number in range(len(planned.lanes))]
    await side_by_side(run.lab, run.waiting, lanes, lambda: bool(run.verdict.failures))


async def _do(run: _Run, do: Do) -> None:
    """Do it; what can't be done fails the step, so that the rest of the run and its reports go on.

    What My Porsche declines does not, if the next step expects that.
    """
    ((name, value),) = given(do).items()
    try:
        await Doing(
            run.lab, run.car, run.waiting, lambda word: run.next_expects(lambda it: word in expectations.words(it))
        ).carry_out(name, value)
    except LocalError as error:
        code = error.code
        if run.next_expects(lambda expect: expect.declined == code):
            data = {"code": code, "reason": error.message}
            run.lab.trace.add("backend", expectations.DECLINED, data, run.car.vin, run.lab.cause)
        else:
            run.conclude(actions.describe(do), f"not done: {error}", held=False)
