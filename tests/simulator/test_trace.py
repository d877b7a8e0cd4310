import errno
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import Symbol
from pcm_agent.errors import TransportError
from pcm_agent.protocol.secret import MASK, Secret
from pcm_agent.transport import Incoming, Outgoing
from simulator.clock import SimClock
from simulator.lab import START
from simulator.scenario.loader import load_scenario
from simulator.session import Outcome
from simulator.trace import DOMAIN, FORMAT, Kind, Record, Trace, domain_events, read_trace
from simulator.under_way import UnderWay
from simulator.watch import AgentWatch

VIN = "WP0ZZZY1ZPSA00001"


@pytest.fixture
def trace() -> Trace:
    return Trace(SimClock(START))


def test_records_are_numbered_and_bear_the_time_of_the_clock() -> None:
    clock = SimClock(START)
    trace = Trace(clock)
    first = trace.add("note", "first")
    clock.jump(START + timedelta(days=28))
    second = trace.add("note", "second", {"text": "t"}, VIN, first)
    assert (first, second) == (0, 1)
    assert trace.records == [
        Record(seq=0, time=START, car="", kind="note", name="first", data={}),
        Record(
            seq=1,
            time=START + timedelta(days=28),
            car=VIN,
            kind="note",
            name="second",
            data={"text": "t"},
            cause=0,
        ),
    ]


def test_listeners_have_every_record_until_they_have_enough(trace: Trace) -> None:
    heard: list[str] = []
    trace.add("note", "before")
    enough = trace.listen(lambda record: heard.append(record.name))
    trace.add("note", "during")
    enough()
    trace.add("note", "after")
    assert heard == ["during"]


def test_a_listener_may_have_enough_while_it_listens(trace: Trace) -> None:
    heard: list[str] = []

    def once(record: Record) -> None:
        heard.append(record.name)
        enough()

    enough = trace.listen(once)
    trace.listen(lambda record: heard.append(f"other {record.name}"))
    trace.add("note", "first")
    trace.add("note", "second")
    assert heard == ["first", "other first", "other second"]


def test_an_event_stands_before_what_came_of_it_and_is_its_cause(trace: Trace) -> None:
    step = trace.add("step", "1")
    effects: list[do.Effect] = [
        do.Transition("package", "paused", "downloading", "DownloadAllowed", "order-1.1"),
        do.Refuse("SimPinEntered", "no-sim", "CON-17"),
        do.Show("package-ready", {"function": "f"}),
        do.ShowSymbol(Symbol("LTE", corner="top-right")),
        do.ShowSymbol(Symbol()),
        do.StopDownload("order-1.1"),
        do.Persist(),
    ]
    number = trace.handled(VIN, on.CarLocked(), effects, step)
    event, *others = trace.records[1:]
    assert (event.kind, event.name, event.data, event.cause) == ("event", "CarLocked", {}, step)
    assert [(record.kind, record.name) for record in others] == [
        ("transition", "package"),
        ("refusal", "no-sim"),
        ("shown", "package-ready"),
        ("symbol", "LTE"),
        ("symbol", "none"),
    ]
    assert {record.cause for record in others} == {number}
    assert others[0].data == {
        "source": "paused",
        "target": "downloading",
        "cause": "DownloadAllowed",
        "offer_id": "order-1.1",
    }


def test_a_tap_is_followed_by_the_event_that_it_means_and_this_one_by_its_effects(trace: Trace) -> None:
    meant = on.HotspotChosen("Phone", Secret("4711-4711"))
    tap = on.MenuTapped(("device-manager", "data-connection"), (Secret("Phone"), Secret("4711-4711")))
    number = trace.handled(VIN, tap, [do.TakeAs(meant), do.Show("hotspot-refused", {"ssid": "Phone"})])
    assert [(record.kind, record.name, record.cause) for record in trace.records] == [
        ("event", "MenuTapped", None),
        ("event", "HotspotChosen", number),
        ("shown", "hotspot-refused", number + 1),
    ]
    assert trace.records[1].data == {"ssid": "Phone", "password": MASK}


def test_a_heartbeat_is_a_note_and_other_timers_are_events(trace: Trace) -> None:
    trace.handled(VIN, on.TimerFired("heartbeat"), [])
    trace.handled(VIN, on.TimerFired("link"), [])
    assert [(record.kind, record.name) for record in trace.records] == [("note", "heartbeat"), ("event", "TimerFired")]


@pytest.mark.parametrize(
    "event",
    [
        on.SimPinEntered(Secret("4711")),
        on.SimPukEntered(Secret("4711"), Secret("4711")),
        on.HotspotChosen("Phone", Secret("4711")),
        on.PairingCodeEntered(Secret("4711")),
        on.PorscheIdEntered("max@example.com", Secret("4711")),
        on.MenuTapped(("settings",), (Secret("4711"),)),
    ],
)
def test_what_a_driver_enters_in_secret_is_masked(event: on.Event) -> None:
    file = io.StringIO()
    trace = Trace(SimClock(START), file)
    trace.handled(VIN, event, [])
    assert "4711" not in file.getvalue()
    assert MASK in str(trace.records[0].data)


# --- files ---


def test_a_trace_is_read_back_as_it_was(run_virtual: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    outcome = run_virtual(load_scenario("cayenne-roaming"), trace=path)
    found = read_trace(path)
    assert msgspec.json.encode(found) == msgspec.json.encode(outcome.records)
    assert [record.seq for record in found] == list(range(len(found)))
    assert found[0].kind == "run"
    assert found[0].data["format"] == FORMAT
    assert all(record.cause is None or record.cause < record.seq for record in found)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "",
        "[]",
        '{"seq": 1}',
        '{"seq":1,"time":"now","car":"","kind":"note","name":"n","data":{}}',
        "\udcff",
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    good = '{"seq":0,"time":"2026-03-02T08:00:00Z","car":"","kind":"note","name":"n","data":{}}'
    path = tmp_path / "trace.jsonl"
    path.write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8", errors="surrogateescape")
    with pytest.raises(TransportError, match=r"trace\.jsonl:2: ") as caught:
        read_trace(path)
    assert caught.value.code == "trace-unreadable"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match=r"none\.jsonl: No such file") as caught:
        read_trace(tmp_path / "none.jsonl")
    assert caught.value.code == "trace-unreadable"


def test_a_full_disk_is_a_clear_error() -> None:
    class FullDisk(io.StringIO):
        name = "trace.jsonl"

        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(TransportError, match="No space left on device") as caught:
        Trace(SimClock(START), FullDisk()).add("note", "n")
    assert caught.value.code == "trace-unwritable"


# --- what happened ---


def test_domain_events_leave_out_what_only_the_transport_knows() -> None:
    def record(kind: Kind, name: str, data: dict[str, object], seq: int = 0) -> Record:
        return Record(seq=seq, time=START, car=VIN, kind=kind, name=name, data=data)

    one = [
        record("step", "1", {"text": "t"}),
        record("event", "MetadataAccepted", {"offer": {"good_until": "a", "n": 1}, "id": "x"}, 1),
        record("sent", "topic", {"bytes": 10}, 2),
        record("backend", "order-placed", {"order": 1}, 3),
        record("event", "DownloadProgressed", {"received": 5}, 4),
    ]
    other = [
        record("backend", "order-placed", {"order": 1}, 7),
        record("event", "MetadataAccepted", {"id": "y", "offer": {"n": 1, "good_until": "b"}}, 9),
    ]
    assert domain_events(one) == domain_events(other)
    assert domain_events(one) == {
        VIN: [("event", "MetadataAccepted", '{"offer":{"n":1}}')],
        f"{VIN} backend": [("backend", "order-placed", '{"order":1}')],
    }
    assert set(get_args(Kind)) > DOMAIN


def test_a_message_that_cannot_be_read_stands_in_the_trace_without_its_content(trace: Trace) -> None:
    watch = AgentWatch(trace, VIN)
    for kind in ("look", "unheard-of"):
        watch.arrived(Incoming(topic=f"pcm/v1/{VIN}/command/{kind}", payload=b'{"password":"4711"'))
    assert [record.data for record in trace.records] == [{"bytes": 18, "problem": "message-malformed"}, {"bytes": 18}]


def test_a_connection_that_is_cut_swallows_only_what_was_under_way_on_it(trace: Trace) -> None:
    other = "WP0ZZZY1ZPSA00002"
    under_way = UnderWay()
    watch = AgentWatch(trace, VIN, under_way=under_way)

    def send() -> None:
        under_way.sent(other, Outgoing(topic=f"pcm/v1/{other}/reply/remote", payload=b"", id="other"))
        for root in ("pcm", "app"):
            watch.sent(Outgoing(topic=f"{root}/v1/{VIN}/reply/remote", payload=b"", id=root))

    send()
    watch.handled(on.CellChanged("DE", None), [do.CloseSession()])
    assert set(under_way.give_up()) == {"app", "other"}
    for gone in (on.AppDisconnected(), on.AppConnected(online=False)):
        send()
        watch.handled(gone, [])
        assert set(under_way.give_up()) == {"pcm", "other"}
    send()
    watch.handled(on.AppConnected(online=True), [])
    assert set(under_way.give_up()) == {"pcm", "app", "other"}
