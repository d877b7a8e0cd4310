"""Messages that come twice, late, or in another order."""

from datetime import timedelta

from pcm_agent.transport import Incoming, Outgoing
from simulator.clock import SimClock
from simulator.faults.messages import AGAIN, PATIENCE, FaultyBroker, MessageFaults
from simulator.lab import START
from simulator.virtual import Bus
from tests.waiting import virtual

SECOND = timedelta(seconds=1)


def message(number: int) -> Incoming:
    return Incoming(topic="a", payload=b"%d" % number)


class Place:
    """One direction, and somebody at its end."""

    def __init__(self) -> None:
        self.clock = SimClock(START)
        self.there = True
        self.late: list[int] = []
        self.faults = MessageFaults(self.clock, self.take)

    def take(self, message: Incoming) -> bool:
        if self.there:
            self.late.append(int(message.payload))
        return self.there

    def come(self, *numbers: int) -> list[int]:
        """What comes at once of these."""
        return [int(each.payload) for number in numbers for each in self.faults.coming(message(number))]

    def pass_time(self, span: timedelta) -> None:
        self.clock.jump(self.clock.now() + span)


@virtual
async def test_so_many_come_twice_and_the_others_once() -> None:
    place = Place()
    place.faults.double(2)
    assert place.come(1, 2, 3) == [1, 1, 2, 2, 3]
    assert (place.faults.met, place.faults.holds) == (2, False)


@virtual
async def test_what_is_late_comes_later_and_what_follows_may_overtake_it() -> None:
    place = Place()
    place.faults.delay(2, 10 * SECOND)
    assert place.come(1, 2, 3) == [3]
    assert place.faults.holds
    place.pass_time(9 * SECOND)
    assert place.late == []
    place.pass_time(SECOND)
    assert place.late == [1, 2]
    assert not place.faults.holds


@virtual
async def test_order_is_turned_round() -> None:
    place = Place()
    place.faults.turn_round(3)
    assert place.come(1, 2, 3, 4) == [3, 2, 1, 4]
    place.pass_time(2 * PATIENCE)
    assert place.late == []


@virtual
async def test_those_that_wait_for_more_do_not_wait_for_ever() -> None:
    place = Place()
    place.faults.turn_round(5)
    assert place.come(1, 2) == []
    place.pass_time(PATIENCE)
    assert place.late == [2, 1]
    assert place.come(3) == [3]


@virtual
async def test_what_was_complete_does_not_end_the_next_set_early() -> None:
    place = Place()
    place.faults.turn_round(2)
    assert place.come(1, 2) == [2, 1]
    place.pass_time(4 * SECOND)
    place.faults.turn_round(2)
    assert place.come(3) == []
    place.pass_time(2 * SECOND)
    assert place.late == []
    assert place.come(4) == [4, 3]


@virtual
async def test_those_that_were_turned_round_wait_for_whoever_is_away_too() -> None:
    place = Place()
    place.faults.turn_round(3)
    place.there = False
    place.come(1, 2)
    place.pass_time(PATIENCE)
    assert (place.late, place.faults.holds) == ([], True)
    place.there = True
    place.pass_time(AGAIN)
    assert (place.late, place.faults.holds) == ([2, 1], False)


@virtual
async def test_what_is_late_waits_for_whoever_is_away() -> None:
    place = Place()
    place.faults.delay(1, SECOND)
    place.there = False
    place.come(1)
    place.pass_time(SECOND)
    assert (place.late, place.faults.holds) == ([], True)
    place.there = True
    place.pass_time(AGAIN)
    assert (place.late, place.faults.holds) == ([1], False)


@virtual
async def test_a_session_gives_what_the_faults_make_of_its_messages() -> None:
    place, bus = Place(), Bus()
    place.faults.double(1)
    async with FaultyBroker(bus.client("me"), place.faults.coming).connect(None, ["a"]) as session:
        for number in (1, 2):
            bus.deliver(Outgoing(topic="a", payload=b"%d" % number, id=str(number)))
        messages = session.messages()
        assert [int((await anext(messages)).payload) for _ in range(3)] == [1, 1, 2]
