"""What people do at the backend: My Porsche, the store, and the commands that follow from it."""

import random
import re
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import WithdrawPackage
from pcm_agent.transport import Clock
from simulator.backend.catalogue import load_catalogue
from simulator.backend.depot import Depot
from simulator.backend.orders import check_free, check_order, newest, trial_months
from simulator.backend.people import Note, People, car_in_profile
from simulator.backend.records import BillRow, OrderKind, OrderRow, OrderState

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
        self.catalogue = load_catalogue()

    def order(
        self,
        vin: str,
        function: str,
        length: int,
        *,
        version: str,
        price_cents: int,
        currency: str,
        ask: bool,
        kind: OrderKind = OrderKind.PERPETUAL,
        months: int | None = None,
    ) -> int:
        """Buy a function on demand for a car, and offer it (STO-01, FOD-01). `months` is how long a trial lasts.

        Returns:
            The order's number.

        Raises:
            LocalError: `car-unknown`; `already-ordered` where the car has the function or is about to have it; what
                `check_order` says of one that does not fit the car.
        """
        now = self.clock.now()
        with self.transaction() as db:
            car = car_in_profile(db, vin)
            check_free(db, vin, function, kind, version)
            if kind is not OrderKind.UPDATE:
                check_order(db, self.catalogue, vin, function, kind)
            order = OrderRow(
                vin=vin,
                function=function,
                version=version,
                length=length,
                price_cents=price_cents,
                currency=currency,
                placed_at=now,
                download_by=now + DOWNLOAD_TIME,
                kind=kind,
                buyer=str(car.main_user),
                trial_months=trial_months(self.catalogue.functions.get(function), months),
            )
            db.add(order)
            db.flush()
            terms = {} if kind is OrderKind.PERPETUAL else {"terms": kind.value}
            self.note(vin, "order-placed", {"order": order.id, "function": function, "bytes": length} | terms)
            self._offer(db, order, ask=ask)
            return order.id

    def offer_again(self, vin: str, function: str) -> None:
        """Offer an order's package once more, after the car refused or failed it.

        Raises:
            LocalError: `order-unknown`, `order-closed`; `order-under-way` while nothing is wrong with it.
        """
        with self.transaction() as db:
            order = newest(db, vin, function)
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
            self.command(db, vin, WithdrawPackage(offer_id=offer_id(newest(db, vin, function))))

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
                order = newest(db, vin, function)
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
