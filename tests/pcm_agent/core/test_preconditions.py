"""All combinations of what must hold for an installation and for a removal: what is kept, reported, shown and done."""

from collections.abc import Callable
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

import pytest

from firmware_profiles import Equipment, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.rules import CONDITIONS
from pcm_agent.core.rules.preconditions import BY_FUNCTION, BY_NAME
from pcm_agent.core.states import Access, CallLine, SelectorLever, TheftSensor
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.texts import LANGUAGES, render
from tests.pcm_agent.core.conftest import NOW, Driver, assignment, found

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

FOD = "fod-1"


class Fault(NamedTuple):
    """What makes one precondition fail, and what makes it hold again."""

    breaks: tuple[Event, ...]
    mends: tuple[Event, ...]


FAULTS = {
    "selector-lever": Fault(
        (on.SelectorLeverMoved(SelectorLever.DRIVE),), (on.SelectorLeverMoved(SelectorLever.PARK),)
    ),
    "parking-brake": Fault((on.ParkingBrakeReleased(),), (on.ParkingBrakeApplied(),)),
    "car-on": Fault((on.IgnitionTurnedOn(),), (on.IgnitionTurnedOff(),)),
    "car-occupied": Fault((on.CarEntered(),), (on.CarLeft(),)),
    "car-unlocked": Fault((on.CarUnlocked(),), (on.CarLocked(),)),
    "charging-cable": Fault((on.ChargingCableConnected(),), (on.ChargingCableDisconnected(),)),
    "battery-low": Fault((on.BatteryLevelMeasured(0),), (on.BatteryLevelMeasured(100),)),
    "confirmation-due": Fault(found(assignment(), good_until=NOW), found(assignment())),
}


DEMANDED = {
    "call-in-progress": Fault((on.CallStarted(CallLine.PHONE),), (on.CallEnded(),)),
    "alarm-raised": Fault((on.TheftSensorTripped(TheftSensor.TAMPERING),), (on.AlarmClosed(),)),
    "service-mode-on": Fault((on.ServiceModeEnabled(),), (on.ServiceModeDisabled(),)),
    "climate-on": Fault((on.ClimateStarted(),), (on.ClimateStopped(),)),
    "battery-below-80": Fault((on.BatteryLevelMeasured(79),), (on.BatteryLevelMeasured(80),)),
    "private-mode": Fault((on.PrivateModeEnabled(),), (on.PrivateModeDisabled(),)),
    "no-data": Fault(
        (on.CellChanged("JP", None),),
        (on.CellChanged("JP", Access.LTE), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE)),
    ),
}
"""What a function may demand besides, in the order in which it is told."""


def for_installation(car: Driver) -> None:
    """A package is staged, and the car left as it must be."""
    car.speak_seldom()
    car.stage()
    car.leave()


def for_removal(car: Driver) -> None:
    """A subscription has ended, and the car is as it must be."""
    car.speak_seldom()
    car.activate()
    car.remove()


class Change(NamedTuple):
    """What waits for its preconditions."""

    prepare: Callable[[Driver], None]
    state: PackageState
    """Where the job stands while it waits."""
    done: do.Effect
    codes: tuple[str, ...]
    """The preconditions, in the order in which they are told."""


def change(table: str, prepare: Callable[[Driver], None], state: PackageState, done: do.Effect) -> Change:
    """One job alone: that another one's installation has to end first stands in `test_package`."""
    others = {condition.code for condition in BY_FUNCTION} | {"another-installation"}
    codes = [condition.code for condition in CONDITIONS[table] if condition.code not in others]
    return Change(prepare, state, done, tuple(codes))


INSTALLATION = change("installation", for_installation, PackageState.WAITING, do.InstallPackage(FOD))
REMOVAL = change("removal", for_removal, PackageState.REMOVING, do.RemovePackage(FOD))
CHANGES = [
    pytest.param(INSTALLATION, id="installation", marks=pytest.mark.requirement("FOD-06")),
    pytest.param(REMOVAL, id="removal", marks=pytest.mark.requirement("FOD-13")),
]


def cases(wanted: Callable[[int], bool] = bool) -> list["ParameterSet"]:
    """The combinations of so many failing preconditions, of the installation and of the removal."""
    return [
        pytest.param(change, codes, id=f"{name}: {' '.join(codes)}", marks=pytest.mark.requirement(row))
        for name, change, row in (("installation", INSTALLATION, "FOD-06"), ("removal", REMOVAL, "FOD-13"))
        for count in range(1, len(change.codes) + 1)
        if wanted(count)
        for codes in combinations(change.codes, count)
    ]


def test_every_precondition_can_be_made_to_fail() -> None:
    assert set(INSTALLATION.codes) | set(REMOVAL.codes) == set(FAULTS)


def break_these(car: Driver, change: Change, codes: tuple[str, ...]) -> None:
    """All hold, and these come to fail, one after the other."""
    car.feed(*chain.from_iterable(FAULTS[code].breaks for code in codes))


def mend_the_others(car: Driver, change: Change, codes: tuple[str, ...]) -> None:
    """All fail, and the others come to hold, one after the other."""
    breaks = [FAULTS[code].breaks for code in change.codes]
    mends = [FAULTS[code].mends for code in change.codes if code not in codes]
    car.feed(*chain.from_iterable((*breaks, *mends)))


@pytest.mark.parametrize("reach", [break_these, mend_the_others])
@pytest.mark.parametrize(("change", "codes"), cases())
def test_whatever_fails_is_kept_reported_and_shown_and_nothing_is_done_however_long_it_lasts(
    taycan: Driver,
    change: Change,
    codes: tuple[str, ...],
    reach: Callable[[Driver, Change, tuple[str, ...]], None],
) -> None:
    change.prepare(taycan)
    reach(taycan, change, codes)
    assert (taycan.job().state, taycan.job().blocked_by) == (change.state, codes)
    reported = [body for body in taycan.said() if isinstance(body, PackageReported)][-1]
    assert (reported.state, reported.blocked_by) == (change.state, codes)
    shown = taycan.of(do.Show)[-1]
    assert (shown.text, shown.arguments["reasons"]) == ("package-waiting", codes)
    for language in LANGUAGES:
        check_text(render(language, shown.text, shown.arguments), language, codes)
    happened = taycan.wait(days=30)
    assert change.done not in happened
    assert not any(isinstance(effect, do.Transition) and effect.region == "package" for effect in happened)
    assert (taycan.job().state, taycan.job().blocked_by) == (change.state, codes)


def check_text(text: str, language: str, codes: tuple[str, ...]) -> None:
    """The driver reads all that fails in words, nothing that holds, and no code."""
    for code in FAULTS | DEMANDED:
        assert (render(language, f"blocked-{code}", {}) in text) is (code in codes), text
        assert code not in text
    assert "{" not in text


@pytest.mark.parametrize("change", CHANGES)
def test_ten_minutes_after_all_hold_it_is_done_and_not_a_second_earlier(taycan: Driver, change: Change) -> None:
    change.prepare(taycan)
    break_these(taycan, change, change.codes)
    taycan.feed(*chain.from_iterable(FAULTS[code].mends for code in change.codes))
    assert taycan.job().blocked_by == ()
    assert taycan.shown() == [*["package-waiting"] * (len(change.codes) - 1), "package-settling"]
    assert_done_in_ten_minutes(taycan, change)


def assert_done_in_ten_minutes(car: Driver, change: Change) -> None:
    assert change.done not in car.wait(minutes=9, seconds=59)
    assert car.wait(seconds=1).count(change.done) == 1
    assert change.done not in car.wait(days=1)


@pytest.mark.parametrize("seconds", [0, 1, 300, 599], ids="after {} s".format)
@pytest.mark.parametrize("missing", [0, 1, 600, 86_400], ids="for {} s".format)
@pytest.mark.parametrize(("change", "codes"), cases(lambda failing: failing == 1))
def test_what_fails_while_the_ten_minutes_run_stops_them_and_they_begin_anew_once_it_holds(
    taycan: Driver, change: Change, codes: tuple[str, ...], seconds: int, missing: int
) -> None:
    change.prepare(taycan)
    fault = FAULTS[codes[0]]
    assert change.done not in taycan.wait(seconds=seconds)
    taycan.feed(*fault.breaks)
    assert taycan.of(do.CancelTimer) == [do.CancelTimer(f"settle:{FOD}")]
    assert change.done not in taycan.wait(seconds=missing)
    taycan.feed(*fault.mends)
    assert taycan.shown() == ["package-settling"]
    assert_done_in_ten_minutes(taycan, change)


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", INSTALLATION.codes)
def test_what_fails_at_the_very_last_instant_still_stops_the_installation(taycan: Driver, code: str) -> None:
    INSTALLATION.prepare(taycan)
    taycan.now = taycan.state.timers[f"settle:{FOD}"]
    taycan.feed(*FAULTS[code].breaks, on.TimerFired(f"settle:{FOD}"))
    assert taycan.of(do.InstallPackage) == []
    assert taycan.job().blocked_by == (code,)


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("code", [code for code in INSTALLATION.codes if code not in REMOVAL.codes])
def test_what_only_an_installation_needs_does_not_stop_a_removal(taycan: Driver, code: str) -> None:
    REMOVAL.prepare(taycan)
    taycan.wait(minutes=5)
    taycan.feed(*FAULTS[code].breaks)
    assert REMOVAL.done not in taycan.wait(minutes=4, seconds=59)
    assert REMOVAL.done in taycan.wait(seconds=1)


# --- what a function demands besides ---


@pytest.fixture
def demanding() -> Driver:
    """A car left with a function that demands all that can be demanded, a phone that can call in it."""
    car = Driver("taycan", "JP", equipment=[Equipment.VEHICLE_TRACKING_SYSTEM])
    car.speak_seldom()
    car.go_online()
    car.order(assignment(preconditions=tuple(BY_NAME)))
    car.feed(on.DownloadCompleted(FOD), on.PhoneConnected("mine"))
    car.leave()
    return car


def test_every_demand_can_be_made_to_fail() -> None:
    assert [condition.code for condition in BY_NAME.values()] == list(DEMANDED)
    assert [condition.code for condition in BY_FUNCTION] == [*DEMANDED, "precondition-unknown"]


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("mended", [False, True], ids=["broken", "the others mended"])
@pytest.mark.parametrize(
    "codes",
    [codes for count in range(1, len(DEMANDED) + 1) for codes in combinations(DEMANDED, count)],
    ids=" ".join,
)
def test_whatever_fails_of_what_is_demanded_blocks_is_reported_and_is_shown(
    demanding: Driver, codes: tuple[str, ...], mended: bool
) -> None:
    broken = tuple(DEMANDED) if mended else codes
    demanding.feed(*chain.from_iterable(DEMANDED[code].breaks for code in broken))
    if mended:
        demanding.feed(*chain.from_iterable(DEMANDED[code].mends for code in DEMANDED if code not in codes))
    if demanding.of(do.Publish):
        assert [body.blocked_by for body in demanding.said() if isinstance(body, PackageReported)][-1] == codes
    assert (demanding.job().state, demanding.job().blocked_by) == (PackageState.WAITING, codes)
    shown = [effect for effect in demanding.of(do.Show) if effect.text == "package-waiting"]
    for language in LANGUAGES:
        check_text(render(language, "package-waiting", {"function": "x", "reasons": codes}), language, codes)
    assert not shown or shown[-1].arguments["reasons"] == codes
    assert do.InstallPackage(FOD) not in demanding.wait(hours=7)


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", DEMANDED)
def test_what_is_demanded_and_fails_stops_the_ten_minutes_and_they_begin_anew(demanding: Driver, code: str) -> None:
    demanding.wait(minutes=9)
    demanding.feed(*DEMANDED[code].breaks)
    assert do.CancelTimer(f"settle:{FOD}") in demanding.last
    reported = [body for body in demanding.said() if isinstance(body, PackageReported)]
    assert [body.blocked_by for body in reported] == [(code,)]
    assert "package-waiting" in demanding.shown()
    assert do.InstallPackage(FOD) not in demanding.wait(hours=1)
    demanding.feed(*DEMANDED[code].mends)
    assert "package-settling" in demanding.shown()
    assert_done_in_ten_minutes(demanding, INSTALLATION)


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", DEMANDED)
def test_what_a_function_does_not_demand_does_not_keep_it_waiting(demanding: Driver, code: str) -> None:
    demanded = tuple(name for name, condition in BY_NAME.items() if condition.code != code)
    demanding.take(assignment(preconditions=demanded))
    demanding.feed(*DEMANDED[code].breaks)
    assert demanding.job().blocked_by == ()
    assert do.InstallPackage(FOD) in demanding.wait(minutes=10)


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", DEMANDED)
def test_what_came_about_in_a_power_cut_lets_the_installation_wait_again(demanding: Driver, code: str) -> None:
    assert do.InstallPackage(FOD) in demanding.wait(minutes=10)
    demanding.feed(*DEMANDED[code].breaks)
    demanding.restart()
    lasts = code not in ("call-in-progress", "no-data")  # a restart ends the call, and has data begin anew
    assert (code in (demanding.job().blocked_by or ())) is (lasts or code == "no-data")
    assert demanding.job().state is PackageState.WAITING
    assert demanding.of(do.InstallPackage) == []


@pytest.mark.requirement("FOD-06")
def test_a_demand_that_this_car_does_not_know_is_never_met(demanding: Driver) -> None:
    demanding.take(assignment(preconditions=("no-call", "full-moon")))
    assert demanding.job().blocked_by == ("precondition-unknown",)
    assert do.CancelTimer(f"settle:{FOD}") in demanding.last
    assert do.InstallPackage(FOD) not in demanding.wait(days=20)
    for language in LANGUAGES:
        said = render(language, "package-waiting", {"function": "x", "reasons": ("precondition-unknown",)})
        assert "precondition-unknown" not in said
    demanding.take(assignment(preconditions=("no-call",)))
    assert demanding.job().blocked_by == ()
    assert_done_in_ten_minutes(demanding, INSTALLATION)


@pytest.mark.requirement("FOD-06")
def test_what_fails_of_both_kinds_is_told_together(demanding: Driver) -> None:
    own = [code for code in INSTALLATION.codes if code != "confirmation-due"]
    demanding.feed(*chain.from_iterable(DEMANDED[code].breaks for code in DEMANDED))
    demanding.feed(*chain.from_iterable(FAULTS[code].breaks for code in own))
    assert demanding.job().blocked_by == (*own, *DEMANDED)


@pytest.mark.requirement("FOD-13")
def test_a_removal_asks_for_nothing_that_the_function_demands(demanding: Driver) -> None:
    demanding.wait(minutes=10)
    demanding.feed(on.PackageInstalled(FOD), on.PackageVerified(FOD))
    demanding.remove()
    demanding.feed(*chain.from_iterable(DEMANDED[code].breaks for code in DEMANDED))
    assert demanding.job().blocked_by == ()
    assert do.RemovePackage(FOD) in demanding.wait(minutes=10)


@pytest.mark.requirement("FOD-07")
def test_what_is_demanded_tells_nobody_that_somebody_came_to_the_car_after_a_failure(demanding: Driver) -> None:
    demanding.wait(minutes=10)
    demanding.feed(on.InstallationFailed(FOD, "disk-full"))
    demanding.feed(*DEMANDED["climate-on"].breaks, *DEMANDED["climate-on"].mends)
    assert demanding.job().state is PackageState.ROLLED_BACK
    assert do.InstallPackage(FOD) not in demanding.wait(hours=1)
