"""Months that are billed, notice, trials, revocation, and the sale of the car."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pcm_agent.errors import LocalError, PeerError, TransportError
from pcm_agent.protocol.messages import Look, PackageState, Reply, WithdrawPackage
from simulator.backend.database import DatabaseError
from simulator.backend.depot import Depot, Wanted
from simulator.backend.desk import DOWNLOAD_TIME, Desk
from simulator.backend.manifests import AHEAD, CLOCK_TOLERANCE
from simulator.backend.orders import Account, Money, account_of
from simulator.backend.records import OrderKind, OrderState
from simulator.backend.service import BUSY_PAUSE, LIST_PAUSE
from simulator.backend.subscriptions import end_subscription, give_notice, next_due, revoke, work_off
from simulator.backend.terms import REVOCATION_TIME, months_after
from simulator.lab import START
from simulator.virtual import Bus
from tests.simulator.backend.office import FUNCTION, MAX, MIA, OTHER, PASSWORD, SECOND, VIN, Office, presence
from tests.simulator.backend.works import Works, at_work
from tests.waiting import idle, virtual

DAY = timedelta(days=1)
BEGAN = START + DAY
OFFER = "order-1.1"


def month(number: int) -> datetime:
    """When a month begins, from 0."""
    return months_after(BEGAN, number)


def account(office: Office, function: str = FUNCTION) -> Account:
    found = account_of(office.desk, VIN, function)
    assert found is not None
    return found


def be_at(office: Office, when: datetime) -> None:
    office.clock.jump(when)
    work_off(office.desk)
    office.desk.publish_stale()


def leaving(office: Office) -> bool:
    """Whether the Director has the car take the function out, and the car is told to look."""
    office.desk.publish_stale()
    listed, removed = office.listed(), office.removed()
    assert OFFER not in listed or OFFER not in removed
    assert OFFER not in removed or office.commands().count(Look()) >= 2, "one for the order, one for its end"
    return OFFER in removed


def active(office: Office, kind: OrderKind, months: int | None = None) -> None:
    """Ordered, and active in the car a day later."""
    office.order(kind=kind, months=months)
    office.clock.jump(BEGAN)
    office.hear(office.report(PackageState.ACTIVE))


def declined(office: Office, do: Callable[[Desk, str, str], None], function: str = FUNCTION) -> str:
    """The code with which something is declined, after which all is as it was."""
    before = (account_of(office.desk, VIN, function), office.commands(), len(office.notes))
    with pytest.raises(LocalError) as caught:
        do(office.desk, VIN, function)
    assert (account_of(office.desk, VIN, function), office.commands(), len(office.notes)) == before
    return caught.value.code


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


@pytest.mark.parametrize("shift", [-CLOCK_TOLERANCE, AHEAD])
def test_a_car_whose_clock_is_wrong_moves_no_bill_beyond_order_and_present(office: Office, shift: timedelta) -> None:
    ahead = Office()
    ahead.clock.jump(START + 800 * DAY + shift)
    office.clock.jump(START + 800 * DAY)
    office.order(kind=OrderKind.MONTHLY)
    office.inbox.receive(ahead.message(office.report(PackageState.ACTIVE)))
    office.inbox.receive(ahead.message(ahead.manifest(office.installed("order-1.1"))))
    assert account(office).began == START + 800 * DAY
    assert len(office.bills()) == 1


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


# --- updates of what was bought ---


def update(office: Office, function: str = FUNCTION) -> None:
    office.desk.order(VIN, function, 10, version="1.1", price_cents=0, currency="", ask=True, kind=OrderKind.UPDATE)


def updated(office: Office, kind: OrderKind) -> None:
    """Active, and then active in a newer version."""
    active(office, kind)
    update(office)
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))


def test_my_products_show_the_terms_of_the_purchase_though_an_update_came_later(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    before = account(office)
    update(office)
    assert account(office) == before
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    assert account(office) == before
    update(office, "of-nothing-bought")
    assert account(office, "of-nothing-bought").kind is OrderKind.UPDATE


def test_what_is_on_its_way_is_cancelled_or_offered_again_and_not_what_is_there(office: Office) -> None:
    active(office, OrderKind.PERPETUAL)
    update(office)
    office.hear(office.report(PackageState.FAILED, "order-2.1", code="package-hash"))
    office.desk.offer_again(VIN, FUNCTION)
    assert set(office.listed()) == {"order-2.2"}
    office.desk.withdraw(VIN, FUNCTION)
    assert office.commands()[-1] == WithdrawPackage(offer_id="order-2.2")
    office.desk.publish_stale()
    assert set(office.listed()) == {"order-1.1"}
    assert declined(office, Desk.offer_again) == declined(office, Desk.withdraw) == "order-closed"


@pytest.mark.requirement("FOD-10")
def test_an_update_that_was_cancelled_too_late_does_not_take_what_was_paid_for(office: Office) -> None:
    active(office, OrderKind.PERPETUAL)
    update(office)
    office.hear(office.report(PackageState.ACTIVATING, "order-2.1"))
    office.desk.withdraw(VIN, FUNCTION)
    office.desk.publish_stale()
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    office.desk.publish_stale()
    assert (set(office.listed()), office.removed()) == ({"order-2.1"}, frozenset())
    assert (account(office).state, account(office).contract) == (OrderState.ACTIVE, "running")


def test_an_update_that_is_there_keeps_nobody_from_cancelling_the_purchase(office: Office) -> None:
    """The purchase was downloaded in time, which is told after an update of another version has come."""
    office.order()
    be_at(office, START + DOWNLOAD_TIME)
    update(office)
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    office.hear(office.report(PackageState.FAILED, code="package-hash"))
    office.hear(office.report(PackageState.STAGED))
    office.desk.offer_again(VIN, FUNCTION)
    office.desk.withdraw(VIN, FUNCTION)
    assert office.commands()[-1] == WithdrawPackage(offer_id="order-1.2")
    assert account(office).kind is OrderKind.PERPETUAL


@pytest.mark.requirement("FOD-11", "FOD-12")
@pytest.mark.parametrize(("kind", "do"), [(OrderKind.PERPETUAL, revoke), (OrderKind.MONTHLY, give_notice)])
def test_an_order_that_is_over_hides_none_that_is_paid_for(
    office: Office, kind: OrderKind, do: Callable[[Desk, str, str], None]
) -> None:
    """The first was downloaded in time, which is told after a second one was placed and cancelled."""
    office.order(kind=kind)
    be_at(office, START + DOWNLOAD_TIME)
    office.order(kind=kind)
    office.withdraw()
    office.hear(office.report(PackageState.ACTIVE))
    assert (account(office).state, account(office).bills) == (OrderState.ACTIVE, 1)
    if do is revoke:
        assert declined(office, do) == "revocation-too-late", "and not that it is closed"
    else:
        do(office.desk, VIN, FUNCTION)
        assert account(office).contract == "ending"


@pytest.mark.requirement("FOD-12", "FOD-13")
@pytest.mark.parametrize("gone", ["order-1.1", "order-2.1"])
def test_a_subscription_ends_by_its_own_terms_though_its_function_was_updated(office: Office, gone: str) -> None:
    updated(office, OrderKind.MONTHLY)
    give_notice(office.desk, VIN, FUNCTION)
    end_subscription(office.desk, VIN, FUNCTION)
    office.desk.publish_stale()
    assert office.listed() == {}
    assert office.removed() == {"order-1.1", "order-2.1"}
    office.hear(office.report(PackageState.REMOVED, gone))
    office.desk.publish_stale()
    assert office.removed() == frozenset()
    office.order()


@pytest.mark.requirement("FOD-11")
def test_an_order_for_good_is_revoked_though_its_function_was_updated(office: Office) -> None:
    updated(office, OrderKind.PERPETUAL)
    revoke(office.desk, VIN, FUNCTION)
    office.desk.publish_stale()
    assert office.removed() == {"order-1.1", "order-2.1"}
    assert len(office.noted("bill-refunded")) == 1


def test_a_subscription_is_billed_no_more_once_its_update_has_left_the_car(office: Office) -> None:
    updated(office, OrderKind.MONTHLY)
    office.hear(office.report(PackageState.REMOVED, "order-2.1"))
    be_at(office, month(3))
    assert len(office.bills()) == 1


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


# --- revocation ---


@pytest.mark.requirement("FOD-11")
def test_an_order_that_is_not_active_is_revoked_free_of_charge(office: Office) -> None:
    office.order()
    revoke(office.desk, VIN, FUNCTION)
    assert office.commands()[-1] == WithdrawPackage(offer_id="order-1.1")
    assert (account(office).state, account(office).contract) == (OrderState.CANCELLED, "revoked")
    assert office.bills() == []
    assert office.order() == 2


@pytest.mark.requirement("FOD-11")
def test_an_active_function_is_revoked_removed_and_paid_back(office: Office) -> None:
    active(office, OrderKind.PERPETUAL)
    be_at(office, START + REVOCATION_TIME)
    revoke(office.desk, VIN, FUNCTION)
    assert leaving(office)
    found = account(office)
    assert (found.bills, found.billed) == (1, Money(24_900, "EUR")), "the bill itself stays"
    assert (found.refunds, found.refunded) == (1, Money(24_900, "EUR"))
    assert declined(office, revoke) == "already-revoked"
    office.hear(office.report(PackageState.REMOVED))
    assert account(office).refunds == 1
    assert office.noted("bill-refunded") == [
        {"order": 1, "function": FUNCTION, "amount": "249.00", "currency": "EUR"},
    ]


@pytest.mark.requirement("FOD-11")
@pytest.mark.parametrize("state", [PackageState.DOWNLOADING, PackageState.STAGED, PackageState.ACTIVE])
def test_after_14_days_nothing_is_revoked(office: Office, state: PackageState) -> None:
    office.order()
    office.hear(office.report(state))
    be_at(office, START + REVOCATION_TIME + SECOND)
    assert declined(office, revoke) == "revocation-too-late"


def test_a_function_that_became_active_before_the_revocation_arrived_is_never_billed(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.ACTIVATING))
    revoke(office.desk, VIN, FUNCTION)
    command = office.waiting()[-1]
    refused = Reply(stage="refused", code="installation-in-progress")
    office.hear(refused, channel="reply", kind="withdraw-package", correlation=command.id)
    for _ in range(2):
        office.hear(office.report(PackageState.ACTIVE))
    assert leaving(office)
    assert office.bills() == []


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        (OrderKind.MONTHLY, PackageState.ACTIVE, "not-for-good"),
        (OrderKind.TRIAL, PackageState.ACTIVE, "not-for-good"),
        (OrderKind.PERPETUAL, PackageState.CANCELLED, "order-closed"),
        (OrderKind.PERPETUAL, PackageState.REMOVED, "order-closed"),
    ],
)
def test_only_an_order_for_good_that_is_not_over_is_revoked(
    office: Office, kind: OrderKind, state: PackageState, code: str
) -> None:
    assert declined(office, revoke) == "order-unknown"
    office.order(kind=kind)
    office.come_to(state)
    assert declined(office, revoke) == code


# --- the car is sold, or the account deleted ---


@pytest.mark.requirement("FOD-10", "IDN-14", "STO-01")
def test_a_function_bought_for_good_stays_with_the_car_that_is_sold(office: Office) -> None:
    active(office, OrderKind.PERPETUAL)
    assert declined(office, end_subscription) == "bought-for-good"
    assert declined(office, give_notice) == "bought-for-good"
    office.desk.sell_car(VIN)
    assert declined(office, revoke) == "car-sold"
    office.desk.register(VIN, MIA, PASSWORD, "DE")
    assert declined(office, revoke) == "car-sold"
    with pytest.raises(LocalError, match="already-ordered"):
        office.order()
    found = account(office)
    assert (found.state, found.contract, found.refunds, found.buyer) == (OrderState.ACTIVE, "running", 0, MAX)
    assert not leaving(office)


def test_a_subscription_that_the_seller_forgot_is_billed_until_it_is_ended(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.desk.sell_car(VIN)
    be_at(office, month(1))
    assert len(office.bills()) == 2
    end_subscription(office.desk, VIN, FUNCTION)
    assert leaving(office)


@pytest.mark.requirement("IDN-15")
@pytest.mark.parametrize("sold", [False, True])
def test_with_the_account_its_subscriptions_end(office: Office, sold: bool) -> None:
    active(office, OrderKind.MONTHLY)
    be_at(office, month(1) + DAY)
    if sold:
        office.desk.sell_car(VIN)
    office.desk.delete_account(MAX)
    be_at(office, month(1) + DAY)
    assert leaving(office)
    be_at(office, month(4))
    assert len(office.bills()) == 2
    assert leaving(office)


def test_with_the_account_nothing_ends_that_was_bought_for_good(office: Office) -> None:
    active(office, OrderKind.PERPETUAL)
    office.desk.delete_account(MAX)
    be_at(office, month(4))
    assert not leaving(office)


# --- what the Director says of it ---


@pytest.mark.requirement("FOD-13")
def test_a_function_is_to_be_removed_until_the_car_has_removed_it(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    assert OFFER in office.listed()
    end_subscription(office.desk, VIN, FUNCTION)
    assert leaving(office)
    office.hear(office.report(PackageState.REMOVING))
    assert leaving(office)
    office.hear(office.report(PackageState.REMOVED))
    office.desk.publish_stale()
    assert (office.listed(), office.removed()) == ({}, frozenset())


def test_earlier_offers_of_an_order_that_is_over_are_to_be_removed_as_well(office: Office) -> None:
    office.order(kind=OrderKind.MONTHLY)
    office.hear(office.report(PackageState.ROLLED_BACK, code="disk-full"))
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.report(PackageState.ACTIVE, "order-1.2"))
    end_subscription(office.desk, VIN, FUNCTION)
    office.desk.publish_stale()
    assert office.removed() == {"order-1.1", "order-1.2"}


def test_a_removal_that_was_not_listed_any_more_is_listed_when_the_backend_starts(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    end_subscription(office.desk, VIN, FUNCTION)
    office.desk.stale.clear()  # as if it had crashed
    assert OFFER in office.listed()
    for _ in range(2):
        office.desk.publish_all()
        assert leaving(office)
        office.depot.repositories.director.withdraw(VIN, OFFER, office.clock.now())


def test_a_removal_of_which_no_car_was_told_is_told_when_the_backend_starts(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    (look,) = office.waiting()
    office.hear(Reply(stage="done"), channel="reply", kind="look", correlation=look.id)
    end_subscription(office.desk, VIN, FUNCTION)
    office.desk.stale.clear()
    office.depot.publish(VIN, {}, {OFFER})  # and then it crashed
    assert office.commands() == []
    for _ in range(2):
        office.desk.publish_all()
        assert office.commands() == [Look()]


def test_what_somebody_else_has_a_car_remove_is_left_alone(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.depot.repositories.director.remove(VIN, "of-the-workshop", office.clock.now())
    office.depot.repositories.director.remove(VIN, "order-99.1", office.clock.now())
    office.desk.publish_all()
    assert office.removed() == {"of-the-workshop"}


def test_an_order_that_runs_and_was_listed_as_removed_is_listed_again(office: Office) -> None:
    active(office, OrderKind.MONTHLY)
    office.depot.repositories.director.remove(VIN, OFFER, office.clock.now())
    office.desk.publish_all()
    assert (OFFER in office.listed(), office.removed()) == (True, frozenset())


@contextmanager
def unlistable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The repositories can't be written for as long as the block lasts."""

    def unwritable(*_: object) -> None:
        raise TransportError("repository-unwritable", "the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Depot, "publish", unwritable)
        yield


def ended(office: Office, works: Works) -> None:
    """The subscription of a car that is there ends."""
    end_subscription(office.desk, VIN, FUNCTION)
    works.backend.send_to(VIN)


@virtual
async def test_a_removal_that_cannot_be_listed_is_listed_with_the_next_message(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    active(office, OrderKind.MONTHLY)
    async with at_work(office) as works:
        await works.car.comes_online()
        with unlistable(monkeypatch):
            ended(office, works)
            await idle()
            assert OFFER not in office.removed()
            heard = works.car.heard.count("look")
        await works.car.says(office.report(PackageState.ACTIVE))
        assert leaving(office)
        assert works.car.heard.count("look") == heard + 1


@virtual
async def test_a_removal_that_cannot_be_listed_is_listed_a_minute_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    active(office, OrderKind.MONTHLY)
    async with at_work(office) as works:
        await works.car.comes_online()
        with unlistable(monkeypatch):
            ended(office, works)
            for _ in range(2):
                office.clock.jump(office.clock.now() + LIST_PAUSE)
            assert OFFER not in office.removed()
            assert works.told == ["repository-unwritable"] * 3
        office.clock.jump(office.clock.now() + LIST_PAUSE)
        await idle()
        assert leaving(office)
        assert works.car.heard[-1] == "look"


@virtual
async def test_no_message_waits_while_another_process_is_at_work_at_the_repositories(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def busy(_: Depot, vin: str, *__: object) -> None:
        tries.append(vin)
        raise TransportError("repository-busy", "another process")

    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    active(office, OrderKind.MONTHLY)
    office.order(vin=OTHER)
    async with at_work(office) as works:
        await works.car.comes_online()
        with monkeypatch.context() as broken:
            broken.setattr(Depot, "publish", busy)
            end_subscription(office.desk, VIN, FUNCTION)
            office.desk.stale.add(OTHER)
            works.backend.send_to(VIN)
            for _ in range(10):
                await works.car.says(office.report(PackageState.ACTIVE))
            assert tries == [VIN]
        office.clock.jump(office.clock.now() + BUSY_PAUSE)
        await idle()
        assert office.removed() == {OFFER}


def test_a_list_that_cannot_be_published_leaves_no_other_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.order()
    office.order(vin=OTHER)
    publish = office.depot.publish

    def broken(vin: str, wanted: Mapping[str, Wanted], removed: Set[str], counters: Mapping[str, int]) -> bool:
        if vin == VIN:
            raise PeerError("repository-broken", "it is missing")
        return publish(vin, wanted, removed, counters)

    monkeypatch.setattr(office.depot, "publish", broken)
    office.clock.jump(START + 28 * DAY)
    office.desk.expire()
    with pytest.raises(PeerError, match="repository-broken"):
        office.desk.publish_stale()
    assert (len(office.listed()), len(office.listed(OTHER))) == (1, 0)


# --- the backend at work ---


@pytest.mark.parametrize("connected", [True, False])
@virtual
async def test_a_backend_that_can_bill_nothing_any_more_ends(office: Office, connected: bool) -> None:
    active(office, OrderKind.MONTHLY)
    works = Works(office)
    works.bus.up = connected
    task = asyncio.create_task(works.backend.run())
    await idle()
    with office.desk.engine.begin() as database:
        database.exec_driver_sql("DROP TABLE refund")
        database.exec_driver_sql("DROP TABLE bill")
    office.clock.jump(month(1))
    await idle()
    with pytest.raises(DatabaseError, match="no such table"):
        await task


@virtual
async def test_the_backend_itself_is_there_when_a_month_begins_and_when_it_ends(office: Office) -> None:
    office.order(kind=OrderKind.MONTHLY)
    office.clock.jump(BEGAN)
    async with at_work(office) as works:
        await works.car.comes_online()
        await works.car.says(office.report(PackageState.ACTIVE))
        await works.car.says(office.manifest(office.installed("order-1.1")))
        for number in (1, 2):
            office.clock.jump(month(number) - SECOND)
            assert len(office.bills()) == number
            office.clock.jump(month(number))
            assert len(office.bills()) == number + 1
        give_notice(office.desk, VIN, FUNCTION)
        works.backend.send_to(VIN)
        office.clock.jump(month(3))
        await idle()
        assert works.car.heard[-1] == "look"
        assert leaving(office)
    assert len(office.bills()) == 3


@virtual
async def test_a_backend_that_starts_again_makes_up_for_what_it_missed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backend.sqlite'}"
    first = Office(url)
    first.desk.register(VIN, MAX, PASSWORD, "DE")
    active(first, OrderKind.MONTHLY)
    first.order("power-steering-plus")
    first.desk.engine.dispose()
    second = Office(url)
    second.clock.jump(month(2))
    bus = Bus()
    async with at_work(second, bus) as works:
        assert [bill.due_at for bill in second.bills()] == [month(number) for number in range(3)]
        assert account(second, "power-steering-plus").state is OrderState.CANCELLED
        give_notice(second.desk, VIN, FUNCTION)
        works.backend.send_to(VIN)
        second.clock.jump(month(3))
        await works.car.comes_online()
        assert works.car.heard[-1] == "look"
        assert leaving(second)
        assert len(second.bills()) == 3
    second.desk.engine.dispose()
