from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Equipment, load_profile, profile_names
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.regions.security import SENSORS, SERVICE_MODE_TIME
from pcm_agent.core.report import state_report
from pcm_agent.core.states import Access, Alarm, DriverCard, ServiceMode, TheftSensor
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm, SecurityReported

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

PLUS, PLAIN = Equipment.VEHICLE_TRACKING_SYSTEM_PLUS, Equipment.VEHICLE_TRACKING_SYSTEM
SUSPENDED = [sensor for sensor in TheftSensor if not SENSORS[sensor].in_service_mode]
ALWAYS = [sensor for sensor in TheftSensor if SENSORS[sensor].in_service_mode]


@pytest.fixture
def guarded(make_car: "Callable[..., Driver]") -> "Driver":
    return make_car("taycan", "DE", equipment=(PLUS,))


def alarms(car: "Driver") -> list[tuple[str, str]]:
    return [(body.alarm, body.cause) for body in car.said() if isinstance(body, AlarmRaised)]


# --- the driver card ---


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("online", [False, True])
def test_a_car_that_moves_without_a_card_alarms_the_centre_and_nobody_else(
    guarded: "Driver", online: bool, private: bool
) -> None:
    guarded.feed(on.PcmStarted())
    if online:
        guarded.go_online()
    if private:
        guarded.feed(on.PrivateModeEnabled())
    guarded.feed(on.CarMoved())
    assert guarded.state.alarm is Alarm.SILENT
    report = AlarmRaised(alarm="silent", cause="driver-card", at=guarded.now)
    assert guarded.of(do.Publish) == [do.Publish(report, durable=True)]
    assert not [effect for effect in guarded.last if isinstance(effect, (do.Show, do.ShowSymbol))]


@pytest.mark.requirement("SEC-01")
def test_with_a_card_the_car_may_move(guarded: "Driver") -> None:
    guarded.feed(on.DriverCardDetected(), on.CarMoved())
    assert guarded.state.alarm is Alarm.QUIET
    assert alarms(guarded) == []
    guarded.feed(on.DriverCardLost(), on.CarMoved())
    assert alarms(guarded) == [("silent", "driver-card")]


def test_one_alarm_is_told_once_until_the_centre_has_closed_it(guarded: "Driver") -> None:
    guarded.feed(on.CarMoved(), on.CarMoved())
    assert alarms(guarded) == [("silent", "driver-card")]
    assert guarded.command(CloseAlarm()).stage == "done"
    assert guarded.state.alarm is Alarm.QUIET
    guarded.feed(on.CarMoved())
    assert alarms(guarded) == [("silent", "driver-card")]


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize("equipment", [(), (PLAIN,)])
def test_a_car_without_the_plus_system_knows_no_driver_card(
    make_car: "Callable[..., Driver]", equipment: tuple[Equipment, ...]
) -> None:
    car = make_car("taycan", "DE", equipment=equipment)
    car.feed(on.CarMoved())
    assert car.last == []
    car.feed(on.DriverCardDetected())
    assert car.refusals() == [("no-driver-card", "SEC-02", ())]
    assert car.state.driver_card is DriverCard.ABSENT


@pytest.mark.requirement("SEC-02")
@pytest.mark.parametrize("name", profile_names())
def test_it_is_the_plus_system_that_brings_driver_cards(name: str) -> None:
    assert load_profile(name).security.driver_card in (None, PLUS)


# --- theft ---


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("sensor", TheftSensor)
@pytest.mark.parametrize("system", [PLAIN, PLUS])
def test_each_sensor_of_a_locked_car_tells_the_centre(
    make_car: "Callable[..., Driver]", system: Equipment, sensor: TheftSensor
) -> None:
    car = make_car("taycan", "DE", equipment=(system,))
    car.feed(on.TheftSensorTripped(sensor))
    assert car.state.alarm is Alarm.THEFT
    assert car.of(do.Publish) == [do.Publish(AlarmRaised(alarm="theft", cause=sensor.value, at=car.now))]
    assert car.shown() == []


@pytest.mark.requirement("SEC-03")
def test_each_further_sensor_is_told_and_a_silent_alarm_becomes_a_theft(guarded: "Driver") -> None:
    guarded.feed(on.CarMoved(), on.TheftSensorTripped(TheftSensor.GLASS), on.TheftSensorTripped(TheftSensor.TILT))
    assert alarms(guarded) == [("silent", "driver-card"), ("theft", "glass"), ("theft", "tilt")]
    guarded.feed(on.CarMoved())
    assert alarms(guarded) == [("silent", "driver-card")]
    guarded.feed(on.CarMoved())
    assert guarded.last == []


@pytest.mark.parametrize("sensor", TheftSensor)
def test_what_a_driver_sets_off_too_counts_only_in_a_locked_car(guarded: "Driver", sensor: TheftSensor) -> None:
    guarded.feed(on.CarUnlocked(), on.TheftSensorTripped(sensor))
    assert bool(alarms(guarded)) is not SENSORS[sensor].locked_only


@pytest.mark.parametrize("sensor", TheftSensor)
def test_a_car_without_a_tracking_system_is_not_watched(taycan: "Driver", sensor: TheftSensor) -> None:
    taycan.feed(on.TheftSensorTripped(sensor))
    assert taycan.refusals() == [("no-security-package", "SEC-03", ())]


# --- never fully off ---


@pytest.mark.requirement("SEC-04")
def test_the_package_can_not_be_switched_off(guarded: "Driver") -> None:
    guarded.feed(on.SecurityPackageDisabled())
    assert guarded.refusals() == [("security-always-on", "SEC-04", ())]
    guarded.feed(on.CarMoved())
    assert alarms(guarded)


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("sensor", SUSPENDED)
def test_service_mode_suspends_a_part_for_a_time(guarded: "Driver", sensor: TheftSensor) -> None:
    guarded.feed(on.ServiceModeEnabled())
    assert guarded.shown() == ["service-mode-on"]
    guarded.feed(on.TheftSensorTripped(sensor))
    guarded.wait(seconds=SERVICE_MODE_TIME.total_seconds() - 1)
    guarded.feed(on.TheftSensorTripped(sensor))
    assert guarded.state.alarm is Alarm.QUIET
    guarded.wait(seconds=1)
    assert guarded.shown() == ["service-mode-off"]
    guarded.feed(on.TheftSensorTripped(sensor))
    assert alarms(guarded) == [("theft", sensor.value)]


@pytest.mark.requirement("SEC-04")
@pytest.mark.parametrize("event", [on.CarMoved(), *map(on.TheftSensorTripped, ALWAYS)], ids=str)
def test_service_mode_leaves_the_rest_of_the_alarm_on(guarded: "Driver", event: on.Event) -> None:
    guarded.feed(on.ServiceModeEnabled(), event)
    assert len(alarms(guarded)) == 1


def test_service_mode_can_be_ended_and_begun_anew(guarded: "Driver") -> None:
    guarded.feed(on.ServiceModeEnabled())
    guarded.wait(hours=1)
    guarded.feed(on.ServiceModeDisabled())
    assert guarded.shown() == ["service-mode-off"]
    assert guarded.state.timers == {}
    guarded.feed(on.ServiceModeEnabled(), on.ServiceModeEnabled())
    assert guarded.state.timers == {"service-mode": guarded.now + SERVICE_MODE_TIME}
    guarded.wait(hours=7)
    assert guarded.state.service_mode is ServiceMode.ON


def test_the_backend_sees_the_package(guarded: "Driver") -> None:
    guarded.feed(on.DriverCardDetected(), on.ServiceModeEnabled(), on.TheftSensorTripped(TheftSensor.JAMMING))
    expected = SecurityReported(alarm="theft", driver_card="present", service_mode="on")
    assert state_report(guarded.state).security == expected


def test_an_alarm_without_data_is_dated_when_it_happened(guarded: "Driver") -> None:
    guarded.feed(on.CarMoved())
    (report,) = [body for body in guarded.said() if isinstance(body, AlarmRaised)]
    guarded.now += timedelta(hours=2)
    guarded.go_online(Access.EDGE)
    assert report.at == guarded.now - timedelta(hours=2)


def test_a_sensor_that_does_not_count_is_not_told_beside_one_that_did(guarded: "Driver") -> None:
    guarded.feed(on.TheftSensorTripped(TheftSensor.JAMMING), on.CarUnlocked())
    guarded.feed(on.TheftSensorTripped(TheftSensor.TILT))
    assert guarded.said() == []


def test_only_its_own_timer_ends_service_mode(guarded: "Driver") -> None:
    guarded.feed(on.ServiceModeEnabled())
    guarded.state.timers["link"] = guarded.now
    guarded.feed(on.TimerFired("link"))
    assert guarded.at("service_mode") is ServiceMode.ON
