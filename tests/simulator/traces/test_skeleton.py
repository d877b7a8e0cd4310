from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from pcm_agent.errors import LocalError
from simulator.scenario.loader import LoadedScenario, load_scenario, parse_scenario
from simulator.scenario.model import duration
from simulator.session import Outcome
from simulator.trace import domain_events
from simulator.traces.reading import TraceFile, read
from simulator.traces.skeleton import skeleton, written_span
from tests.simulator.traces.conftest import STORIES

RunVirtual = Callable[..., Outcome]
Steps = Callable[[str], LoadedScenario]
REPEATABLE = ("key-memory", "menus-in-three-languages", "never-downloaded", "wrong-pin")
"""Of the others, those in which everything that is done is told by an event."""
EVERYTHING = """
  - do: {connect_phone: Hanako's phone}
  - do: {start_carplay: {phone: Hanako's phone, over: wireless}}
  - do: {end_carplay: now}
  - do: {disconnect_phone: now}
  - do: {battery: 70}
  - do: {radio: {access: none}}
  - do: {radio: {access: edge, country: CH}}
  - do: {insert_sim: {country: DE, pin: "4711", puk: "47114711"}}
  - do: {sim_pin: {pin: "1", store: true}}
  - do: {sim_puk: {puk: "1", new_pin: "2"}}
  - do: {apn: internet.example.com}
  - do: {remove_sim: now}
  - do: {way_order: [embedded-sim, hotspot]}
  - do: {scan_hotspots: now}
  - do: {join_hotspot: {ssid: "A: b", password: sunflower}}
  - do: {app: connected}
  - do: {app: disconnected}
  - do: {theft_sensor: glass}
  - do: {key: "1"}
  - do: {setting: {name: seats, value: "no"}}
  - do: {join_device: {name: Phone, platform: ios}}
  - do: {leave_device: Phone}
  - do: {use_data: {purpose: music, size: 5 MB}}
  - do: {map_update: {version: "2026.1", size: 3 kB}}
  - do: {pairing_code: "12345678"}
"""


@pytest.mark.parametrize("name", STORIES)
def test_a_shipped_story_is_told_again_by_its_skeleton(
    name: str, traced: Callable[..., TraceFile], run_virtual: RunVirtual
) -> None:
    trace = traced(load_scenario(name))
    outcome = run_virtual(parse_scenario(skeleton(trace), "skeleton.pcm.yaml"))
    assert outcome.verdicts[0].failures == []
    assert outcome.verdicts[0].held > 5
    assert domain_events(outcome.records) == domain_events(trace.records)


@pytest.mark.parametrize("name", REPEATABLE)
def test_what_events_tell_whole_is_told_again(
    name: str, traced: Callable[..., TraceFile], run_virtual: RunVirtual
) -> None:
    trace = traced(load_scenario(name))
    outcome = run_virtual(parse_scenario(skeleton(trace), "skeleton.pcm.yaml"))
    assert outcome.passed
    assert domain_events(outcome.records) == domain_events(trace.records)


def test_all_that_a_driver_does_comes_back_as_it_was(traced: Callable[..., TraceFile], steps: Steps) -> None:
    loaded = steps(EVERYTHING)
    text = skeleton(traced(loaded))
    again = parse_scenario(text, "skeleton.pcm.yaml").scenario
    done = [next(iter(doing)) for step in again.steps if (doing := given(step.do))]
    assert [name for name in done if name != "wait"] == [next(iter(given(step.do))) for step in loaded.scenario.steps]
    assert "4711" not in text
    assert "sunflower" not in text


def given(part: msgspec.Struct | None) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(part) if part else {}
    return {key: value for key, value in plain.items() if value is not None}


def test_a_skeleton_is_about_one_car_of_a_trace_of_this_format(
    traced: Callable[..., TraceFile], tmp_path: Path
) -> None:
    trace = traced(*map(load_scenario, STORIES))
    second = [record.car for record in trace.records if record.kind == "car"][1]
    assert f"vin: {second}" in skeleton(trace, second)
    with pytest.raises(LocalError, match="WP0ZZZY1ZPSA00009 has nothing done") as caught:
        skeleton(trace, "WP0ZZZY1ZPSA00009")
    assert caught.value.code == "trace-not-replayable"
    older = tmp_path / "older.jsonl"
    older.write_text(trace.path.read_text("utf-8").replace('"format":', '"format":9', 1), encoding="utf-8")
    with pytest.raises(LocalError, match="has format 9"):
        skeleton(read(older))


def test_a_car_that_was_there_before_begins_as_a_new_one_and_that_is_said(traced: Callable[..., TraceFile]) -> None:
    trace = traced(load_scenario("cayenne-roaming"))
    car = trace.records[1]
    lived = msgspec.structs.replace(car, data={**car.data, "state": {}})
    records = [lived if record is car else record for record in trace.records]
    assert "it begins as a new one" in skeleton(trace._replace(records=records))
    assert "it begins as a new one" not in skeleton(trace)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=10), "10 min"),
        (timedelta(hours=36), "36 h"),
        (timedelta(days=28), "28 d"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(seconds=1.5), "1.5 s"),
        (timedelta(microseconds=1), "0.000001 s"),
        (timedelta(days=40, microseconds=500_000), "40.000005787037 d"),
    ],
)
def test_a_wait_is_written_as_a_scenario_has_it(span: timedelta, text: str) -> None:
    assert written_span(span) == text
    assert abs(duration(text) - span) < timedelta(microseconds=2)
