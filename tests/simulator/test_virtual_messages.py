"""The bus in memory behaves like a broker, and the journal in memory like the one on disk."""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.errors import TransportError
from pcm_agent.ports import Journal
from pcm_agent.transport import Incoming, Outgoing
from simulator.virtual import Bus, BusSession, MemoryJournal


def message(topic: str, payload: bytes = b"x", *, retain: bool = False) -> Outgoing:
    return Outgoing(topic=topic, payload=payload, id="1", retain=retain, correlation="7")


async def first(count: int, session: BusSession) -> list[bytes]:
    """The payloads of so many messages, as they come."""
    messages = session.messages()
    return [(await anext(messages)).payload for _ in range(count)]


async def heard(session: BusSession) -> list[Incoming]:
    """Everything that arrived until now; ends the session."""
    session.cut()
    found: list[Incoming] = []
    messages = session.messages()
    with suppress(TransportError):
        while True:  # the error at the end is how it ends
            found.append(await anext(messages))
    return found


# --- the bus ---


@pytest.mark.parametrize(
    ("subscriptions", "topic", "taken"),
    [
        (["a/b"], "a/b", True),
        (["a/b"], "a/c", False),
        (["a/+"], "a/b", True),
        (["a/+"], "a/b/c", False),
        (["a/+"], "a", False),
        (["+/b/+"], "a/b/c", True),
        (["x", "a/b"], "a/b", True),
        (["a/+", "a/b"], "a/b", True),
        ([], "a/b", False),
    ],
)
async def test_a_session_gets_what_it_subscribed_to_and_each_once(
    subscriptions: Sequence[str], topic: str, taken: bool
) -> None:
    bus = Bus()
    session = bus.open("me", None, subscriptions)
    bus.deliver(message(topic))
    expected = [Incoming(topic=topic, payload=b"x", correlation="7")] if taken else []
    assert await heard(session) == expected


async def test_who_comes_later_gets_the_newest_retained_message() -> None:
    bus = Bus()
    for payload in (b"1", b"2"):
        bus.deliver(message("a/b", payload, retain=True))
    bus.deliver(message("a/c"))
    found = await heard(bus.open("me", None, ["a/+"]))
    assert [item.payload for item in found] == [b"2"]


async def test_sessions_that_come_and_go_get_what_is_theirs() -> None:
    bus = Bus()
    first = bus.open("first", None, ["a"])
    bus.deliver(message("a", b"1"))
    second = bus.open("second", None, ["a"])
    bus.deliver(message("a", b"2"))
    bus.close(first, farewell=True)
    bus.deliver(message("a", b"3"))
    assert [item.payload for item in await heard(first)] == [b"1", b"2"]
    assert [item.payload for item in await heard(second)] == [b"2", b"3"]


async def test_a_cut_connection_lets_the_will_speak() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    async with bus.client("me").connect(message("will", b"gone"), []) as session:
        session.cut()
        session.cut()
        with pytest.raises(TransportError, match="session-lost"):
            await session.publish(message("a"))
        assert await heard(session) == []
    assert [item.payload for item in await heard(listener)] == [b"gone"]


async def test_a_farewell_keeps_the_will_silent() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    async with bus.client("me").connect(message("will"), []) as session:
        await session.publish(message("other"))
    assert await heard(listener) == []


async def test_a_newer_session_of_a_client_takes_over_from_the_older() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    older = bus.open("me", message("will", b"older"), ["a"])
    newer = bus.open("me", message("will", b"newer"), ["a"])
    assert older.lost
    bus.close(older, farewell=False)
    bus.deliver(message("a"))
    assert [item.payload for item in await heard(listener)] == [b"older"]
    assert len(await heard(newer)) == 1


async def test_a_lasting_session_has_what_came_while_its_client_was_away() -> None:
    bus = Bus()
    bus.close(bus.open("me", None, ["a"], lasting=True), farewell=True)
    for payload in (b"1", b"2"):
        bus.deliver(message("a", payload))
    bus.deliver(message("b"))
    bus.deliver(Outgoing(topic="a", payload=b"fleeting", id="1", qos=0))
    bus.stop()
    bus.up = True
    session = bus.open("me", None, ["a"], lasting=True)
    bus.deliver(message("a", b"3"))
    assert await first(3, session) == [b"1", b"2", b"3"]
    assert await heard(bus.open("me", None, ["a"])) == []


async def test_what_a_lasting_session_has_not_worked_on_comes_again_and_nothing_else_does() -> None:
    bus = Bus()
    session = bus.open("me", None, ["a"], lasting=True)
    for payload in (b"done", b"under way", b"not seen yet"):
        bus.deliver(message("a", payload))
    messages = session.messages()
    assert [(await anext(messages)).payload for _ in range(2)] == [b"done", b"under way"]
    session.cut()
    with pytest.raises(TransportError, match="session-lost"):
        await anext(messages)
    assert await first(2, bus.open("me", None, ["a"], lasting=True)) == [b"under way", b"not seen yet"]


async def test_a_bus_that_is_down_takes_nobody() -> None:
    bus = Bus()
    session = bus.open("me", None, [])
    bus.stop()
    assert session.lost
    with pytest.raises(TransportError, match="broker-unreachable"):
        async with bus.client("me").connect(None, []):
            pass
    bus.up = True
    async with bus.client("me").connect(None, []):
        pass


# --- the journal: one contract, in memory and on disk ---


@pytest.fixture(params=["memory", "disk"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Callable[[], Journal]]:
    memory = MemoryJournal()
    opened: list[SqliteJournal] = []

    def reopen() -> Journal:
        if request.param == "memory":
            return memory
        if opened:
            opened[-1].close()
        opened.append(SqliteJournal(tmp_path / "journal.sqlite"))
        return opened[-1]

    yield reopen
    for journal in opened:
        journal.close()


def test_a_journal_gives_back_what_was_committed(reopen: Callable[[], Journal]) -> None:
    first, second, third = (message(topic) for topic in "abc")
    journal = reopen()
    assert journal.load().snapshot is None
    assert journal.load().outbox == []
    journal.commit(b"one", [(1, first), (2, second)], [])
    journal.commit(None, [(3, third)], [1, 99])
    journal = reopen()
    saved = journal.load()
    assert saved.snapshot == b"one"
    assert saved.outbox == [(2, second), (3, third)]
    journal.commit(b"two", [], [2, 3])
    saved = reopen().load()
    assert (saved.snapshot, saved.outbox) == (b"two", [])
