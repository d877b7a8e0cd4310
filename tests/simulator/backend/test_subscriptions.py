"""Months that are billed, notice, the end at once, trials."""

from datetime import timedelta
from pathlib import Path

import pytest

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import Look, PackageState, Reply
from pcm_agent.transport import Incoming
from simulator.backend.manifests import CLOCK_TOLERANCE
from simulator.backend.orders import Money
from simulator.backend.records import OrderKind, OrderState
from simulator.backend.subscriptions import end_subscription, give_notice, next_due, work_off
from simulator.clock import SimClock
from simulator.lab import START
from tests.simulator.backend.contracts import BEGAN, DAY, OFFER, account, active, be_at, declined, leaving, month
from tests.simulator.backend.office import FUNCTION, MAX, PASSWORD, SECOND, VIN, Office, presence

# --- by the month ---


@pytest.mark.requirement("FOD-09", "STO-04")
def test_a_subscription_is_billed_each_month_from_its_activation_on(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    assert next_due(office.desk) == month(1)
    for number in (1, 2, 3):
        be_at(office, month(number) - SECOND)
        assert len(office.bills()) == number
        be_at(office, month(number))
        assert len(office.bills()) == number + 1
    assert [bill.due_at for bill in office.bills()] == [month(number) for number in range(4)]
    assert [bill.billed_at for bill in office.bills()] == [month(number) for number in range(4)]
    assert account(office).billed == Money(4 * 24_900, "EUR")
    assert str(account(office).billed) == "996.00 EUR"
    assert [note["month"] for note in office.noted("order-billed")] == [1, 2, 3, 4]


def test_nothing_is_due_before_the_activation(office: Office) -> None:
    office.order(kind=OrderKind.MONTHLY)
    assert account(office).contract == "waiting"
    office.hear(office.report(PackageState.STAGED))
    assert next_due(office.desk) is None
    be_at(office, START + 100 * DAY)
    assert office.bills() == []


def test_a_month_is_billed_once_however_often_it_is_looked_at_or_reported(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    be_at(office, month(1))
    for _ in range(3):
        work_off(office.desk)
        office.hear(office.report(PackageState.ACTIVE))
        office.hear(office.state(office.report(PackageState.ACTIVE)), channel="state", kind="state")
    assert len(office.bills()) == 2
    assert account(office).began == BEGAN


def test_months_that_a_backend_slept_through_are_billed_with_their_dates(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backend.sqlite'}"
    first = Office(url)
    first.desk.register(VIN, MAX, PASSWORD, "DE")
    active(first, OrderKind.MONTHLY)
    first.desk.engine.dispose()
    second = Office(url)
    awake = month(3) + DAY
    for _ in range(2):
        be_at(second, awake)
    assert [bill.due_at for bill in second.bills()] == [month(number) for number in range(4)]
    assert [bill.billed_at for bill in second.bills()] == [BEGAN, awake, awake, awake]
    assert next_due(second.desk) == month(4)
    second.desk.engine.dispose()


def test_an_activation_that_is_told_late_is_billed_from_when_it_was(office: Office) -> None:
    office.order(kind=OrderKind.MONTHLY)
    office.clock.jump(BEGAN)
    messages = [office.message(office.report(PackageState.ACTIVE)), office.attestation()]
    office.clock.jump(month(2) + DAY)
    for message in messages:
        office.inbox.receive(message)
    assert [bill.due_at for bill in office.bills()] == [month(number) for number in range(3)]


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("wrong", [-400 * DAY, 3 * DAY, 400 * DAY])
@pytest.mark.parametrize("reported", [False, True])
def test_nobody_pays_for_a_time_before_it_was_heard_because_of_a_clock(
    office: Office, wrong: timedelta, *, reported: bool
) -> None:
    office.order(kind=OrderKind.MONTHLY)
    heard = START + 20 * DAY
    office.clock.jump(heard)
    set_wrong = Office()
    set_wrong.clock = SimClock(heard + wrong)
    if reported:
        office.inbox.receive(set_wrong.message(office.report(PackageState.ACTIVE)))
    office.inbox.receive(set_wrong.message(set_wrong.manifest(office.installed("order-1.1"))))
    assert account(office).began == heard
    assert [bill.due_at for bill in office.bills()] == [heard]


@pytest.mark.requirement("FOD-09")
def test_what_was_signed_before_an_order_is_no_ground_for_its_bill(office: Office) -> None:
    active(office, OrderKind.TRIAL)
    held_back = office.attestation()
    be_at(office, month(1))
    office.hear(office.report(PackageState.REMOVED))
    office.order()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE, "order-2.1")))
    office.inbox.receive(held_back)
    assert office.bills() == []
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    assert [bill.order_id for bill in office.bills()] == [2]


@pytest.mark.requirement("FOD-09")
def test_what_was_held_back_is_no_ground_for_an_order_that_came_after_it_however_soon(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.clock.jump(office.clock.now() + SECOND)
    held_back = office.attestation()
    office.clock.jump(office.clock.now() + SECOND)
    end_subscription(office.desk, VIN, FUNCTION)
    office.hear(office.report(PackageState.REMOVED))
    office.clock.jump(office.clock.now() + SECOND)
    office.order()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE, "order-2.1")))
    office.inbox.receive(held_back)
    assert [bill.order_id for bill in office.bills()] == [1]
    assert office.order_state() == (OrderState.DOWNLOADED, None, 0)
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    assert [bill.order_id for bill in office.bills()] == [1, 2]


# --- notice ---


@pytest.mark.requirement("FOD-12", "STO-05")
def test_notice_in_time_ends_the_subscription_with_its_month(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    be_at(office, month(2) - DAY)
    give_notice(office.desk, VIN, FUNCTION)
    assert (account(office).contract, account(office).ends) == ("ending", month(2))
    assert next_due(office.desk) == month(2)
    be_at(office, month(2) - SECOND)
    assert not leaving(office)
    be_at(office, month(2))
    assert leaving(office)
    assert account(office).contract == "ended"
    assert len(office.bills()) == 2, "the month that would have begun is not billed"
    be_at(office, month(6))
    assert leaving(office)
    assert len(office.bills()) == 2
    office.hear(office.report(PackageState.REMOVED))
    assert account(office).state is OrderState.REMOVED
    assert account(office).contract == "ended"
    assert not leaving(office)


@pytest.mark.requirement("FOD-12")
def test_notice_on_the_last_day_is_too_late_and_the_next_month_is_billed(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    be_at(office, month(1) - DAY + SECOND)
    assert declined(office, give_notice) == "notice-too-late"
    be_at(office, month(1))
    assert len(office.bills()) == 2
    give_notice(office.desk, VIN, FUNCTION)
    assert account(office).ends == month(2)


def test_an_end_that_a_backend_slept_through_is_worked_off_without_a_bill(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    give_notice(office.desk, VIN, FUNCTION)
    be_at(office, month(3))
    assert len(office.bills()) == 1
    assert account(office).ends == month(1)
    assert leaving(office)


def test_notice_is_given_once_and_only_to_a_subscription_that_runs(office: Office) -> None:
    assert declined(office, give_notice) == "order-unknown"
    office.order(kind=OrderKind.MONTHLY)
    assert declined(office, give_notice) == "not-active-yet"
    office.hear(office.report(PackageState.ACTIVE))
    give_notice(office.desk, VIN, FUNCTION)
    assert declined(office, give_notice) == "notice-given"
    end_subscription(office.desk, VIN, FUNCTION)
    assert declined(office, give_notice) == "subscription-over"


# --- at once ---


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("kind", [OrderKind.MONTHLY, OrderKind.TRIAL])
def test_before_the_car_is_handed_over_it_ends_at_once(office: Office, kind: OrderKind) -> None:
    active(office, kind)
    be_at(office, month(0) + DAY)
    end_subscription(office.desk, VIN, FUNCTION)
    assert leaving(office)
    assert account(office).ends == BEGAN + DAY
    assert next_due(office.desk) is None
    assert declined(office, end_subscription) == "subscription-over"
    be_at(office, month(5))
    assert len(office.bills()) == (kind is OrderKind.MONTHLY)


def test_a_function_that_leaves_the_car_is_billed_no_more(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.hear(office.report(PackageState.REMOVED))
    be_at(office, month(5))
    assert len(office.bills()) == 1
    assert account(office).contract == "ended"


def test_a_report_that_nothing_attests_ends_no_subscription(office: Office) -> None:
    """Whoever has the broker could have made it."""
    active(office, OrderKind.MONTHLY)
    office.inbox.receive(office.message(office.report(PackageState.REMOVED)))
    be_at(office, month(2))
    office.inbox.receive(office.attestation())
    assert (account(office).state, account(office).contract) == (OrderState.ACTIVE, "running")
    assert len(office.bills()) == 3
    assert OFFER in office.listed()
    office.hear(office.manifest())
    assert (account(office).state, account(office).contract) == (OrderState.REMOVED, "ended")
    be_at(office, month(4))
    assert len(office.bills()) == 3


def test_a_removal_that_was_attested_before_it_was_reported_counts(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.clock.jump(BEGAN + DAY)
    office.hear(office.manifest())
    assert account(office).contract == "running", "it may come to itself again: nothing was reported"
    office.inbox.receive(office.message(office.report(PackageState.REMOVED)))
    assert account(office).contract == "ended"


def test_a_function_stays_listed_as_to_be_removed_until_it_is_attested_to_be_gone(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.inbox.receive(office.message(office.report(PackageState.REMOVED)))
    assert leaving(office)
    office.inbox.receive(office.attestation())
    assert leaving(office)
    office.hear(office.manifest())
    assert not leaving(office)


@pytest.mark.requirement("FOD-13")
def test_what_is_over_ends_by_a_later_manifest_though_the_report_was_lost(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.clock.jump(BEGAN + CLOCK_TOLERANCE - SECOND)
    office.hear(office.manifest())
    assert leaving(office), "the car's clock may be ahead"
    office.clock.jump(BEGAN + CLOCK_TOLERANCE)
    office.inbox.receive(office.attestation())
    assert leaving(office)
    office.hear(office.manifest())
    assert not leaving(office)
    assert account(office).state is OrderState.REMOVED
    assert office.order() == 2


def said_by_a_clock_ahead(office: Office, ahead: timedelta) -> Incoming:
    """That the car has no function, signed now, with the time of a clock that is so much ahead."""
    wrong = Office()
    wrong.clock = SimClock(office.clock.now() + ahead)
    return wrong.message(wrong.manifest(number=next(office.signed)), message_id=f"ahead by {ahead}")


@pytest.mark.requirement("FOD-13")
def test_what_was_signed_before_an_end_and_held_back_ends_nothing_by_a_clock_that_is_ahead(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    held_back = said_by_a_clock_ahead(office, 3 * DAY)
    office.clock.jump(BEGAN + 4 * CLOCK_TOLERANCE)
    end_subscription(office.desk, VIN, FUNCTION)
    office.clock.jump(BEGAN + 7 * CLOCK_TOLERANCE)
    office.inbox.receive(held_back)
    assert leaving(office)
    office.hear(office.manifest())
    assert not leaving(office)


def test_a_word_counts_from_when_it_was_heard_where_the_clock_is_a_little_ahead(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.clock.jump(office.clock.now() + SECOND)
    office.inbox.receive(said_by_a_clock_ahead(office, CLOCK_TOLERANCE))
    assert leaving(office)


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize(("ahead", "by_itself"), [(CLOCK_TOLERANCE, True), (CLOCK_TOLERANCE + SECOND, False)])
def test_what_is_over_needs_the_report_too_where_a_clock_is_far_ahead(
    office: Office, ahead: timedelta, by_itself: bool
) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.clock.jump(BEGAN + 2 * CLOCK_TOLERANCE)
    office.inbox.receive(said_by_a_clock_ahead(office, ahead))
    assert leaving(office) is not by_itself
    office.inbox.receive(office.message(office.report(PackageState.REMOVED)))
    assert not leaving(office)


def test_a_car_that_has_not_attested_a_removal_is_told_to_look_in_each_session(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.desk.publish_stale()
    for session in ("first", "second"):
        for command in office.waiting():
            office.hear(Reply(stage="done"), channel="reply", kind=command.kind, correlation=command.id)
        office.hear(presence("online", session), channel="presence")
        office.desk.publish_stale()
        assert office.commands() == [Look()]


# --- trials ---


@pytest.mark.requirement("STO-02")
@pytest.mark.parametrize(("months", "lasts"), [(None, 1), (2, 2)])
def test_a_trial_is_free_and_ends_by_itself(office: Office, months: int | None, lasts: int) -> None:
    active(office, OrderKind.TRIAL, months)
    assert (account(office).contract, account(office).ends) == ("ending", month(lasts))
    assert next_due(office.desk) == month(lasts)
    be_at(office, month(lasts) - SECOND)
    assert not leaving(office)
    be_at(office, month(lasts))
    assert leaving(office)
    assert office.noted("trial-ended") == [{"order": 1, "function": FUNCTION}]
    assert office.bills() == []
    assert account(office).billed == Money()


def test_a_car_has_one_trial_of_a_function(office: Office) -> None:
    office.order(kind=OrderKind.TRIAL)
    office.withdraw()
    office.order(kind=OrderKind.TRIAL)
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    office.hear(office.report(PackageState.REMOVED, "order-2.1"))
    with pytest.raises(LocalError, match="trial-used"):
        office.order(kind=OrderKind.TRIAL)
    assert office.order(kind=OrderKind.MONTHLY) == 3
