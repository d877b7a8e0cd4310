"""Orders that are withdrawn, called off or given up, and what reports of them prove."""

from datetime import timedelta

import pytest

from pcm_agent.protocol.messages import Look, PackageState, Reply, WithdrawPackage
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.manifests import CLOCK_TOLERANCE
from simulator.backend.records import OrderState
from simulator.lab import START
from tests.simulator.backend.office import FUNCTION, SECOND, VIN, Office


def test_an_order_can_be_withdrawn(office: Office) -> None:
    office.order()
    office.desk.withdraw(VIN, FUNCTION)
    assert office.commands()[-1] == WithdrawPackage(offer_id="order-1.1")
    assert office.order_state() == (OrderState.CANCELLED, None, 0), "though the car may never answer"
    office.desk.publish_stale()
    assert office.listed() == {}
    assert office.order() == 2


def test_a_car_is_told_to_look_once_an_order_is_cancelled(office: Office) -> None:
    office.order()
    office.withdraw()
    office.desk.publish_stale()
    assert office.commands() == [Look(), Look()]
    office.hear(office.report(PackageState.CANCELLED))
    assert office.order_state() == (OrderState.CANCELLED, None, 0)


@pytest.mark.requirement("FOD-01", "FOD-09")
@pytest.mark.parametrize("said", [PackageState.CANCELLED, PackageState.EXPIRED])
@pytest.mark.parametrize("before", [PackageState.OFFERED, PackageState.STAGED])
def test_a_report_alone_ends_no_order(office: Office, before: PackageState, said: PackageState) -> None:
    """Whoever has the broker could have made it."""
    office.order()
    office.hear(office.report(before))
    stood = office.order_state()[0]
    for _ in range(2):
        office.hear(office.report(said))
    office.hear(office.state(office.report(said)), channel="state", kind="state")
    office.desk.publish_stale()
    assert office.order_state() == (stood, "order-not-ended", 0)
    assert office.noted("order-not-ended") == [{"order": 1, "code": "order-not-ended"}]
    assert list(office.listed()) == ["order-1.1"]
    assert office.commands() == [Look()]
    office.hear(office.report(PackageState.ACTIVE))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


@pytest.mark.parametrize("state", [PackageState.CANCELLED, PackageState.EXPIRED])
def test_what_nothing_bears_out_hides_no_true_failure(office: Office, state: PackageState) -> None:
    office.order()
    office.hear(office.report(PackageState.FAILED, code="package-hash"))
    office.hear(office.report(state))
    assert office.order_state() == (OrderState.OPEN, "package-hash", 0)
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.report(state, "order-1.2"))
    office.hear(office.report(PackageState.FAILED, "order-1.2", code="package-length"))
    assert office.order_state() == (OrderState.OPEN, "package-length", 0)


def test_what_was_only_reported_hides_nothing_that_the_car_has_signed(office: Office) -> None:
    office.order()
    office.hear(office.manifest(attack="metadata-expired"))
    for state in PackageState.FAILED, PackageState.CANCELLED:
        office.hear(office.report(state, code="package-hash"))
        assert office.order_state() == (OrderState.OPEN, "metadata-expired", 0)


def test_a_car_that_gave_up_what_nobody_cancelled_is_offered_it_again(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.CANCELLED))
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.report(PackageState.CANCELLED))
    assert office.order_state() == (OrderState.OPEN, None, 0), "of the attempt before"
    office.hear(office.report(PackageState.ACTIVE, "order-1.2"))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_what_the_director_lists_no_longer_is_cancelled_by_the_report(office: Office) -> None:
    office.order()
    office.depot.repositories.director.withdraw(VIN, "order-1.1", START)
    office.hear(office.report(PackageState.CANCELLED))
    assert office.order_state() == (OrderState.CANCELLED, None, 0)


@pytest.mark.parametrize(
    ("early", "error"), [(SECOND, None), (CLOCK_TOLERANCE, None), (CLOCK_TOLERANCE + SECOND, "order-not-ended")]
)
def test_a_car_whose_clock_is_ahead_says_a_little_early_that_28_days_are_over(
    office: Office, early: timedelta, error: str | None
) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME - early)
    office.hear(office.report(PackageState.EXPIRED))
    assert office.order_state() == (OrderState.OPEN, error, 0)
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state() == (OrderState.CANCELLED, error, 0)


@pytest.mark.requirement("FOD-13")
def test_a_function_that_was_never_attested_does_not_leave_the_car_by_a_report(office: Office) -> None:
    office.order()
    for state in (PackageState.ACTIVE, PackageState.REMOVED):
        office.inbox.receive(office.message(office.report(state)))
    office.hear(office.manifest())
    office.desk.publish_stale()
    assert office.order_state() == (OrderState.DOWNLOADED, None, 0)
    assert list(office.listed()) == ["order-1.1"]
    office.inbox.receive(office.attestation())
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_a_report_of_what_was_called_off_keeps_nobody_from_ordering_again(office: Office) -> None:
    office.order()
    office.withdraw()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE)))
    office.hear(office.manifest())
    assert office.order() == 2


def test_a_car_is_not_told_of_28_days_that_are_over_as_it_may_have_downloaded_in_time(office: Office) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.desk.publish_stale()
    assert office.commands() == [Look()]


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("before", [None, PackageState.STAGED])
def test_an_order_that_was_cancelled_and_is_installed_nonetheless_is_removed_and_never_billed(
    office: Office, before: PackageState | None
) -> None:
    office.order()
    if before is not None:
        office.hear(office.report(before))
    office.withdraw()
    office.hear(office.report(PackageState.STAGED))
    assert office.order_state() == (OrderState.CANCELLED, None, 0)
    office.hear(office.report(PackageState.ACTIVE))
    office.desk.publish_stale()
    assert office.listed() == {}
    assert office.removed() == {"order-1.1"}
    assert office.commands()[-1] == Look()
    office.hear(office.report(PackageState.REMOVED))
    office.desk.publish_stale()
    assert office.order_state() == (OrderState.REMOVED, None, 0)
    assert office.removed() == frozenset()


def test_who_cancels_an_order_and_orders_again_keeps_what_was_ordered_last(office: Office) -> None:
    office.order()
    office.withdraw()
    office.order()
    office.hear(office.report(PackageState.ACTIVE))
    office.desk.publish_stale()
    assert office.removed() == frozenset()
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    assert [bill.order_id for bill in office.bills()] == [2]


def test_an_order_whose_package_failed_can_be_withdrawn(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.FAILED, code="package-hash"))
    office.withdraw()
    assert office.order_state() == (OrderState.CANCELLED, "package-hash", 0)
    assert len(office.noted("order-cancelled")) == 1
    office.order()


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("code", ["offer-unknown", "installation-in-progress", "already-active"])
def test_what_a_car_answers_decides_nothing(office: Office, code: str) -> None:
    """Whoever has the broker could have answered."""
    office.order()
    office.hear(office.report(PackageState.ACTIVATING))
    office.withdraw(Reply(stage="refused", code=code))
    assert office.order_state() == (OrderState.CANCELLED, None, 0)
    assert office.noted("command-refused") == [{"kind": "withdraw-package", "code": code}]
    office.hear(office.report(PackageState.ACTIVE))
    office.desk.publish_stale()
    assert office.removed() == {"order-1.1"}
    assert office.bills() == []
