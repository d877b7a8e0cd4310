"""Updates of what was bought, revocation, and the sale of the car."""

from collections.abc import Callable

import pytest

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import PackageState, Reply, WithdrawPackage
from simulator.backend.desk import DOWNLOAD_TIME, Desk
from simulator.backend.orders import Money
from simulator.backend.records import OrderKind, OrderState
from simulator.backend.subscriptions import end_subscription, give_notice, revoke
from simulator.backend.terms import REVOCATION_TIME
from simulator.lab import START
from tests.simulator.backend.contracts import DAY, account, active, be_at, declined, leaving, month
from tests.simulator.backend.office import FUNCTION, MAX, MIA, PASSWORD, SECOND, VIN, Office

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
