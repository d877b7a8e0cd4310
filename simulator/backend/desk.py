"""What people do at the backend: My Porsche, the store, and the commands that follow from it."""

import random
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError, PcmError
from pcm_agent.protocol.messages import Look, WithdrawPackage
from pcm_agent.transport import Clock
from simulator.backend.catalogue import load_catalogue
from simulator.backend.database import DatabaseError
from simulator.backend.depot import OUTDATED, Depot
from simulator.backend.listing import counters, leaving, looks_anyway, offer_id, wanted
from simulator.backend.orders import UNFINISHED, check_free, check_order, contract_of, trial_months, unfinished
from simulator.backend.people import Note, People, car_in_profile
from simulator.backend.records import BillRow, CommandRow, OrderKind, OrderRow, OrderState
from simulator.repository.locks import BUSY

DOWNLOAD_TIME = timedelta(days=28)
"""From an offer to the download; later the order is cancelled by itself (FOD-01)."""


class Desk(People):
    """All that is done at the backend: what users do, and orders. Commands that it leaves are sent by the service.

    Args:
        engine: of `opening.open_database`.
        depot: where packages are made and listed.
        clock: for orders and their 28 days.
        rng: draws pairing codes and message ids.
        note: told what was done.
    """

    def __init__(self, engine: Engine, depot: Depot, clock: Clock, rng: random.Random, note: Note) -> None:
        super().__init__(engine, clock, rng, note)
        self.depot = depot
        self.stale: set[str] = set()
        """Cars of which an order has ended, of which the Director still says what it said before."""
        self.expired: set[str] = set()
        """Cars of which only the 28 days of an order have ended, which they know without being told."""
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
        preconditions: tuple[str, ...] = (),
    ) -> int:
        """Buy a function on demand for a car, and offer it (STO-01, FOD-01).

        `months` is how long a trial lasts, `preconditions` what a release that is not there yet demands (FOD-06).

        Returns:
            The order's number.

        Raises:
            LocalError: `car-unknown`; `already-ordered` where the car has the function or is about to have it; what
                `check_order` says of one that does not fit the car; what `Depot.stock` and `Depot.check_fits` say.
            PeerError, TransportError: the repositories can't be used; nothing was ordered.
        """
        now = self.clock.now()
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
            trial_months=trial_months(self.catalogue.functions.get(function), months),
            attempt=1,
            ask=ask,
        )
        with self.transaction() as db:
            number, look = self._place(db, order, preconditions)
        self._list_or_forget(vin, number, look)
        terms = {} if kind is OrderKind.PERPETUAL else {"terms": kind.value}
        self.note(vin, "order-placed", {"order": number, "function": function, "bytes": length} | terms)
        return number

    def _place(self, db: Session, order: OrderRow, preconditions: tuple[str, ...]) -> tuple[int, str]:
        """Keep an order that fits the car, with the command to look; the numbers of both."""
        vin, function, kind = order.vin, order.function, order.kind
        order.buyer = str(car_in_profile(db, vin).main_user)
        check_free(db, vin, function, kind, order.version)
        if kind is not OrderKind.UPDATE:
            check_order(db, self.catalogue, vin, function, kind)
        release = self.depot.stock(function, order.version, order.length, preconditions)
        self.depot.check_fits(vin, release, counters(db, vin))
        db.add(order)
        db.flush()
        return order.id, self.command(db, vin, Look())

    def _list_or_forget(self, vin: str, number: int, look: str) -> None:
        """Have the Director list an order that is kept; what can't be listed was never ordered."""
        try:
            with Session(self.engine) as db:
                self._publish(db, vin)
        except PcmError:
            self.stale.add(vin)
            with self.transaction() as db:
                db.delete(db.get_one(OrderRow, number))
                db.delete(db.get_one(CommandRow, look))
            raise

    def offer_again(self, vin: str, function: str) -> None:
        """Offer an order's package once more, after the car refused or failed it; it has 28 days for it again.

        Raises:
            LocalError: `order-unknown`, `order-closed`; `order-under-way` while nothing is wrong with it;
                `release-outdated` where the car has had a newer release, and what else `Depot.check_fits` says.
        """
        with self.transaction() as db:
            order = unfinished(db, vin, function)
            if order.error is None:
                raise LocalError("order-under-way", f"the car is at work on {function}, or has not heard of it yet")
            self.depot.check_fits(
                vin, self.depot.repositories.image.release(function, order.version), counters(db, vin)
            )
            order.attempt += 1
            order.ask, order.error = False, None
            order.state, order.download_by = OrderState.OPEN, self.clock.now() + DOWNLOAD_TIME
            db.flush()
            self._publish(db, vin)
            self.command(db, vin, Look())

    def publish_all(self) -> None:
        """Make the Director's lists those of the orders, whatever came between them; also where no order is left.

        Raises:
            PeerError, TransportError: the repositories can't be used.
        """
        with Session(self.engine) as db:
            self.stale |= {*db.scalars(select(OrderRow.vin).distinct()), *self.depot.cars()}
        self.publish_stale()

    def publish_stale(self) -> None:
        """Make the Director's lists those of the orders, for the cars of which an order has ended.

        A car is told to look at what is new, so that it ends what was cancelled, and removes what is to be removed. It
        is not told of an order that has only expired: what it downloaded in time would end before it could say so.

        Raises:
            As `publish_all`.
        """
        failed: PcmError | None = None
        for vin in sorted(self.stale | self.expired):
            try:
                self._publish_and_tell(vin)
            except DatabaseError:
                raise
            except PcmError as error:  # what is wrong with one car's list is no reason to leave the others as they were
                failed = error
                if error.code == BUSY:  # so are the lists of all
                    break
        if failed is not None:
            raise failed

    def _publish_and_tell(self, vin: str) -> None:
        with self.transaction() as db:
            known = self.depot.knows(vin) or wanted(db, vin) or leaving(db, vin)
            news = bool(known) and self._publish(db, vin)
            self._mark_outdated(db, vin)
            if (news and vin in self.stale) or (leaving(db, vin) and not looks_anyway(db, vin)):
                self.command(db, vin, Look())
        self.stale.discard(vin)
        self.expired.discard(vin)

    def _publish(self, db: Session, vin: str) -> bool:
        return self.depot.publish(vin, wanted(db, vin), leaving(db, vin), counters(db, vin))

    def _mark_outdated(self, db: Session, vin: str) -> None:
        """Say beside the orders on their way which of them the Director does not list, as the car had newer."""
        outdated = self.depot.outdated(wanted(db, vin), counters(db, vin))
        for order in db.scalars(select(OrderRow).where(OrderRow.vin == vin, OrderRow.state.in_(UNFINISHED))):
            if offer_id(order) in outdated and order.error != OUTDATED:
                order.error = OUTDATED
                self.note(vin, "package-failed", {"order": order.id, "code": OUTDATED})

    def withdraw(self, vin: str, function: str) -> None:
        """Cancel an order that is not active yet: the purchase, or the update that follows it.

        Raises:
            LocalError: `order-unknown`, `order-closed`.
        """
        with self.transaction() as db:
            self.call_off(db, unfinished(db, vin, function))

    def call_off(self, db: Session, order: OrderRow) -> None:
        """Cancel an order that is not active yet, whatever the car will say of it; the Director lists it no longer.

        The car is asked how far it is. Its answer is not signed: it is for support to read, and decides nothing.
        """
        order.called_off, order.state = True, OrderState.CANCELLED
        self.stale.add(order.vin)
        self.note(order.vin, "order-cancelled", {"order": order.id, "function": order.function})
        self.command(db, order.vin, WithdrawPackage(offer_id=offer_id(order)))

    def expire(self) -> None:
        """Cancel the orders whose 28 days are over without a download (FOD-01)."""
        with self.transaction() as db:
            overdue = select(OrderRow).where(
                OrderRow.state == OrderState.OPEN, OrderRow.download_by <= self.clock.now()
            )
            for order in db.scalars(overdue):
                order.state = OrderState.CANCELLED
                self.expired.add(order.vin)
                self.note(order.vin, "order-expired", {"order": order.id, "function": order.function})

    def next_expiry(self) -> datetime | None:
        """When the next open order's 28 days are over."""
        with Session(self.engine) as db:
            return db.scalar(select(func.min(OrderRow.download_by)).where(OrderRow.state == OrderState.OPEN))

    def order_of(self, vin: str, function: str) -> tuple[OrderState, str | None, int] | None:
        """State and last error of the order by which a function is had, and how often it was billed; None: no order."""
        with Session(self.engine) as db:
            try:
                order = contract_of(db, vin, function)
            except LocalError:
                return None
            bills = db.scalar(select(func.count()).select_from(BillRow).where(BillRow.order_id == order.id))
            return order.state, order.error, bills or 0
