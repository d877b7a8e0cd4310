"""What the PCM has to say and has not said yet: in order, bounded, and over a power cut."""

from collections import OrderedDict
from collections.abc import Callable, Iterable

from msgspec import Struct

from pcm_agent.transport import Outgoing

Held = Callable[[Outgoing], bool]
"""Whether a message may not be sent now."""
LIMIT = 10_000
"""So many durable reports wait at most; then the oldest are given up and counted."""


class _Entry(Struct):
    message: Outgoing
    durable: bool
    sent: bool = False


class Outbox:
    """A queue of numbered messages.

    Durable ones stay until the broker has acknowledged them; the others live as long as the session. The owner
    commits `added` and `removed` to its journal with `take_changes`, and sends whatever `unsent` gives.
    """

    def __init__(self, saved: Iterable[tuple[int, Outgoing]] = (), limit: int = LIMIT) -> None:
        self._entries: OrderedDict[int, _Entry] = OrderedDict(
            (number, _Entry(message, durable=True)) for number, message in saved
        )
        self._next = max(self._entries, default=0) + 1
        self._limit = limit
        self._added: list[tuple[int, Outgoing]] = []
        self._removed: list[int] = []
        self.lost = 0
        """Durable reports given up since this was last set to 0."""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, message: Outgoing, *, durable: bool) -> None:
        """Put a message at the end. At the limit what is not durable gives way, and only then the oldest report."""
        if len(self._entries) >= self._limit:
            if not durable:
                return
            self._make_room()
        number, self._next = self._next, self._next + 1
        self._entries[number] = _Entry(message, durable)
        if durable:
            self._added.append((number, message))

    def waits(self, held: Held) -> bool:
        """Whether anything is to be sent or acknowledged that is not held back."""
        return any(entry.sent or not held(entry.message) for entry in self._entries.values())

    def unsent(self, held: Held = lambda _: False) -> tuple[int, Outgoing] | None:
        """The first message that this session has not sent yet and that is not held back; it counts as sent now."""
        for number, entry in self._entries.items():
            if not entry.sent and not held(entry.message):
                entry.sent = True
                return number, entry.message
        return None

    def acknowledged(self, number: int) -> None:
        """The broker has it."""
        entry = self._entries.pop(number, None)
        if entry is not None and entry.durable:
            self._removed.append(number)

    def session_ended(self) -> None:
        """What was not acknowledged is to be sent again; what was only for this session is dropped."""
        self._entries = OrderedDict((number, entry) for number, entry in self._entries.items() if entry.durable)
        for entry in self._entries.values():
            entry.sent = False

    def take_changes(self) -> tuple[list[tuple[int, Outgoing]], list[int]]:
        """What is to be added to and removed from the journal since the last call."""
        changes = (self._added, self._removed)
        self._added, self._removed = [], []
        return changes

    def _make_room(self) -> None:
        passing = (number for number, entry in self._entries.items() if not entry.durable)
        number = next(passing, None)
        if number is None:
            number = next(iter(self._entries))
            self.lost += 1
            self._removed.append(number)
        del self._entries[number]
