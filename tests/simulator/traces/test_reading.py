from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pcm_agent.errors import LocalError, TransportError
from simulator.scenario.loader import load_scenario
from simulator.trace import FORMAT
from simulator.traces.reading import LONG_AGO, TraceFile, read

RUN = '{"seq":0,"time":"2026-03-02T08:00:00Z","car":"","kind":"run","name":"run","data":{"format":%d}}'
NOTE = '{"seq":1,"time":"2026-03-02T08:00:01Z","car":"","kind":"note","name":"n","data":{}}'


def written(tmp_path: Path, *lines: str, end: str = "\n") -> TraceFile:
    path = tmp_path / "trace.jsonl"
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return read(path)


def test_a_trace_is_read_as_it_was_written(traced: Callable[..., TraceFile]) -> None:
    trace = traced(load_scenario("cayenne-roaming"))
    assert (trace.format, trace.current, trace.cut_off, trace.stopped) == (FORMAT, True, None, False)
    assert [record.seq for record in trace.records] == list(range(len(trace.records)))
    assert trace.line(trace.records[6]) == f"{trace.path}:7"


@pytest.mark.parametrize("kept", [1, 40, 79])
def test_the_last_line_may_be_cut_off(tmp_path: Path, kept: int) -> None:
    trace = written(tmp_path, RUN % FORMAT, NOTE, NOTE[:kept], end="")
    assert (len(trace.records), trace.cut_off, trace.stopped) == (2, 3, True)


def test_a_line_that_lacks_only_its_end_is_whole(tmp_path: Path) -> None:
    trace = written(tmp_path, RUN % FORMAT, NOTE, end="")
    assert (len(trace.records), trace.cut_off) == (2, None)


def test_what_only_another_version_writes_is_no_error(tmp_path: Path) -> None:
    trace = written(tmp_path, RUN % FORMAT, NOTE.replace("note", "dream"), NOTE.replace("{}}", '{},"mood":"good"}'))
    assert [record.kind for record in trace.records] == ["run", "dream", "note"]


@pytest.mark.parametrize("line", ["{", "", "[]", '{"seq": 1}', NOTE.replace("2026-03-02T08:00:01Z", "now")])
def test_a_line_that_is_broken_in_the_middle_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(TransportError, match=r"trace\.jsonl:2: ") as caught:
        written(tmp_path, RUN % FORMAT, line, NOTE)
    assert caught.value.code == "trace-unreadable"


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), ("\x89PNG", ":1: "), ("[1]\n{}", ":1: ")])
def test_what_is_no_trace_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TransportError, match=said):
        written(tmp_path, text, end="")
    with pytest.raises(TransportError, match="No such file"):
        read(tmp_path / "none.jsonl")


def test_of_another_format_the_fields_are_read_that_are_there(tmp_path: Path) -> None:
    trace = written(
        tmp_path,
        RUN % 99,
        NOTE.replace('"seq":1,', "").replace("{}}", '{},"cause":0}'),
        '{"time":5,"kind":"note","data":[],"cause":"x"}',
        '{"time":"2027-01-01T00:00:00"}',
    )
    assert (trace.format, trace.current) == (99, False)
    found = [(it.seq, it.kind, it.name, it.data, it.cause) for it in trace.records[1:]]
    assert found == [(1, "note", "n", {}, 0), (2, "note", "", {}, None), (3, "?", "", {}, None)]
    assert trace.records[2].time == trace.records[1].time
    assert trace.records[3].time == datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(LocalError, match=f"has format 99, this version reads and writes format {FORMAT}") as caught:
        trace.check()
    assert caught.value.code == "trace-format-unknown"


def test_without_a_first_record_of_a_run_no_format_is_known(tmp_path: Path) -> None:
    trace = written(tmp_path, msgspec.json.encode({"kind": "note"}).decode())
    assert (trace.format, trace.records[0].time) == (None, LONG_AGO)
    assert "says no format" in trace.problem
