from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Band, Way, load_usage
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.report import state_report
from pcm_agent.core.states import Access, MapUpdate, Purpose
from pcm_agent.protocol.messages import PackageState
from pcm_agent.protocol.sharing import BookDataPackage, DataUsageReported, DataUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

MUSIC, TRAFFIC, PASSENGERS = Purpose.MUSIC, Purpose.TRAFFIC, Purpose.PASSENGERS
EMBEDDED, INSERTED, HOTSPOT = Way.EMBEDDED_SIM, Way.INSERTED_SIM, Way.HOTSPOT
MB = 1_000_000
OFFER = on.MapUpdateOffered("2026.1", 900 * MB)


def used(car: "Driver") -> list[tuple[Purpose, Way, bool, int]]:
    return [(use.purpose, use.way, use.charged, use.bytes) for use in car.state.usage]


def usage_reports(said: Iterable[object]) -> list[DataUsageReported]:
    return [body for body in said if isinstance(body, DataUsageReported)]


# --- the meter ---


@pytest.mark.requirement("CON-29")
def test_data_is_counted_by_purpose_and_way(cayenne: "Driver") -> None:
    cayenne.feed(on.HotspotJoined("Net"))
    cayenne.go_online()
    cayenne.feed(on.DataUsed(MUSIC, 3), on.DataUsed(MUSIC, 4), on.DataUsed(TRAFFIC, 5), on.DataUsed(TRAFFIC, 0))
    cayenne.feed(on.MobileDataDisabled(), on.BearerAttached(HOTSPOT, None), on.DataUsed(MUSIC, 6))
    assert used(cayenne) == [
        (MUSIC, EMBEDDED, False, 7),
        (TRAFFIC, EMBEDDED, False, 5),
        (MUSIC, HOTSPOT, False, 6),
    ]
    assert do.ReportState() in cayenne.last
    assert state_report(cayenne.state).data_usage == DataUsageReported(
        month="2026-03",
        uses=(
            DataUse(purpose="music", way="embedded-sim", bytes=7),
            DataUse(purpose="traffic", way="embedded-sim", bytes=5),
            DataUse(purpose="music", way="hotspot", bytes=6),
        ),
    )


@pytest.mark.requirement("CON-29")
def test_no_byte_without_a_connection(cayenne: "Driver") -> None:
    cayenne.feed(on.DataUsed(MUSIC, 1))
    assert cayenne.refusals() == [("no-data-connection", "CON-29", ())]
    cayenne.feed(on.IgnitionTurnedOn(), on.CellChanged("DE", Access.LTE), on.DataUsed(MUSIC, 1))
    assert cayenne.refusals() == [("no-data-connection", "CON-29", ())]
    assert used(cayenne) == []


@pytest.mark.requirement("CON-27")
def test_passengers_use_only_what_is_shared_and_paid_for(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(on.SharingEnabled(), on.DataUsed(PASSENGERS, 9))
    assert cayenne.refusals() == [("data-not-shared", "CON-27", ())]
    cayenne.command(BookDataPackage(until=cayenne.now + timedelta(days=1)))
    cayenne.feed(on.DataUsed(PASSENGERS, 9))
    assert used(cayenne) == [(PASSENGERS, EMBEDDED, False, 9)]


@pytest.mark.requirement("CON-29")
def test_a_download_is_counted_as_it_comes(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed("fod-1", 10 * MB), on.DownloadProgressed("fod-1", 15 * MB))
    assert used(taycan) == [(Purpose.PACKAGE, EMBEDDED, False, 15 * MB)]
    taycan.feed(on.DownloadInterrupted("fod-1", "server-error"))
    taycan.wait(minutes=1)
    taycan.feed(on.DownloadProgressed("fod-1", 14 * MB), on.DownloadProgressed("fod-1", 20 * MB))
    taycan.feed(on.DownloadCompleted("fod-1"))
    assert taycan.job().received == 40 * MB
    assert sum(use.bytes for use in taycan.state.usage) == pytest.approx(40 * MB, abs=1 * MB)
    assert taycan.job().state is PackageState.WAITING


@pytest.mark.requirement("CON-12")
def test_abroad_data_is_free_over_the_embedded_sim_and_charged_over_the_inserted_one(
    make_car: "Callable[..., Driver]",
) -> None:
    for embedded_sim, way, charged in ((True, EMBEDDED, False), (False, INSERTED, True)):
        car = make_car("cayenne-gen3", "DE", embedded_sim=embedded_sim)
        car.feed(on.SimInserted("DE", pin_required=False), on.ApnEntered("internet"), on.RoamingEnabled())
        car.go_online()
        car.feed(on.DataUsed(MUSIC, 1), on.CellChanged("CH", Access.LTE), on.DataUsed(MUSIC, 20))
        assert sum(count for _, found, paid, count in used(car) if found is way and paid) == (20 if charged else 0)
        assert sum(count for *_, count in used(car)) == 21


# --- months ---


@pytest.mark.requirement("CON-29")
def test_the_counter_starts_again_with_the_month(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.go_online()
    taycan.feed(on.DataUsed(MUSIC, 7))
    taycan.wait(days=29)
    taycan.feed(on.DataUsed(MUSIC, 1))
    assert used(taycan) == [(MUSIC, EMBEDDED, False, 8)]
    taycan.wait(days=1)
    taycan.feed(on.DataUsed(MUSIC, 8))
    use = DataUse(purpose="music", way="embedded-sim", bytes=8)
    assert usage_reports(taycan.said()) == [DataUsageReported(month="2026-03", uses=(use,))]
    assert used(taycan) == [(MUSIC, EMBEDDED, False, 8)]


@pytest.mark.requirement("CON-29")
def test_the_month_is_that_of_utc_and_of_the_event(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.now = datetime(2027, 1, 1, 8, tzinfo=timezone(timedelta(hours=9)))  # still December in UTC
    taycan.feed(on.DataUsed(MUSIC, 7))
    assert taycan.state.usage_month == "2026-12"
    taycan.now = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)
    taycan.feed(on.DataUsed(MUSIC, 8))
    use = DataUse(purpose="music", way="embedded-sim", bytes=7)
    assert usage_reports(taycan.said()) == [DataUsageReported(month="2026-12", uses=(use,))]
    assert used(taycan) == [(MUSIC, EMBEDDED, False, 8)]


USAGE = load_usage()


@pytest.mark.requirement("CON-29")
@pytest.mark.parametrize("band", USAGE.bands, ids=lambda band: band.id)
def test_a_typical_month_takes_what_the_seeds_say(taycan: "Driver", band: Band) -> None:
    """Thirty days of each band's life go through the meter, drive by drive."""
    rates, life = USAGE.rates, band.life
    assert life.yearly_km >= band.yearly_km_from
    assert band.yearly_km_to is None or life.yearly_km <= band.yearly_km_to
    taycan.now = datetime(2026, 4, 1, 7, tzinfo=UTC)
    taycan.speak_seldom()
    taycan.go_online()
    km = life.yearly_km / 12 / 30
    music_hours = km / life.average_kmh * life.music_percent / 100
    for _ in range(30):
        taycan.feed(
            on.DataUsed(TRAFFIC, round(km * rates.traffic_bytes_per_km)),
            on.DataUsed(Purpose.NAVIGATION, round(km * rates.navigation_bytes_per_km)),
            on.DataUsed(MUSIC, round(music_hours * rates.music_bytes_per_hour)),
            on.DataUsed(Purpose.WEATHER, rates.weather_bytes_per_day),
        )
        taycan.wait(hours=23)
    taken = sum(use.bytes for use in taycan.state.usage)
    assert band.monthly_bytes_from <= taken <= band.monthly_bytes_to
    assert taken == pytest.approx(USAGE.month_of(life), rel=0.001)
    taycan.feed(on.SharingEnabled())
    taycan.command(BookDataPackage(until=taycan.now + timedelta(days=1)))
    taycan.feed(on.DataUsed(PASSENGERS, 5 * rates.passenger_bytes_per_hour))
    assert sum(use.bytes for use in taycan.state.usage) > taken + band.monthly_bytes_to / 2  # "adds much"


# --- map updates ---


@pytest.mark.requirement("CON-29")
def test_a_map_update_waits_for_wifi(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(OFFER)
    assert cayenne.at("map_update") is MapUpdate.WAITING
    assert cayenne.of(do.Show) == [do.Show("map-update-waiting", {"reasons": ("no-wifi",)})]
    assert cayenne.of(do.StartMapUpdate) == []
    cayenne.feed(on.MobileDataDisabled(), on.HotspotJoined("Net"))
    assert cayenne.at("map_update") is MapUpdate.WAITING
    cayenne.feed(on.BearerAttached(HOTSPOT, None))
    assert cayenne.of(do.StartMapUpdate) == [do.StartMapUpdate("2026.1", 0, 900 * MB)]
    cayenne.feed(on.MapUpdateProgressed(400 * MB))
    cayenne.feed(on.HotspotLost())
    assert cayenne.of(do.StopMapUpdate) == [do.StopMapUpdate()]
    assert cayenne.at("map_update") is MapUpdate.WAITING
    assert "map-update-waiting" in cayenne.shown()
    assert cayenne.feed(on.MapUpdateProgressed(500 * MB)) == []
    cayenne.feed(on.MobileDataEnabled(), on.BearerAttached(EMBEDDED, Access.LTE))
    assert cayenne.at("map_update") is MapUpdate.WAITING
    cayenne.feed(on.HotspotJoined("Net"), on.MobileDataDisabled(), on.BearerAttached(HOTSPOT, None))
    assert cayenne.of(do.StartMapUpdate) == [do.StartMapUpdate("2026.1", 400 * MB, 900 * MB)]
    cayenne.feed(on.MapUpdateLoaded())
    assert cayenne.at("map_update") is MapUpdate.LOADED
    assert cayenne.shown() == ["map-update-loaded"]
    assert used(cayenne) == [(Purpose.MAP_UPDATE, HOTSPOT, False, 900 * MB)]
    report = state_report(cayenne.state).map_update
    assert report is not None
    assert (report.state, report.version, report.received, report.length) == ("loaded", "2026.1", 900 * MB, 900 * MB)


@pytest.mark.requirement("CON-29")
def test_the_driver_may_let_map_updates_use_mobile_data(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(OFFER, on.MapUpdatesOverMobileAllowed())
    assert taycan.at("map_update") is MapUpdate.LOADING
    taycan.feed(on.MapUpdateProgressed(300 * MB), on.MapUpdatesOverMobileForbidden())
    assert taycan.at("map_update") is MapUpdate.WAITING
    taycan.feed(on.MapUpdatesOverMobileAllowed(), on.CellChanged("JP", None))
    assert taycan.of(do.Show)[-1] == do.Show("map-update-waiting", {"reasons": ("no-data",)})
    taycan.feed(on.CellChanged("JP", Access.LTE), on.BearerAttached(EMBEDDED, Access.LTE))
    assert taycan.of(do.StartMapUpdate) == [do.StartMapUpdate("2026.1", 300 * MB, 900 * MB)]
    taycan.feed(on.MapUpdateLoaded())
    assert used(taycan) == [(Purpose.MAP_UPDATE, EMBEDDED, False, 900 * MB)]


@pytest.mark.requirement("PRV-02")
def test_private_mode_holds_a_map_update(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.MapUpdatesOverMobileAllowed(), on.PrivateModeEnabled(), OFFER)
    assert taycan.at("map_update") is MapUpdate.WAITING
    taycan.feed(on.PrivateModeDisabled())
    assert taycan.at("map_update") is MapUpdate.LOADING


def test_a_newer_map_takes_the_place_of_an_older(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.MapUpdatesOverMobileAllowed(), OFFER, on.MapUpdateProgressed(MB))
    assert taycan.feed(OFFER) == []
    taycan.feed(on.MapUpdateOffered("2026.2", 50 * MB))
    assert taycan.of(do.StopMapUpdate) == [do.StopMapUpdate()]
    assert taycan.of(do.StartMapUpdate) == [do.StartMapUpdate("2026.2", 0, 50 * MB)]
    taycan.feed(on.MapUpdatesOverMobileForbidden(), on.MapUpdateOffered("2026.3", 60 * MB))
    assert (taycan.state.map_version, taycan.state.map_length) == ("2026.3", 60 * MB)


def test_a_restart_goes_on_where_the_map_ended(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.MapUpdatesOverMobileAllowed(), OFFER, on.MapUpdateProgressed(MB))
    taycan.restart()
    assert taycan.at("map_update") is MapUpdate.WAITING
    taycan.feed(on.BearerAttached(EMBEDDED, Access.LTE))
    assert taycan.of(do.StartMapUpdate) == [do.StartMapUpdate("2026.1", MB, 900 * MB)]


@pytest.mark.requirement("CON-29")
def test_a_map_that_is_there_or_on_its_way_is_not_loaded_again(taycan: "Driver") -> None:
    taycan.feed(OFFER)
    assert taycan.feed(OFFER) == []
    taycan.feed(on.MapUpdatesOverMobileAllowed())
    taycan.go_online()
    taycan.feed(on.MapUpdateLoaded())
    assert taycan.at("map_update") is MapUpdate.LOADED
    taycan.feed(OFFER)
    assert taycan.at("map_update") is MapUpdate.LOADED
