from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pcm_agent.core import rules, settling
from pcm_agent.errors import LocalError
from simulator.scenario.loader import LoadedScenario, load_scenario, parse_scenario
from simulator.trace import FORMAT, Record
from simulator.traces.reading import TraceFile
from simulator.traces.replay import Replay, replay
from tests.simulator.traces.conftest import STORIES

Steps = Callable[[str], LoadedScenario]
STORY = "cayenne-roaming"
WITH_SECRETS = """
  - do: {register: {porsche_id: eva@example.com, password: sunflower-4712}}
  - do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {session: open}
  - do: {log_in: {porsche_id: max@example.com, password: sunflower-4711, security_code: "4711"}}
  - expect: {account: unlinked}
  - do: {menu: {path: [Settings, Account, Account settings], enter: [eva@example.com, sunflower-4712]}}
  - expect: {account: linked}
  - do: {menu: {path: [Settings, Account, Account settings], enter: [one, two, three, four]}}
  - expect: {refused: menu-entry-wrong}
  - do: {menu: [Settings, Account, Nowhere]}
  - expect: {refused: menu-path-unknown}
"""
FORMS = """version: 1
title: Secrets of the wrong form
car: {profile: cayenne-gen3, country: DE}
steps:
  - do: {ignition: "on"}
  - do: {pairing_code: "4711"}
  - expect: {refused: pairing-code-malformed}
  - do: {join_hotspot: {ssid: Phone, password: short}}
  - expect: {refused: password-too-short}
  - do: {join_hotspot: {ssid: Phone, password: sunflower}}
  - do: {sim_pin: {pin: "4711"}}
"""


def of(records: list[Record], *, cut_off: int | None = None) -> TraceFile:
    return TraceFile(Path("t.jsonl"), FORMAT, records, cut_off)


def changed(record: Record, **data: object) -> Record:
    return msgspec.structs.replace(record, data={**record.data, **data})


def place(result: Replay) -> Record:
    assert result.difference is not None
    return result.difference.at


@pytest.mark.parametrize("name", STORIES)
def test_what_is_shipped_replays_without_a_difference(name: str, traced: Callable[..., TraceFile]) -> None:
    trace = traced(load_scenario(name))
    result = replay(trace)
    assert result.difference is None
    assert not result.unfinished
    assert result.events >= sum(record.kind == "event" for record in trace.records) > 5
    assert result.messages > 5


def test_several_cars_of_one_trace_are_replayed_side_by_side(traced: Callable[..., TraceFile]) -> None:
    result = replay(traced(*map(load_scenario, STORIES)))
    assert (result.difference, len(result.cars)) == (None, len(STORIES))


def test_secrets_have_stand_ins(traced: Callable[..., TraceFile], steps: Steps) -> None:
    result = replay(traced(steps(WITH_SECRETS)))
    assert (result.difference, result.stood_in) == (None, 3)


def test_stand_ins_have_the_form_that_was_judged(traced: Callable[..., TraceFile]) -> None:
    result = replay(traced(parse_scenario(FORMS, "forms.pcm.yaml")))
    assert (result.difference, result.stood_in) == (None, 4)


# --- a core that was changed ---


def test_a_rule_that_is_gone_is_found_where_it_first_matters(
    traced: Callable[..., TraceFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = traced(load_scenario(STORY))
    kept = tuple(rule for rule in rules.VEHICLE_RULES if rule.name != "roaming follows the registration")
    monkeypatch.setattr(settling, "VEHICLE_RULES", kept)
    result = replay(trace)
    first = next(record for record in trace.records if record.kind == "transition" and record.name == "roaming")
    assert place(result) is first
    assert result.difference is not None
    assert result.difference.expected == "transition roaming: home → barred, cause: RoamingChanged"
    assert result.difference.found != result.difference.expected
    abroad = result.difference.history[-1]
    assert (abroad.name, abroad.data["country"], first.cause) == ("CellChanged", "CH", abroad.seq)


def test_what_the_core_does_beyond_the_record_is_found_at_the_event(
    traced: Callable[..., TraceFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    records = traced(load_scenario(STORY)).records
    unlocked = next(record for record in records if record.name == "account-linked")
    result = replay(of([record for record in records if record is not unlocked]))
    assert result.difference is not None
    assert (place(result).seq, result.difference.expected) == (unlocked.cause, "nothing")
    assert result.difference.found == "shown account-linked porsche_id: max@example.com"


def test_a_core_that_fails_is_a_difference_at_the_event(
    traced: Callable[..., TraceFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = traced(load_scenario(STORY))

    def fails(_: object, __: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("pcm_agent.core.vehicle.status_symbol", fails)
    result = replay(trace)
    assert place(result).name == "PcmStarted"
    assert result.difference is not None
    assert result.difference.found == "ZeroDivisionError: a mistake"


def test_an_event_that_this_version_does_not_know_is_a_difference(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY)).records
    first = next(record for record in records if record.kind == "event" and record.name == "CellChanged")
    for other, said in (
        (msgspec.structs.replace(first, name="CellDreamt"), "there is no such event"),
        (changed(first, access="7g"), "Invalid enum value '7g'"),
    ):
        result = replay(of([other if record is first else record for record in records]))
        assert place(result) is other
        assert result.difference is not None
        assert said in result.difference.found


# --- messages ---


def durable(records: list[Record]) -> Record:
    return next(record for record in records if record.kind == "sent" and record.name.endswith("/event/connection"))


def test_a_message_that_the_core_does_not_say_is_a_difference(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY)).records
    sent = durable(records)
    other = changed(sent, body={**sent.data["body"], "symbol": "E"})
    result = replay(of([other if record is sent else record for record in records]))
    assert place(result) is other
    assert result.difference is not None
    assert '"symbol":"E"' in result.difference.expected
    assert '"symbol":"LTE"' in result.difference.found


def test_a_message_that_was_not_sent_is_a_difference_at_the_next_one(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY)).records
    sent = durable(records)
    result = replay(of([record for record in records if record is not sent]))
    assert (place(result).kind, place(result).seq > sent.seq) == ("sent", True)
    assert result.difference is not None
    assert result.difference.found.startswith("to be sent: pcm/event/connection")


def test_a_state_that_is_not_the_cars_is_a_difference_in_its_fields(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY)).records
    sent = next(record for record in records if record.kind == "sent" and record.name.endswith("/state"))
    other = changed(sent, body={**sent.data["body"], "lock": "ajar"})
    result = replay(of([other if record is sent else record for record in records]))
    assert result.difference is not None
    assert result.difference.expected == 'sent {"lock":"ajar"}'
    assert result.difference.found == 'to be sent: {"lock":"locked"}'


# --- traces that are not whole ---


@pytest.mark.parametrize("mode", ["virtual", "agent"])
def test_what_is_cut_off_is_replayed_as_far_as_it_goes(
    mode: str, traced: Callable[..., TraceFile], tmp_path: Path
) -> None:
    records = traced(load_scenario(STORY)).records
    first = next(record.seq for record in records if record.kind == "transition" and record.name == "connection")
    run = changed(records[0], mode=mode)
    result = replay(of([run, *records[1:first]], cut_off=first + 1 if mode == "virtual" else None))
    assert result.difference is None
    assert result.unfinished == [records[first - 1]]
    assert result.events == sum(record.kind == "event" for record in records[:first])


def test_a_process_that_was_killed_may_have_told_less_than_came_of_its_last_event(
    traced: Callable[..., TraceFile],
) -> None:
    records = traced(load_scenario("power-cut")).records
    again = next(record.seq for record in records if record.kind == "car" and "state" in record.data)
    last = max(record.seq for record in records[:again] if record.kind in ("transition", "shown"))
    event = max(record.seq for record in records[:last] if record.kind == "event")
    result = replay(of([record for record in records if record.seq not in range(last, again)]))
    assert result.difference is None
    assert result.unfinished == [records[event]]
    earlier = next(record for record in records if record.kind == "shown")
    assert replay(of([record for record in records if record is not earlier])).difference is not None


def test_a_run_that_ended_by_itself_lacks_nothing(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY)).records
    first = next(record.seq for record in records if record.kind == "transition" and record.name == "connection")
    result = replay(of(records[:first]))
    assert result.difference is not None
    assert result.difference.expected == "nothing"


def test_events_before_the_record_of_their_car_are_left_out(traced: Callable[..., TraceFile]) -> None:
    records = traced(load_scenario(STORY), load_scenario("in-car-hotspot")).records
    car = next(record for record in records if record.kind == "car")
    result = replay(of([record for record in records if record is not car]))
    assert result.difference is None
    assert (set(result.left_out), len(result.cars)) == ({car.car}, 1)
    with pytest.raises(LocalError, match="no car in it") as caught:
        replay(of([record for record in records if record.kind != "car"]))
    assert caught.value.code == "trace-not-replayable"


@pytest.mark.parametrize(("key", "value"), [("country", None), ("state", {"vin": 1}), ("country", "ZZ")])
def test_a_car_that_cannot_be_made_is_an_error(key: str, value: object, traced: Callable[..., TraceFile]) -> None:
    records = [
        changed(record, **{key: value}) if record.kind == "car" else record
        for record in traced(load_scenario(STORY)).records
    ]
    with pytest.raises(LocalError) as caught:
        replay(of(records))
    assert caught.value.code in ("trace-car-unusable", "country-unknown")
