"""The lines of a car's ways to data, and which of them is in use."""

from collections.abc import Callable, Iterable

from firmware_profiles import Way
from simulator.faults.line import CLEAR, Line

Watcher = Callable[[Line], None]


class Lines:
    """A line for each way; all are clear until somebody changes them.

    Attributes:
        current: the line in use, or that was in use last.
    """

    def __init__(self) -> None:
        self.current = CLEAR
        self._by_way = dict.fromkeys(Way, CLEAR)
        self._in_use: Way | None = None
        self._watchers: list[Watcher] = []

    @property
    def watched(self) -> bool:
        """Whether anything goes over these lines, so that a change of them is felt."""
        return bool(self._watchers)

    @property
    def ways(self) -> tuple[Way, ...]:
        """All that there may be."""
        return tuple(self._by_way)

    @property
    def faulty(self) -> dict[Way, Line]:
        """The ways whose line is not clear."""
        return {way: line for way, line in self._by_way.items() if line != CLEAR}

    def watch(self, watcher: Watcher) -> None:
        """Have each line that comes into use, by a change of the line or of the way."""
        self._watchers.append(watcher)

    def change(self, ways: Iterable[Way], line: Line) -> None:
        """Let some ways be like this from now on."""
        self._by_way.update(dict.fromkeys(ways, line))
        self._look()

    def use(self, way: Way) -> None:
        """The car's data goes this way now."""
        self._in_use = way
        self._look()

    def _look(self) -> None:
        line = CLEAR if self._in_use is None else self._by_way[self._in_use]
        if line != self.current:
            self.current = line
            for watcher in self._watchers:
                watcher(line)
