"""Functions on demand, from the order to the bill."""

from typing import Literal

import pytest
from msgspec.structs import replace

from pcm_agent.errors import LocalError
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import Look, PackageState
from pcm_agent.trust.images import image_url
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.records import OrderState
from simulator.lab import START
from tests.simulator.backend.office import FUNCTION, MIA, OTHER, PASSWORD, SECOND, VIN, Office


def test_an_order_is_listed_by_the_director_for_28_days_and_the_car_is_told_to_look(office: Office) -> None:
    assert office.order(length=1234) == 1
    assert office.commands() == [Look()]
    ((path, assigned),) = office.depot.repositories.director.assigned(VIN).items()
    assert (assigned.offer_id, assigned.vin, assigned.consent) == ("order-1.1", VIN, "ordered")
    assert assigned.not_after == START + DOWNLOAD_TIME
    release = office.depot.repositories.image.release(FUNCTION)
    assert (release.path, release.length) == (path, 1234)
    content = office.depot.lookup(image_url(f"{office.depot.base_url}/images", path, release.sha256))
    assert content is not None
    assert len(content) == 1234
    assert office.order_state() == (OrderState.OPEN, None, 0)


@pytest.mark.parametrize("do", ["offer_again", "withdraw"])
def test_nothing_is_done_for_an_order_that_does_not_exist(office: Office, do: str) -> None:
    with pytest.raises(LocalError) as caught:
        getattr(office.desk, do)(VIN, FUNCTION)
    assert caught.value.code == "order-unknown"
    assert office.waiting() == []


def test_nobody_orders_for_an_unknown_car(office: Office) -> None:
    with pytest.raises(LocalError) as caught:
        office.order(vin=OTHER)
    assert caught.value.code == "car-unknown"
    assert office.noted("order-placed") == []


def test_the_order_follows_its_package(office: Office) -> None:
    office.order()
    states = []
    for state in PackageState.DOWNLOADING, PackageState.STAGED, PackageState.WAITING, PackageState.ACTIVATING:
        office.hear(office.report(state))
        states.append(office.order_state()[0])
    assert states == [OrderState.OPEN, *[OrderState.DOWNLOADED] * 3]
    assert office.bills() == []
    office.hear(office.report(PackageState.ACTIVE))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
    (bill,) = office.bills()
    assert (bill.amount_cents, bill.currency, bill.billed_at) == (24_900, "EUR", START)
    office.hear(office.report(PackageState.REMOVED))
    assert office.order_state() == (OrderState.REMOVED, None, 1)


@pytest.mark.requirement("FOD-09")
def test_a_function_is_billed_once_however_often_it_is_reported_active(office: Office) -> None:
    office.order()
    for state in (PackageState.STAGED, *[PackageState.ACTIVE] * 3):
        office.hear(office.report(state))
        assert len(office.bills()) == (state is PackageState.ACTIVE)
    assert len(office.noted("order-billed")) == 1


@pytest.mark.requirement("FOD-09")
def test_what_the_car_has_signed_is_billed_though_no_report_ever_came(office: Office) -> None:
    office.order()
    office.inbox.receive(office.attestation())
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("channel", ["event", "state"])
@pytest.mark.parametrize("signed_first", [True, False])
def test_a_report_and_the_signed_word_are_billed_once_in_whatever_order(
    office: Office, channel: Literal["event", "state"], signed_first: bool
) -> None:
    office.order()
    report: object = office.report(PackageState.ACTIVE)
    if channel == "state":
        report = office.state(office.report(PackageState.ACTIVE))
    both = [office.message(report, channel=channel), office.attestation()]
    for message in (
        *(both[::-1] if signed_first else both),
        office.attestation(),
        office.message(report, channel=channel),
    ):
        office.inbox.receive(message)
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
    assert len(office.noted("order-billed")) == 1


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("offer_id", [None, "order-2.1", "order-1.2", "order-1.0", "by-hand"])
def test_a_function_that_the_car_has_by_another_offer_is_not_what_was_ordered(
    office: Office, offer_id: str | None
) -> None:
    office.order()
    office.hear(office.report(PackageState.STAGED))
    office.hear(office.manifest(replace(office.installed("order-1.1"), offer_id=offer_id)))
    assert office.order_state() == (OrderState.DOWNLOADED, None, 0)


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("other", [{"function": "seats"}, {"version": "0.9"}])
def test_an_offer_of_something_else_is_not_what_was_ordered(office: Office, other: dict[str, str]) -> None:
    office.order()
    office.hear(office.manifest(replace(office.installed("order-1.1"), **other)))
    assert office.order_state() == (OrderState.OPEN, None, 0)


@pytest.mark.requirement("FOD-09")
def test_what_was_offered_again_is_billed_though_the_car_has_it_by_the_first_offer(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.FAILED, code="package-hash"))
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.manifest(office.installed("order-1.1")))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (PackageState.ACTIVE, PackageState.STAGED),
        (PackageState.ACTIVE, PackageState.CANCELLED),
        (PackageState.REMOVED, PackageState.ACTIVE),
        (PackageState.REMOVED, PackageState.WAITING),
    ],
)
def test_a_report_that_comes_late_does_not_take_an_order_back(
    office: Office, later: PackageState, earlier: PackageState
) -> None:
    office.order()
    office.come_to(later)
    before = office.order_state()
    office.inbox.receive(office.message(office.report(earlier)))
    assert office.order_state() == before


@pytest.mark.parametrize(
    "offer_id", ["order-2.1", "order-1.2", "order-1", "order-", "x", "", f"order-{'9' * 40}.1", "order-\uff11.1", "1.1"]
)
def test_a_report_of_no_order_of_this_car_has_no_effect(office: Office, offer_id: str) -> None:
    office.order()
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.order(vin=OTHER)
    office.hear(office.report(PackageState.ACTIVE, offer_id))
    assert office.bills() == []
    assert office.order_state() == (OrderState.OPEN, None, 0)


@pytest.mark.parametrize("state", [PackageState.FAILED, PackageState.ROLLED_BACK])
def test_a_failed_package_leaves_the_order_open_for_another_offer(office: Office, state: PackageState) -> None:
    office.order()
    for _ in range(2):
        office.hear(office.report(state, code="package-hash"))
    assert office.order_state() == (OrderState.OPEN, "package-hash", 0)
    assert len(office.noted("package-failed")) == 1
    office.desk.offer_again(VIN, FUNCTION)
    assert office.order_state() == (OrderState.OPEN, None, 0)
    assert office.commands()[-1] == Look()
    assert list(office.listed()) == ["order-1.2"]
    office.hear(office.report(PackageState.ACTIVE, "order-1.2"))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


@pytest.mark.requirement("FOD-01")
def test_what_is_offered_again_may_be_downloaded_for_28_days_again(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.STAGED))
    office.hear(office.report(PackageState.ROLLED_BACK, code="function-unhealthy"))
    again = START + DOWNLOAD_TIME + SECOND
    office.clock.jump(again)
    office.desk.offer_again(VIN, FUNCTION)
    (assigned,) = office.depot.repositories.director.assigned(VIN).values()
    assert (assigned.offer_id, assigned.not_after) == ("order-1.2", again + DOWNLOAD_TIME)
    assert office.desk.next_expiry() == again + DOWNLOAD_TIME
    office.clock.jump(again + DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state()[0] is OrderState.CANCELLED


def test_a_list_that_the_car_refuses_leaves_the_order_open_with_the_reason(office: Office) -> None:
    office.order()
    office.hear(office.manifest(attack="metadata-expired"))
    assert office.order_state() == (OrderState.OPEN, "metadata-expired", 0)
    office.desk.offer_again(VIN, FUNCTION)
    assert list(office.listed()) == ["order-1.2"]
    office.hear(office.manifest(attack="image-unknown"))
    office.hear(office.manifest())
    assert office.order_state() == (OrderState.OPEN, None, 0)


@pytest.mark.parametrize("state", [PackageState.ACTIVE, PackageState.CANCELLED, PackageState.REMOVED])
def test_an_order_that_is_over_is_not_offered_again(office: Office, state: PackageState) -> None:
    office.order()
    office.come_to(state)
    with pytest.raises(LocalError) as caught:
        office.desk.offer_again(VIN, FUNCTION)
    assert caught.value.code == "order-closed"


@pytest.mark.requirement("FOD-01")
def test_an_open_order_is_cancelled_when_28_days_are_over_and_not_a_second_earlier(office: Office) -> None:
    office.order()
    assert office.desk.next_expiry() == START + DOWNLOAD_TIME
    office.clock.jump(START + DOWNLOAD_TIME - SECOND)
    office.desk.expire()
    assert office.order_state()[0] is OrderState.OPEN
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state() == (OrderState.CANCELLED, None, 0)
    assert office.desk.next_expiry() is None
    assert len(office.noted("order-expired")) == 1


def test_an_order_that_was_downloaded_does_not_expire(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.STAGED))
    assert office.desk.next_expiry() is None
    office.clock.jump(START + 2 * DOWNLOAD_TIME)
    office.desk.expire()
    assert office.order_state()[0] is OrderState.DOWNLOADED


def test_a_download_in_time_counts_however_late_it_is_told(office: Office) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.desk.publish_stale()
    assert office.listed() == {}
    office.hear(office.report(PackageState.STAGED))
    assert office.order_state()[0] is OrderState.DOWNLOADED
    office.desk.publish_stale()
    assert list(office.listed()) == ["order-1.1"], "else the car would end its job at the next look"


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("late", [PackageState.STAGED, PackageState.ACTIVE])
def test_who_orders_again_what_was_downloaded_in_time_pays_once(office: Office, late: PackageState) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.order()
    office.hear(office.report(late))
    office.desk.publish_stale()
    assert list(office.listed()) == ["order-1.1"]
    assert office.noted("order-cancelled") == [{"order": 2, "function": FUNCTION}]
    office.hear(office.report(PackageState.ACTIVE))
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    assert [bill.order_id for bill in office.bills()] == [1]


@pytest.mark.requirement("FOD-09")
def test_what_was_billed_by_the_second_order_is_not_billed_by_the_first(office: Office) -> None:
    office.order()
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.order()
    office.hear(office.report(PackageState.ACTIVE, "order-2.1"))
    office.hear(office.report(PackageState.ACTIVE))
    assert [bill.order_id for bill in office.bills()] == [2]
    assert office.order_state()[0] is OrderState.ACTIVE


def test_a_function_that_the_car_has_is_not_sold_twice(office: Office) -> None:
    office.order()
    for state in (PackageState.DOWNLOADING, PackageState.STAGED, PackageState.ACTIVE):
        office.hear(office.report(state))
        with pytest.raises(LocalError, match="already-ordered"):
            office.order()
    office.order("power-steering-plus")
    office.hear(office.report(PackageState.REMOVED))
    office.order()


@pytest.mark.requirement("FOD-09")
def test_a_function_is_billed_whichever_attempt_it_was_that_worked(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.ROLLED_BACK, code="disk-full"))
    office.desk.offer_again(VIN, FUNCTION)
    office.hear(office.report(PackageState.ACTIVE, "order-1.1"))
    office.hear(office.report(PackageState.FAILED, "order-1.2", code="package-hash"))
    assert len(office.bills()) == 1
    assert office.order_state()[0] is OrderState.ACTIVE


def test_nothing_is_offered_again_while_the_car_is_at_work(office: Office) -> None:
    office.order()
    with pytest.raises(LocalError, match="order-under-way"):
        office.desk.offer_again(VIN, FUNCTION)


@pytest.mark.requirement("FOD-09")
def test_a_report_that_nothing_attests_is_no_ground_for_a_bill(office: Office) -> None:
    """Whoever has the broker could have made it."""
    office.order()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE)))
    office.hear(office.manifest())
    office.hear(office.manifest(InstalledImage(function=FUNCTION, version="9", sha256="0" * 64, release_counter=9)))
    assert office.order_state() == (OrderState.DOWNLOADED, None, 0)
    office.inbox.receive(office.attestation())
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_an_activation_that_healed_leaves_no_error(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.ROLLED_BACK, code="disk-full"))
    office.hear(office.report(PackageState.WAITING, code="disk-full"))
    assert office.order_state() == (OrderState.DOWNLOADED, "disk-full", 0)
    office.hear(office.report(PackageState.ACTIVE))
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
