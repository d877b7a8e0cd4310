import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.state import Cell, VehicleState
from pcm_agent.core.states import Access, Sim
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from simulator.clock import SimClock
from simulator.lab import START
from simulator.world import World
from simulator.world.radio import (
    BITS_PER_SECOND,
    HOTSPOT_BITS_PER_SECOND,
    HOTSPOT_LATENCY,
    LATENCY,
    PUK_TRIES,
    Hotspot,
    SimCard,
)
from simulator.world.world import OPERATED, PacedFetcher
from tests.waiting import idle, virtual

PIN, PUK, NEW_PIN, WRONG = Secret("4711"), Secret("87654321"), Secret("2468"), Secret("0000")


class Surroundings:
    """A world, and what its PCM heard."""

    def __init__(self) -> None:
        self.clock = SimClock(START)
        self.world = World(self.clock)
        self.heard: list[on.Event] = []
        self.world.connect(self.heard.append)

    def after_a_while(self) -> list[on.Event]:
        """What the PCM hears in the next minute."""
        self.heard.clear()
        self.clock.jump(self.clock.now() + timedelta(minutes=1))
        return list(self.heard)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


# --- body ---


@pytest.mark.requirement("REM-01")
@pytest.mark.parametrize("action", RemoteAction)
def test_what_is_asked_from_afar_is_done_and_the_sensors_say_so(around: Surroundings, action: RemoteAction) -> None:
    around.world.operate(action)
    assert around.heard == []
    expected = OPERATED.get(action)
    assert around.after_a_while() == ([expected] if expected else [])
    assert around.world.signals == (action is RemoteAction.HONK_AND_FLASH)


def test_of_two_that_contradict_each_other_the_later_is_done(around: Surroundings) -> None:
    around.world.operate(RemoteAction.CLIMATE_ON)
    around.world.operate(RemoteAction.CLIMATE_OFF)
    assert around.after_a_while() == [on.ClimateStopped()]


# --- SIM ---


def test_a_sim_counts_the_tries_and_a_right_pin_gives_them_back(around: Surroundings) -> None:
    around.world.insert_sim(SimCard("DE", PIN, PUK))
    assert around.heard == [on.SimInserted("DE", pin_required=True, card="sim-0-1")]
    found = []
    for pin in (WRONG, PIN, WRONG, WRONG, WRONG, PIN):
        around.world.unlock_sim(pin)
        found += around.after_a_while()
    assert found == [
        on.SimPinRejected(2),
        on.SimUnlocked(),
        on.SimPinRejected(2),
        on.SimPinRejected(1),
        on.SimPinRejected(0),
        on.SimPinRejected(0),
    ]


def test_the_puk_sets_a_new_pin(around: Surroundings) -> None:
    around.world.insert_sim(SimCard("DE", PIN, PUK))
    for _ in range(3):
        around.world.unlock_sim(WRONG)
        around.after_a_while()
    around.world.unblock_sim(WRONG, NEW_PIN)
    assert around.after_a_while() == [on.SimPukRejected(PUK_TRIES - 1)]
    around.world.unblock_sim(PUK, NEW_PIN)
    assert around.after_a_while() == [on.SimUnlocked()]
    around.world.unlock_sim(PIN)
    assert around.after_a_while() == [on.SimPinRejected(2)]
    around.world.unlock_sim(NEW_PIN)
    assert around.after_a_while() == [on.SimUnlocked()]


def test_ten_wrong_puks_block_a_sim_for_good(around: Surroundings) -> None:
    around.world.insert_sim(SimCard("DE", PIN, PUK))
    left = []
    for _ in range(PUK_TRIES):
        around.world.unblock_sim(WRONG, NEW_PIN)
        left += around.after_a_while()
    assert left == [on.SimPukRejected(tries) for tries in reversed(range(PUK_TRIES))]
    around.world.unblock_sim(PUK, NEW_PIN)
    assert around.after_a_while() == [on.SimPukRejected(0)]


def test_a_sim_without_a_pin_asks_for_none(around: Surroundings) -> None:
    around.world.insert_sim(SimCard("DE"))
    assert around.heard == [on.SimInserted("DE", pin_required=False, card="sim-0-1")]


def test_without_a_sim_nobody_answers(around: Surroundings) -> None:
    around.world.unlock_sim(PIN)
    around.world.unblock_sim(PUK, NEW_PIN)
    assert around.after_a_while() == []
    around.world.remove_sim()
    assert around.heard == [on.SimRemoved()]


# --- the network ---


def test_the_network_gives_the_access_of_the_cell(around: Surroundings) -> None:
    around.world.enter_cell("DE", Access.UMTS)
    assert around.heard == [on.CellChanged("DE", Access.UMTS)]
    around.world.attach(Way.EMBEDDED_SIM, None)
    assert around.after_a_while() == [on.BearerAttached(Way.EMBEDDED_SIM, Access.UMTS)]


@pytest.mark.parametrize("cell", [None, ("DE", None)])
def test_without_coverage_there_is_no_bearer(around: Surroundings, cell: tuple[str, None] | None) -> None:
    if cell is not None:
        around.world.enter_cell(*cell)
    around.world.attach(Way.EMBEDDED_SIM, None)
    assert around.after_a_while() == [on.BearerRejected(Way.EMBEDDED_SIM, "no-coverage")]


@pytest.mark.parametrize(("apn", "known"), [("web", True), ("wap", True), ("internet", False), (None, False)])
def test_the_provider_knows_its_own_apns_only(around: Surroundings, apn: str | None, known: bool) -> None:
    around.world.enter_cell("DE", Access.LTE)
    around.world.insert_sim(SimCard("DE", apns=("web", "wap")))
    around.world.attach(Way.INSERTED_SIM, apn)
    expected = (
        on.BearerAttached(Way.INSERTED_SIM, Access.LTE) if known else on.BearerRejected(Way.INSERTED_SIM, "apn-unknown")
    )
    assert around.after_a_while() == [expected]


def test_a_request_that_is_given_up_gets_no_answer(around: Surroundings) -> None:
    around.world.enter_cell("DE", Access.LTE)
    around.world.attach(Way.EMBEDDED_SIM, None)
    around.world.detach(Way.EMBEDDED_SIM)
    assert around.after_a_while() == []


def test_a_newer_request_takes_the_place_of_an_older(around: Surroundings) -> None:
    around.world.enter_cell("DE", Access.LTE)
    around.world.attach(Way.EMBEDDED_SIM, None)
    around.world.attach(Way.HOTSPOT, None)
    assert around.after_a_while() == [on.BearerRejected(Way.HOTSPOT, "hotspot-gone")]


# --- hotspots ---


@pytest.mark.parametrize(
    ("ssid", "password", "answer"),
    [
        ("Phone", "sunflower", on.HotspotJoined("Phone")),
        ("Phone", "moonflower", on.HotspotRefused("Phone")),
        ("Other", "sunflower", on.HotspotRefused("Other")),
    ],
)
def test_a_hotspot_lets_in_who_knows_its_password(
    around: Surroundings, ssid: str, password: str, answer: on.Event
) -> None:
    around.world.switch_on_hotspot(Hotspot("Phone", Secret("sunflower")))
    around.world.join_hotspot(ssid, Secret(password))
    assert around.after_a_while() == [answer]


def test_a_hotspot_that_is_switched_off_is_gone(around: Surroundings) -> None:
    around.world.switch_on_hotspot(Hotspot("Phone", Secret("sunflower")))
    around.world.join_hotspot("Phone", Secret("sunflower"))
    around.world.switch_off_hotspot("Other")
    assert around.after_a_while() == [on.HotspotJoined("Phone")]
    around.world.switch_off_hotspot("Phone")
    assert around.heard[-1] == on.HotspotLost()
    around.world.join_hotspot("Phone", Secret("sunflower"))
    assert around.after_a_while() == [on.HotspotRefused("Phone")]


# --- how fast data is ---


class Bytes:
    """A fetcher that gives as many bytes as one wants, at once."""

    def __init__(self) -> None:
        self.closed = False

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        try:
            for start in range(offset, length, 1000):
                yield bytes(min(1000, length - start))
        finally:
            self.closed = True


async def seconds_for(around: Surroundings, length: int) -> float:
    """Virtual seconds that a download of so many bytes takes."""
    fetcher = PacedFetcher(Bytes(), around.world, around.clock)

    async def fetch() -> int:
        return sum([len(chunk) async for chunk in fetcher.fetch("", 0, length)])

    begun = around.clock.now()
    task = asyncio.create_task(fetch())
    await idle()
    while not task.done():
        due = around.clock.next_due()
        assert due is not None
        around.clock.jump(due)
        await idle()
    assert task.result() == length
    return (around.clock.now() - begun).total_seconds()


@pytest.mark.parametrize("access", list(Access))
@virtual
async def test_a_download_takes_the_time_that_the_access_needs(around: Surroundings, access: Access) -> None:
    around.world.enter_cell("DE", access)
    seconds = 10
    length = int(BITS_PER_SECOND[access] / 8 * seconds)
    assert await seconds_for(around, length) == pytest.approx(seconds + LATENCY[access], rel=0.01)


@virtual
async def test_a_hotspot_has_a_rate_of_its_own(around: Surroundings) -> None:
    around.world.enter_cell("DE", Access.EDGE)
    around.world.attach(Way.HOTSPOT, None)
    assert await seconds_for(around, int(HOTSPOT_BITS_PER_SECOND / 8)) == pytest.approx(1 + HOTSPOT_LATENCY, rel=0.01)
    around.world.detach(Way.HOTSPOT)
    assert around.world.bits_per_second() == BITS_PER_SECOND[Access.EDGE]


@virtual
async def test_nothing_is_slow_where_there_is_no_cell_to_say_how_fast_it_is(around: Surroundings) -> None:
    assert await seconds_for(around, 100_000) == 0


async def test_leaving_a_paced_download_closes_the_one_behind_it(around: Surroundings) -> None:
    source = Bytes()
    chunks = PacedFetcher(source, around.world, around.clock).fetch("", 0, 100_000)
    await anext(chunks)
    await chunks.aclose()
    assert source.closed


# --- a world that is taken up again ---


def test_a_car_that_never_saw_a_cell_stands_in_an_lte_cell_at_home(around: Surroundings) -> None:
    around.world.resume(VehicleState(vin="v", profile="taycan", market="DE"), "DE")
    assert around.heard == [on.CellChanged("DE", Access.LTE)]


def test_a_world_is_as_the_pcm_saw_it_last(around: Surroundings) -> None:
    cell = Cell("CH", Access.EDGE)
    around.world.resume(
        VehicleState(
            vin="v", profile="taycan", market="DE", cell=cell, sim=Sim.READY, sim_country="DE", apn="web",
            sim_keeps_data=False, sim_card="mine",
        ),
        "DE",
    )  # fmt: skip
    assert around.heard == []
    assert around.world.cell == cell
    assert around.world.sim == SimCard("DE", apns=("web",), keeps_data=False, card="mine")
    around.world.attach(Way.INSERTED_SIM, "web")
    assert around.after_a_while() == [on.BearerAttached(Way.INSERTED_SIM, Access.EDGE)]


@pytest.mark.parametrize("state", [Sim.PIN_REQUIRED, Sim.PUK_REQUIRED, Sim.BLOCKED])
def test_a_locked_sim_is_taken_out_where_nobody_knows_its_pin_any_more(around: Surroundings, state: Sim) -> None:
    cell = Cell("DE", Access.LTE)
    around.world.resume(
        VehicleState(vin="v", profile="cayenne-gen3", market="DE", cell=cell, sim=state, sim_country="DE"), "DE"
    )
    assert (around.world.sim, around.heard) == (None, [on.SimRemoved()])


def test_a_sim_without_a_name_is_known_again_by_what_it_is(around: Surroundings) -> None:
    around.world.resume(VehicleState(vin="v", profile="cayenne-gen3", market="DE", restarts=3), "DE")
    cards = (
        SimCard("DE", PIN),
        SimCard("CH", PIN),
        SimCard("DE", NEW_PIN),
        SimCard("DE", PIN),
        SimCard("DE", card="x"),
    )
    for card in cards:
        around.world.insert_sim(card)
    told = [event.card for event in around.heard if isinstance(event, on.SimInserted)]
    assert told == ["sim-3-1", "sim-3-2", "sim-3-3", "sim-3-1", "x"]
