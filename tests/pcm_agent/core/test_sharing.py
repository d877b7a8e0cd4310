from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Menu, Way, load_profile, profile_names
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.report import state_report
from pcm_agent.core.sharing import in_the_wifi, route
from pcm_agent.core.states import DataPackage, Platform, Route, Sharing
from pcm_agent.protocol.sharing import BookDataPackage, DataPackageReported, DeviceReported

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

IPHONE, TABLET = on.DeviceJoined("iPhone", Platform.IOS, stays=True), on.DeviceJoined("iPad", Platform.IOS)
ANDROID, PIXEL = on.DeviceJoined("Android", Platform.ANDROID, stays=True), on.DeviceJoined("Pixel", Platform.ANDROID)
DEVICES = (IPHONE, TABLET, ANDROID, PIXEL)
CAR, OWN, NONE = Route.CAR, Route.OWN, Route.NONE


def book(car: "Driver", days: int, renewed_days: int | None = None) -> None:
    reply = car.command(BookDataPackage(until=car.now + timedelta(days=days), renewed_days=renewed_days))
    assert reply.stage == "done"


def routes(car: "Driver") -> list[tuple[Route, bool]]:
    """Route, and whether app data reaches the PCM, of all passengers' phones."""
    devices = car.state.devices.values()
    return [(route(car.state, device), in_the_wifi(car.state, device)) for device in devices]


@pytest.fixture
def full(taycan: "Driver") -> "Driver":
    """A car online, with passengers, sharing its data with a package for 30 days."""
    taycan.speak_seldom()
    taycan.go_online()
    book(taycan, 30)
    taycan.feed(on.SharingEnabled(), *DEVICES)
    return taycan


@pytest.mark.requirement("CON-26")
def test_sharing_is_switched_in_every_car(full: "Driver") -> None:
    assert all(Menu.IN_CAR_HOTSPOT in load_profile(name).menus for name in profile_names())
    assert full.at("sharing") is Sharing.ON
    assert routes(full) == [(CAR, True)] * 4
    full.feed(on.SharingDisabled())
    assert full.at("sharing") is Sharing.OFF
    assert full.shown() == ["sharing-off"]
    assert routes(full) == [(OWN, False)] * 4
    full.feed(on.SharingEnabled())
    assert full.shown() == ["sharing-on"]
    assert routes(full) == [(CAR, True)] * 4


@pytest.mark.requirement("CON-26")
def test_sharing_needs_a_connection_to_share(full: "Driver") -> None:
    full.feed(on.CellChanged("JP", None))
    assert CAR not in {found for found, _ in routes(full)}
    assert routes(full)[0] == (OWN, True)


@pytest.mark.requirement("CON-27", "CON-28")
def test_without_a_valid_package_phones_fall_back_and_a_staying_android_has_nothing(full: "Driver") -> None:
    full.wait(days=29)
    assert routes(full) == [(CAR, True)] * 4
    full.wait(days=1)
    assert full.at("data_package") is DataPackage.EXPIRED
    assert full.shown() == ["data-package-expired"]
    assert routes(full) == [(OWN, True), (OWN, False), (NONE, True), (OWN, False)]
    report = state_report(full.state).sharing
    assert report is not None
    assert report.package.state == "expired"
    assert report.devices == (
        DeviceReported(platform="ios", route="own", app_data=True),
        DeviceReported(platform="ios", route="own", app_data=False),
        DeviceReported(platform="android", route="none", app_data=True),
        DeviceReported(platform="android", route="own", app_data=False),
    )
    full.feed(on.DeviceLeft("Android"), on.DeviceLeft("nobody's"))
    assert NONE not in {found for found, _ in routes(full)}
    book(full, 10)
    assert routes(full) == [(CAR, True)] * 3


@pytest.mark.requirement("CON-27", "CON-28")
def test_a_package_that_was_never_booked_is_none(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.SharingEnabled())
    assert taycan.shown() == ["sharing-without-package"]
    taycan.feed(*DEVICES)
    assert routes(taycan) == [(OWN, True), (OWN, False), (NONE, True), (OWN, False)]


@pytest.mark.requirement("CON-27")
def test_a_package_is_renewed_by_itself_where_that_was_booked(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.go_online()
    book(taycan, 30, renewed_days=30)
    first = taycan.state.data_package_until
    assert first is not None
    assert DataPackageReported(state="valid", until=first, renewed_days=30) in taycan.said()
    taycan.feed(on.SharingEnabled(), ANDROID)
    taycan.wait(days=95)
    assert taycan.at("data_package") is DataPackage.VALID
    assert taycan.state.data_package_until == first + timedelta(days=90)
    assert routes(taycan) == [(CAR, True)]
    taycan.command(BookDataPackage(until=taycan.now + timedelta(days=1)))
    taycan.wait(days=1)
    assert taycan.at("data_package") is DataPackage.EXPIRED
    assert DataPackageReported(state="expired", until=taycan.state.data_package_until) in taycan.said()
    taycan.wait(days=60)
    assert taycan.at("data_package") is DataPackage.EXPIRED


def test_periods_that_passed_while_the_pcm_was_off_are_over(taycan: "Driver") -> None:
    book(taycan, 1, renewed_days=7)
    until = taycan.state.data_package_until
    assert until is not None
    taycan.now += timedelta(days=20)
    taycan.restart()
    taycan.feed(on.TimerFired("data-package"))
    assert taycan.state.data_package_until == until + timedelta(days=21)


def test_a_package_that_is_over_cannot_be_booked(taycan: "Driver") -> None:
    reply = taycan.command(BookDataPackage(until=taycan.now))
    assert (reply.stage, reply.code, reply.requirement) == ("refused", "data-package-over", "CON-27")
    assert taycan.at("data_package") is DataPackage.NONE


@pytest.mark.requirement("CON-26")
def test_any_way_to_data_can_be_shared_where_mobile_data_is_on(cayenne: "Driver") -> None:
    cayenne.speak_seldom()
    cayenne.feed(on.WayOrderChosen((Way.HOTSPOT, Way.EMBEDDED_SIM, Way.INSERTED_SIM)), on.HotspotJoined("Net"))
    cayenne.feed(on.SharingEnabled(), PIXEL)
    book(cayenne, 1)
    cayenne.go_online()
    assert cayenne.state.way is Way.HOTSPOT
    assert routes(cayenne) == [(CAR, True)]
    cayenne.feed(on.MobileDataDisabled())
    assert cayenne.online()
    assert CAR not in [kind for kind, _ in routes(cayenne)]
    assert cayenne.of(do.ReportState), "the backend would go on believing that passengers have data"


def test_only_its_own_timer_ends_the_package(taycan: "Driver") -> None:
    assert taycan.command(BookDataPackage(until=taycan.now + timedelta(days=30), renewed_days=None)).stage == "done"
    taycan.state.timers["attach-retry"] = taycan.now
    taycan.feed(on.TimerFired("attach-retry"))
    assert taycan.at("data_package") is DataPackage.VALID


def test_a_phone_of_which_nothing_else_is_to_be_told_makes_no_new_state(cayenne: "Driver") -> None:
    cayenne.feed(on.DeviceJoined("iPhone", Platform.IOS))
    version = cayenne.state.version
    cayenne.feed(IPHONE)
    assert cayenne.state.version == version, "that it stays shows once the car has a WiFi"
