"""Terms of weeks and months, over car, bus and backend, in virtual time: kept to the second, each time alike."""

import io
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from pcm_agent.core import events as on
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Access
from pcm_agent.protocol.messages import ConfigureReporting, PackageState
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.records import OrderState
from simulator.backend.sharing import book_data_package
from simulator.lab import Lab, VirtualMeans, running
from simulator.trace import Trace
from tests.waiting import virtual

FUNCTION = "active-lane-keeping"
LENGTH = 40_000_000
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class Owner:
    """Somebody with one car, and what they do with it over the months."""

    def __init__(self, lab: Lab, vin: str) -> None:
        self.lab, self.vin = lab, vin
        self.car = lab.add_car("taycan", "DE", vin=vin)
        lab.desk.register(vin, "mia@example.com", "a long password", "DE")

    async def come_online(self) -> None:
        """The car is on, with data; it says seldom that it is there, so that weeks pass quickly."""
        self.lab.wake(self.car)
        self.happens(on.IgnitionTurnedOn())
        self.car.world.enter_cell("DE", Access.LTE)
        assert await self.lab.until(lambda: self.car.agent.online, MINUTE)
        with self.lab.desk.transaction() as db:
            self.lab.desk.command(db, self.vin, ConfigureReporting(heartbeat_seconds=86_400))
        await self.hear_backend()

    async def lose_data(self) -> None:
        """The car is where there is no network."""
        self.car.world.enter_cell("DE", None)
        await self.lab.means.settle(self.lab)
        assert not self.car.agent.online

    async def order(self) -> None:
        self.lab.desk.order(self.vin, FUNCTION, LENGTH, version="1.0", price_cents=24_900, currency="EUR", ask=False)
        await self.hear_backend()

    async def hear_backend(self) -> None:
        self.lab.backend.send_to(self.vin)
        await self.lab.means.settle(self.lab)

    def happens(self, *events: on.Event) -> None:
        for event in events:
            self.car.world.happens(event)

    async def pass_time(self, span: timedelta) -> None:
        await self.lab.pass_time(span)

    async def leave_the_car(self) -> None:
        """Left and locked, for as long as an installation takes."""
        self.happens(on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked())
        await self.pass_time(10 * MINUTE)

    def ordered(self) -> tuple[OrderState, str | None, int]:
        """Where the order stands, its error, and how often it was billed."""
        found = self.lab.desk.order_of(self.vin, FUNCTION)
        assert found is not None
        return found

    @property
    def jobs(self) -> dict[str, PackageJob]:
        return self.car.agent.vehicle.state.jobs

    def job(self) -> PackageState:
        (job,) = self.jobs.values()
        return job.state


Story = Callable[[Owner], Awaitable[None]]


def traced(story: Story, seed: int = 1) -> str:
    """The trace of a story that went well."""
    text = io.StringIO()

    @virtual
    async def tell() -> None:
        means = VirtualMeans(seed)
        lab = Lab(means, Trace(means.clock, text, keep=False), seed)
        async with running(lab):
            await story(Owner(lab, f"WP0ZZZY1ZTSA{seed:05}"))

    tell()
    return text.getvalue()


# --- 28 days ---


async def never_online(owner: Owner) -> None:
    await owner.order()
    await owner.pass_time(DOWNLOAD_TIME - SECOND)
    assert owner.ordered() == (OrderState.OPEN, None, 0)
    await owner.pass_time(SECOND)
    assert owner.ordered() == (OrderState.CANCELLED, None, 0)
    await owner.come_online()
    assert owner.jobs == {}, "it is no longer listed"
    await owner.pass_time(DAY)
    assert owner.ordered() == (OrderState.CANCELLED, None, 0)


async def private_all_the_time(owner: Owner) -> None:
    await owner.come_online()
    owner.happens(on.PrivateModeEnabled())
    await owner.order()
    await owner.pass_time(DOWNLOAD_TIME - SECOND)
    assert (owner.job(), owner.ordered()) == (PackageState.PAUSED, (OrderState.OPEN, None, 0))
    await owner.pass_time(SECOND)
    assert (owner.job(), owner.ordered()) == (PackageState.EXPIRED, (OrderState.CANCELLED, None, 0))
    owner.happens(on.PrivateModeDisabled())
    await owner.pass_time(DAY)
    assert (owner.job(), owner.ordered()) == (PackageState.EXPIRED, (OrderState.CANCELLED, None, 0))


async def downloaded_in_the_last_minute(owner: Owner) -> None:
    await owner.come_online()
    owner.happens(on.PrivateModeEnabled())
    await owner.order()
    await owner.pass_time(DOWNLOAD_TIME - MINUTE)
    owner.happens(on.PrivateModeDisabled())
    await owner.pass_time(MINUTE - SECOND)
    for _ in range(2):
        assert (owner.job(), owner.ordered()) == (PackageState.WAITING, (OrderState.DOWNLOADED, None, 0))
        await owner.pass_time(30 * DAY)
    await owner.leave_the_car()
    assert (owner.job(), owner.ordered()) == (PackageState.ACTIVE, (OrderState.ACTIVE, None, 1))


# --- 60 days offline ---


async def begun_and_away(owner: Owner) -> None:
    await owner.come_online()
    await owner.order()
    await owner.pass_time(2 * SECOND)
    await owner.lose_data()
    (job,) = owner.jobs.values()
    assert 0 < job.received < LENGTH
    await owner.pass_time(DOWNLOAD_TIME - 3 * SECOND)
    assert (owner.job(), owner.ordered()) == (PackageState.PAUSED, (OrderState.OPEN, None, 0))
    await owner.pass_time(SECOND)
    assert (owner.job(), owner.ordered()) == (PackageState.EXPIRED, (OrderState.CANCELLED, None, 0))
    await owner.pass_time(32 * DAY)
    await owner.come_online()
    await owner.pass_time(DAY)
    assert (owner.job(), owner.ordered()) == (PackageState.EXPIRED, (OrderState.CANCELLED, None, 0))


async def activated_while_away(owner: Owner) -> None:
    await owner.come_online()
    await owner.order()
    await owner.pass_time(MINUTE)
    await owner.lose_data()
    await owner.leave_the_car()
    assert (owner.job(), owner.ordered()) == (PackageState.ACTIVE, (OrderState.DOWNLOADED, None, 0))
    await owner.pass_time(60 * DAY)
    assert owner.ordered() == (OrderState.DOWNLOADED, None, 0)
    for _ in range(2):
        await owner.come_online()
        assert owner.ordered() == (OrderState.ACTIVE, None, 1)
        await owner.lose_data()
        await owner.pass_time(60 * DAY)


# --- three months ---


async def renewed_every_month(owner: Owner) -> None:
    await owner.come_online()
    booked = owner.lab.clock.now()
    book_data_package(owner.lab.desk, owner.vin, 30, renews=True)
    await owner.hear_backend()
    state = owner.car.agent.vehicle.state
    for month in (1, 2, 3):
        await owner.pass_time(booked + month * 30 * DAY - SECOND - owner.lab.clock.now())
        assert state.data_package_until == booked + month * 30 * DAY
        await owner.pass_time(SECOND)
        assert state.data_package_until == booked + (month + 1) * 30 * DAY


# --- what holds of them ---


def noted(trace: str, name: str) -> int:
    """How often the backend took note of something."""
    return trace.count(f'"kind":"backend","name":"{name}"')


@pytest.mark.requirement("FOD-01")
@pytest.mark.parametrize("story", [never_online, private_all_the_time, downloaded_in_the_last_minute, begun_and_away])
def test_an_order_without_a_download_is_open_for_28_days_to_the_second(story: Story) -> None:
    assert noted(traced(story), "order-billed") == (story is downloaded_in_the_last_minute)


@pytest.mark.requirement("FOD-09")
def test_a_function_that_became_active_offline_is_billed_once_when_the_car_is_back_after_60_days() -> None:
    assert noted(traced(activated_while_away), "order-billed") == 1


@pytest.mark.requirement("CON-27")
def test_a_data_package_is_renewed_for_three_months_to_the_second() -> None:
    assert noted(traced(renewed_every_month), "data-package-valid") == 1 + 3


STORIES = (
    never_online,
    private_all_the_time,
    downloaded_in_the_last_minute,
    begun_and_away,
    activated_while_away,
    renewed_every_month,
)


@pytest.mark.parametrize("story", STORIES)
def test_the_same_seed_gives_the_same_trace_of_months_byte_by_byte(story: Story) -> None:
    assert traced(story, seed=7) == traced(story, seed=7)
