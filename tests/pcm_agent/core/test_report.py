from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.report import (
    connection_report,
    fingerprint,
    installed_report,
    package_report,
    state_report,
    status_symbol,
)
from pcm_agent.core.state import PackageJob, Symbol, User, VehicleState
from pcm_agent.core.states import Access, Charge, Climate, Connection, Remote
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageState, StateReported
from pcm_agent.protocol.people import Role
from tests.pcm_agent.core.conftest import FAR, assignment

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


@pytest.mark.requirement("CON-15", "CON-16")
@pytest.mark.parametrize(
    ("connection", "way", "access", "symbol"),
    [
        (Connection.CONNECTED, Way.EMBEDDED_SIM, Access.LTE, Symbol("LTE", False, "x")),
        (Connection.CONNECTED, Way.INSERTED_SIM, Access.UMTS, Symbol("3G", False, "x")),
        (Connection.CONNECTED, Way.EMBEDDED_SIM, Access.EDGE, Symbol("E", False, "x")),
        (Connection.CONNECTED, Way.EMBEDDED_SIM, None, Symbol(None, False, "x")),
        (Connection.CONNECTED, Way.HOTSPOT, None, Symbol(None, True, "x")),
        (Connection.CONNECTED, Way.HOTSPOT, Access.LTE, Symbol(None, True, "x")),
        (Connection.CONNECTING, Way.EMBEDDED_SIM, None, Symbol(None, False, "x")),
        (Connection.CONNECTING, Way.HOTSPOT, None, Symbol(None, False, "x")),
        (Connection.DISCONNECTED, None, None, Symbol(None, False, "x")),
        (Connection.DISCONNECTED, None, Access.LTE, Symbol(None, False, "x")),
    ],
)
def test_symbol(connection: Connection, way: Way | None, access: Access | None, symbol: Symbol) -> None:
    state = VehicleState(vin="V", profile="taycan", market="DE", connection=connection, way=way, access=access)
    assert status_symbol(state, "x") == symbol
    report = connection_report(state)
    assert (report.symbol, report.wifi) == (symbol.letter, symbol.wifi)
    assert (report.state, report.way, report.access) == (connection.value, way, access)


def test_package_report_names_what_blocks() -> None:
    job = PackageJob(assignment=assignment(length=10), good_until=FAR)
    assert package_report(job).blocked_by == ()
    job.blocked_by, job.state, job.received, job.code = ("no-data",), PackageState.PAUSED, 3, "server-error"
    report = package_report(job)
    assert (report.blocked_by, report.state, report.received, report.length, report.code) == (
        ("no-data",),
        PackageState.PAUSED,
        3,
        10,
        "server-error",
    )


def test_state_report_goes_over_the_wire_and_back(taycan: "Driver") -> None:
    taycan.download()
    report = state_report(taycan.state)
    assert report.version == taycan.state.version
    assert report.connection == connection_report(taycan.state)
    assert report.packages == (package_report(taycan.job()),)
    assert msgspec.json.decode(msgspec.json.encode(report), type=StateReported) == report


def test_what_is_installed_is_reported_by_the_names_of_the_functions(taycan: "Driver") -> None:
    assert installed_report(taycan.state) == ()
    seats, lights = (
        InstalledImage(function=name, version="1", sha256="0" * 64, release_counter=2) for name in ("seats", "lights")
    )
    taycan.state.installed = {"seats": seats, "lights": lights}
    assert installed_report(taycan.state) == (lights, seats)


Change = Callable[[VehicleState, PackageJob], object]
SEEN: dict[str, Change] = {
    "way": lambda state, _: setattr(state, "way", Way.HOTSPOT),
    "access": lambda state, _: setattr(state, "access", Access.EDGE),
    "percent": lambda state, _: setattr(state, "battery_percent", 3),
    "porsche id": lambda state, _: setattr(state, "porsche_id", "b"),
    "role": lambda state, _: setattr(state.users["a"], "role", Role.VISITOR),
    "key": lambda state, _: setattr(state, "key", "key-1"),
    "remote": lambda state, _: setattr(state, "remote", Remote.ALLOWED),
    "climate": lambda state, _: setattr(state, "climate", Climate.ON),
    "charge": lambda state, _: setattr(state, "charge", Charge.FLOWING),
    "job": lambda _, job: setattr(job, "state", PackageState.FAILED),
    "received": lambda _, job: setattr(job, "received", 3),
    "blocked by": lambda _, job: setattr(job, "blocked_by", ("no-data",)),
    "code": lambda _, job: setattr(job, "code", "x"),
    "no job": lambda state, _: state.jobs.clear(),
}
UNSEEN: dict[str, Change] = {
    "pin": lambda state, _: setattr(state, "apn", "internet"),
    "attempts": lambda _, job: setattr(job, "attempts", 3),
    "clock": lambda state, _: setattr(state, "clock", datetime(2026, 4, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("name", [*SEEN, *UNSEEN])
def test_fingerprint_changes_with_the_report(name: str) -> None:
    job = PackageJob(assignment=assignment(length=10), good_until=FAR)
    state = VehicleState(vin="V", profile="taycan", market="DE", connection=Connection.CONNECTED, jobs={"fod-1": job})
    state.porsche_id, state.users = "a", {name: User(role=Role.MAIN) for name in "ab"}
    before = fingerprint(state), state_report(state)
    (SEEN | UNSEEN)[name](state, job)
    assert (fingerprint(state) != before[0]) is (state_report(state) != before[1]) is (name in SEEN)


def test_version_counts_the_reports_changes(taycan: "Driver") -> None:
    taycan.feed(on.PcmStarted())
    before = taycan.state.version
    taycan.feed(on.CarUnlocked(), on.CarUnlocked(), on.CarEntered())
    assert taycan.state.version == before + 2
    taycan.restart()
    taycan.feed(on.CarUnlocked())
    assert taycan.state.version == before + 2
