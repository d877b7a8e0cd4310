"""What must hold how long, or must not: `expect` with `within` or `until`, `never` with `during` or `while`."""

from datetime import timedelta

from simulator.scenario import expectations
from simulator.scenario.course import Course
from simulator.scenario.model import Expect, Step, duration

PATIENCE = timedelta(seconds=30)
"""`within` where a scenario leaves it out."""


async def expect_that(run: Course, step: Step, expect: Expect) -> None:
    """Let time pass until it holds; with `until` it must hold all the time up to then."""
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


async def never_that(run: Course, step: Step, never: Expect) -> None:
    """Let time pass in which it must not become true."""
    judge, text = run.judge, f"never {expectations.describe(never)}"
    if step.during is not None:
        happened = await run.waiting.wait(lambda: judge.holds(never), duration(step.during), jumps=True)
        run.conclude(text, judge.found(never), held=not happened)
    elif step.while_ is not None:
        await _never_while(run, step, never, step.while_)


async def _never_while(run: Course, step: Step, never: Expect, meanwhile: Expect) -> None:
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
