"""A subscription, from the order over an update to its end; and what must hold whenever the power is cut."""

import random
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Database

from pcm_agent.core.state import VehicleState
from pcm_agent.protocol.messages import PackageState
from simulator.backend.records import BillRow, OrderKind, OrderRow, OrderState
from simulator.backend.subscriptions import end_subscription
from tests.powercut.disk import FUNCTION
from tests.powercut.home import Act, Home
from tests.powercut.life import VIN
from tests.powercut.line import CHUNK

LENGTH = 3 * CHUNK - 100
EARLIER = b"an earlier version" * 500
_BOOKED = {
    PackageState.ACTIVE: (OrderState.ACTIVE, 1),
    PackageState.REMOVED: (OrderState.REMOVED, 1),
    PackageState.CANCELLED: (OrderState.CANCELLED, 0),
}
"""How the newest order stands at the end of an act, and how many bills there are: a month's, and none of the update."""


class Story(Home):
    """Five acts: `order`, and after it `update` or `end`; or an order that is withdrawn while it is downloaded.

    Or one that is downloaded, and that is being installed when somebody comes to the car.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lost = 0
        """Bytes of the package that power cuts took from the disk in this act."""
        self._seen: VehicleState | None = None

    # --- the acts ---

    def order(self) -> None:
        """Somebody subscribes to a function that the car has in an earlier version."""
        old = self.disk.plant(EARLIER)
        self.losses.all_is_sure()
        self._begin("order-1.1", PackageState.ACTIVE, old, self._order("1.0", OrderKind.MONTHLY, 990))

    def update(self) -> None:
        """There is a newer version of it."""
        self._begin("order-2.1", PackageState.ACTIVE, self.act.new, self._order("2.0", OrderKind.UPDATE, 0))

    def end(self) -> None:
        """The subscription ends."""
        end_subscription(self.lab.desk, VIN, FUNCTION)
        self._begin("order-1.1", PackageState.REMOVED, self.act.new, None)

    def come(self) -> None:
        """A function waits until the car is left; then somebody unlocks it whenever the function is being installed.

        What comes before is the beginning of `order`, point by point.
        """
        self.order()
        act = self.act
        self.act = act._replace(until=PackageState.WAITING)
        assert self.live()
        self.act = act._replace(comes=True)

    def withdraw(self) -> None:
        """An order is withdrawn of which a part is there."""
        self.order()
        assert not self.live("half a write")
        self.lab.desk.withdraw(VIN, FUNCTION)
        self._begin("order-1.1", PackageState.CANCELLED, self.act.old, self.act.old)

    def _order(self, version: str, kind: OrderKind, price: int) -> str:
        """Order a version; its hash."""
        desk = self.lab.desk
        desk.order(VIN, FUNCTION, LENGTH, version=version, price_cents=price, currency="JPY", ask=False, kind=kind)
        return self.means.depot.repositories.image.release(FUNCTION, version).sha256

    def _begin(self, offer: str, until: PackageState, old: str | None, new: str | None) -> None:
        self.act = Act(offer, until, old, new)
        self.sent = self.lost = 0
        self.died.clear()
        self.do(self._send())

    async def _send(self) -> None:
        self.lab.backend.send_to(VIN)

    # --- what comes between ---

    def complete(self) -> None:
        """Live to the end of the act, and find all as it must be then; also where only what was synced is left."""
        assert self.live(), "nothing came between"
        self.check_end()
        points = self.points
        self.lose(None)
        assert self.live(), "it was not over"
        self.check_end()
        self.points = points

    def die_at(self, number: int, name: str) -> None:
        """Die once, at one point, which must be the one that is meant."""
        assert not self.live(number), f"{name} was not passed"
        assert self.died == [name], f"it died at {self.died[-1]}, not at {name}"
        self.check()
        self.complete()

    def lose(self, rng: random.Random | None) -> None:
        """Lose, besides the process, some of what was not synced; without `rng` all of it."""
        before = self._received()
        self.losses.cut(rng)
        self.lost += max(0, before - self._received())

    def _received(self) -> int:
        return self.disk.received(self.act.offer, self.act.new or "")

    # --- the laws ---

    def check(self) -> None:
        """What must hold whenever the agent is dead."""
        act, version, state = self.act, self.disk.version(), self.disk.state()
        assert version in (act.old, act.new), f"the function is version {version}"
        self.disk.check_versions()
        self._check_never_lower(state)
        state_of_job = state.jobs[act.offer].state if state and act.offer in state.jobs else None
        booked = act.until is not PackageState.CANCELLED and self._books()[0] is _BOOKED[act.until][0]
        if self._told() or booked:  # a withdrawal is booked at once
            assert state_of_job is act.until, f"told before it was kept: the job is {state_of_job}"
        if state_of_job is act.until:
            assert version == act.new, "kept before it was done"
        assert self._books()[1] <= _BOOKED[act.until][1], "billed twice"

    def _check_never_lower(self, state: VehicleState | None) -> None:
        """Nobody can show the car anything older than it has seen, nor have it install what is older than it had."""
        before, self._seen = self._seen, state
        if before is None:
            return
        assert state is not None, "the journal is empty"
        for name, floor in before.floors.roles.items():
            assert state.floors.roles[name].version >= floor.version, f"the floor of {name} fell"
        for function, counter in before.counters.items():
            assert state.counters[function] >= counter, f"the counter of {function} fell"

    def check_end(self) -> None:
        """What must hold when the act is over."""
        self.check()
        act = self.act
        assert self.disk.version() == act.new, "it is still the old version"
        self.disk.check_tidy()
        assert len(self._told()) == 1, f"told {len(self._told())} times"
        assert self._books() == _BOOKED[act.until], f"the books say {self._books()}"
        if act.until is not PackageState.CANCELLED:
            again = self.sent - (LENGTH if act.until is PackageState.ACTIVE else 0)
            assert 0 <= again <= len(self.died) * CHUNK + self.lost, f"{again} bytes came again"

    def _told(self) -> set[str]:
        """Ids of the reports that the act has come to its end."""
        wanted = (self.act.offer, self.act.until)
        return {number for number, report in self.reports if (report.offer_id, report.state) == wanted}

    def _books(self) -> tuple[OrderState, int]:
        """Where the newest order stands at the backend, and how many bills there are in all."""
        with Database(self.lab.desk.engine) as db:
            state = db.scalars(select(OrderRow.state).order_by(OrderRow.id.desc()).limit(1)).one()
            return state, db.scalar(select(func.count()).select_from(BillRow)) or 0
