"""Making a version out of the one before and a delta (BSDIFF40, as `bsdiff4` writes it), piece by piece.

What a delta makes is never longer than it must be, however much its compressed blocks would hold: they are inflated
only as far as they are needed, and no piece is longer than `PIECE`. Whether the result is right its hash says.
"""

import struct
from bz2 import BZ2Decompressor
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pcm_agent.errors import PeerError

MAGIC = b"BSDIFF40"
PIECE = 64 * 1024
"""Bytes that are made at a time."""
MOST_STEPS = 500_000
"""Steps that a delta may take; each may be empty, so they are no longer bounded by the result."""
_HEADER = struct.Struct("<8s3Q")
_STEP = struct.Struct("<3Q")
_SIGN = 1 << 63

Read = Callable[[int, int], bytes]
"""So many bytes of the old version from a place on; fewer where it ends."""


class Step(NamedTuple):
    """So many bytes of the old version with a difference, so many new ones, and then so far on in the old one."""

    changed: int
    new: int
    seek: int


def patched(read: Read, delta: bytes, length: int) -> Iterator[bytes]:
    """The new version, in pieces.

    Args:
        read: reads the old version.
        delta: what makes the new one out of it.
        length: bytes that the new version must have.

    Raises:
        PeerError: `delta-unusable`, at the latest after `length` bytes.
    """
    control, difference, extra = _blocks(delta, length)
    place = made = 0
    for _ in range(MOST_STEPS):
        if made == length:
            return
        step = _step(control)
        made += step.changed + step.new
        if min(step.changed, step.new) < 0 or made > length:
            raise _unusable("it makes more than it must")
        for size in _pieces(step.changed):
            yield _changed(read, place, difference.take(size))
            place += size
        for size in _pieces(step.new):
            yield extra.take(size)
        place += step.seek
    if made < length:
        raise _unusable("it takes too many steps")


def _blocks(delta: bytes, length: int) -> tuple["_Block", "_Block", "_Block"]:
    if len(delta) < _HEADER.size:
        raise _unusable("it is too short")
    magic, control, difference, made = _HEADER.unpack_from(delta)
    if magic != MAGIC:
        raise _unusable("it is of another format")
    if made != length:
        raise _unusable(f"it makes {made} bytes, not {length}")
    first, second = _HEADER.size + control, _HEADER.size + control + difference
    return _Block(delta[_HEADER.size : first]), _Block(delta[first:second]), _Block(delta[second:])


def _step(control: "_Block") -> Step:
    """Three numbers, each with its sign in the highest bit."""
    numbers = _STEP.unpack(control.take(_STEP.size))
    return Step(*(-(number - _SIGN) if number & _SIGN else number for number in numbers))


def _pieces(size: int) -> Iterator[int]:
    while size > 0:
        yield min(size, PIECE)
        size -= PIECE


def _changed(read: Read, place: int, difference: bytes) -> bytes:
    """A piece of the old version with the difference added, byte by byte and without carry."""
    size = len(difference)
    old = read(place, size) if place >= 0 else b""
    if len(old) != size:
        raise _unusable("it reads beyond the old version")
    if difference.count(0) == size:
        return old
    low = int.from_bytes(b"\x7f" * size)
    one, two = int.from_bytes(old), int.from_bytes(difference)
    return (((one & low) + (two & low)) ^ ((one ^ two) & ~low & ((1 << 8 * size) - 1))).to_bytes(size)


class _Block:
    """One compressed block of a delta, inflated as far as it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._left = memoryview(content)
        self._inflater = BZ2Decompressor()

    def take(self, size: int) -> bytes:
        """The next so many bytes.

        Raises:
            PeerError: `delta-unusable`: there are fewer, or they can't be inflated.
        """
        taken = bytearray()
        while len(taken) < size:
            if self._inflater.eof or (self._inflater.needs_input and not self._left):
                raise _unusable("a block ends too early")
            fresh, self._left = self._feed()
            try:
                taken += self._inflater.decompress(fresh, size - len(taken))
            except OSError as error:
                raise _unusable("a block can't be inflated") from error
        return bytes(taken)

    def _feed(self) -> tuple[memoryview, memoryview]:
        """What the inflater is given now, and what is left after it."""
        size = PIECE if self._inflater.needs_input else 0
        return self._left[:size], self._left[size:]


def _unusable(why: str) -> PeerError:
    return PeerError("delta-unusable", f"the delta: {why}")
