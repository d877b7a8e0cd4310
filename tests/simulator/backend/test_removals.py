"""What the Director says of functions that are to leave a car, and the backend that is there when they are."""

import asyncio
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

import pytest

from pcm_agent.errors import PeerError, TransportError
from pcm_agent.protocol.messages import Look, PackageState, Reply
from simulator.backend.database import DatabaseError
from simulator.backend.depot import Depot, Wanted
from simulator.backend.records import OrderKind, OrderState
from simulator.backend.service import BUSY_PAUSE, LIST_PAUSE
from simulator.backend.subscriptions import end_subscription, give_notice
from simulator.lab import START
from simulator.virtual import Bus
from tests.simulator.backend.contracts import BEGAN, DAY, OFFER, account, active, leaving, month
from tests.simulator.backend.office import FUNCTION, MAX, MIA, OTHER, PASSWORD, SECOND, VIN, Office
from tests.simulator.backend.works import Works, at_work
from tests.waiting import idle, virtual

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
