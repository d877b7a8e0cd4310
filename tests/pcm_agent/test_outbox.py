from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pcm_agent.outbox import LIMIT, Outbox
from pcm_agent.transport import Outgoing


def message(name: str) -> Outgoing:
    return Outgoing(topic="pcm/v1/V/event/x", payload=name.encode(), id=name)


def drain(box: Outbox) -> list[str]:
    return [sent[1].id for sent in iter(box.unsent, None)]


def filled(*names: str, limit: int = LIMIT) -> Outbox:
    box = Outbox(limit=limit)
    for name in names:
        box.add(message(name), durable=not name.startswith("~"))
    return box


def test_messages_are_sent_once_a_session_and_in_order() -> None:
    box = filled("a", "~b", "c")
    assert drain(box) == ["a", "~b", "c"]
    assert box.unsent() is None
    box.add(message("d"), durable=True)
    assert drain(box) == ["d"]


def test_what_was_not_acknowledged_is_sent_again_in_the_next_session() -> None:
    box = filled("a", "~b", "c", "d")
    assert drain(box) == ["a", "~b", "c", "d"]
    box.acknowledged(3)
    box.session_ended()
    assert drain(box) == ["a", "d"]
    assert len(box) == 2


def test_what_is_only_for_this_session_ends_with_it() -> None:
    box = filled("~a", "~b")
    box.session_ended()
    assert len(box) == 0
    assert box.take_changes() == ([], [])
    assert box.lost == 0


def test_the_journal_hears_of_durable_messages_only_and_once() -> None:
    box = filled("a", "~b", "c")
    added, removed = box.take_changes()
    assert [(number, it.id) for number, it in added] == [(1, "a"), (3, "c")]
    assert removed == []
    for number in (2, 1, 1, 99):
        box.acknowledged(number)
    assert box.take_changes() == ([], [1])
    assert box.take_changes() == ([], [])


def test_at_the_limit_the_oldest_makes_room_and_is_counted() -> None:
    box = filled("a", "b", "c", limit=3)
    box.add(message("d"), durable=True)
    assert drain(box) == ["b", "c", "d"]
    assert box.lost == 1
    assert box.take_changes()[1] == [1]


def test_what_was_only_for_this_session_is_no_loss() -> None:
    box = filled("~a", "b", limit=2)
    box.add(message("c"), durable=True)
    assert box.lost == 0
    assert drain(box) == ["b", "c"]
    assert box.take_changes()[1] == []


def test_it_goes_on_where_the_journal_ends() -> None:
    box = Outbox([(4, message("a")), (9, message("b"))])
    box.add(message("c"), durable=True)
    added, _ = box.take_changes()
    assert [number for number, _ in added] == [10]
    assert drain(box) == ["a", "b", "c"]


class Queue(RuleBasedStateMachine):
    """The outbox beside a plain list, and the journal that its owner would keep."""

    @initialize(limit=st.integers(1, 5))
    def begin(self, limit: int) -> None:
        self.limit = limit
        self.box = Outbox(limit=limit)
        self.waiting: list[tuple[str, bool]] = []
        self.on_the_way: dict[str, int] = {}
        self.journal: dict[int, Outgoing] = {}
        self.count = self.lost = 0

    @rule(durable=st.booleans())
    def add(self, durable: bool) -> None:
        self.count += 1
        if len(self.waiting) < self.limit or durable:
            self.make_room()
            self.waiting.append((f"m-{self.count}", durable))
        self.box.add(message(f"m-{self.count}"), durable=durable)

    def make_room(self) -> None:
        """What is not durable gives way first, then the oldest report."""
        if len(self.waiting) == self.limit:
            victim = next((entry for entry in self.waiting if not entry[1]), self.waiting[0])
            self.waiting.remove(victim)
            self.on_the_way.pop(victim[0], None)
            self.lost += victim[1]

    @rule()
    def send(self) -> None:
        expected = next((name for name, _ in self.waiting if name not in self.on_the_way), None)
        sent = self.box.unsent()
        assert (sent[1].id if sent else None) == expected
        if sent:
            self.on_the_way[sent[1].id] = sent[0]

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        if self.on_the_way:
            name = data.draw(st.sampled_from(sorted(self.on_the_way)))
            self.box.acknowledged(self.on_the_way.pop(name))
            self.waiting = [entry for entry in self.waiting if entry[0] != name]

    @rule()
    def lose_session(self) -> None:
        self.box.session_ended()
        self.on_the_way.clear()
        self.waiting = [entry for entry in self.waiting if entry[1]]

    @rule()
    def cut_power(self) -> None:
        self.commit()
        self.box = Outbox(self.journal.items(), self.limit)
        self.on_the_way.clear()
        self.waiting = [entry for entry in self.waiting if entry[1]]
        self.lost = 0

    @rule()
    def commit(self) -> None:
        added, removed = self.box.take_changes()
        assert not set(self.journal) & {number for number, _ in added}
        self.journal |= dict(added)
        for number in removed:
            del self.journal[number]
        assert [it.id for it in self.journal.values()] == [name for name, durable in self.waiting if durable]

    @invariant()
    def holds_what_waits(self) -> None:
        assert len(self.box) == len(self.waiting) <= self.limit
        assert self.box.lost == self.lost


TestQueue = Queue.TestCase
TestQueue.settings = settings(stateful_step_count=40)
