"""One direction of a line: what is put in comes out later, in order, and nothing of it is lost."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from pcm_agent.transport import Clock, Timer
from simulator.faults.line import CLEAR, FEW, MSS, Line

PIECE_SECONDS = 0.25
"""So long a piece of a transfer may keep the line busy, and whoever else wants it waiting; one segment even longer."""
LONGEST_PIECE = 256 * 1024
"""Bytes of a piece, however fast the line is."""
Out = Callable[[], None]


class Piece(NamedTuple):
    """What is passed on as one."""

    length: int
    out: Out
    """Called when it has come through."""
    bulk: bool
    """Part of more than a few segments."""


class Pipe:
    """Connections share it in turns, so that a long transfer does not keep a short message waiting.

    Args:
        clock: on which the line is slow.
        draw: gives numbers from 0 to below 1, for what is lost.

    Attributes:
        clock: the same.
        line: what it is like now.
        clear: whether what is put in comes out at once, unless something is before it.
        holding: pieces that are in it.
    """

    def __init__(self, clock: Clock, draw: Callable[[], float]) -> None:
        self.clock, self.line, self.clear, self.holding = clock, CLEAR, True, 0
        self._draw = draw
        self._turns: deque[Flow] = deque()
        """Those that have pieces waiting, in the order of their turns."""
        self._sending: tuple[Flow, Piece, Timer] | None = None
        self._free_at = clock.now()
        """When the line is free again."""

    def pieces(self, length: int) -> Iterator[tuple[int, int]]:
        """Begin and end of each piece that so many bytes are to be put in as."""
        most = max(MSS, int(min(self.line.bytes_per_second * PIECE_SECONDS, LONGEST_PIECE)))
        return ((start, min(start + most, length)) for start in range(0, length, most))

    def change(self, line: Line) -> None:
        """Be like this from now on. A piece that is being sent is sent anew; what has been sent arrives as it would."""
        self.line, self.clear = line, line.clear
        if self._sending is not None:
            flow, piece, _ = self._sending
            flow.waiting.appendleft(piece)
            self._let_go(flow)
            self._turns.appendleft(flow)
        self._free_at = self.clock.now()
        self._send()

    def wants(self, flow: "Flow") -> None:
        """A flow has a piece waiting, and had none."""
        if self._sending is None and not self._turns:
            self._free_at = self.clock.now()
        if self._sending is None or self._sending[0] is not flow:
            self._turns.append(flow)
        self._send()

    def forget(self, flow: "Flow") -> None:
        """A flow sends nothing any more."""
        sending = self._sending is not None and self._sending[0] is flow
        self._let_go(flow)
        if sending:
            self._free_at = self.clock.now()
            self._send()

    def _let_go(self, flow: "Flow") -> None:
        """Have nothing of a flow on the line or waiting for its turn."""
        if self._sending is not None and self._sending[0] is flow:
            self._sending[2].cancel()
            self._sending = None
        if flow in self._turns:
            self._turns.remove(flow)

    def _send(self) -> None:
        """Send what waits, as long as the line is free."""
        while self._sending is None and self._turns and not self.line.cut:
            flow = self._turns.popleft()
            piece = flow.waiting.popleft()
            seconds = self.line.transmission(piece.length, bulk=piece.bulk)
            self._free_at += timedelta(seconds=seconds)
            if seconds:
                self._sending = flow, piece, self.clock.call_at(self._free_at, self._sent)
            else:
                self._travel(flow, piece)

    def _sent(self) -> None:
        assert self._sending is not None
        flow, piece, _ = self._sending
        self._sending = None
        self._travel(flow, piece)
        self._send()

    def _travel(self, flow: "Flow", piece: Piece) -> None:
        if flow.waiting:
            self._turns.append(flow)
        late = 0.0 if piece.bulk else self.line.retransmission(piece.length, self._draw)
        flow.travels(piece, self._free_at + timedelta(seconds=self.line.latency / 2 + late))


class Flow:
    """What one connection puts into a pipe; pieces of one flow never overtake each other.

    Attributes:
        waiting: pieces whose turn has not come.
        length: bytes that are in the pipe.
    """

    def __init__(self, pipe: Pipe) -> None:
        self.waiting: deque[Piece] = deque()
        self.length = 0
        self._pipe = pipe
        self._pieces = 0
        self._last = pipe.clock.now()
        """When the piece arrives that was sent last."""
        self._closed = False

    def put(self, length: int, out: Out, *, of: int | None = None) -> None:
        """Let a piece pass.

        Args:
            length: in bytes.
            out: called when it has come through; at once, where the line is clear and nothing is before it.
            of: bytes of which it is a part; None: it is the whole.
        """
        if self._closed:
            return
        if self._pipe.clear and not self._pieces:
            out()
            return
        self._count(1, length)
        self.waiting.append(Piece(length, out, (of or length) > FEW * MSS))
        if len(self.waiting) == 1:
            self._pipe.wants(self)

    def travels(self, piece: Piece, due: datetime) -> None:
        """A piece was sent and is there when it is due, and not before those ahead of it."""
        self._last = max(self._last, due)
        if self._last <= self._pipe.clock.now() and self._pieces - len(self.waiting) == 1:
            self._arrived(piece)
        else:
            self._pipe.clock.call_at(self._last, partial(self._arrived, piece))

    def close(self) -> None:
        """The connection is gone, and all that it has in the pipe."""
        if not self._closed:
            self._closed = True
            self._pipe.holding -= self._pieces
            self.waiting.clear()
            self._pipe.forget(self)

    def _arrived(self, piece: Piece) -> None:
        if not self._closed:
            self._count(-1, -piece.length)
            piece.out()

    def _count(self, pieces: int, length: int) -> None:
        self._pieces += pieces
        self._pipe.holding += pieces
        self.length += length
