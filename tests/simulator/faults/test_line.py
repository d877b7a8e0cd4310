from itertools import chain, repeat
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_profiles import Way
from simulator.faults.line import CLEAR, CUT, LEAST_ROUND_TRIP, LONGEST_TIMEOUT, MSS, Line
from simulator.faults.lines import Lines

LENGTHS = st.integers(0, 10_000_000)
LOSSES = st.floats(0.001, 0.3)


@given(LENGTHS, st.booleans())
def test_a_clear_line_costs_no_time(length: int, bulk: bool) -> None:
    assert CLEAR.clear
    assert CLEAR.transmission(length, bulk=bulk) == 0
    assert CLEAR.retransmission(length, lambda: 0.0) == 0


@pytest.mark.parametrize("line", [CUT, Line(latency=0.1), Line(bits_per_second=1e9), Line(loss=0.01)])
def test_any_other_line_is_not_clear(line: Line) -> None:
    assert not line.clear


@given(LENGTHS, st.floats(1e3, 1e9), st.booleans())
def test_a_narrow_line_takes_eight_bits_a_byte(length: int, rate: float, bulk: bool) -> None:
    assert Line(bits_per_second=rate).transmission(length, bulk=bulk) == pytest.approx(length * 8 / rate)


@pytest.mark.parametrize("latency", [0.0, 0.2])
def test_few_losses_cost_a_transfer_what_the_square_root_says(latency: float) -> None:
    """Mathis et al. 1997, which is without timeouts: they hardly count where next to nothing is lost."""
    loss = 1e-5
    expected = MSS / (latency + LEAST_ROUND_TRIP) * sqrt(1.5 / loss)
    assert Line(latency=latency, loss=loss).bytes_per_second == pytest.approx(expected, rel=0.01)


@given(LOSSES, LOSSES, st.floats(0, 4))
def test_more_losses_make_a_transfer_slower_and_so_does_latency(one: float, other: float, latency: float) -> None:
    few, many = sorted((one, other))
    assert Line(loss=many, latency=latency).bytes_per_second <= Line(loss=few, latency=latency).bytes_per_second
    assert Line(loss=few, latency=latency).bytes_per_second <= Line(loss=few).bytes_per_second


def test_a_lossy_line_is_no_faster_than_its_rate() -> None:
    assert Line(bits_per_second=8_000, loss=0.001).bytes_per_second == 1_000


@pytest.mark.parametrize(("lost", "seconds"), [(0, 0), (1, 1), (2, 3), (3, 7), (8, 63 + 2 * LONGEST_TIMEOUT)])
def test_a_lost_segment_is_sent_again_after_a_second_then_after_twice_as_long(lost: int, seconds: float) -> None:
    draws = chain(repeat(0.1, lost), repeat(0.9))
    assert Line(loss=0.2).retransmission(100, lambda: next(draws)) == seconds


def test_of_several_segments_the_latest_counts() -> None:
    draws = chain((0.1, 0.9), (0.1, 0.1, 0.9), (0.9,))
    assert Line(loss=0.2).retransmission(3 * MSS, lambda: next(draws)) == 3


def test_watchers_hear_of_the_line_that_comes_into_use_and_of_no_other() -> None:
    lines, heard = Lines(), list[Line]()
    lines.watch(heard.append)
    lines.change((Way.HOTSPOT,), CUT)
    lines.use(Way.EMBEDDED_SIM)
    assert heard == []
    lines.use(Way.HOTSPOT)
    lines.change(Way, CUT)
    lines.change((Way.EMBEDDED_SIM,), CLEAR)
    assert heard == [CUT]
    lines.use(Way.EMBEDDED_SIM)
    assert heard == [CUT, CLEAR]
