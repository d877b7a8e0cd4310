"""Reads traces of any version: strictly those of this one, as far as it goes those of others.

What a crash has cut off is left out, and said; a line that is broken in the middle is an error.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pcm_agent.errors import LocalError, TransportError
from simulator.trace import FORMAT, Record

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of what bears none, and follows nothing that does."""
LASTING = frozenset(("virtual", "live"))
"""Modes of runs that come to an end of their own; all others are stopped whenever somebody wants."""


class TraceFile(NamedTuple):
    """A trace that was read.

    Attributes:
        path: where it stands.
        format: what its first record says; None: it says none.
        records: record n stands in line n + 1.
        cut_off: the last line, of which only a part is there; None: all are whole.
    """

    path: Path
    format: int | None
    records: list[Record]
    cut_off: int | None = None

    @property
    def current(self) -> bool:
        """Whether it has the form that this version writes."""
        return self.format == FORMAT

    @property
    def stopped(self) -> bool:
        """Whether it may end in the middle of something."""
        return self.cut_off is not None or self.records[0].data.get("mode") not in LASTING

    def line(self, record: Record) -> str:
        """Where a record stands, as editors and compilers write it."""
        return f"{self.path}:{self.records.index(record) + 1}"

    @property
    def problem(self) -> str:
        """Why it is not read as a trace of this version; "" where it is."""
        if self.current:
            return ""
        said = "says no format" if self.format is None else f"has format {self.format}"
        return f"{self.path} {said}, this version reads and writes format {FORMAT}"

    def check(self) -> None:
        """Let a trace of this version pass.

        Raises:
            LocalError: `trace-format-unknown`, with both numbers and what can be done.
        """
        if not self.current:
            offer = "`pcm-sim trace` shows and filters it, but it can't be replayed"
            raise LocalError("trace-format-unknown", f"{self.problem}; {offer}")


def read(path: Path) -> TraceFile:
    """The trace in a file.

    Raises:
        TransportError: `trace-unreadable`, with the line.
    """
    lines = _lines(path)
    cut_off = None if _is_json(lines[-1]) or len(lines) == 1 else len(lines)
    whole = lines[:-1] if cut_off else lines
    version = _format(path, whole[0])
    read_all = _strictly if version == FORMAT else _leniently
    return TraceFile(path, version, read_all(path, whole), cut_off)


def _lines(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise TransportError("trace-unreadable", f"{path}: {error.strerror}") from error
    if not lines[-1]:
        del lines[-1]
    if not lines:
        raise TransportError("trace-unreadable", f"{path} is empty")
    return lines


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _format(path: Path, line: bytes) -> int | None:
    """The format that the first record names; it is read without any of what may differ."""
    plain = _plain(path, 1, line)
    data = plain.get("data")
    found = data.get("format") if plain.get("kind") == "run" and isinstance(data, dict) else None
    return found if isinstance(found, int) else None


def _plain(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TransportError("trace-unreadable", f"{path}:{number}: no line of a trace: {error}") from error


def _strictly(path: Path, lines: list[bytes]) -> list[Record]:
    decoder = msgspec.json.Decoder(Record)
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TransportError("trace-unreadable", f"{path}:{number}: no line of a trace: {error}") from error
    return records


def _leniently(path: Path, lines: list[bytes]) -> list[Record]:
    """Records made of the fields that are there and are what they should be."""
    records: list[Record] = []
    for number, line in enumerate(lines, start=1):
        records.append(_record(_plain(path, number, line), number, records[-1].time if records else LONG_AGO))
    return records


def _record(plain: dict[str, Any], number: int, now: datetime) -> Record:
    data, cause = plain.get("data"), plain.get("cause")
    seq = plain.get("seq")
    return Record(
        seq=seq if isinstance(seq, int) else number - 1,
        time=_time(plain.get("time"), now),
        car=str(plain.get("car", "")),
        kind=str(plain.get("kind", "?")),
        name=str(plain.get("name", "")),
        data=data if isinstance(data, dict) else {},
        cause=cause if isinstance(cause, int) else None,
    )


def _time(found: object, otherwise: datetime) -> datetime:
    try:
        time = msgspec.convert(found, datetime)
    except msgspec.ValidationError:
        return otherwise
    return time if time.tzinfo else time.replace(tzinfo=UTC)
