"""What the Director is to say of a car, by its orders, and how an order's offers are named."""

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.messages import KIND_OF, Look
from simulator.backend.depot import ORDERS, Wanted
from simulator.backend.orders import HELD
from simulator.backend.records import CommandRow, ManifestRow, OrderRow, OrderState


def offer_id(order: OrderRow) -> str:
    """The id under which an order's package is offered in its present attempt."""
    return f"{ORDERS}{order.id}.{order.attempt}"


def order_and_attempt(offer: str) -> tuple[int, int] | None:
    """The order that an offer's id belongs to, and which attempt it was; None where the id is not ours."""
    numbers = re.fullmatch(rf"{ORDERS}([0-9]{{1,18}})\.([0-9]{{1,18}})", offer)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def order_of(db: Session, vin: str, offer: str, *, earlier: bool = False) -> OrderRow | None:
    """The car's order that is offered under this id now, or with `earlier` was once; None where it is another car's."""
    numbers = order_and_attempt(offer)
    order = db.get(OrderRow, numbers[0]) if numbers else None
    if numbers is None or order is None or order.vin != vin:
        return None
    return order if numbers[1] == order.attempt or (earlier and 0 < numbers[1] < order.attempt) else None


def wanted(db: Session, vin: str) -> dict[str, Wanted]:
    """All that a car is to have, by offer: of each function what was ordered last, such as an update."""
    orders = db.scalars(select(OrderRow).where(OrderRow.vin == vin, OrderRow.state.in_(HELD)).order_by(OrderRow.id))
    newest_by_function = {order.function: order for order in orders}
    return {
        offer_id(order): Wanted(order.function, order.version, order.download_by, "ask" if order.ask else "ordered")
        for order in newest_by_function.values()
        if order.ended_at is None
    }


def leaving(db: Session, vin: str) -> frozenset[str]:
    """The offers of orders that are over, and that the car has not said to be removed; an earlier one, too, may be."""
    over = select(OrderRow).where(OrderRow.vin == vin, OrderRow.state.in_(HELD), OrderRow.ended_at.is_not(None))
    return frozenset(
        f"{ORDERS}{order.id}.{attempt}" for order in db.scalars(over) for attempt in range(1, order.attempt + 1)
    )


def attests_soon(db: Session, vin: str) -> bool:
    """Whether a bill, or its end, waits for the car's signed word that a function has come or gone (FOD-09, FOD-13)."""
    come = select(OrderRow.id).where(OrderRow.vin == vin, OrderRow.state == OrderState.DOWNLOADED)
    return bool(leaving(db, vin)) or db.scalar(come.where(OrderRow.began_at.is_(None)).limit(1)) is not None


def counters(db: Session, vin: str) -> Mapping[str, int]:
    """Function → the highest release counter that the car has attested; it refuses a whole list for a lower one."""
    row = db.get(ManifestRow, vin)
    return row.counters if row is not None else {}


def looks_anyway(db: Session, vin: str) -> bool:
    """Whether the car has not done yet what it was told to: to look."""
    waiting = select(CommandRow.id).where(CommandRow.vin == vin, CommandRow.kind == KIND_OF[Look])
    return db.scalar(waiting.limit(1)) is not None
