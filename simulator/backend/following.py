"""How orders follow what cars report of their packages."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.envelope import decode, decode_body
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage
from pcm_agent.protocol.topics import Topic
from simulator.backend.desk import Desk
from simulator.backend.listing import order_and_attempt
from simulator.backend.manifests import begin_attested, end_attested
from simulator.backend.orders import HELD
from simulator.backend.records import CommandRow, ManifestRow, OrderRow, OrderState
from simulator.backend.subscriptions import have_removed

_RESULT = {
    PackageState.STAGED: OrderState.DOWNLOADED,
    PackageState.WAITING: OrderState.DOWNLOADED,
    PackageState.ACTIVATING: OrderState.DOWNLOADED,
    PackageState.VERIFYING: OrderState.DOWNLOADED,
    PackageState.ACTIVE: OrderState.ACTIVE,
    PackageState.REMOVING: OrderState.ACTIVE,
    PackageState.CANCELLED: OrderState.CANCELLED,
    PackageState.EXPIRED: OrderState.CANCELLED,
    PackageState.REMOVED: OrderState.ACTIVE,
}
"""What a job's state makes of its order; a failed job leaves the order open.

That a function is gone is nothing that a report alone could say: see `manifests.end_attested`."""
_FAILED = (PackageState.FAILED, PackageState.ROLLED_BACK)
_ONCE_ACTIVE = (PackageState.ACTIVE, PackageState.REMOVING, PackageState.REMOVED)
_RANK = {
    OrderState.OPEN: 0,
    OrderState.DOWNLOADED: 1,
    OrderState.CANCELLED: 1,
    OrderState.ACTIVE: 2,
    OrderState.REMOVED: 3,
}
"""A report that comes late never takes an order back. A download in time counts, however late the car can say so."""


def package_reported(desk: Desk, db: Session, vin: str, report: PackageReported) -> None:
    """Let the order follow the job; its contract begins, and ends, when that is attested, once (FOD-09)."""
    order = _order(db, vin, report.offer_id, earlier=report.state in _ONCE_ACTIVE)
    if order is None:
        return
    if report.state in _FAILED and order.error != report.code:
        order.error = report.code
        desk.note(vin, "package-failed", {"order": order.id, "code": report.code})
    expired = report.state is PackageState.EXPIRED
    _follow(desk, db, order, _RESULT.get(report.state, order.state), expired=expired)
    if report.state is PackageState.ACTIVE:
        order.error = None  # what failed before has healed (FOD-07)
    if report.state is PackageState.REMOVED:
        order.removal_told = True
    row = db.get(ManifestRow, vin) if report.state in _ONCE_ACTIVE else None
    if row is not None and row.time is not None:  # it was attested before it was reported
        installed = msgspec.convert(row.installed, list[InstalledImage])
        begin_attested(desk, db, vin, installed, row.time)
        if order.began_at is not None:
            end_attested(desk, db, vin, installed)


def withdrawn(desk: Desk, db: Session, row: CommandRow) -> None:
    """The package will never be active; of one that failed or was refused before, no report says so."""
    command = decode_body(decode(row.payload, Topic(row.vin, "command", row.kind)), WithdrawPackage)
    order = _order(db, row.vin, command.offer_id)
    if order is not None:
        _follow(desk, db, order, OrderState.CANCELLED)


def _follow(desk: Desk, db: Session, order: OrderRow, state: OrderState, *, expired: bool = False) -> None:
    """Take the order where its package is, but never back.

    What was called off is had no more: where the car installed it nonetheless, it is removed and not billed. What only
    expired counts if it was downloaded in time, however late that is told (FOD-01).
    """
    if state is order.state or _RANK[state] < _RANK[order.state]:
        return
    if order.state is OrderState.CANCELLED:
        if not _may_live_again(desk, db, order, state):
            return
        if order.called_off:
            have_removed(desk, db, order)
    order.called_off |= state is OrderState.CANCELLED and not expired
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


def _order(db: Session, vin: str, offer: str, *, earlier: bool = False) -> OrderRow | None:
    """The car's order that is offered under this id now, or with `earlier` was once; None where it is another car's."""
    numbers = order_and_attempt(offer)
    order = db.get(OrderRow, numbers[0]) if numbers else None
    if numbers is None or order is None or order.vin != vin:
        return None
    return order if numbers[1] == order.attempt or (earlier and 0 < numbers[1] < order.attempt) else None
