"""Which orders may be placed, and how one stands: the store's side of `Desk.order` (STO-01, FOD-14)."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from simulator.backend.catalogue import Build, Catalogue, Function, is_shipped_car, no_functions_in, reason_against
from simulator.backend.records import BillRow, BuildRow, OrderKind, OrderRow, OrderState, RefundRow

if TYPE_CHECKING:
    from simulator.backend.people import People

HELD = (OrderState.OPEN, OrderState.DOWNLOADED, OrderState.ACTIVE)
"""The car has the function, or is about to have it."""
UNFINISHED = (OrderState.OPEN, OrderState.DOWNLOADED)
"""It is about to have it."""
ENDING = (OrderKind.MONTHLY, OrderKind.TRIAL)
"""The kinds that come to an end."""
USUAL_TRIAL_MONTHS = 1
"""Of a function that the data do not know; a figure of our own."""


class Money(NamedTuple):
    """A sum; in no currency where nothing was billed."""

    cents: int = 0
    currency: str = ""

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02} {self.currency}".strip()


class Account(NamedTuple):
    """An order as My Porsche shows it under My products."""

    kind: OrderKind
    state: OrderState
    error: str | None
    """What went wrong in the car last."""
    contract: str
    """`waiting` until the function is active, `running`, `ending` once its end is known, `ended`, `revoked`."""
    bills: int
    billed: Money
    refunds: int
    refunded: Money
    began: datetime | None
    ends: datetime | None
    """When it ends by itself or by notice; None: it does not."""
    buyer: str


def built(people: "People", vin: str, build: Build) -> None:
    """Keep what the factory says of a car."""
    with people.transaction() as db:
        row = BuildRow(vin=vin, profile=build.profile, country=build.country, equipment=sorted(build.equipment))
        db.merge(row)


def build_of(db: Session, vin: str) -> Build | None:
    """What the factory said of a car; None: nothing."""
    row = db.get(BuildRow, vin)
    return Build(row.profile, row.country, frozenset(row.equipment)) if row else None


def check_order(db: Session, catalogue: Catalogue, vin: str, function: str, kind: OrderKind) -> None:
    """Refuse an order that does not fit the car. What is not known, of function or car, speaks against nothing.

    Raises:
        LocalError: `not-in-country`, `not-for-car`, `equipment-missing`, `kind-not-sold`, `trial-used`.
    """
    known, build = catalogue.functions.get(function), build_of(db, vin)
    reason = no_functions_in(build.country) if build else None
    if reason is None and known is not None and build is not None and is_shipped_car(build):
        reason = reason_against(known, build)
    if reason is not None:
        raise LocalError(reason.code, f"{function} can't be sold for {vin}: {reason.text}")
    if known is not None and kind not in known.kinds:
        raise LocalError("kind-not-sold", f"{function} is sold as {', '.join(known.kinds)}, not as {kind}")
    if kind is OrderKind.TRIAL and _had_trial(db, vin, function):
        raise LocalError("trial-used", f"{vin} has had a trial of {function} before")


def check_free(db: Session, vin: str, function: str, kind: OrderKind, version: str) -> None:
    """Refuse a second order of what the car has, or is about to have; an update may follow one of another version.

    Raises:
        LocalError: `already-ordered`.
    """
    wanted = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == function, OrderRow.state.in_(HELD))
    for held in db.scalars(wanted.order_by(OrderRow.id.desc())):
        followed = kind is OrderKind.UPDATE and held.state is OrderState.ACTIVE and held.version != version
        if not followed:
            raise LocalError("already-ordered", f"{vin} has an order of {function} already: it is {held.state}")


def trial_months(function: Function | None, wanted: int | None) -> int:
    """How long a trial lasts: as long as was asked for, else as the data say."""
    usual = function.trial_months if function else None
    return wanted or usual or USUAL_TRIAL_MONTHS


def end_with_account(db: Session, porsche_id: str, now: datetime) -> None:
    """Have the subscriptions and trials of a Porsche ID end now, as the account that paid is no more (IDN-15)."""
    running = update(OrderRow).where(OrderRow.buyer == porsche_id, OrderRow.kind.in_(ENDING))
    running = running.where(OrderRow.began_at.is_not(None), OrderRow.ended_at.is_(None))
    db.execute(running.values(ends_at=now, next_at=now))


def contract_of(db: Session, vin: str, function: str) -> OrderRow:
    """The order by whose terms a function is had: no update changes them, and none that is over hides one that is not.

    Of a function that nobody bought it is that of its update.

    Raises:
        LocalError: `order-unknown`.
    """
    wanted = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == function)
    update_last, held_first = OrderRow.kind == OrderKind.UPDATE, OrderRow.state.in_(HELD).desc()
    order = db.scalars(wanted.order_by(update_last, held_first, OrderRow.id.desc()).limit(1)).first()
    if order is None:
        raise LocalError("order-unknown", f"nobody ordered {function} for {vin}")
    return order


def unfinished(db: Session, vin: str, function: str) -> OrderRow:
    """The order that is still on its way into the car, be it the purchase or an update.

    Raises:
        LocalError: `order-unknown`; `order-closed`: each is active, or over.
    """
    contract = contract_of(db, vin, function)
    wanted = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == function, OrderRow.state.in_(UNFINISHED))
    order = db.scalars(wanted.order_by(OrderRow.id.desc()).limit(1)).first()
    if order is None:
        raise LocalError("order-closed", f"the order of {function} is {contract.state}")
    return order


def account_of(people: "People", vin: str, function: str) -> Account | None:
    """How a function stands by the terms on which it is had; None: nobody ordered it."""
    with Session(people.engine) as db:
        try:
            order = contract_of(db, vin, function)
        except LocalError:
            return None
        bills, billed = _sum(db, BillRow, order.id)
        refunds, refunded = _sum(db, RefundRow, order.id)
        return Account(
            kind=order.kind,
            state=order.state,
            error=order.error,
            contract=_contract(order),
            bills=bills,
            billed=billed,
            refunds=refunds,
            refunded=refunded,
            began=order.began_at,
            ends=order.ends_at,
            buyer=order.buyer,
        )


def _contract(order: OrderRow) -> str:
    if order.revoked_at is not None:
        return "revoked"
    if order.ended_at is not None or order.state in (OrderState.CANCELLED, OrderState.REMOVED):
        return "ended"
    if order.began_at is None:
        return "waiting"
    return "running" if order.ends_at is None else "ending"


def _sum(db: Session, rows: type[BillRow] | type[RefundRow], order_id: int) -> tuple[int, Money]:
    """How many entries an order has, and how much they are in all."""
    sums = select(func.count(), func.sum(rows.amount_cents), func.max(rows.currency)).where(rows.order_id == order_id)
    count, cents, currency = db.execute(sums).one()
    return count, Money(cents, currency) if count else Money()


def _had_trial(db: Session, vin: str, function: str) -> bool:
    """One that never became active was none."""
    trials = select(OrderRow.id).where(OrderRow.vin == vin, OrderRow.function == function)
    trials = trials.where(OrderRow.kind == OrderKind.TRIAL, OrderRow.began_at.is_not(None))
    return db.scalar(trials.limit(1)) is not None
