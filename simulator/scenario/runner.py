"""Goes through a scenario's steps in a lab, and writes into the trace what held and what did not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pcm_agent.errors import LocalError
from simulator.lab import Lab, LabCar
from simulator.laws import Watch
from simulator.scenario import actions, expectations
from simulator.scenario.captures import capture
from simulator.scenario.cells import step_of
from simulator.scenario.course import Course
from simulator.scenario.doing import Doing
from simulator.scenario.expectations import Judge
from simulator.scenario.filling import fill
from simulator.scenario.loaded import LoadedScenario, PlannedStep
from simulator.scenario.model import Do, Step, given
from simulator.scenario.spans import expect_that, never_that
from simulator.scenario.verdict import Failure, Verdict
from simulator.scenario.waits import Alone, Lane, side_by_side

__all__ = ["Failure", "Verdict", "run_scenario"]

ENOUGH = 8000
"""Records of a random life after which it is left: a car that is online for months only says that it is there."""


async def run_scenario(
    lab: Lab, loaded: LoadedScenario, *cars: LabCar, verdict: Verdict | None = None, takes_no: bool = False
) -> Verdict:
    """Go through all steps, or up to the first that does not hold or can't be done, or that breaks a law.

    Whatever breaks it off in the middle is a failure of the scenario, and is raised all the same; where the laws are
    watched, an error of the program is a breach of one of them.

    Args:
        lab: where.
        loaded: what is to happen.
        cars: in the order of the scenario's.
        verdict: filled as it goes on.
        takes_no: what can't be done is taken note of, and fails no step; and a life that is too long is left.
    """
    verdict = verdict or Verdict(loaded.scenario.title)
    named = dict(zip(loaded.cars, cars, strict=True))
    judges = {name: Judge(lab, car) for name, car in named.items()}
    run = Course(lab, loaded, named, judges, verdict, Alone(lab), loaded.plan, {}, takes_no=takes_no)
    run.watch = Watch(lab, cars, ENOUGH if takes_no else None) if loaded.scenario.invariants == "on" else None
    lab.witness = run.watch
    lab.trace.add("scenario", loaded.scenario.title, _details(lab, loaded, named), cars[0].vin)
    try:
        await _go_through(run)
        if run.watch is not None:
            await _come_to_rest(run)
            if not run.broken:
                run.watch.ended()
    except BaseException as error:
        if not run.takes_as_breach(error):
            reason = str(error) or "the run was interrupted"
            found = f"broken off at step {run.number} of {len(run.steps)}: {reason}"
            run.conclude("all steps are gone through", found, held=False, broken_off=True)
            raise
    finally:
        lab.witness = None
    run.conclude_watch()
    lab.cause = None
    return verdict


async def _come_to_rest(run: Course) -> None:
    """Let all that works at this instant be done, and be judged."""
    await run.lab.means.settle(run.lab)
    if run.watch is not None and not run.broken:
        run.lab.raise_failures()
        run.watch.settled()


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


async def _go_through(run: Course) -> None:
    for planned in run.steps:
        run.number += 1
        try:
            run.step = _as_known_now(run, planned)
            await _step(run, planned)
        except LocalError as error:  # of what the run had to fill in
            run.conclude(planned.step.say or "the step", f"not done: {error}", held=False)
        if run.broken:
            break
    run.count_refusals()


def _as_known_now(run: Course, planned: PlannedStep) -> Step:
    """The step with what was captured filled in.

    Raises:
        LocalError: `capture-unusable`: that can't stand there.
    """
    if planned.late is None:
        return planned.step
    unknown: list[str] = []
    plain = fill(planned.late, run.captured, (), "", lambda key, message: unknown.append(f"{key}: {message}"))
    step, faults = step_of(plain, frozenset(run.cars), run.loaded.own_functions)
    if unknown or faults:
        raise LocalError("capture-unusable", "; ".join([*unknown, *map(str, faults)]))
    return step


async def _step(run: Course, planned: PlannedStep) -> None:
    step = run.step
    text = step.say or (actions.describe(step.do) if step.do else "")
    if text:
        data = {"text": text, "said": step.say is not None, **run.place}
        run.lab.cause = run.lab.trace.add("step", run.name, data, run.car.vin)
    if step.do is not None:
        await _come_to_rest(run)
        if run.broken:
            return
        run.count_refusals()
        await _do(run, step.do)
    elif step.expect is not None:
        await expect_that(run, step, step.expect)
    elif step.never is not None:
        await never_that(run, step, step.never)
    elif step.let is not None:
        await run.lab.means.settle(run.lab)
        run.captured |= {name: capture(run.lab, run.car, run.judge, what) for name, what in step.let.items()}
    elif planned.lanes:
        await _parallel(run, planned)


async def _parallel(run: Course, planned: PlannedStep) -> None:
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
    await side_by_side(run.lab, run.waiting, lanes, lambda: run.broken)


async def _do(run: Course, do: Do) -> None:
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
        if run.takes_no:
            run.verdict.declined[run.number - 1] = code
        if run.takes_no or run.next_expects(lambda expect: expect.declined == code):
            data = {"code": code, "reason": error.message}
            run.lab.trace.add("backend", expectations.DECLINED, data, run.car.vin, run.lab.cause)
        else:
            run.conclude(actions.describe(do), f"not done: {error}", held=False)
