import re
from itertools import chain, combinations, product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.rules import CONDITIONS, JOB_RULES, SERVICE_RULES, VEHICLE_RULES
from pcm_agent.core.rules.data import WAY_CONDITIONS
from pcm_agent.core.rules.packages import DOWNLOAD, INSTALLATION, REMOVAL
from pcm_agent.core.rules.preconditions import BY_FUNCTION
from pcm_agent.core.states import Access, SelectorLever
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.core.conftest import NOW, assignment, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

Events = tuple[Event, ...]
# Each precondition by its code, with what breaks it and what mends it, in the order of the table.
PRECONDITIONS: dict[str, tuple[Events, Events]] = {
    "selector-lever": ((on.SelectorLeverMoved(SelectorLever.DRIVE),), (on.SelectorLeverMoved(SelectorLever.PARK),)),
    "parking-brake": ((on.ParkingBrakeReleased(),), (on.ParkingBrakeApplied(),)),
    "car-on": ((on.IgnitionTurnedOn(),), (on.IgnitionTurnedOff(),)),
    "car-occupied": ((on.CarEntered(),), (on.CarLeft(),)),
    "car-unlocked": ((on.CarUnlocked(),), (on.CarLocked(),)),
    "charging-cable": ((on.ChargingCableConnected(),), (on.ChargingCableDisconnected(),)),
    "battery-low": ((on.BatteryLevelMeasured(10),), (on.BatteryLevelMeasured(90),)),
    "confirmation-due": (found(assignment(), good_until=NOW), found(assignment())),
}
OF_A_REMOVAL = ("car-on", "car-occupied", "car-unlocked", "charging-cable")


def subsets(codes: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [chosen for size in range(len(codes) + 1) for chosen in combinations(codes, size)]


@pytest.mark.requirement("FOD-06")
def test_the_table_of_preconditions_is_complete() -> None:
    own = [condition.code for condition in INSTALLATION if condition not in BY_FUNCTION]
    assert own == [*list(PRECONDITIONS)[:-1], "another-installation", "confirmation-due"]
    assert tuple(condition.code for condition in REMOVAL) == OF_A_REMOVAL


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("failing", subsets(tuple(PRECONDITIONS)), ids="+".join)
def test_all_that_blocks_an_installation_is_named(taycan: "Driver", failing: tuple[str, ...]) -> None:
    taycan.stage()
    taycan.leave()
    taycan.feed(*chain.from_iterable(PRECONDITIONS[code][0] for code in failing))
    assert taycan.job().blocked_by == failing
    taycan.wait(hours=1)
    assert bool(taycan.of(do.InstallPackage)) is (failing == ())


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", PRECONDITIONS)
def test_a_precondition_lost_within_the_ten_minutes_begins_them_anew(taycan: "Driver", code: str) -> None:
    breaking, mending = PRECONDITIONS[code]
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=9)
    taycan.feed(*breaking)
    assert taycan.of(do.CancelTimer) == [do.CancelTimer("settle:fod-1")]
    assert taycan.job().blocked_by == (code,)
    taycan.wait(minutes=30)
    assert taycan.of(do.InstallPackage) == []
    taycan.feed(*mending)
    assert taycan.job().blocked_by == ()
    taycan.wait(minutes=9, seconds=59)
    assert taycan.of(do.InstallPackage) == []
    taycan.wait(seconds=1)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage("fod-1")]


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("code", PRECONDITIONS)
def test_a_cancelled_timer_that_fires_late_installs_nothing(taycan: "Driver", code: str) -> None:
    taycan.stage()
    taycan.leave()
    taycan.feed(*PRECONDITIONS[code][0])
    taycan.wait(minutes=10)
    assert taycan.feed(on.TimerFired("settle:fod-1")) == []


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("failing", subsets(OF_A_REMOVAL), ids="+".join)
def test_all_that_blocks_a_removal_is_named(taycan: "Driver", failing: tuple[str, ...]) -> None:
    taycan.activate()
    taycan.feed(*chain.from_iterable(PRECONDITIONS[code][0] for code in failing))
    taycan.remove()
    assert taycan.job().blocked_by == failing
    taycan.wait(hours=1)
    assert bool(taycan.of(do.RemovePackage)) is (failing == ())


@pytest.mark.parametrize("code", ["selector-lever", "parking-brake", "battery-low"])
def test_a_removal_asks_for_less_than_an_installation(taycan: "Driver", code: str) -> None:
    taycan.activate()
    taycan.feed(*PRECONDITIONS[code][0])
    taycan.remove()
    assert taycan.job().blocked_by == ()


# --- downloads ---


@pytest.mark.requirement("FOD-02", "PRV-02")
@pytest.mark.parametrize(("no_data", "private", "off", "broken"), list(product((False, True), repeat=4)))
def test_all_that_blocks_a_download_is_named(
    taycan: "Driver", no_data: bool, private: bool, off: bool, broken: bool
) -> None:
    taycan.download()
    if broken:
        taycan.feed(on.DownloadInterrupted("fod-1", "server-error"))
    if no_data:
        taycan.feed(on.CellChanged("JP", None))
    if private:
        taycan.feed(on.PrivateModeEnabled())
    if off:
        taycan.feed(on.IgnitionTurnedOff())
    named = {"no-data": no_data, "private-mode": private, "car-off": off, "transfer-interrupted": broken}
    assert taycan.job().blocked_by == tuple(code for code, blocks in named.items() if blocks)
    blocked = any(named.values())
    assert taycan.job().state is (PackageState.PAUSED if blocked else PackageState.DOWNLOADING)


def test_roaming_that_is_off_is_named_in_place_of_no_data(cayenne: "Driver") -> None:
    cayenne.download()
    cayenne.feed(on.PrivateModeEnabled(), on.CellChanged("CH", Access.LTE))
    assert cayenne.job().blocked_by == ("roaming-off", "private-mode")
    cayenne.feed(on.HotspotJoined("phone"), on.BearerAttached(Way.HOTSPOT, None))
    assert cayenne.job().blocked_by == ("private-mode",)


# --- ways ---

TOWARDS_A_WAY: dict[str, tuple[Event, Event]] = {
    "sim-not-ready": (on.SimRemoved(), on.SimInserted("DE", pin_required=False)),
    "mobile-data-off": (on.MobileDataDisabled(), on.MobileDataEnabled()),
    "no-coverage": (on.CellChanged("DE", None), on.CellChanged("DE", Access.LTE)),
    "roaming-off": (on.CellChanged("CH", Access.LTE), on.CellChanged("DE", Access.LTE)),
    "car-off": (on.IgnitionTurnedOff(), on.IgnitionTurnedOn()),
}


@pytest.mark.parametrize("code", TOWARDS_A_WAY)
def test_each_condition_of_the_inserted_sim_alone_ends_its_data(make_car: "Callable[..., Driver]", code: str) -> None:
    assert code in [condition.code for condition in WAY_CONDITIONS[Way.INSERTED_SIM]]
    breaking, mending = TOWARDS_A_WAY[code]
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.SimInserted("DE", pin_required=False), on.ApnEntered("internet"))
    car.go_online()
    assert car.state.way is Way.INSERTED_SIM
    car.feed(breaking)
    assert car.of(do.DetachBearer) == [do.DetachBearer(Way.INSERTED_SIM)]
    assert car.of(do.CloseSession)
    car.feed(mending)
    assert car.of(do.AttachBearer) == [do.AttachBearer(Way.INSERTED_SIM, "internet")]


def test_a_car_without_any_cell_has_no_data(cayenne: "Driver") -> None:
    cayenne.feed(on.IgnitionTurnedOn())
    assert cayenne.state.way is None


# --- names ---


def test_every_condition_and_rule_bears_a_requirement_that_exists() -> None:
    text = (Path(__file__).parents[3] / "docs" / "requirements.yaml").read_text(encoding="utf-8")
    rows = {row["id"] for area in YAML(typ="safe", pure=True).load(text).values() for row in area}
    conditions = [condition for table in CONDITIONS.values() for condition in table]
    rules = [*VEHICLE_RULES, *SERVICE_RULES, *JOB_RULES]
    assert {condition.requirement for condition in conditions} <= rows
    assert {rule.requirement for rule in rules} <= rows
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", condition.code) for condition in conditions)
    assert len({rule.name for rule in rules}) == len(rules)


def test_the_rules_of_a_job_say_nothing_without_one(taycan: "Driver") -> None:
    from pcm_agent.core.region import Car, Turn

    turn = Turn(Car(taycan.profile, taycan.market), taycan.state, on.PcmStarted(), taycan.now)
    assert [rule.raises(turn) for rule in JOB_RULES] == [None, None]
    assert all(isinstance(condition.holds(turn), bool) for condition in DOWNLOAD)
