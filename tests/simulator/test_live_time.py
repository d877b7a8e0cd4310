"""How time passes in a live lab: not while anything is under way, and as fast as is wanted."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, cast

import pytest

from firmware_profiles import load_countries
from pcm_agent.transport import Broker, Outgoing
from simulator import lab as labs
from simulator import live
from simulator.clock import SimClock
from simulator.lab import VirtualMeans, running
from simulator.lab.naps import Naps, SeenSource
from simulator.lab.wills import WillWatch
from simulator.live import LiveMeans
from simulator.pace import Pace
from simulator.trace import Trace
from simulator.under_way import UnderWay
from simulator.virtual import Bus, MemorySource
from tests.waiting import LIMIT_S, PuppetLoop, idle, one_turn, puppet, virtual

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
WILL = Outgoing(topic="pcm/v1/V/presence", payload=b"offline", id="will-1")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


# --- the pace ---


class Reaching:
    """Somebody who waits for an instant."""

    def __init__(self, pace: Pace, seconds: float, disturbed: Callable[[], bool] = lambda: False) -> None:
        self.task = asyncio.ensure_future(pace.reach(after(seconds), disturbed))

    async def after(self, seconds: float) -> bool | None:
        """The answer when so many real seconds more have passed, None: there is none yet."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, PuppetLoop)
        await one_turn()
        await loop.passes(seconds)
        return self.task.result() if self.task.done() else None


@pytest.mark.parametrize("speed", [0.5, 1.0, 60.0])
@puppet
async def test_an_instant_is_reached_when_as_much_real_time_has_passed_as_the_speed_demands(speed: float) -> None:
    reaching = Reaching(Pace(SimClock(START), speed), 60)
    assert await reaching.after(60 / speed - 0.1) is None
    assert await reaching.after(0.11) is True


@puppet
async def test_at_infinite_speed_nothing_is_waited_for() -> None:
    assert await Pace(SimClock(START), inf).reach(after(86_400), lambda: False) is True


@puppet
async def test_a_wait_ends_when_something_happens_by_itself() -> None:
    happened: list[str] = []
    reaching = Reaching(Pace(SimClock(START), 1.0), 60, lambda: bool(happened))
    assert await reaching.after(10) is None
    happened.append("a message")
    assert await reaching.after(0.06) is False


@puppet
async def test_what_took_long_is_made_up_for_a_little_and_what_was_jumped_over_is_not_waited_for() -> None:
    clock = SimClock(START)
    pace = Pace(clock, 1.0)
    assert await Reaching(pace, 1).after(1) is True
    clock.jump(after(1))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PuppetLoop)
    await loop.passes(0.2)  # so long a message took
    assert await Reaching(pace, 2).after(0.81) is True
    clock.jump(after(3600))
    reaching = Reaching(pace, 3601)
    assert await reaching.after(0.9) is None
    assert await reaching.after(0.11) is True


@puppet
async def test_what_was_waited_in_vain_counts_but_not_what_disturbed_it() -> None:
    pace, happened = Pace(SimClock(START), 1.0), ["a message"]
    assert await Reaching(pace, 60, lambda: bool(happened)).after(50) is False
    happened.clear()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PuppetLoop)
    await loop.passes(5)  # so long the message took
    reaching = Reaching(pace, 60)
    assert await reaching.after(9.7) is None
    assert await reaching.after(0.1) is True


@puppet
async def test_what_was_waited_in_vain_makes_up_for_nothing_once_the_clock_has_gone_on() -> None:
    pace, happened = Pace(clock := SimClock(START), 1.0), ["a message"]
    assert await Reaching(pace, 60, lambda: bool(happened)).after(50) is False
    happened.clear()
    assert await Reaching(pace, 60).after(60) is True
    clock.jump(after(60))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PuppetLoop)
    await loop.passes(5)  # so long a message took
    assert await Reaching(pace, 61).after(0.7) is None


@puppet
async def test_an_instant_sooner_than_one_that_was_reached_is_not_waited_for_again() -> None:
    pace = Pace(SimClock(START), 1.0)
    assert await Reaching(pace, 60).after(60) is True
    assert await Reaching(pace, 30).after(0) is True


# --- when all is quiet ---


class Lab:
    """A lab that is as quiet as the test wants it, one answer after the other; then it is for good."""

    def __init__(self, *answers: bool, ever: bool = True) -> None:
        self.answers, self.ever, self.given_up = list(answers), ever, 0

    @property
    def quiet(self) -> bool:
        return self.answers.pop(0) if self.answers else self.ever

    def give_up(self) -> None:
        self.given_up += 1


def means(pace: Pace | None = None) -> LiveMeans:
    nothing = cast("Any", None)
    return LiveMeans(pace or Pace(SimClock(START), inf), nothing, nothing, nothing, Path())


async def test_a_lab_is_quiet_only_when_it_was_so_for_many_rounds_of_the_loop() -> None:
    lab = Lab(*[True] * (live.ROUNDS - 1), False, *[True] * (live.ROUNDS - 1), False)
    await means().settle(lab)
    assert lab.answers == []
    assert lab.given_up == 0


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none."""
    monkeypatch.setattr(live, "PATIENCE", 0.0)


async def test_a_lab_that_never_gets_quiet_is_given_up(patience: None) -> None:
    lab = Lab(ever=False)
    await means().settle(lab)
    assert lab.given_up == 1


async def test_the_clock_jumps_to_what_each_step_gives_and_no_further() -> None:
    ground, steps = means(), [after(1), after(5), None]
    called: list[float] = []
    for seconds in (1, 5, 6):
        ground.clock.call_at(after(seconds), partial(called.append, seconds))
    await ground.whenever_quiet(Lab(), lambda: steps.pop(0), paced=True)
    assert (called, ground.clock.now(), steps) == ([1, 5], after(5), [])


@pytest.mark.parametrize("answers", [[], [True] * live.ROUNDS])
async def test_time_goes_on_in_a_lab_that_never_gets_quiet(answers: list[bool], patience: None) -> None:
    ground, lab, end = means(Pace(SimClock(START), 1000)), Lab(*answers, ever=False), after(300)
    async with asyncio.timeout(LIMIT_S):
        await ground.whenever_quiet(lab, lambda: end if ground.clock.now() < end else None, paced=True)
    assert ground.clock.now() == end
    assert lab.given_up == 2, "once before the wait, and once after it"


class SeenPace(Pace):
    """Waits for nothing, and writes down what it was to wait for."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__(SimClock(START), 1.0)
        self.seen = seen

    async def reach(self, instant: datetime, disturbed: Callable[[], bool]) -> bool:
        self.seen.append(f"wait {(instant - START).seconds}")
        return True


@pytest.mark.parametrize(
    ("told", "happens"),
    [
        ([100, 100, 300, 300], "wait 100, at 100, wait 300, at 300"),
        ([300, 100, 100], "wait 300, wait 100, at 100"),
        ([100, 300, 300], "wait 100, wait 300, at 100, at 300"),
        ([100], "wait 100"),
    ],
    ids=["the same", "sooner", "later", "nothing"],
)
async def test_once_a_wait_is_over_it_is_asked_again_what_is_due(told: list[float], happens: str) -> None:
    """Somebody of whom the lab knows nothing has set timers meanwhile, or cancelled them."""
    seen: list[str] = []
    ground = means(SeenPace(seen))
    for seconds in (100, 300):
        ground.clock.call_at(after(seconds), partial(seen.append, f"at {seconds}"))
    await ground.whenever_quiet(Lab(), lambda: after(told.pop(0)) if told else None, paced=True)
    assert (", ".join(seen), told) == (happens, [])


# --- whose messages wait for the clock ---


class Live(VirtualMeans):
    """Counts what is under way, as a live lab does."""

    live = True


def said(root: str, vin: str, rest: str) -> Outgoing:
    return Outgoing(topic=f"{root}/v1/{vin}/{rest}", payload=b"", id=vin)


@pytest.mark.parametrize(("root", "excused"), [("pcm", True), ("app", False)])
@pytest.mark.parametrize(
    ("goes", "rest"),
    [
        (lambda it, vin, message: it.sent(vin, message), "event/trip"),
        (lambda it, _, message: it.sent_from_outside(message), "command/look"),
        (lambda it, _, message: it.will_comes(message), "presence"),
    ],
)
@virtual
async def test_a_slow_line_excuses_what_goes_over_it_and_nothing_of_another_car(
    goes: Callable[[UnderWay, str, Outgoing], None], rest: str, root: str, excused: bool
) -> None:
    async with running(labs.Lab(ground := Live(1), Trace(ground.clock), 1)) as lab:
        slow, healthy = [lab.add_car("taycan", "JP", vin=lab.new_vin(load_countries()["JP"], role)) for role in "ab"]
        for car in (slow, healthy):
            lab.wake(car)
        await idle()
        slow.uplink = replace(slow.uplink, waits=lambda: True)
        assert lab.quiet
        assert lab.under_way.give_up() == []
        goes(lab.under_way, slow.vin, said(root, slow.vin, rest))
        assert lab.quiet is excused
        goes(lab.under_way, healthy.vin, said("pcm", healthy.vin, rest))
        assert not lab.quiet


# --- who waits for the clock alone ---


@virtual
async def test_whoever_sleeps_is_known_until_he_is_woken_and_not_until_he_moves() -> None:
    clock = SimClock(START)
    naps = Naps(clock)
    task = asyncio.create_task(naps.sleep(10))
    await idle()
    assert naps.asleep == {task}
    clock.jump(after(10))
    assert not naps.asleep
    assert not task.done()
    await idle()
    assert task.done()


@virtual
async def test_whoever_is_cancelled_in_his_sleep_sleeps_no_more() -> None:
    naps = Naps(SimClock(START))
    task = asyncio.create_task(naps.sleep(10))
    await idle()
    task.cancel()
    await idle()
    assert not naps.asleep


@virtual
async def test_whoever_reads_metadata_is_known() -> None:
    naps = Naps(SimClock(START))
    seen: list[int] = []

    def lookup(_: str) -> bytes:
        seen.append(len(naps.reading))
        return b"a file"

    assert await SeenSource(MemorySource(lookup), naps).fetch("http://x/y", 100) == b"a file"
    assert (seen, naps.reading) == ([1], set())


# --- the wills of those who are gone ---


async def _lose(bus: Bus, how: str) -> list[str]:
    told: list[str] = []
    broker: Broker = WillWatch(bus.client("pcm"), lambda will: told.append(will.id))
    async with broker.connect(WILL, []) as session:
        if how == "cut":
            session.cut()
            session.cut()
        elif how == "lost":
            bus.stop()
            with pytest.raises(Exception, match="session-lost"):
                await anext(session.messages())
    return told


@pytest.mark.parametrize(("how", "wills"), [("cut", ["will-1"]), ("lost", ["will-1"]), ("farewell", [])])
@virtual
async def test_a_will_is_coming_once_a_session_is_lost_and_not_after_a_farewell(how: str, wills: list[str]) -> None:
    assert await _lose(Bus(), how) == wills
