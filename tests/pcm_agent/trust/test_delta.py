"""What a delta makes: the right bytes, or a refusal after no more bytes than there may be."""

import struct
from bz2 import compress
from random import Random
from tracemalloc import get_traced_memory, start, stop

import bsdiff4
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcm_agent.errors import PeerError
from pcm_agent.trust import delta as module
from pcm_agent.trust.delta import PIECE, patched

OLD = Random(1).randbytes(400_000)
NEW = OLD[:100_000] + Random(2).randbytes(13_000) + bytes(255 - byte for byte in OLD[100_000:300_000]) + OLD[350_000:]


def number(value: int) -> bytes:
    return struct.pack("<Q", value if value >= 0 else -value | 1 << 63)


def delta_of(steps: list[tuple[int, int, int]], difference: bytes = b"", extra: bytes = b"", made: int = 0) -> bytes:
    control = compress(b"".join(number(value) for step in steps for value in step))
    changed = compress(difference)
    head = b"BSDIFF40" + number(len(control)) + number(len(changed)) + number(made)
    return head + control + changed + compress(extra)


def apply(old: bytes, delta: bytes, length: int) -> bytes:
    return b"".join(patched(lambda place, size: old[place : place + size], delta, length))


def made_by(old: bytes, delta: bytes, length: int) -> int | None:
    """How much came of it; None: it was refused."""
    try:
        return len(apply(old, delta, length))
    except PeerError:
        return None


def code_of(old: bytes, delta: bytes, length: int) -> str:
    with pytest.raises(PeerError) as caught:
        apply(old, delta, length)
    return caught.value.code


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (NEW, OLD), (b"", OLD), (OLD, b"x"), (OLD, OLD)])
def test_what_bsdiff4_makes_is_made_alike(old: bytes, new: bytes) -> None:
    delta = bsdiff4.diff(old, new)
    assert apply(old, delta, len(new)) == new == bsdiff4.patch(old, delta)


@given(old=st.binary(max_size=400), new=st.binary(min_size=1, max_size=400), seed=st.integers(0, 300))
def test_any_two_versions_have_a_delta(old: bytes, new: bytes, seed: int) -> None:
    new = old[:seed] + new + old[seed // 2 :]
    assert apply(old, bsdiff4.diff(old, new), len(new)) == new


def test_pieces_are_short() -> None:
    pieces = list(patched(lambda place, size: OLD[place : place + size], bsdiff4.diff(OLD, NEW), len(NEW)))
    assert max(map(len, pieces)) <= PIECE
    assert b"".join(pieces) == NEW


@settings(max_examples=400)
@given(data=st.data())
def test_garbage_makes_the_right_bytes_or_is_refused(data: st.DataObject) -> None:
    """A changed delta may still be one, of other bytes: those the hash refuses. More than the length comes never."""
    right = bsdiff4.diff(OLD[:2000], NEW[:2000])
    spoilt = bytearray(right)
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoilt)))
    for delta in (bytes(spoilt), bytes(spoilt[:cut]), right[:32] + data.draw(st.binary(max_size=200))):
        assert made_by(OLD[:2000], delta, 2000) in (2000, None)


@given(content=st.binary(max_size=300))
def test_anything_else_is_refused(content: bytes) -> None:
    assert code_of(OLD, content, 10) == "delta-unusable"
    assert code_of(OLD, b"BSDIFF40" + content, 10) == "delta-unusable"


NUMBERS = st.one_of(st.integers(-3, 40), st.integers(-(2**62), 2**62))


@given(steps=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=6), blocks=st.binary(max_size=60))
def test_any_steps_make_as_much_as_they_must_or_are_refused(steps: list[tuple[int, int, int]], blocks: bytes) -> None:
    assert made_by(OLD[:50], delta_of(steps, blocks, blocks, 60), 60) in (60, None)


def test_each_way_of_being_wrong_is_named() -> None:
    for steps, why in (
        ([(20, 0, 0)], "more than it must"),
        ([(-1, 0, 0)], "more than it must"),
        ([(0, -1, 0)], "more than it must"),
        ([(0, 0, -1), (10, 0, 0)], "beyond the old version"),
        ([(0, 0, 45), (10, 0, 0)], "beyond the old version"),
        ([(0, 10, 0)], "a block ends too early"),
        ([(1, 0, 0)], "a block ends too early"),
    ):
        with pytest.raises(PeerError, match=why):
            apply(OLD[:50], delta_of(steps, bytes(20), b"", 10), 10)
    with pytest.raises(PeerError, match="makes 11 bytes, not 10"):
        apply(OLD, delta_of([], made=11), 10)
    with pytest.raises(PeerError, match="can't be inflated"):
        apply(OLD, delta_of([], made=10)[:32] + bytes(100), 10)


def test_bytes_are_added_without_carry() -> None:
    old, new = bytes([255, 1, 128, 127]), bytes([1, 0, 127, 128])
    difference = bytes((b - a) % 256 for a, b in zip(old, new, strict=True))
    assert apply(old, delta_of([(4, 0, 0)], difference, made=4), 4) == new


def test_steps_that_lead_nowhere_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 1000)
    with pytest.raises(PeerError, match="too many steps"):
        apply(OLD, delta_of([(0, 0, 0)] * 2000, made=10), 10)
    assert apply(OLD, delta_of([(0, 0, 0)] * 999 + [(10, 0, 0)], bytes(10), made=10), 10) == OLD[:10]


def test_a_bomb_is_stopped_at_the_full_length_and_eats_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 20 MB in some hundred bytes; the library alone would inflate them whole."""
    zeros = bytes(20_000_000)
    bomb = delta_of([(1000, 1000, 0)], zeros, zeros, 2000)
    control = compress(zeros)
    steps = b"BSDIFF40" + number(len(control)) + number(14) + number(2000) + control + compress(b"") * 2
    del zeros
    assert max(len(bomb), len(steps)) < 1000
    monkeypatch.setattr(module, "MOST_STEPS", 10_000)
    start()
    assert apply(OLD, bomb, 2000) == OLD[:1000] + bytes(1000)
    assert code_of(OLD, steps, 2000) == "delta-unusable"
    peak = get_traced_memory()[1]
    stop()
    assert peak < 2_000_000
