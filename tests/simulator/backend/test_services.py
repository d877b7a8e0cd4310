"""Services, and the security operations centre."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm
from pcm_agent.protocol.services import CancelService, ProvideService, ServiceReported, ServicesReported
from simulator.backend.centre import Noted, alarms_of, close_alarm
from simulator.backend.desk import Desk
from simulator.backend.records import AlarmRow
from simulator.backend.services import (
    SECURITY_PACKAGE,
    Contract,
    cancel_service,
    certificate_of,
    contract_of,
    order_service,
)
from tests.simulator.backend.office import VIN, Office

NAVIGATION, MONTH = "online-navigation", timedelta(days=30)
PHONE = "+49 711 555 0100"


def reported(
    state: Literal["ended", "ordered", "unavailable", "available"], service: str = NAVIGATION
) -> ServiceReported:
    return ServiceReported(service=service, state=state)


@pytest.mark.requirement("STO-07")
def test_an_ordered_service_goes_to_the_car_at_once(office: Office) -> None:
    until = office.clock.now() + MONTH
    order_service(office.desk, VIN, NAVIGATION, until)
    assert office.commands() == [ProvideService(service=NAVIGATION, until=until)]
    assert contract_of(office.desk, VIN, NAVIGATION) == Contract("contracted", until, MONTH)
    assert office.noted("service-ordered") == [{"service": NAVIGATION, "until": until.isoformat()}]


@pytest.mark.requirement("STO-09")
def test_the_remaining_term_of_a_service_is_shown(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    for passed, left in ((10, 20), (20, 0), (5, 0)):
        office.clock.jump(office.clock.now() + timedelta(days=passed))
        contract = contract_of(office.desk, VIN, NAVIGATION)
        assert contract is not None
        assert contract.remaining == timedelta(days=left)
    assert contract_of(office.desk, VIN, "weather") is None


def test_a_service_is_prolonged(office: Office) -> None:
    for months in (1, 2):
        order_service(office.desk, VIN, NAVIGATION, office.clock.now() + months * MONTH)
    contract = contract_of(office.desk, VIN, NAVIGATION)
    assert contract is not None
    assert contract.remaining == 2 * MONTH


def test_what_the_car_says_of_a_service_is_kept_and_noted_once(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    office.hear(reported("available"))
    services = ServicesReported(traffic="off", app="disconnected", app_online=False, services=(reported("available"),))
    office.hear(msgspec.structs.replace(office.state(), services=services), channel="state")
    assert len(office.noted("service-available")) == 1
    office.hear(reported("available", "weather"))
    assert contract_of(office.desk, VIN, "weather") is None


def test_a_missed_report_of_a_service_is_learnt_from_the_state(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    services = ServicesReported(traffic="off", app="disconnected", app_online=False, services=(reported("ended"),))
    office.hear(msgspec.structs.replace(office.state(), services=services), channel="state")
    assert len(office.noted("service-ended")) == 1


def test_a_service_is_cancelled(office: Office) -> None:
    order_service(office.desk, VIN, NAVIGATION, office.clock.now() + MONTH)
    cancel_service(office.desk, VIN, NAVIGATION)
    assert office.commands()[-1] == CancelService(service=NAVIGATION)


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (lambda desk: order_service(desk, VIN, NAVIGATION, desk.clock.now()), "term-over"),
        (lambda desk: order_service(desk, "WP0ZZZY1ZPSA00009", NAVIGATION, desk.clock.now() + MONTH), "car-unknown"),
        (lambda desk: close_alarm(desk, "WP0ZZZY1ZPSA00009"), "car-unknown"),
        (lambda desk: cancel_service(desk, VIN, NAVIGATION), "service-unknown"),
    ],
)
def test_a_visit_that_cannot_be_is_named(office: Office, visit: Callable[[Desk], None], code: str) -> None:
    with pytest.raises(LocalError) as caught:
        visit(office.desk)
    assert caught.value.code == code
    assert office.waiting() == []


@pytest.mark.requirement("SEC-05")
def test_the_certificate_is_there_once_the_package_works_in_the_car(office: Office) -> None:
    assert certificate_of(office.desk, VIN) is None
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, PHONE)
    office.hear(reported("ordered", SECURITY_PACKAGE))
    assert certificate_of(office.desk, VIN) is None
    office.hear(reported("available", SECURITY_PACKAGE))
    certificate = certificate_of(office.desk, VIN)
    assert certificate is not None
    office.clock.jump(office.clock.now() + timedelta(days=1))
    office.hear(reported("unavailable", SECURITY_PACKAGE))
    office.hear(reported("available", SECURITY_PACKAGE))
    assert certificate_of(office.desk, VIN) == certificate
    assert len(office.noted("security-activated")) == 1


@pytest.mark.requirement("SEC-03")
@pytest.mark.parametrize("phone", [PHONE, None])
def test_the_centre_notes_an_alarm_and_calls_the_number_given_at_purchase(office: Office, phone: str | None) -> None:
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, phone)
    for _ in range(2):
        office.hear(AlarmRaised(alarm="theft", cause="tilt", at=office.clock.now()), message_id="alarm-1")
    assert alarms_of(office.desk, VIN) == [Noted("theft", "tilt", phone is not None)]
    with Session(office.desk.engine) as db:
        assert db.scalars(select(AlarmRow.called)).all() == [phone]
    assert bool(office.noted("owner-called")) is (phone is not None)
    assert bool(office.noted("no-number-to-call")) is (phone is None)
    assert PHONE not in str(office.notes)


def test_an_alarm_of_a_car_without_the_package_is_noted_all_the_same(office: Office) -> None:
    office.hear(AlarmRaised(alarm="silent", cause="driver-card", at=office.clock.now()))
    assert alarms_of(office.desk, VIN) == [Noted("silent", "driver-card", called=False)]


def test_prolonging_the_package_keeps_number_and_certificate(office: Office) -> None:
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + MONTH, PHONE)
    office.hear(reported("available", SECURITY_PACKAGE))
    order_service(office.desk, VIN, SECURITY_PACKAGE, office.clock.now() + 2 * MONTH)
    assert certificate_of(office.desk, VIN) is not None
    office.hear(AlarmRaised(alarm="theft", cause="tilt", at=office.clock.now()))
    assert alarms_of(office.desk, VIN) == [Noted("theft", "tilt", called=True)]


def test_the_centre_closes_an_alarm(office: Office) -> None:
    close_alarm(office.desk, VIN)
    assert office.commands() == [CloseAlarm()]
