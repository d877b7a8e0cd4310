"""Which signed states need not be signed anew yet, without reading the metadata each time that a car asks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from simulator.repository.store import Store

MOST_STATES = 256
"""So many states are remembered; of more, the oldest are read again."""


class _State(NamedTuple):
    files: Mapping[str, bytes | None]
    until: datetime


class FreshStates:
    """Remembers what came of reading a state, for as long as its files are byte by byte the same.

    Args:
        store: where the files are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[str, _State] = {}

    def holds(self, base: str, now: datetime) -> bool:
        """Whether the state below `base` is known, and fresh.

        Raises:
            TransportError: `repository-unreadable`.
        """
        state = self._states.get(base)
        if state is None or now >= state.until:
            return False
        return all(self._store.read(name) == content for name, content in state.files.items())

    def keep(self, base: str, names: Iterable[str], until: datetime) -> None:
        """Remember a state; nobody may change it meanwhile.

        Args:
            base: the folder of its files.
            names: all files that say until when it is fresh.
            until: that time.

        Raises:
            TransportError: `repository-unreadable`.
        """
        self._states.pop(base, None)
        self._states[base] = _State({name: self._store.read(name) for name in names}, until)
        if len(self._states) > MOST_STATES:
            del self._states[next(iter(self._states))]
