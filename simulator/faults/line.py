"""What a way to data is like where it is not well: cut, far, narrow, or lossy. Pure: time and chance are arguments."""

from collections.abc import Callable
from math import ceil, inf, sqrt

from msgspec import Struct

MSS = 1460
"""Bytes of a TCP segment over Ethernet (RFC 9293, 3.7.1)."""
FEW = 3
"""Segments. Where no more follow a lost one, only a timeout tells of it (RFC 5681, 3.2: three duplicates)."""
FIRST_TIMEOUT, LONGEST_TIMEOUT = 1.0, 60.0
"""Seconds until a segment is sent again, doubled each time (RFC 6298, 2.4, 2.5 and 5.5)."""
LEAST_ROUND_TRIP = 0.05
"""Seconds from a segment to its acknowledgement, besides the line's own latency."""


class Line(Struct, frozen=True):
    """One way to data, seen from TCP, which loses nothing: what is lost comes later."""

    cut: bool = False
    """Nothing comes through, and what is connected over it breaks."""
    latency: float = 0.0
    """Seconds from a request to its answer, half of them each way."""
    bits_per_second: float | None = None
    """None: as fast as can be."""
    loss: float = 0.0
    """Share of the segments that are lost, from 0 to below 1."""

    @property
    def clear(self) -> bool:
        """Whether all passes at once."""
        return self == CLEAR

    @property
    def bytes_per_second(self) -> float:
        """What a transfer gets: the line's rate, or what TCP makes of its losses."""
        return min((self.bits_per_second or inf) / 8, self._despite_losses())

    def transmission(self, length: int, *, bulk: bool) -> float:
        """Seconds that so many bytes keep the line busy.

        Args:
            length: in bytes.
            bulk: whether they are part of more than a few segments, so that TCP's own rate counts.
        """
        rate = self.bytes_per_second if bulk else (self.bits_per_second or inf) / 8
        return length / rate

    def retransmission(self, length: int, draw: Callable[[], float]) -> float:
        """Seconds that a few segments come later because one of them is lost, or more.

        Args:
            length: in bytes.
            draw: gives numbers from 0 to below 1.
        """
        return max((self._of_one(draw) for _ in range(ceil(length / MSS))), default=0.0) if self.loss else 0.0

    def _of_one(self, draw: Callable[[], float]) -> float:
        seconds, timeout = 0.0, FIRST_TIMEOUT
        while draw() < self.loss:
            seconds, timeout = seconds + timeout, min(2 * timeout, LONGEST_TIMEOUT)
        return seconds

    def _despite_losses(self) -> float:
        """TCP's throughput in bytes a second, timeouts included (RFC 5348, 3.1, with b = 1; Padhye et al. 1998)."""
        if not self.loss:
            return inf
        round_trip, loss = self.latency + LEAST_ROUND_TRIP, self.loss
        timeout = max(FIRST_TIMEOUT, 4 * round_trip)
        waiting = timeout * 3 * sqrt(3 * loss / 8) * loss * (1 + 32 * loss**2)
        return MSS / (round_trip * sqrt(2 * loss / 3) + waiting)


CLEAR = Line()
CUT = Line(cut=True)
