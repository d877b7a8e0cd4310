"""What fails has a lane of its own, and a car without power has no states."""

from collections.abc import Callable

import pytest

from simulator.report.figure import draw
from simulator.report.lanes import Lane, columns_of, lanes_of
from simulator.report.story import Story, scenarios_of
from simulator.scenario.loader import LoadedScenario, load_scenario, parse_scenario
from simulator.session import Outcome
from simulator.trace import Record

TWO = """\
version: 1
title: Two cars
cars:
  a: {profile: taycan, country: JP}
  b: {profile: taycan, country: JP}
steps:
- {car: a, do: {ignition: "on"}}
- {car: a, do: {power: cut}}
- {car: a, do: {FAULT}}
- {car: a, do: {wait: 1 h}}
- {car: b, do: {END}}
- {car: b, do: {power: cut}}
- {car: a, do: {wait: 1 h}}
"""
Steps = Callable[[str], LoadedScenario]
RunVirtual = Callable[..., Outcome]


def lanes(outcome: Outcome) -> dict[str, Lane]:
    (scenario,) = scenarios_of(outcome.records)
    return {lane.key: lane for lane in lanes_of(columns_of(scenario.records))}


def faults(outcome: Outcome) -> list[Record]:
    return [record for record in outcome.records if record.kind == "fault"]


@pytest.mark.parametrize(
    ("actions", "states"),
    [
        ("power: cut|power: back", ["no power", ""]),
        ("broker: down|broker: up|broker: restarted", ["down", "", "restarted"]),
        ("backend: crashed|backend: started", ["crashed", ""]),
        ("backend: crashes-at-next-message|backend: started", ["crashes at next message", ""]),
        ("disk: full|disk: slow|disk: well", ["full", "slow", ""]),
        ("clock: {ahead: 2 h}|clock: right", ["ahead 2 h", ""]),
        ("link: cut|link: restored", ["cut", ""]),
        (
            "link: {way: hotspot, cut: true}|link: {way: embedded-sim, latency: 2 s, loss: 5}|link: {way: hotspot}",
            ["hotspot cut", "embedded late and lossy, hotspot cut", "embedded late and lossy"],
        ),
        ("messages: {to: car, doubled: 2}", ["to the car, 2 doubled"]),
        ("corrupt_next_download: now", ["bit turned over"]),
    ],
)
def test_each_fault_is_told_with_what_it_is_like(
    actions: str, states: list[str], steps: Steps, run_virtual: RunVirtual
) -> None:
    done = ['ignition: "on"', "wait: 1 s", *actions.split("|"), "wait: 1 s"]
    outcome = run_virtual(steps("".join(f"- do: {{{action}}}\n" for action in done)))
    assert outcome.passed, outcome.verdicts[0].failures
    assert [record.data["state"] for record in faults(outcome)] == states
    assert {record.name for record in faults(outcome)} == {actions.partition(":")[0]}
    assert all(record.data["text"] for record in faults(outcome))


def test_what_could_not_be_done_is_no_fault(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome = run_virtual(steps("- do: {power: back}\n"))
    assert not outcome.passed
    assert faults(outcome) == []


def test_it_is_told_before_what_comes_of_it(run_virtual: RunVirtual) -> None:
    records = run_virtual(load_scenario("broker-gone")).records
    down = next(number for number, record in enumerate(records) if record.kind == "fault")
    assert records[down - 1].kind == "step"
    assert records[down + 1].name == "car-offline"


def test_a_car_without_power_has_a_gap(run_virtual: RunVirtual) -> None:
    found = lanes(run_virtual(load_scenario("power-cut")))
    assert found["fault power"].name == "fault: power"
    assert list(found)[:2] == ["fault link", "fault power"], "they stand first"
    assert [(span.state, span.tone) for span in found["fault power"].spans] == [("no power", "bad")] * 2
    assert [span.state for span in found["fault link"].spans] == ["slow"]
    for gap in found["fault power"].spans:
        for lane in found.values():
            covers = [span for span in lane.spans if span.first < gap.end and span.end > gap.first]
            assert lane.key.startswith("fault ") or not covers, lane.key
    ignition = found["ignition"].spans
    assert [span.state for span in ignition] == ["off", "on", "on", "off", "off"]
    assert ignition[1].end == found["fault power"].spans[0].first
    assert ignition[2].first == found["fault power"].spans[0].end


@pytest.mark.parametrize(("fault", "end"), [("broker: down", "broker: up"), ("backend: crashed", "backend: started")])
def test_what_all_cars_have_fails_in_one_lane_whichever_car_a_step_names(
    fault: str, end: str, run_virtual: RunVirtual
) -> None:
    outcome = run_virtual(parse_scenario(TWO.replace("FAULT", fault).replace("END", end), "test.pcm.yaml"))
    (scenario,) = scenarios_of(outcome.records)
    columns = columns_of(scenario.records)
    found = [lane for lane in lanes_of(columns) if lane.key.startswith("fault ")]
    a, b = (car["vin"] for car in scenario.data["cars"].values())
    assert [(lane.car, lane.name) for lane in found if lane.key != "fault power"] == [
        ("", f"fault: {fault.partition(':')[0]}")
    ]
    assert sorted(lane.car for lane in found if lane.key == "fault power") == sorted((a, b))
    (span,) = found[0].spans
    texts = [[record.data["text"] for record in columns[index].of("step")] for index in (span.first, span.end)]
    assert texts == [[fault], [end]]


def test_the_lab_has_its_rows_above_those_of_the_cars(run_virtual: RunVirtual) -> None:
    text = TWO.replace("FAULT", "broker: down").replace("END", "broker: up")
    records = run_virtual(parse_scenario(text, "test.pcm.yaml")).records
    story = Story.of(records, {}, lambda *_: "")
    labels = [label.text for label in draw(story, story.scenarios[0]).labels if label.kind in ("car", "lane")]
    vins = [car["vin"] for car in story.scenarios[0].data["cars"].values()]
    assert labels[:2] == ["the lab", "fault: broker"]
    assert [label for label in labels if label in ("the lab", *vins)] == ["the lab", *vins]
