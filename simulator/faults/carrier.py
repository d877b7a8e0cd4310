"""Both directions of the line in use, and the connections over it, which break when it is cut."""

from collections.abc import Callable

from pcm_agent.transport import Clock
from simulator.faults.line import Line
from simulator.faults.lines import Lines
from simulator.faults.pipe import Flow, Pipe


class Connection:
    """One connection: a flow each way.

    Args:
        carrier: what it goes over.
        broken: called when the line is cut.
    """

    def __init__(self, carrier: "Carrier", broken: Callable[[], None]) -> None:
        self.up, self.down = Flow(carrier.up), Flow(carrier.down)
        self.broken = broken
        self._carrier = carrier

    def close(self) -> None:
        """Be gone, and all that is under way; may be repeated."""
        self.up.close()
        self.down.close()
        self._carrier.connections.pop(self, None)


class Carrier:
    """What a car's data goes over.

    Args:
        lines: of the car.
        clock: on which they are slow.
        draw: gives numbers from 0 to below 1, for what is lost.

    Attributes:
        up: from the car.
        down: to the car.
        connections: those that are open, in the order in which they were opened.
    """

    def __init__(self, lines: Lines, clock: Clock, draw: Callable[[], float]) -> None:
        self.up, self.down = Pipe(clock, draw), Pipe(clock, draw)
        self.connections: dict[Connection, None] = {}
        lines.watch(self._changed)
        self._changed(lines.current)

    @property
    def cut(self) -> bool:
        """Whether nothing comes through."""
        return self.up.line.cut

    @property
    def holding(self) -> bool:
        """Whether anything waits for the clock."""
        return bool(self.up.holding or self.down.holding)

    def open(self, broken: Callable[[], None]) -> Connection:
        """A connection, until it is closed.

        Args:
            broken: called when the line is cut; the connection is closed by then.
        """
        connection = Connection(self, broken)
        self.connections[connection] = None
        return connection

    def _changed(self, line: Line) -> None:
        self.up.change(line)
        self.down.change(line)
        if line.cut:
            for connection in list(self.connections):
                connection.close()
                connection.broken()
