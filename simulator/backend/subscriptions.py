"""From activation on: months that are billed, notice, trials, revocation, and what is due next (FOD-09 to FOD-13).

What is due is worked off by its dates: a backend that was down bills later, but the same months, each once.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from simulator.backend import terms
from simulator.backend.bills import bill, refund
from simulator.backend.desk import Desk
from simulator.backend.orders import ENDING, HELD, contract_of
from simulator.backend.records import CarRow, OrderKind, OrderRow, OrderState

# --- what the car tells ---


def activated(desk: Desk, db: Session, order: OrderRow, at: datetime) -> None:
    """The function is active in the car: its contract begins, and is billed; once, however often it is told.

    Args:
        desk: the backend's.
        db: the transaction.
        order: of the function.
        at: when, by the car's clock. What can't be right, before the order or yet to come, counts for nothing: then it
            is when it was heard, and nobody pays for a time before that.
    """
    if order.began_at is not None:
        return
    now = desk.clock.now()
    order.began_at = at if order.placed_at <= at <= now else now
    if order.revoked_at is not None or order.called_off:
        have_removed(desk, db, order)
    elif order.kind is OrderKind.PERPETUAL:
        bill(desk, db, order, 0, order.began_at)
    elif order.kind in ENDING:
        _begin(desk, db, order, order.began_at)


def _begin(desk: Desk, db: Session, order: OrderRow, began: datetime) -> None:
    if order.kind is OrderKind.TRIAL:
        order.ends_at = terms.months_after(began, order.trial_months)
        desk.note(order.vin, "trial-began", _said(order) | {"until": f"{order.ends_at:%Y-%m-%d %H:%M:%S}"})
    _catch_up(desk, db, order)
    desk.due.add(order.vin)  # so that the service looks what is due next


def removed(desk: Desk, order: OrderRow) -> None:
    """The function has left the car: nothing is owed any more, and nothing is to be removed."""
    order.state = OrderState.REMOVED
    order.ended_at = order.ended_at or desk.clock.now()
    order.next_at = None
    desk.stale.add(order.vin)
    desk.note(order.vin, f"order-{order.state}", _said(order))


# --- what people do ---


def give_notice(desk: Desk, vin: str, function: str) -> None:
    """End a monthly subscription at the end of the month that is running (FOD-12).

    Raises:
        LocalError: `order-unknown`; `no-subscription`, `not-active-yet`, `subscription-over`, `notice-given`;
            `notice-too-late` on the last day of the month, which leaves the next month to be given notice to.
    """
    now = desk.clock.now()
    with desk.transaction() as db:
        order = _running(db, vin, function, (OrderKind.MONTHLY,))
        if order.ends_at is not None:
            raise LocalError("notice-given", f"{function} ends {order.ends_at:%Y-%m-%d %H:%M:%S} UTC already")
        assert order.began_at is not None
        end = terms.month_end(order.began_at, now)
        if not terms.notice_in_time(end, now):
            raise LocalError("notice-too-late", f"{function}: the month ends {end:%Y-%m-%d %H:%M:%S} UTC, within a day")
        order.ends_at = end
        order.next_at = _next(order)
        desk.note(vin, "notice-given", _said(order) | {"until": f"{end:%Y-%m-%d %H:%M:%S}"})


def end_subscription(desk: Desk, vin: str, function: str) -> None:
    """End a subscription or a trial at once, before the car is handed over: the function is removed (FOD-13).

    Raises:
        LocalError: `order-unknown`, `no-subscription`, `not-active-yet`, `subscription-over`;
            `bought-for-good`: it stays for the car's life (FOD-10).
    """
    with desk.transaction() as db:
        order = _running(db, vin, function, ENDING)
        _end(desk, db, order, desk.clock.now())


def revoke(desk: Desk, vin: str, function: str) -> None:
    """Revoke an order for good through support, free of charge (FOD-11).

    What is not active yet is cancelled and never billed; what is active is removed, and its bill paid back.

    Raises:
        LocalError: `order-unknown`; `not-for-good`, `order-closed`, `already-revoked`, `revocation-too-late`;
            `car-sold`: it stays with the car, which is another's by now (FOD-10).
    """
    with desk.transaction() as db:
        order = contract_of(db, vin, function)
        _check_revocable(order, db.get_one(CarRow, vin), desk.clock.now())
        order.revoked_at = desk.clock.now()
        desk.note(vin, "order-revoked", _said(order))
        if order.began_at is None:
            desk.call_off(db, order)
        else:
            refund(desk, db, order)
            have_removed(desk, db, order)


def _check_revocable(order: OrderRow, car: CarRow, now: datetime) -> None:
    last = terms.revocable_until(order.placed_at)
    if order.kind is not OrderKind.PERPETUAL:
        raise LocalError("not-for-good", f"{order.function} was not ordered for good, but as {order.kind}")
    if order.revoked_at is not None:
        raise LocalError("already-revoked", f"the order of {order.function} is revoked")
    if order.state in (OrderState.CANCELLED, OrderState.REMOVED):
        raise LocalError("order-closed", f"the order of {order.function} is {order.state}")
    if car.main_user != order.buyer:
        raise LocalError("car-sold", f"{order.vin} is not {order.buyer}'s any more; {order.function} stays with it")
    if now > last:
        raise LocalError("revocation-too-late", f"{order.function} could be revoked until {last:%Y-%m-%d %H:%M:%S} UTC")


def _running(db: Session, vin: str, function: str, kinds: tuple[OrderKind, ...]) -> OrderRow:
    """The order of a subscription that runs."""
    order = contract_of(db, vin, function)
    if order.kind is OrderKind.PERPETUAL:
        raise LocalError("bought-for-good", f"{function} was bought for good and stays for the car's life")
    if order.kind not in kinds:
        raise LocalError("no-subscription", f"{function} is no subscription, but {order.kind}")
    if order.ended_at is not None or order.state in (OrderState.CANCELLED, OrderState.REMOVED):
        raise LocalError("subscription-over", f"{function} has ended")
    if order.began_at is None:
        raise LocalError("not-active-yet", f"{function} is not active in the car yet; cancel the order instead")
    return order


# --- what time brings ---


def next_due(desk: Desk) -> datetime | None:
    """When a bill, an end, or the last moment for a download comes next."""
    with Session(desk.engine) as db:
        at = db.scalar(select(func.min(OrderRow.next_at)))
    return min(filter(None, (at, desk.next_expiry())), default=None)


def work_off(desk: Desk) -> None:
    """Do all that is due by now: cancel what was not downloaded, bill the months that have begun, end what is over."""
    desk.expire()
    with desk.transaction() as db:
        due = select(OrderRow).where(OrderRow.next_at <= desk.clock.now()).order_by(OrderRow.next_at, OrderRow.id)
        for order in db.scalars(due).all():
            _catch_up(desk, db, order)


def _catch_up(desk: Desk, db: Session, order: OrderRow) -> None:
    """Bill a running order month by month up to now, or to its end."""
    now, began = desk.clock.now(), order.began_at
    assert began is not None
    until = now if order.ends_at is None else min(now, order.ends_at)
    while order.kind is OrderKind.MONTHLY and (due := terms.months_after(began, order.months_billed)) <= until:
        if due == order.ends_at:
            break
        bill(desk, db, order, order.months_billed, due)
        order.months_billed += 1
    if order.ends_at is not None and order.ends_at <= now:
        _end(desk, db, order, order.ends_at)
    else:
        order.next_at = _next(order)


def _next(order: OrderRow) -> datetime | None:
    """When something is due for a running order: its end, or its next bill."""
    assert order.began_at is not None
    month = terms.months_after(order.began_at, order.months_billed) if order.kind is OrderKind.MONTHLY else None
    return min(filter(None, (month, order.ends_at)), default=None)


def _end(desk: Desk, db: Session, order: OrderRow, at: datetime) -> None:
    """End a subscription or a trial, and have the function taken out of the car."""
    order.ends_at = at
    desk.note(order.vin, "trial-ended" if order.kind is OrderKind.TRIAL else "subscription-ended", _said(order))
    have_removed(desk, db, order)


def have_removed(desk: Desk, db: Session, order: OrderRow) -> None:
    """The Director lists it and its updates as to be removed, and the car is told to look, once this is committed."""
    order.ended_at = order.ends_at or desk.clock.now()
    order.next_at = None
    same = select(OrderRow).where(OrderRow.vin == order.vin, OrderRow.function == order.function)
    for later in db.scalars(same.where(OrderRow.kind == OrderKind.UPDATE, OrderRow.state.in_(HELD))).all():
        later.ended_at = later.ended_at or order.ended_at
    desk.stale.add(order.vin)


def _said(order: OrderRow) -> dict[str, object]:
    return {"order": order.id, "function": order.function}
