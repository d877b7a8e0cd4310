"""What people do at the backend: My Porsche, the store, and the commands that follow from it."""

import random
import re
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import RemovePackage, WithdrawPackage
from pcm_agent.transport import Clock
from simulator.backend.depot import Depot
from simulator.backend.people import Note, People, car_in_profile
from simulator.backend.records import BillRow, OrderRow, OrderState

DOWNLOAD_TIME = timedelta(days=28)
"""From the order to the download; later the order is cancelled by itself (FOD-01)."""


class Desk(People):
    """All that is done at the backend: what users do, and orders. Commands that it leaves are sent by the service.

    Args:
        engine: of `records.open_database`.
        depot: where packages are made and signed.
        clock: for orders and their 28 days.
        rng: draws pairing codes and message ids.
        note: told what was done.
    """

    def __init__(self, engine: Engine, depot: Depot, clock: Clock, rng: random.Random, note: Note) -> None:
        super().__init__(engine, clock, rng, note)
        self.depot = depot

    def order(
        self, vin: str, function: str, length: int, *, version: str, price_cents: int, currency: str, ask: bool
    ) -> int:
        """Buy a function on demand for a car, and offer it (STO-01, FOD-01).

        Returns:
            The order's number.

        Raises:
            LocalError: `car-unknown`; `already-ordered` where the car has the function or is about to have it.
        """
        now = self.clock.now()
        with self.transaction() as db:
            car_in_profile(db, vin)
            if (held := _held(db, vin, function)) is not None:
                raise LocalError("already-ordered", f"{vin} has an order of {function} already: it is {held.state}")
            order = OrderRow(
                vin=vin,
                function=function,
                version=version,
                length=length,
                price_cents=price_cents,
                currency=currency,
                placed_at=now,
                download_by=now + DOWNLOAD_TIME,
            )
            db.add(order)
            db.flush()
            self.note(vin, "order-placed", {"order": order.id, "function": function, "bytes": length})
            self._offer(db, order, ask=ask)
            return order.id

    def offer_again(self, vin: str, function: str) -> None:
        """Offer an order's package once more, after the car refused or failed it.

        Raises:
            LocalError: `order-unknown`, `order-closed`; `order-under-way` while nothing is wrong with it.
        """
        with self.transaction() as db:
            order = _order(db, vin, function)
            if order.state not in (OrderState.OPEN, OrderState.DOWNLOADED):
                raise LocalError("order-closed", f"the order of {function} is {order.state}")
            if order.error is None:
                raise LocalError("order-under-way", f"the car is at work on {function}, or has not heard of it yet")
            self._offer(db, order, ask=False)

    def offer_from_here(self) -> None:
        """Say anew where the packages of open orders are, where that was another address before."""
        with self.transaction() as db:
            for order in db.scalars(select(OrderRow).where(OrderRow.state == OrderState.OPEN)):
                if order.base_url != self.depot.base_url:
                    self._send_offer(db, order, ask=order.ask)

    def _offer(self, db: Session, order: OrderRow, *, ask: bool) -> None:
        order.attempt += 1
        order.error = None
        self._send_offer(db, order, ask=ask)

    def _send_offer(self, db: Session, order: OrderRow, *, ask: bool) -> None:
        order.ask, order.base_url = ask, self.depot.base_url
        package = self.depot.make(order.function, order.version, order.length)
        self.command(db, order.vin, self.depot.offer(package, order.vin, offer_id(order), order.download_by, ask=ask))

    def withdraw(self, vin: str, function: str) -> None:
        """Cancel an order that is not active yet.

        Raises:
            LocalError: `order-unknown`.
        """
        with self.transaction() as db:
            self.command(db, vin, WithdrawPackage(offer_id=offer_id(_order(db, vin, function))))

    def remove(self, vin: str, function: str) -> None:
        """End a subscription: have the function taken out of the car (FOD-13).

        Raises:
            LocalError: `order-unknown`.
        """
        with self.transaction() as db:
            self.command(db, vin, RemovePackage(offer_id=offer_id(_order(db, vin, function))))

    def expire(self) -> None:
        """Cancel the orders whose 28 days are over without a download (FOD-01)."""
        with self.transaction() as db:
            overdue = select(OrderRow).where(
                OrderRow.state == OrderState.OPEN, OrderRow.download_by <= self.clock.now()
            )
            for order in db.scalars(overdue):
                order.state = OrderState.CANCELLED
                self.note(order.vin, "order-expired", {"order": order.id, "function": order.function})

    def next_expiry(self) -> datetime | None:
        """When the next open order's 28 days are over."""
        with Session(self.engine) as db:
            return db.scalar(select(func.min(OrderRow.download_by)).where(OrderRow.state == OrderState.OPEN))

    def order_of(self, vin: str, function: str) -> tuple[OrderState, str | None, int] | None:
        """State and last error of the newest order of a function, and how often it was billed; None: no order."""
        with Session(self.engine) as db:
            try:
                order = _order(db, vin, function)
            except LocalError:
                return None
            bills = db.scalar(select(func.count()).select_from(BillRow).where(BillRow.order_id == order.id))
            return order.state, order.error, bills or 0


def offer_id(order: OrderRow) -> str:
    """The id under which an order's package is offered in its present attempt."""
    return f"order-{order.id}.{order.attempt}"


def order_and_attempt(offer: str) -> tuple[int, int] | None:
    """The order that an offer's id belongs to, and which attempt it was; None where the id is not ours."""
    numbers = re.fullmatch(r"order-([0-9]{1,18})\.([0-9]{1,18})", offer)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


_HELD = (OrderState.OPEN, OrderState.DOWNLOADED, OrderState.ACTIVE)


def _held(db: Session, vin: str, function: str) -> OrderRow | None:
    """The order by which the car has a function, or is about to have it."""
    wanted = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == function, OrderRow.state.in_(_HELD))
    return db.scalars(wanted.limit(1)).first()


def _order(db: Session, vin: str, function: str) -> OrderRow:
    wanted = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == function).order_by(OrderRow.id.desc())
    order = db.scalars(wanted.limit(1)).first()
    if order is None:
        raise LocalError("order-unknown", f"nobody ordered {function} for {vin}")
    return order
