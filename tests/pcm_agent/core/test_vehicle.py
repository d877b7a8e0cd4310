from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import Symbol
from pcm_agent.core.states import Access
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import Heartbeat, PackageState
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.floors import Floors
from tests.pcm_agent.core.conftest import FAR, FOD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver


def test_a_naive_time_is_the_callers_fault(taycan: "Driver") -> None:
    before = taycan.vehicle.snapshot()
    with pytest.raises(LocalError) as caught:
        taycan.vehicle.handle(on.CarUnlocked(), taycan.now.replace(tzinfo=None))
    assert caught.value.code == "time-naive"
    assert taycan.vehicle.snapshot() == before


@pytest.mark.parametrize("snapshot", [b"", b"{}", b"[", b"\xff", b'{"vin": 3, "market": "DE"}'])
def test_a_spoilt_snapshot_is_named(taycan: "Driver", snapshot: bytes) -> None:
    with pytest.raises(LocalError) as caught:
        Vehicle.restore(snapshot, taycan.profile, taycan.market)
    assert caught.value.code == "snapshot-unreadable"


def test_a_snapshot_holds_everything(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE")
    car.feed(on.SimInserted("DE", card="mine"), on.SimPinEntered(Secret("1234"), store=True), on.SimUnlocked())
    car.feed(on.ApnEntered("internet"), on.HotspotJoined("phone"))
    car.download()
    car.feed(on.BearerLost(Way.EMBEDDED_SIM), on.BearerRejected(Way.EMBEDDED_SIM, "congestion"))
    copy = Vehicle.restore(car.vehicle.snapshot(), car.profile, car.market)
    assert copy.state == car.state
    assert copy.state.stored_pin == Secret("1234")
    assert copy.state.rejected_ways == {Way.EMBEDDED_SIM: "congestion"}
    assert copy.snapshot() == car.vehicle.snapshot()


def test_a_fresh_car_starts_and_shows_its_symbol(taycan: "Driver") -> None:
    assert taycan.feed(on.PcmStarted()) == [do.ShowSymbol(Symbol(None, False, "top-right")), do.Persist()]


def test_a_restart_shows_the_symbol_and_sets_the_timers_again(taycan: "Driver") -> None:
    taycan.download()
    expiry = taycan.state.timers["expiry:fod-1"]
    taycan.restart()
    assert do.SetTimer("expiry:fod-1", expiry) in taycan.last
    assert taycan.of(do.ShowSymbol) == [do.ShowSymbol(Symbol(None, False, "top-right"))]
    assert "heartbeat" not in taycan.state.timers


def test_an_event_that_nobody_knows_is_nothing(taycan: "Driver") -> None:
    before = taycan.vehicle.snapshot()
    assert taycan.feed(on.MetadataAccepted((taycan.offer(),), Floors(), FAR), on.CarLeft()) == []
    taycan.state.clock = None
    assert taycan.vehicle.snapshot() == before


def test_an_event_of_an_unnamed_job_is_nothing(taycan: "Driver") -> None:
    assert taycan.feed(on.PackageConsented("")) == []


# --- timers ---


def test_a_timer_that_is_not_set_is_nothing(taycan: "Driver") -> None:
    for key in ("heartbeat", "link", "settle:fod-1", "settle:", "", "another"):
        assert taycan.feed(on.TimerFired(key)) == []


def test_a_timer_that_fires_early_is_set_again(taycan: "Driver") -> None:
    taycan.download()
    taycan.now -= timedelta(hours=1)
    at = taycan.state.timers["expiry:fod-1"]
    assert taycan.feed(on.TimerFired("expiry:fod-1")) == [do.SetTimer("expiry:fod-1", at)]
    assert taycan.state.timers["expiry:fod-1"] == at


def test_a_pause_is_over_when_it_has_run_for_its_span_though_the_clock_was_set_back(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadInterrupted(FOD, "connection-lost"), on.LookOrdered())
    taycan.feed(on.MetadataRefused("metadata-missing"))
    assert {"look", "confirm", f"retry:{FOD}"} <= taycan.state.timers.keys()
    taycan.now -= timedelta(days=400)
    taycan.feed(on.TimerFired(f"retry:{FOD}"))
    assert taycan.of(do.StartDownload)
    taycan.feed(on.TimerFired("look"))
    assert taycan.of(do.CheckMetadata)
    taycan.feed(on.MetadataRefused("metadata-signature"))
    taycan.feed(on.TimerFired("confirm"))
    assert taycan.of(do.CheckMetadata)


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(days=400)])
def test_a_clock_that_is_set_back_keeps_no_heartbeat_for_longer_than_its_interval(
    taycan: "Driver", back: timedelta
) -> None:
    taycan.go_online()
    interval = taycan.state.timers["heartbeat"] - taycan.now
    taycan.now += interval - back
    for _ in range(3):
        taycan.feed(on.TimerFired("heartbeat"))
        assert [type(body) for body in taycan.said()] == [Heartbeat]
        assert taycan.state.timers["heartbeat"] == taycan.now + interval
        taycan.now += interval


@pytest.mark.requirement("FOD-04")
def test_ten_minutes_that_have_run_have_run_though_the_clock_was_set_back(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.now -= timedelta(days=1)
    taycan.feed(on.TimerFired(f"settle:{FOD}"))
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]


def test_after_a_restart_a_pause_is_no_longer_than_it_was_though_the_clock_was_set_back(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.LookOrdered(), on.MetadataRefused("metadata-missing"))
    expiry, confirm, look = (taycan.state.timers[key] for key in (f"expiry:{FOD}", "confirm", "look"))
    left = confirm - taycan.now
    taycan.restart()
    assert (taycan.state.timers["confirm"], taycan.state.timers["look"]) == (confirm, look)
    taycan.now -= timedelta(days=400)
    taycan.restart()
    assert taycan.state.timers["confirm"] == taycan.now + left
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=1)
    assert taycan.state.timers[f"expiry:{FOD}"] == expiry, "a date is a date"
    taycan.now += timedelta(days=400, hours=1)
    taycan.restart()
    assert taycan.state.timers["look"] < taycan.now, "which is over at once"


def test_a_timer_of_a_job_that_is_gone_is_nothing_to_see(taycan: "Driver") -> None:
    taycan.state.timers["settle:gone"] = taycan.now
    taycan.feed(on.TimerFired("settle:gone"))
    assert taycan.refusals() == []
    assert taycan.of(do.Transition) == []
    assert taycan.state.timers == {}


# --- heartbeat ---


def test_heartbeats_come_while_there_is_data(taycan: "Driver") -> None:
    taycan.go_online()
    assert do.SetTimer("heartbeat", taycan.now + timedelta(minutes=1)) in taycan.last
    taycan.wait(minutes=3)
    assert taycan.of(do.Publish) == [do.Publish(Heartbeat(state_version=taycan.state.version), durable=False)] * 3
    assert taycan.of(do.Persist) == []
    taycan.feed(on.CellChanged("JP", None))
    assert do.CancelTimer("heartbeat") in taycan.last
    taycan.wait(hours=1)
    assert taycan.last == []


# --- what must outlast a power cut ---


def test_persist_comes_last_and_once_with_every_change(taycan: "Driver") -> None:
    for event in (on.PcmStarted(), on.IgnitionTurnedOn(), on.CellChanged("JP", Access.LTE), on.PrivateModeEnabled()):
        effects = taycan.feed(event)
        assert [position for position, it in enumerate(effects) if isinstance(it, do.Persist)] == [len(effects) - 1]


def test_a_transition_stands_before_what_it_causes(taycan: "Driver") -> None:
    taycan.download()
    kinds = [type(effect).__name__ for effect in taycan.last]
    assert kinds.index("Transition") < kinds.index("StartDownload")
    [first, second] = [it for it in taycan.of(do.Transition) if it.region == "package"]
    assert (first.source, first.target, first.cause, first.offer_id) == (
        PackageState.OFFERED,
        PackageState.CONSENTED,
        "PackageConsented",
        "fod-1",
    )
    assert (second.target, second.cause) == (PackageState.DOWNLOADING, "DownloadAllowed")


def test_the_clock_is_kept(taycan: "Driver") -> None:
    assert taycan.state.clock is None
    taycan.feed(on.CarLeft())
    assert taycan.state.clock == taycan.now
    assert taycan.now.tzinfo is UTC
