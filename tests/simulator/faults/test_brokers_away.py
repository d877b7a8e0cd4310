"""Brokers that are away when a lab begins or ends, that are somebody else's, and that do not start again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any, cast

import pytest

from pcm_agent.errors import TransportError
from pcm_agent.transport import Broker, Session
from simulator.backend.database import DatabaseError
from simulator.broker import BrokerError, RunningBroker, start_broker
from simulator.lab import START, Lab, Means, VirtualMeans, running
from simulator.lab.lab import FIRST_SESSION
from simulator.live import LiveMeans, live_means, means_beside
from simulator.scenario.loader import parse_scenario
from simulator.scenario.runner import Verdict, run_scenario
from simulator.trace import Record, Trace
from tests.simulator.brokers import V311, Notes, client
from tests.simulator.conftest import CAR, Ended
from tests.waiting import LIMIT_S, virtual


class Refusing:
    """A broker that lets nobody in."""

    def connect(self, *_: object) -> AbstractAsyncContextManager[Session]:
        raise TransportError("broker-refused", "Not authorized")


class Refused(VirtualMeans):
    """Virtual, with such a broker."""

    def broker(self, client_id: str, *, lasting: bool = False) -> Broker:
        return Refusing()


class Away(VirtualMeans):
    """Virtual, with a broker that is not there before some time has passed."""

    def __init__(self, time: timedelta) -> None:
        super().__init__(1)
        self.bus.up = False
        self.clock.call_at(START + time, self._is_back)

    def _is_back(self) -> None:
        self.bus.up = True


async def begun(means: Means) -> list[Record]:
    """What was told until a lab ran."""
    trace = Trace(means.clock)
    async with asyncio.timeout(LIMIT_S), running(Lab(means, trace, 1)):
        return list(trace.records)


# --- when a lab begins ---


@virtual
async def test_the_backend_tries_again_as_the_labs_clock_goes_on() -> None:
    means = Away(timedelta(seconds=10))
    told = await begun(means)
    assert [record.name for record in told] == ["broker-unreachable"]
    assert means.clock.now() == START + timedelta(seconds=1 + 2 + 4 + 8)


@pytest.mark.parametrize(
    ("means", "code"),
    [(lambda: Away(timedelta(days=1)), "broker-unreachable"), (lambda: Refused(1), "broker-refused")],
    ids=["away", "refused"],
)
@virtual
async def test_a_lab_whose_backend_is_never_let_in_does_not_begin(means: Callable[[], Means], code: str) -> None:
    with pytest.raises(TransportError, match=code):
        await begun(ground := means())
    assert ground.clock.now() == START + FIRST_SESSION


async def test_a_live_lab_waits_by_its_own_clock_too() -> None:
    async with live_means(1, inf, "amqtt", Notes()) as means:
        await means.stop_broker()
        with pytest.raises(TransportError, match="broker-unreachable"):
            await begun(means)
        await means.start_broker()


def test_a_scenario_whose_lab_did_not_begin_has_not_passed(
    monkeypatch: pytest.MonkeyPatch, pcm_sim: Callable[..., Ended]
) -> None:
    monkeypatch.setattr(LiveMeans, "broker", lambda *_, **__: Refusing())
    ended = pcm_sim("run", "broker-gone", "--live", "--speed", "inf", "--broker", "amqtt")
    assert ended.status == 3
    assert "0 of 1 scenarios passed" in ended.out
    assert "[broker-refused]" in ended.err


async def test_a_backend_that_ends_at_once_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ends() -> None:
        raise DatabaseError("database-unusable", "the disk is full")

    async with live_means(1, inf, "amqtt", Notes()) as means:
        lab = Lab(means, Trace(means.clock), 1)
        monkeypatch.setattr(lab.backend, "run", ends)
        with pytest.raises(DatabaseError):
            async with running(lab):
                pass
    assert lab.trace.records == [], "nobody was given up"


# --- brokers that can't be stopped or started ---


async def verdict_of(lab: Lab, *actions: str, takes_no: bool = False) -> Verdict:
    """Do some things with a car."""
    car = lab.add_car("taycan", "JP")
    steps = "".join(f"- do: {{{action}}}\n" for action in actions)
    return await run_scenario(lab, parse_scenario(f"{CAR}steps:\n{steps}", "test"), car, takes_no=takes_no)


async def done(lab: Lab, *actions: str) -> list[str]:
    """Do some things with a car; what was not done, in words."""
    return [failure.found for failure in (await verdict_of(lab, *actions)).failures]


@asynccontextmanager
async def means_at_somebody_elses() -> AsyncIterator[LiveMeans]:
    """Live, at a broker that was not started for it."""
    async with start_broker("amqtt", log=Notes()) as own, start_broker(str(own.address), log=Notes()) as found:
        theirs = replace(cast("Any", found), supports_mqtt5=False)  # else it is found out, which takes amqtt seconds
        async with means_beside(theirs, 1, inf) as means:
            yield means


@pytest.mark.parametrize("word", ["down", "up", "restarted"])
async def test_a_broker_of_somebody_else_goes_on_and_nothing_else_is_told(word: str) -> None:
    async with means_at_somebody_elses() as means:
        async with running(Lab(means, trace := Trace(means.clock), 1)) as lab:
            (found,) = await done(lab, f"broker: {word}")
            await means.settle(lab)
        assert "[broker-not-ours]" in found
        assert means.broker_runs
    assert [record.name for record in trace.records if record.kind in ("fault", "note")] == []


class Gone(VirtualMeans):
    """Virtual, with a broker that does not start again."""

    async def start_broker(self) -> None:
        raise BrokerError("broker-start-failed", "Address already in use")


@virtual
async def test_a_broker_that_does_not_start_again_is_not_told_to_be_there() -> None:
    means = Gone(1)
    async with running(Lab(means, trace := Trace(means.clock), 1)) as lab:
        with pytest.raises(BrokerError, match="broker-start-failed"):
            await done(lab, "broker: down", "broker: up")
    assert [record.data["state"] for record in trace.records if record.kind == "fault"] == ["down"]


# --- when a lab ends ---


async def kept(broker: RunningBroker) -> list[str]:
    """The topics of cars at which a broker keeps something."""
    topics: list[str] = []
    async with client(broker, V311) as it:
        await it.subscribe("pcm/#", qos=1)
        await it.publish("pcm/last", b"", qos=1)
        async for message in it.messages:
            topics.append(str(message.topic))
            if topics[-1] == "pcm/last":
                break
    return topics[:-1]


async def test_a_broker_that_a_lab_leaves_stopped_is_there_for_the_next_lab_and_keeps_nothing_of_its_cars() -> None:
    async with start_broker("amqtt", log=Notes()) as broker:
        async with means_beside(broker, 1, inf) as means, running(Lab(means, Trace(means.clock), 1)) as lab:
            online = 'ignition: "on"', "radio: {access: lte}", "wait: 1 min"
            assert await done(lab, *online) == []
            assert await kept(broker) != []
            assert await done(lab, "broker: down") == []
        assert await kept(broker) == []
        async with means_beside(broker, 1, inf) as means:
            await begun(means)


# --- when it is there, or gone, already ---


async def words_that_come_too_late(means: Means) -> dict[int, str]:
    words = "up", "down", "down", "restarted", "up"
    async with running(Lab(means, Trace(means.clock), 1)) as lab:
        verdict = await verdict_of(lab, *(f"broker: {word}" for word in words), takes_no=True)
        return verdict.declined


TOO_LATE = {0: "broker-up", 2: "broker-down", 3: "broker-down"}


@virtual
async def test_a_broker_is_not_stopped_or_started_twice() -> None:
    assert await words_that_come_too_late(VirtualMeans(1)) == TOO_LATE


@pytest.mark.parametrize("choice", [pytest.param("mosquitto", marks=pytest.mark.live), "amqtt"])
async def test_a_real_broker_is_not_stopped_or_started_twice(choice: str) -> None:
    async with live_means(1, inf, choice, Notes()) as means:
        assert await words_that_come_too_late(means) == TOO_LATE
