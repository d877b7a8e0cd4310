import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import SimClock
from simulator.faults.line import CLEAR, CUT, FEW, MSS, Line
from simulator.faults.pipe import Flow, Pipe
from simulator.lab import START

LONG = timedelta(days=100)
LINES = st.builds(
    Line,
    cut=st.booleans(),
    latency=st.sampled_from([0.0, 0.3, 4.0]),
    bits_per_second=st.sampled_from([None, 1e3, 64e3, 1e7]),
    loss=st.sampled_from([0.0, 0.02, 0.3]),
)
DOINGS = st.lists(
    st.tuples(st.just("put"), st.integers(0, 2), st.integers(0, 20_000))
    | st.tuples(st.just("line"), LINES)
    | st.tuples(st.just("wait"), st.floats(0, 5)),
    max_size=60,
)


def never_lost() -> float:
    return 1.0


class Ground:
    """A pipe on a clock that stands still, and when what came out of it."""

    def __init__(self, line: Line = CLEAR, draw: Callable[[], float] = never_lost) -> None:
        self.clock = SimClock(START)
        self.pipe = Pipe(self.clock, draw)
        self.pipe.change(line)
        self.out: list[tuple[str, float]] = []

    def put(self, flow: Flow, name: str, length: int) -> None:
        for start, end in self.pipe.pieces(length):
            flow.put(end - start, partial(self._came, name), of=length)

    def _came(self, name: str) -> None:
        self.out.append((name, (self.clock.now() - START).total_seconds()))

    def wait(self, span: timedelta = LONG) -> None:
        end = self.clock.now() + span
        while (due := self.clock.next_due()) is not None and due <= end:
            self.clock.jump(due)
        self.clock.jump(end)


@given(DOINGS, st.integers(0, 1000))
def test_whatever_the_line_does_each_piece_comes_out_once_and_in_order(
    doings: list[tuple[object, ...]], seed: int
) -> None:
    ground = Ground(draw=random.Random(seed).random)
    flows = [Flow(ground.pipe) for _ in range(3)]
    put: list[list[int]] = [[], [], []]
    out: list[list[int]] = [[], [], []]
    for number, doing in enumerate(doings):
        match doing:
            case ("put", int(which), int(length)):
                put[which].append(number)
                flows[which].put(length, partial(out[which].append, number))
            case ("line", Line() as line):
                ground.pipe.change(line)
            case ("wait", float(seconds)):
                ground.wait(timedelta(seconds=seconds))
    ground.pipe.change(CLEAR)
    ground.wait()
    assert out == put
    assert ground.pipe.holding == 0
    assert [flow.length for flow in flows] == [0, 0, 0]


def test_on_a_clear_line_nothing_waits() -> None:
    ground = Ground()
    ground.put(Flow(ground.pipe), "a", 1_000_000)
    assert {seconds for _, seconds in ground.out} == {0}
    assert ground.clock.next_due() is None, "no timer was set"


@pytest.mark.parametrize("rate", [4e3, 64e3, 1e6])
def test_a_transfer_takes_the_time_that_the_rate_gives_it(rate: float) -> None:
    ground = Ground(Line(bits_per_second=rate))
    ground.put(Flow(ground.pipe), "a", 500_000)
    assert ground.out == []
    ground.wait()
    assert ground.out[-1][1] == pytest.approx(500_000 * 8 / rate)
    assert len(ground.out) > 3, "it comes bit by bit"


def test_latency_is_half_of_it_each_way_however_much_is_under_way() -> None:
    ground = Ground(Line(latency=3.0))
    flow = Flow(ground.pipe)
    for name in "abc":
        ground.put(flow, name, 100)
    ground.wait()
    assert ground.out == [("a", 1.5), ("b", 1.5), ("c", 1.5)]


def test_a_short_message_does_not_wait_for_a_long_transfer() -> None:
    ground = Ground(Line(bits_per_second=64e3))
    ground.put(Flow(ground.pipe), "transfer", 1_000_000)
    ground.put(Flow(ground.pipe), "message", 100)
    ground.wait()
    ((_, seconds),) = [it for it in ground.out if it[0] == "message"]
    assert seconds == pytest.approx(0.25 + 100 * 8 / 64e3)
    assert ground.out[-1][1] == pytest.approx(1_000_100 * 8 / 64e3)


def test_a_lost_segment_holds_up_its_own_connection_only() -> None:
    draws = iter([0.0, 0.0, 1.0, 1.0, 1.0])
    ground = Ground(Line(loss=0.2), lambda: next(draws))
    one, other = Flow(ground.pipe), Flow(ground.pipe)
    ground.put(one, "lost twice", 100)
    ground.put(one, "behind it", 100)
    ground.put(other, "beside it", 100)
    ground.wait()
    assert sorted(ground.out, key=lambda it: it[0]) == [("behind it", 3), ("beside it", 0), ("lost twice", 3)]


def test_a_transfer_over_a_lossy_line_draws_nothing_and_takes_what_tcp_takes() -> None:
    line = Line(loss=0.2)
    ground = Ground(line, lambda: pytest.fail("drawn"))
    ground.put(Flow(ground.pipe), "a", FEW * MSS + 50_000)
    ground.wait()
    assert ground.out[-1][1] == pytest.approx((FEW * MSS + 50_000) / line.bytes_per_second)


def test_what_waits_at_a_cut_comes_once_the_line_is_well() -> None:
    ground = Ground(CUT)
    flow = Flow(ground.pipe)
    ground.put(flow, "a", 100)
    ground.wait()
    assert (ground.out, ground.pipe.holding, flow.length) == ([], 1, 100)
    ground.pipe.change(CLEAR)
    assert [name for name, _ in ground.out] == ["a"]


def test_a_line_that_gets_faster_is_so_at_once() -> None:
    ground = Ground(Line(bits_per_second=1e3))
    ground.put(Flow(ground.pipe), "a", 1_460)
    ground.wait(timedelta(seconds=2))
    ground.pipe.change(CLEAR)
    assert ground.out == [("a", 2)]


def test_a_connection_that_is_closed_leaves_the_line_to_others() -> None:
    ground = Ground(Line(bits_per_second=8e3, latency=2.0))
    one, other = Flow(ground.pipe), Flow(ground.pipe)
    ground.put(one, "sent", 1_000)
    ground.put(one, "on the line", 1_000)
    ground.put(one, "waiting", 1_000)
    ground.put(other, "other", 1_000)
    ground.wait(timedelta(seconds=1.5))
    one.close()
    one.close()
    ground.put(one, "late", 1_000)
    assert ground.pipe.holding == 1
    ground.wait()
    assert [name for name, _ in ground.out] == ["other"]
    assert ground.pipe.holding == 0
