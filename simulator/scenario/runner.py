"""Goes through a scenario's steps in a lab, and writes into the trace what held and what did not."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from pcm_agent.core import events as on
from pcm_agent.errors import LocalError
from simulator.lab import Lab, LabCar
from simulator.scenario import actions, expectations
from simulator.scenario.expectations import Judge
from simulator.scenario.loader import LoadedScenario
from simulator.scenario.menus import menu_event, read_way, way_of
from simulator.scenario.model import Do, Expect, MenuTap, Step, duration, given

PATIENCE = timedelta(seconds=30)
"""`within` where a scenario leaves it out."""
UNKNOWN_PATH = "menu-path-unknown"
"""Code with which a PCM refuses a way that leaves its menus."""


@dataclass(frozen=True)
class Failure:
    """An expectation that did not hold, or a `do` that could not be done."""

    file: str
    line: int
    expected: str
    found: str


@dataclass
class Verdict:
    """How a scenario ended."""

    title: str
    held: int = 0
    failures: list[Failure] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    """Codes with which the car refused something, and no step expected it after that `do`."""

    @property
    def passed(self) -> bool:
        """Whether all held."""
        return not self.failures


@dataclass
class _Run:
    lab: Lab
    car: LabCar
    loaded: LoadedScenario
    judge: Judge
    verdict: Verdict
    number: int = 0
    named: set[str] = field(default_factory=set)
    """What was expected since the last `do`, in its values."""

    def count_refusals(self) -> None:
        """Count what was refused since the last `do` and not expected."""
        refused = self.judge.refusals
        self.verdict.unexpected.update(code for code in refused if not {code, f"refused-{code}"} & self.named)
        self.named.clear()

    def conclude(self, text: str, found: str, *, held: bool) -> None:
        """Write down how the step ended."""
        data = {"text": text, "found": found, "requirements": list(self.loaded.scenario.requirements), **self.place}
        self.lab.trace.add("held" if held else "failed", self.name, data, self.car.vin)
        if not held:
            self.verdict.failures.append(Failure(self.loaded.file, self.loaded.lines[self.number - 1], text, found))

    def expects_next(self, word: str) -> bool:
        """Whether the next step expects a word, such as the code of a refusal."""
        following = self.loaded.scenario.steps[self.number : self.number + 1]
        return any(step.expect is not None and word in expectations.words(step.expect) for step in following)

    def expects_declined(self, code: str) -> bool:
        """Whether the next step expects that the backend declines, with this code."""
        following = self.loaded.scenario.steps[self.number : self.number + 1]
        return any(step.expect is not None and step.expect.declined == code for step in following)

    @property
    def place(self) -> dict[str, str | int]:
        return {"file": self.loaded.file, "line": self.loaded.lines[self.number - 1]}

    @property
    def name(self) -> str:
        return str(self.number)


async def run_scenario(lab: Lab, loaded: LoadedScenario, car: LabCar) -> Verdict:
    """Go through all steps, or up to the first that does not hold or can't be done."""
    scenario = loaded.scenario
    run = _Run(lab, car, loaded, Judge(lab, car), Verdict(scenario.title))
    details = {
        "title": scenario.title,
        "file": loaded.file,
        "profile": car.profile.name,
        "model": car.profile.car.line,
        "country": car.market.code,
        "language": car.language,
        "vin": car.vin,
        "requirements": list(scenario.requirements),
        "seed": lab.seed,
        "mode": "live" if lab.means.live else "virtual",
    }
    lab.trace.add("scenario", scenario.title, details, car.vin)
    for step in scenario.steps:
        run.number += 1
        await _step(run, step)
        if run.verdict.failures:
            break
    run.count_refusals()
    lab.cause = None
    return run.verdict


async def _step(run: _Run, step: Step) -> None:
    text = step.say or (actions.describe(step.do) if step.do else "")
    if text:
        run.lab.cause = run.lab.trace.add(
            "step", run.name, {"text": text, "said": step.say is not None, **run.place}, run.car.vin
        )
    if step.do is not None:
        await run.lab.means.settle(run.lab)
        run.count_refusals()
        run.judge.since = len(run.lab.trace.records)
        await _do(run, step.do)
    if step.expect is not None:
        within = duration(step.within) if step.within else PATIENCE
        expect = step.expect
        run.named |= expectations.words(expect)
        _judge(run, expect, await run.lab.until(lambda: run.judge.holds(expect), within), "")
    if step.never is not None and step.during is not None:
        never = step.never
        kept = await run.lab.pass_time(duration(step.during), lambda: run.judge.holds(never))
        _judge(run, never, kept, "never ")


def _judge(run: _Run, expect: Expect, held: bool, prefix: str) -> None:
    text = prefix + expectations.describe(expect)
    run.conclude(text, run.judge.found(expect), held=held)
    run.verdict.held += held


async def _do(run: _Run, do: Do) -> None:
    """Do it; what can't be done fails the step, so that the rest of the run and its reports go on.

    What My Porsche declines does not, if the next step expects that.
    """
    ((name, value),) = given(do).items()
    try:
        await _carry_out(run, name, value)
    except LocalError as error:
        if run.expects_declined(error.code):
            data = {"code": error.code, "reason": error.message}
            run.lab.trace.add("backend", expectations.DECLINED, data, run.car.vin, run.lab.cause)
        else:
            run.conclude(actions.describe(do), f"not done: {error}", held=False)


async def _carry_out(run: _Run, name: str, value: object) -> None:
    lab, car = run.lab, run.car
    if name == "wait":
        await lab.pass_time(duration(str(value)))
        return
    if actions.visit_my_porsche(lab.desk, car.vin, car.market.code, name, value):
        lab.backend.send_to(car.vin)
        return
    lab.wake(car)
    if name == "pairing_code":
        value = actions.shown_pairing_code(lab.desk, car.vin, str(value))
    if name == "agree_to":
        car.world.happens(on.PackageConsented(_offer_of(car, str(value))))
    elif name == "menu":
        _tap(run, cast("MenuTap", value))  # the model lets nothing else stand there
    elif not actions.change_world(car.world, car.market.code, name, value):
        car.world.happens(actions.body_event(name, value))


def _tap(run: _Run, tap: MenuTap) -> None:
    """Tap through the menus. A way that leaves them is refused by the PCM; the step fails unless that is expected.

    Raises:
        LocalError: `menu-path-unknown`, with the place where the way ended.
    """
    from_my_porsche = not isinstance(tap, tuple) and tap.enter in (actions.FROM_MY_PORSCHE, (actions.FROM_MY_PORSCHE,))
    code = run.lab.desk.pairing_code(run.car.vin) if from_my_porsche else None
    run.car.world.happens(menu_event(run.car.profile, tap, code=code))
    problem = read_way(run.car.profile, way_of(tap)).problem
    if problem and not any(run.expects_next(word) for word in (UNKNOWN_PATH, f"refused-{UNKNOWN_PATH}")):
        raise LocalError(UNKNOWN_PATH, problem)


def _offer_of(car: LabCar, function: str) -> str:
    jobs = [job for job in car.agent.vehicle.state.jobs.values() if job.assignment.function == function]
    if not jobs:
        raise LocalError("package-unknown", f"{function} was not offered to the car")
    return jobs[-1].assignment.offer_id
