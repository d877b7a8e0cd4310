import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pcm_agent.core import rules, settling
from simulator.scenario.loader import load_scenario
from simulator.traces.reading import TraceFile
from tests.simulator.conftest import Ended

PcmSim = Callable[..., Ended]


@pytest.fixture
def trace(traced: Callable[..., TraceFile]) -> TraceFile:
    return traced(load_scenario("cayenne-roaming"))


def rewrite(trace: TraceFile, change: Callable[[str], str], name: str = "changed.jsonl") -> Path:
    path = trace.path.with_name(name)
    path.write_text(change(trace.path.read_text("utf-8")), encoding="utf-8")
    return path


def of_format_9(text: str) -> str:
    return text.replace('"format":2', '"format":9', 1)


# --- replay ---


def test_replay_says_that_there_is_no_difference(trace: TraceFile, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("replay", trace.path)
    assert ended.status == 0
    assert "2 events with secrets, which a trace masks: replayed with stand-ins\n" in ended.out
    assert ended.out.endswith("messages compared: no difference\n")


def test_replay_shows_the_first_difference_and_what_led_there(
    trace: TraceFile, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tuple(rule for rule in rules.VEHICLE_RULES if rule.name != "roaming follows the registration")
    monkeypatch.setattr(settling, "VEHICLE_RULES", kept)
    ended = pcm_sim("replay", trace.path)
    first = next(record for record in trace.records if (record.kind, record.name) == ("transition", "roaming"))
    lines = ended.out.splitlines()
    assert ended.status == 1
    assert lines[0] == f"{trace.path}:{first.seq + 1}: 2026-03-02 08:00:01.500, {first.car}"
    assert lines[1] == "  on record: transition roaming: home → barred, cause: RoamingChanged"
    assert lines[2].startswith("  now:       ")
    assert lines[3] == "what led there:"
    assert "step 9 “The car crosses the border into Switzerland, with roaming off.”" in ended.out
    assert "event CellChanged country: CH, access: lte" in ended.out
    assert lines[-1].endswith("the first difference is above")
    found = json.loads(pcm_sim("replay", trace.path, "--format", "json").out)["difference"]
    assert (found["line"], found["car"]) == (first.seq + 1, first.car)


def test_replay_goes_as_far_as_a_trace_that_was_cut_off(trace: TraceFile, pcm_sim: PcmSim) -> None:
    half = rewrite(trace, lambda text: text[: len(text) // 2])
    ended = pcm_sim("replay", half)
    assert ended.status == 0
    line = len(half.read_bytes().splitlines())
    assert f"the trace is cut off in line {line}; it was replayed up to there" in ended.out


def test_replay_says_where_a_trace_ends_within_an_event(trace: TraceFile, pcm_sim: PcmSim) -> None:
    event = next(record.seq for record in trace.records if record.name == "RoamingEnabled")
    ended = pcm_sim("replay", rewrite(trace, lambda text: "".join(text.splitlines(keepends=True)[: event + 1]) + "{"))
    assert ended.status == 0
    assert f"the trace ends within what came of the event in line {event + 1}" in ended.out


def test_replay_leaves_out_events_of_a_car_that_is_not_told(trace: TraceFile, pcm_sim: PcmSim) -> None:
    lines = trace.path.read_text("utf-8").splitlines(keepends=True)
    twice = [*lines, *(line.replace(trace.records[1].car, "WP0ZZZY1ZPSA00001") for line in lines[2:])]
    ended = pcm_sim("replay", rewrite(trace, lambda _: "".join(twice)))
    assert "of WP0ZZZY1ZPSA00001, since the trace does not say before them what car it is" in ended.out


def test_replay_refuses_a_trace_of_another_format(trace: TraceFile, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("replay", rewrite(trace, of_format_9))
    assert ended.status == 2
    assert "has format 9, this version reads and writes format 2" in ended.err
    assert "`pcm-sim trace` shows and filters it" in ended.err
    assert "trace-format-unknown" in ended.err


@pytest.mark.parametrize("command", ["replay", "trace"])
def test_what_is_no_trace_is_status_3(command: str, pcm_sim: PcmSim, tmp_path: Path) -> None:
    ended = pcm_sim(command, tmp_path / "none.jsonl")
    assert (ended.status, "trace-unreadable" in ended.err) == (3, True)


# --- trace ---


def test_trace_shows_a_timeline_as_the_run_did(trace: TraceFile, pcm_sim: PcmSim) -> None:
    ran = pcm_sim("run", "cayenne-roaming", "--virtual").out
    shown = pcm_sim("trace", trace.path)
    assert shown.status == 0
    assert ran.startswith(shown.out)


def test_trace_filters_what_it_shows(trace: TraceFile, pcm_sim: PcmSim) -> None:
    car = trace.records[1].car
    only = pcm_sim("trace", trace.path, "--name", "*Changed", "--car", car[-4:], "--format", "lines").out.splitlines()
    assert [line.split(" event ")[1] for line in only] == [
        "CellChanged country: DE, access: lte",
        "CellChanged country: CH, access: lte",
    ]
    assert pcm_sim("trace", trace.path, "--car", "nobody").out == ""
    late = pcm_sim("trace", trace.path, "--from", "08:20", "--to", "08:21").out
    assert "the driver switches roaming on" in late
    assert "pairing code" not in late
    assert "→ pcm/v1/" in pcm_sim("trace", trace.path, "--kind", "sent").out


@pytest.mark.parametrize("form", ["timeline", "lines", "json"])
@pytest.mark.parametrize("wanted", [("--name", "Foo*"), ("--car", "XYZ"), ("--kind", "fault"), ("--from", "23:00")])
def test_trace_says_what_there_is_where_nothing_matches(
    trace: TraceFile, pcm_sim: PcmSim, wanted: tuple[str, str], form: str
) -> None:
    ended = pcm_sim("trace", trace.path, *wanted, "--format", form)
    (vin,) = {record.car for record in trace.records if record.kind == "car"}
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.startswith(f"no record matches; cars: {vin}; kinds: run, ")
    assert "; from 2026-03-02 08:00:00 to 2026-03-02 08:" in ended.err


def test_trace_refuses_a_kind_that_no_trace_has(trace: TraceFile, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("trace", trace.path, "--kind", "transitoin")
    assert (ended.status, ended.out) == (2, "")
    assert "there is no kind of record 'transitoin'; did you mean 'transition'?; there are: run, car, " in ended.err
    assert "kind-unknown" in ended.err


def test_trace_follows_causes_both_ways(trace: TraceFile, pcm_sim: PcmSim) -> None:
    barred = next(it for it in trace.records if (it.kind, it.name) == ("transition", "roaming"))
    event = next(it for it in trace.records if it.seq == barred.cause)
    lines = pcm_sim("trace", trace.path, "--cause", str(barred.seq)).out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [str(event.cause), str(event.seq), str(barred.seq)]
    shown = pcm_sim("trace", trace.path, "--cause", str(barred.cause)).out.splitlines()
    assert len(shown) > len(lines)


def test_trace_as_json_is_a_trace_again(trace: TraceFile, pcm_sim: PcmSim, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    again.write_text(pcm_sim("trace", trace.path, "--format", "json").out, encoding="utf-8")
    assert again.read_bytes() == trace.path.read_bytes()


@pytest.mark.parametrize("extra", [(), ("--format", "lines"), ("--format", "timeline"), ("--kind", "event")])
def test_trace_shows_one_of_another_format_as_far_as_it_goes(
    extra: tuple[str, ...], trace: TraceFile, pcm_sim: PcmSim
) -> None:
    ended = pcm_sim(
        "trace", rewrite(trace, lambda text: of_format_9(text) + '{"kind":"dream","data":{"of":"sheep"}}'), *extra
    )
    assert ended.status == 0
    assert "has format 9, this version reads and writes format 2; shown as far as it is understood" in ended.err
    assert ("dream" in ended.out) is ("event" not in extra)


def test_trace_shows_kinds_that_it_does_not_know(trace: TraceFile, pcm_sim: PcmSim) -> None:
    other = rewrite(trace, lambda text: text.replace('"kind":"symbol"', '"kind":"omen"'))
    shown = pcm_sim("trace", other)
    assert shown.status == 0
    assert "? omen LTE {" in shown.out


def test_trace_says_where_it_is_cut_off(trace: TraceFile, pcm_sim: PcmSim) -> None:
    assert "is cut off in line" in pcm_sim("trace", rewrite(trace, lambda text: text[:-20])).err


def test_trace_compares_two(trace: TraceFile, pcm_sim: PcmSim) -> None:
    same = rewrite(trace, lambda text: text.replace("08:00:0", "09:00:0"))
    ended = pcm_sim("trace", trace.path, "--compare", same)
    assert (ended.status, ended.out) == (0, "the same happened in both\n")
    other = rewrite(trace, lambda text: text.replace('"name":"roaming-free"', '"name":"roaming-dear"'))
    ended = pcm_sim("trace", trace.path, "--compare", other)
    assert ended.status == 1
    assert f"{trace.records[1].car}: " in ended.out
    assert "shown roaming-free" in ended.out
    assert "shown roaming-dear" in ended.out
    ended = pcm_sim("trace", rewrite(trace, of_format_9, "nine.jsonl"), "--compare", trace.path)
    assert (ended.status, "compared as far as it is understood" in ended.err) == (0, True)


def test_trace_makes_a_scenario_that_runs(trace: TraceFile, pcm_sim: PcmSim, tmp_path: Path) -> None:
    made = tmp_path / "made.pcm.yaml"
    made.write_text(pcm_sim("trace", trace.path, "--scenario").out, encoding="utf-8")
    assert pcm_sim("run", made, "--virtual", "--quiet").status == 0
    ended = pcm_sim("trace", trace.path, "--scenario", "--car", "nobody")
    assert (ended.status, "car-not-in-trace" in ended.err) == (2, True)
    assert pcm_sim("trace", trace.path, "--scenario", "--car", trace.records[1].car[-5:]).status == 0


def test_a_detail_that_is_long_is_cut_in_a_line(trace: TraceFile, pcm_sim: PcmSim) -> None:
    state = next(record for record in trace.records if record.name.endswith("/state"))
    (line, *_) = pcm_sim(
        "trace", trace.path, "--kind", "sent", "--name", "*/state", "--format", "lines"
    ).out.splitlines()
    assert len(line) < len(msgspec.json.encode(state.data)) < 2000
    assert line.endswith("…")
