"""Bills and refunds: one entry a month of an order at most, however often it is asked for (FOD-09, FOD-11)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from simulator.backend.database import added
from simulator.backend.orders import Money
from simulator.backend.people import People
from simulator.backend.records import BillRow, OrderKind, OrderRow, RefundRow


def bill(people: People, db: Session, order: OrderRow, month: int, due: datetime) -> None:
    """Bill a month of an order; an order for good has one, its first.

    Args:
        people: the desk.
        db: the transaction.
        order: what is billed.
        month: which one, from 0; one that was billed before is not billed again.
        due: from when on it is owed, which may be long ago.
    """
    entry = BillRow(
        order_id=order.id,
        month=month,
        vin=order.vin,
        function=order.function,
        amount_cents=order.price_cents,
        currency=order.currency,
        due_at=due,
        billed_at=people.clock.now(),
    )
    if added(db, entry):
        people.note(order.vin, "order-billed", _details(db, order, month, due))


def refund(people: People, db: Session, order: OrderRow) -> None:
    """Pay back all bills of an order that were not paid back before; they stay as they are."""
    for entry in db.scalars(select(BillRow).where(BillRow.order_id == order.id).order_by(BillRow.month)).all():
        row = RefundRow(
            order_id=entry.order_id,
            month=entry.month,
            amount_cents=entry.amount_cents,
            currency=entry.currency,
            refunded_at=people.clock.now(),
        )
        if added(db, row):
            details = {"order": order.id, "function": order.function}
            people.note(order.vin, "bill-refunded", details | _amount(entry.amount_cents, entry.currency))


def _details(db: Session, order: OrderRow, month: int, due: datetime) -> dict[str, object]:
    details: dict[str, object] = {"order": order.id, "function": order.function}
    if order.kind is OrderKind.MONTHLY:
        details |= {"month": month + 1, "due": f"{due:%Y-%m-%d %H:%M:%S}"}
    else:
        bills = select(func.count()).select_from(BillRow).where(BillRow.order_id == order.id)
        details["entries"] = db.scalar(bills)
    return details | _amount(order.price_cents, order.currency)


def _amount(cents: int, currency: str) -> dict[str, object]:
    return {"amount": str(Money(cents)), "currency": currency}
