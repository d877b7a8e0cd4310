"""A car's clock that is wrong."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import SimClock
from simulator.faults.clock import CarClock
from simulator.lab import START

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def right() -> SimClock:
    return SimClock(START)


def test_it_is_right_at_first(right: SimClock) -> None:
    clock = CarClock(right)
    right.jump(START + DAY)
    assert (clock.now(), clock.error) == (START + DAY, timedelta())


def test_ahead_behind_and_right_again(right: SimClock) -> None:
    clock = CarClock(right)
    for by in (DAY, -2 * DAY):
        clock.set_ahead(by)
        assert clock.now() == START + by
        right.jump(right.now())
    clock.set_right()
    assert clock.error == timedelta()


def test_it_drifts_from_where_it_was(right: SimClock) -> None:
    clock = CarClock(right)
    clock.set_ahead(timedelta(hours=1))
    clock.let_drift(-60)
    right.jump(START + 2 * DAY)
    assert clock.error == timedelta(minutes=58)
    clock.let_drift(0)
    right.jump(START + 4 * DAY)
    assert clock.error == timedelta(minutes=58)


@given(
    ahead=st.timedeltas(-100 * DAY, 100 * DAY),
    drift=st.floats(-3600, 3600),
    passed=st.timedeltas(timedelta(), 100 * DAY),
    span=st.timedeltas(timedelta(), 100 * DAY),
)
def test_a_timer_comes_when_the_clock_shows_its_time(
    ahead: timedelta, drift: float, passed: timedelta, span: timedelta
) -> None:
    right = SimClock(START)
    clock = CarClock(right)
    clock.set_ahead(ahead)
    clock.let_drift(drift)
    right.jump(START + passed)
    wanted, came = clock.now() + span, []
    clock.call_at(wanted, lambda: came.append(clock.now()))
    due = right.next_due()
    assert due is not None
    right.jump(due)
    assert timedelta() <= came[0] - wanted <= 4 * MICROSECOND
