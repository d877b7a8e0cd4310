"""Where an order stands: never back, and what was called off is not had (FOD-01, FOD-09)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from simulator.backend.desk import Desk
from simulator.backend.orders import HELD
from simulator.backend.records import OrderKind, OrderRow, OrderState
from simulator.backend.subscriptions import have_removed

_RANK = {
    OrderState.OPEN: 0,
    OrderState.DOWNLOADED: 1,
    OrderState.CANCELLED: 1,
    OrderState.ACTIVE: 2,
    OrderState.REMOVED: 3,
}
"""A report that comes late never takes an order back. A download in time counts, however late the car can say so."""


def follow(desk: Desk, db: Session, order: OrderRow, state: OrderState) -> None:
    """Take the order where its package is, but never back.

    What was called off is had no more: where the car installed it nonetheless, it is removed and not billed; but for an
    update, with which what was paid for would go. What only expired counts if it was downloaded in time, however late
    that is told (FOD-01).
    """
    if state is order.state or _RANK[state] < _RANK[order.state]:
        return
    if order.state is OrderState.CANCELLED:
        if not _may_live_again(desk, db, order, state):
            return
        if order.kind is OrderKind.UPDATE:
            order.called_off = False
        elif order.called_off:
            have_removed(desk, db, order)
    order.called_off |= state is OrderState.CANCELLED
    _be(desk, order, state)


def _may_live_again(desk: Desk, db: Session, order: OrderRow, state: OrderState) -> bool:
    """Let an order that was cancelled live again in place of one that took its place; whether it may.

    What a car has is paid for once: by the order that it has it by, unless another one was billed for it.
    """
    same = select(OrderRow).where(OrderRow.vin == order.vin, OrderRow.function == order.function)
    others = db.scalars(same.where(OrderRow.version == order.version, OrderRow.state.in_(HELD))).all()
    if order.called_off:
        return state is OrderState.ACTIVE and not others
    if any(other.began_at is not None for other in others):
        return False
    for other in others:
        _be(desk, other, OrderState.CANCELLED)
    return True


def _be(desk: Desk, order: OrderRow, state: OrderState) -> None:
    """The order's state; what the Director says follows it."""
    if (order.state in HELD) != (state in HELD):
        desk.stale.add(order.vin)
    order.state = state
    desk.note(order.vin, f"order-{state}", {"order": order.id, "function": order.function})
