"""What the agent sends, when, and what it does when nobody hears it."""

import asyncio

import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.protocol.messages import MessagesLost, Presence
from pcm_agent.runtime.link import IN_FLIGHT, LONGEST_PAUSE
from pcm_agent.tasks import cancel_and_wait
from simulator.clock import SimTimer
from tests.messages import open_envelope
from tests.pcm_agent.runtime.bad_peers import Dropping, Silent, Slow
from tests.pcm_agent.runtime.bench import VIN, Bench, refusals, refused_taps
from tests.waiting import idle, virtual


@pytest.mark.requirement("FOD-02")
@virtual
async def test_nothing_is_published_while_there_is_no_data_and_all_of_it_afterwards_in_order() -> None:
    bench = Bench()
    bench.boot()
    wanted = refused_taps(bench.agent, 50)
    await bench.pass_time(3600)
    assert bench.broker.at == []
    assert bench.heard == []
    assert not any(record.kind == "sent" for record in bench.trace.records)

    await bench.get_online()

    assert isinstance(bench.bodies()[0], Presence)
    assert refusals(bench) == wanted
    ids = [open_envelope(message).id for message in bench.heard]
    assert len(ids) == len(set(ids))


@virtual
async def test_queue_survives_a_power_cut() -> None:
    bench = Bench()
    bench.boot()
    wanted = refused_taps(bench.agent, 30)
    await bench.crash()
    bench.boot()
    wanted += refused_taps(bench.agent, 5)
    await bench.get_online()
    assert refusals(bench) == wanted


@virtual
async def test_what_a_cut_connection_swallowed_is_sent_again_under_the_same_id() -> None:
    bench = Bench()
    bench.boot()
    silent = bench.broker.inner = Silent(bench.broker.inner)
    await bench.get_online()
    wanted = refused_taps(bench.agent, 30)
    await idle()
    assert sum("/event/" in message.topic for message in silent.swallowed) == IN_FLIGHT
    silent.works = True
    await bench.lose_data()
    await bench.find_data()
    assert refusals(bench) == wanted
    heard = [open_envelope(message).id for message in bench.heard]
    again = [message.id for message in silent.swallowed if "/event/" in message.topic]
    assert [number for number in heard if number in again] == again


@virtual
async def test_full_queue_gives_up_the_oldest_and_says_how_many() -> None:
    bench = Bench()
    bench.boot()
    bench.agent._outbox._limit = 10
    wanted = refused_taps(bench.agent, 25)
    await bench.get_online()
    assert refusals(bench)[-5:] == wanted[-5:]
    await bench.lose_data()
    await bench.find_data()
    lost = [body.count for body in bench.bodies() if isinstance(body, MessagesLost)]
    assert lost == [25 + 1 - 10, 1]  # one more gave way to the first of these two messages
    assert sum(lost) + len(refusals(bench)) == 25
    assert len(bench.journal.load().outbox) <= 10


@virtual
async def test_stopped_agent_says_farewell_and_its_will_stays_unread() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.stop()
    presences = [body for body in bench.bodies() if isinstance(body, Presence)]
    assert [presence.status for presence in presences] == ["online", "offline"]
    assert len({presence.session_id for presence in presences}) == 1
    assert presences[0].profile == "taycan"
    assert bench.bus._retained[f"pcm/v1/{VIN}/presence"] == bench.heard[-1]
    assert not bench.agent.online


@virtual
async def test_car_without_data_says_nothing_itself_so_that_its_will_speaks() -> None:
    bench = Bench()
    await bench.get_online()
    sent = sum(record.kind == "sent" for record in bench.trace.records)
    await bench.lose_data()
    assert sum(record.kind == "sent" for record in bench.trace.records) == sent
    presence = bench.bodies()[-1]
    assert isinstance(presence, Presence)
    assert presence.status == "offline"
    assert not bench.agent.online
    await bench.find_data()
    sessions = {body.session_id for body in bench.bodies() if isinstance(body, Presence)}
    assert len(sessions) == 2


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_broker_that_is_down_is_told_once_and_tried_ever_more_rarely(jitter: float) -> None:
    @virtual
    async def test() -> None:
        bench = Bench(jitter=lambda: jitter)
        bench.bus.up = False
        bench.boot()
        bench.agent.feed(on.CellChanged("JP", Access.LTE))
        bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
        wanted = refused_taps(bench.agent, 12)
        await bench.pass_time(1800)
        factor = 0.5 + jitter / 2
        pauses = bench.broker.pauses
        assert pauses[:8] == pytest.approx([factor * min(2**n, LONGEST_PAUSE) for n in range(8)], abs=1e-3)
        assert max(pauses) == pytest.approx(LONGEST_PAUSE * factor, abs=1e-3)
        assert len(bench.notes("broker-unreachable")) == 1
        assert bench.notes("broker-back") == []

        bench.bus.up = True
        await bench.pass_time(LONGEST_PAUSE)
        assert len(bench.notes("broker-back")) == 1
        assert refusals(bench) == wanted

    test()


@virtual
async def test_jitter_keeps_cars_from_coming_back_all_at_once() -> None:
    draws = iter([0.0, 0.9, 0.1, 0.7, 0.3] * 40)
    bench = Bench(jitter=lambda: next(draws))
    bench.bus.up = False
    bench.boot()
    bench.agent.feed(on.CellChanged("JP", Access.LTE))
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    await bench.pass_time(900)
    longest = bench.broker.pauses[7:12]
    assert len(set(longest)) == 5
    assert all(LONGEST_PAUSE / 2 <= pause <= LONGEST_PAUSE for pause in longest)


@virtual
async def test_broker_that_goes_down_and_comes_back_loses_nothing() -> None:
    bench = Bench()
    await bench.get_online()
    bench.bus.stop()
    await idle()
    wanted = refused_taps(bench.agent, 40)
    await bench.pass_time(100)
    assert [record.name for record in bench.trace.records if record.kind == "note"].count("session-lost") == 1
    bench.bus.up = True
    ear = Bench._listen
    bench._ear = bench.bus.open("ear", None, [f"pcm/v1/{VIN}/{end}" for end in ("presence", "state", "+/+")])
    again = asyncio.ensure_future(ear(bench))
    await bench.pass_time(LONGEST_PAUSE)
    assert len(bench.notes("broker-back")) == 1
    assert refusals(bench) == wanted
    again.cancel()


@virtual
async def test_data_that_comes_back_ends_the_pause() -> None:
    bench = Bench()
    bench.bus.up = False
    bench.boot()
    bench.agent.feed(on.CellChanged("JP", Access.LTE))
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    await bench.pass_time(300)
    await bench.lose_data()
    bench.bus.up = True
    before = bench.clock.now()
    await bench.find_data()
    assert bench.agent.online
    assert bench.clock.now() == before


@virtual
async def test_broker_that_drops_everybody_at_once_is_told_once_and_tried_ever_more_rarely() -> None:
    bench = Bench()
    bench.boot()
    bench.broker.inner = Dropping(bench.broker.inner)
    bench.agent.feed(on.CellChanged("JP", Access.LTE))
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    await bench.pass_time(600)
    assert max(bench.broker.pauses) == pytest.approx(LONGEST_PAUSE, abs=1e-3)
    assert len(bench.notes("session-lost")) == 1
    assert bench.notes("broker-back") == []


@virtual
async def test_farewell_may_take_its_time() -> None:
    """What ends an agent in order is not torn apart by a broker that is slow to hear the farewell."""
    bench = Bench()
    slow = bench.broker.inner = Slow(bench.broker.inner)
    await bench.get_online()
    await cancel_and_wait(bench.task)
    assert slow.closed
    assert all(timer.callback is None for timer in bench.agent._timers.values() if isinstance(timer, SimTimer))


@pytest.mark.requirement("PRV-01")
@virtual
async def test_personal_reports_that_waited_are_kept_back_in_private_mode() -> None:
    bench = Bench()
    bench.boot()
    wanted = refused_taps(bench.agent, 10)
    bench.agent.feed(on.PrivateModeEnabled())
    await bench.get_online()
    assert refusals(bench) == []
    assert bench.agent.quiet
    bench.agent.feed(on.PrivateModeDisabled())
    await idle()
    assert refusals(bench) == wanted
