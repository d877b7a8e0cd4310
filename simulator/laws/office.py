"""Contracts, bills, users and services: what the backend has in its books, beside what the car is and has."""

from typing import TYPE_CHECKING

from pcm_agent.core.states import Account, Ignition, Metadata, Personal, PrivateMode, ServiceState
from simulator.laws.body import BodyJudge
from simulator.laws.books import Books, Order, books_of, month_begins, next_month
from simulator.laws.claims import Claims, order_number
from simulator.laws.facts import Facts
from simulator.trace import Record

if TYPE_CHECKING:
    from datetime import datetime

_PAID = ("PERPETUAL", "MONTHLY")
_MOST_MONTHS = 1200


class OfficeJudge:
    """Judges the books about one car.

    Args:
        facts: of the car.
        body: knows what the car ever had.
    """

    def __init__(self, facts: Facts, body: BodyJudge) -> None:
        self._facts, self._body = facts, body
        self._books: Books | None = None
        self._claims = Claims()
        self._notices: dict[int, datetime] = {}
        """Order → when notice was given."""

    @property
    def books(self) -> Books:
        """As they are now."""
        if self._books is None:
            self._books = books_of(self._facts.lab, self._facts.car.vin)
        return self._books

    def seen(self, record: Record) -> None:
        """Read the books anew once something has happened that may have changed them."""
        self._claims.seen(record)
        if record.kind in ("backend", "sent", "arrived"):
            self._books = None
        if record.name == "notice-given":
            self._notices[record.data["order"]] = record.time

    def removing(self, offer: str) -> None:
        """Judge a removal before it is done (FOD-10)."""
        job = self._facts.state.jobs.get(offer)
        if job is None:
            return
        function = job.assignment.function
        paid = [order for order in self.books.orders if order.function == function and order.state == "ACTIVE"]
        kept = [order for order in paid if not order.over]
        self._facts.hold("stays", not kept or len(kept) < len(paid), f"{function} is removed, and nobody has ended it")

    def settled(self) -> None:
        """Judge the books where nothing is under way."""
        books = self.books
        for order in books.orders:
            self._judge_dates(order)
            self._judge_bills(order, books)
        contracts = [order.function for order in books.orders if order.held and order.kind != "UPDATE"]
        twice = {function for function in contracts if contracts.count(function) > 1}
        self._facts.hold("one-contract", not twice, f"two contracts for {', '.join(sorted(twice))}")
        if books.known and books.online and self._facts.car.agent.online:
            self._judge_both(books)

    def _judge_dates(self, order: Order) -> None:
        """FOD-01, FOD-12, STO-02."""
        now, hold = self._facts.now, self._facts.hold
        late = order.state == "OPEN" and order.download_by < now
        hold("deadline", not late, f"order {order.id} is open, though to be downloaded by {order.download_by}")
        early = order.state == "CANCELLED" and not order.called_off and order.download_by > now
        hold("deadline", not early, f"order {order.id} is cancelled before {order.download_by}")
        due = order.ends_at is not None and order.ends_at < now
        hold("term", not due or order.ended_at is not None, f"order {order.id} was to end {order.ends_at}")
        if order.id in self._notices and order.began_at is not None and order.ended_at is None:
            right = next_month(order.began_at, self._notices[order.id])
            hold("term", order.ends_at == right, f"order {order.id} is to end {order.ends_at}, {right} is right")
        if order.kind == "TRIAL" and order.began_at is not None and order.ended_at is None:
            right = month_begins(order.began_at, order.trial_months)
            hold("term", order.ends_at == right, f"trial {order.id} is to end {order.ends_at}, {right} is right")

    def _judge_bills(self, order: Order, books: Books) -> None:
        """FOD-09, FOD-12."""
        bills = [bill for bill in books.bills if bill.order == order.id]
        hold = self._facts.hold
        claims = list(self._claims.of(order))
        had = (order.function, order.version) in self._body.had and claims
        hold("bill", not bills or (order.began_at is not None and had), f"order {order.id}: billed, and never had")
        hold("bill", len({bill.month for bill in bills}) == len(bills), f"order {order.id}: a month billed twice")
        right = order.began_at is None or any(claim.allows(order.began_at, order.placed_at) for claim in claims)
        hold("bill", right, f"order {order.id} began {order.began_at}, the car said {claims}")
        wanted = self._months_owed(order)
        text = f"order {order.id}: {len(bills)} bills since {order.began_at}"
        hold("bill", len(bills) == wanted, f"{text}, {wanted} are right")

    def _months_owed(self, order: Order) -> int:
        """How many bills there must be, from the instant on that the car has signed; none for what was called off."""
        if order.kind not in _PAID or order.began_at is None or order.called_off:
            return 0
        if order.kind == "PERPETUAL":
            return 1
        ends = order.ends_at or order.ended_at
        until = self._facts.now if ends is None else min(ends, self._facts.now)
        begun = [number for number in range(_MOST_MONTHS) if month_begins(order.began_at, number) <= until]
        on_its_end = ends is not None and month_begins(order.began_at, begun[-1]) == ends and len(begun) > 1
        return len(begun) - on_its_end

    # --- car and backend ---

    def _judge_both(self, books: Books) -> None:
        """The car is online, and nothing is under way between both."""
        facts, state = self._facts, self._facts.state
        facts.hold("said", not books.waiting, f"no answer to {', '.join(books.waiting)}")
        if books.installed is not None or state.installed:
            has = {name: image.version for name, image in state.installed.items()}
            told = books.installed or {}
            facts.hold("agree", has == told, f"the car has {has or 'nothing'}, the backend knows {told or 'nothing'}")
        self._judge_orders(books)
        self._judge_services(books)
        private = state.private_mode is PrivateMode.ON
        if not private and state.account is not Account.LINKING and state.personal is Personal.TOLD:
            found = frozenset(state.users)
            facts.hold(
                "people", found == books.links, f"in the car {sorted(found)}, by the books {sorted(books.links)}"
            )

    def _judge_orders(self, books: Books) -> None:
        """FOD-09: whoever has a function has its order, as far as the car knows what there is to know."""
        facts, state = self._facts, self._facts.state
        orders = {order.id: order for order in books.orders}
        for name, image in state.installed.items():
            order = orders.get(order_number(image) or 0)
            fits = order is not None and (order.state == "ACTIVE" or order.called_off)
            facts.hold("agree", fits, f"{name} is in the car by {image.offer_id}, and the order is {order}")
        for order in books.orders if facts.car.agent.unsaid == 0 else ():
            unheard = order.held and order.began_at is None and any(self._claims.of(order))
            facts.hold("bill", not unheard, f"order {order.id} has not begun, though the car has signed to have it")
        lost = {order.function for order in books.orders if order.state == "ACTIVE" and not order.over}
        knows = state.metadata is Metadata.CURRENT
        lost -= set(state.installed)
        facts.hold(
            "agree", not lost or not knows, f"active by the books, and not in the car: {', '.join(sorted(lost))}"
        )

    def _judge_services(self, books: Books) -> None:
        """STO-09, CON-25."""
        facts = self._facts
        for name, (until, told) in books.services.items():
            service = facts.state.services.get(name)
            there = service is not None and service.state is ServiceState.AVAILABLE
            facts.hold("services", not there or until > facts.now, f"{name} works though its term ended {until}")
            if service is not None and until > facts.now:
                known = told in (service.state, "contracted") or facts.state.ignition is Ignition.OFF
                facts.hold("services", known, f"{name} is {service.state}, the backend has {told}")
