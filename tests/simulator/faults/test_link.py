"""The `link` of a scenario: each fault bites, was really there, and the system recovers; virtual and live alike."""

from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import timedelta
from functools import cache
from math import inf
from pathlib import Path

import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.errors import LocalError
from simulator.clock import SimClock
from simulator.faults.line import CLEAR, CUT, Line
from simulator.lab import START
from simulator.scenario.actions import change_world, describe
from simulator.scenario.loader import LoadedScenario, ScenarioError, load_scenario
from simulator.scenario.model import Do, Link
from simulator.session import Options, Outcome, run
from simulator.trace import Record
from simulator.world import World

SCENARIOS = Path(__file__).parents[3] / "simulator" / "scenarios" / "faults"
NAMES = ("link-cut", "slow-link", "lossy-link")
CUT_AT = "There is still a cell and a bearer, but nothing comes through any more."
HOTSPOT_AT = "A phone in the car has another network, and the download goes on where it was."
Ran = Callable[[str], Outcome]


@cache
def ran_virtual(name: str) -> Outcome:
    """A scenario in virtual time."""
    with chdir(SCENARIOS):
        return run([load_scenario(f"./{name}.pcm.yaml")], Options(live=False))


@cache
def ran_live(name: str) -> Outcome:
    """The same with real sockets; that the same happens in it is shown by `test_everywhere.py`."""
    with chdir(SCENARIOS):
        return run([load_scenario(f"./{name}.pcm.yaml")], Options(live=True, speed=inf))


@pytest.fixture(
    params=[
        pytest.param(ran_virtual, id="virtual"),
        pytest.param(ran_live, id="live", marks=(pytest.mark.live, pytest.mark.slow)),
    ]
)
def ran(request: pytest.FixtureRequest) -> Ran:
    """Runs a scenario, once for all tests; either way."""
    run: Ran = request.param
    return run


def named(records: list[Record], name: str) -> list[Record]:
    return [record for record in records if record.name == name]


def after(records: list[Record], text: str) -> list[Record]:
    """What came after the step of this text."""
    (place,) = [number for number, it in enumerate(records) if it.kind == "step" and it.data["text"] == text]
    return records[place + 1 :]


def before(records: list[Record], text: str) -> list[Record]:
    """What came before the step of this text."""
    return records[: len(records) - len(after(records, text)) - 1]


def rates(records: list[Record]) -> Iterator[float]:
    """Bytes a second between the first progress that is told of a transfer and each that follows."""
    first, *others = named(records, "DownloadProgressed")
    for it in others:
        yield (it.data["received"] - first.data["received"]) / (it.time - first.time).total_seconds()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.requirement("FOD-02", "FOD-04")
def test_the_system_recovers(ran: Ran, name: str) -> None:
    assert [verdict.failures for verdict in ran(name).verdicts] == [[]]


def test_the_same_seed_gives_the_same_losses() -> None:
    with chdir(SCENARIOS):
        again = run([load_scenario("./lossy-link.pcm.yaml")], Options(live=False))
    assert again.records == ran_virtual("lossy-link").records


def test_a_narrow_line_was_really_narrow(ran: Ran) -> None:
    records = before(ran("link-cut").records, CUT_AT)
    found = list(rates(records))
    assert len(found) > 3
    assert all(rate < 50_000 * 1.3 for rate in found), "400 kbit/s"
    assert found[-1] > 25_000


def test_nothing_comes_over_a_line_that_is_cut(ran: Ran) -> None:
    records = ran("link-cut").records
    during = before(after(records, CUT_AT), HOTSPOT_AT)
    assert [it.name for it in during if it.kind in ("arrived", "backend")] == ["car-offline"]
    broken = named(during, "DownloadInterrupted")
    assert {it.data["code"] for it in broken} == {"transfer-interrupted"}
    assert [bool(it.data["fetched"]) for it in broken] == [True, False, False, False, False], "only what came before"
    assert named(during, "BearerLost") == [], "and the PCM does not know why"


@pytest.mark.requirement("FOD-02")
def test_a_download_goes_on_where_it_was(ran: Ran) -> None:
    records = ran("link-cut").records
    received = [it.data["received"] for it in named(records, "DownloadInterrupted")]
    assert received[0] > 100_000
    assert set(received) == {received[0]}
    assert len(named(records, "DownloadCompleted")) == 1


@pytest.mark.requirement("FOD-09")
def test_reports_that_waited_for_the_line_count_once(ran: Ran) -> None:
    records = ran("link-cut").records
    back = after(records, "link: restored")
    assert named(before(records, "link: restored"), "order-billed") == []
    assert len(named(back, "order-billed")) == 1
    told = [it.data["id"] for it in back if it.kind == "sent" and it.name.endswith("/event/package")]
    assert len(told) == len(set(told)) > 0


def test_a_line_below_the_lowest_rate_ends_the_transfer_after_a_minute(ran: Ran) -> None:
    records = after(ran("slow-link").records, "Next to nothing comes through any more.")
    (broken,) = named(records, "DownloadInterrupted")
    assert broken.data["code"] == "transfer-slow"
    assert broken.time - records[0].time > timedelta(seconds=50)
    assert broken.data["received"] < 60 * 1024


def test_a_line_that_loses_packets_is_slower_by_far(ran: Ran) -> None:
    records = ran("lossy-link").records
    (accepted,), (completed,) = named(records, "MetadataAccepted")[:1], named(records, "DownloadCompleted")
    seconds = (completed.time - accepted.time).total_seconds()
    assert seconds > 0.7 * 100_000 / Line(loss=0.2, latency=0.2).bytes_per_second > 20
    assert named(records, "DownloadInterrupted") == []


def test_a_line_that_is_made_well_is_well_for_all_that_follows(ran: Ran) -> None:
    restored = after(ran("slow-link").records, "link: restored")
    (completed,) = named(restored, "DownloadCompleted")
    assert completed.time - restored[0].time < timedelta(seconds=10)


# --- the step itself ---


@pytest.fixture
def world() -> World:
    """One in an LTE cell, with somebody who listens to its lines."""
    world = World(SimClock(START))
    world.lines.watch(lambda _: None)
    world.enter_cell("DE", Access.LTE)
    world.attach(Way.EMBEDDED_SIM, None)
    return world


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("cut", CUT),
        ("restored", CLEAR),
        (Link(cut=True), CUT),
        (Link(way="embedded-sim", rate="2Mbit/s"), Line(bits_per_second=2e6)),
        (Link(latency="300 ms", rate="64 kbit/s", loss=20), Line(False, 0.3, 64e3, 0.2)),
        (Link(latency="1.5 s"), Line(latency=1.5)),
        (Link(way="hotspot", cut=True), Line(latency=3)),
        (Link(way="embedded-sim"), CLEAR),
    ],
)
def test_a_link_says_all_of_a_line(world: World, value: Link | str, line: Line) -> None:
    world.lines.change(Way, Line(latency=3))
    assert change_world(world, "DE", "link", value)
    assert world.lines.current == line


def test_where_nothing_goes_over_lines_none_can_fail() -> None:
    with pytest.raises(LocalError, match="link-not-here"):
        change_world(World(SimClock(START)), "DE", "link", "cut")


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (Do(link="cut"), "link: cut"),
        (Do(link=Link(way="hotspot")), "link over hotspot: restored"),
        (Do(link=Link(cut=True)), "link over all: cut"),
        (Do(link=Link(latency="2 s", rate="8 kbit/s", loss=5)), "link over all: latency 2 s, rate 8 kbit/s, loss 5 %"),
    ],
)
def test_a_link_in_words(do: Do, words: str) -> None:
    assert describe(do) == words


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("{way: hotpsot}", "did you mean 'hotspot'"),
        ("restord", "did you mean 'restored'"),
        ("{rate: 64 kB/s}", "such as 8 kbit/s"),
        ("{rate: 0 kbit/s}", "such as 8 kbit/s"),
        ("{latency: 5 s}", "4 s at most"),
        ("{latncy: 1 s}", "did you mean 'latency'"),
        ("{loss: 31}", "at most 30"),
    ],
)
def test_what_is_wrong_with_a_link_is_said(steps: Callable[[str], LoadedScenario], link: str, words: str) -> None:
    with pytest.raises(ScenarioError) as told:
        steps(f"- do: {{link: {link}}}\n")
    assert words in str(told.value)


@pytest.mark.parametrize(("line", "received"), [(CLEAR, 62_500_000), (Line(bits_per_second=80e3), 100_000), (CUT, 0)])
def test_a_map_comes_as_fast_as_the_line_lets_it(line: Line, received: int) -> None:
    clock, heard = SimClock(START), list[on.Event]()
    world = World(clock)
    world.connect(heard.append)
    world.enter_cell("DE", Access.LTE)
    world.lines.use(Way.EMBEDDED_SIM)
    world.lines.change(Way, line)
    world.start_map("2026.2", 0, 100_000_000)
    clock.jump(START + timedelta(seconds=10))
    assert heard[1:] == [on.MapUpdateProgressed(received)]
