"""What the backend's books say, read from its tables, so that no function of the backend has to be believed."""

import calendar
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from simulator.lab import Lab


class Order(NamedTuple):
    """An order, as it stands in the table."""

    id: int
    function: str
    version: str
    state: str
    kind: str
    placed_at: datetime
    download_by: datetime
    began_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    revoked_at: datetime | None
    called_off: bool
    removal_told: bool
    trial_months: int

    @property
    def held(self) -> bool:
        """The car has the function by it, or is about to."""
        return self.state in ("OPEN", "DOWNLOADED", "ACTIVE")

    @property
    def over(self) -> bool:
        """Nothing is owed for it any more."""
        return self.called_off or self.revoked_at is not None or self.ended_at is not None or not self.held


class Bill(NamedTuple):
    """A bill of an order; months count from 0."""

    order: int
    month: int
    billed_at: datetime


class Books(NamedTuple):
    """All that the backend has about a car.

    Attributes:
        known: it was in somebody's profile once.
        online: the backend has it for reachable over its own session.
        owner: whose profile it is in.
        installed: function → version, by the newest signed manifest; None: there is none.
        links: who is logged in to it.
        services: id → end of its term and the state that was reported last.
        waiting: kinds of commands of which no result is in.
    """

    known: bool
    online: bool
    owner: str | None
    orders: Sequence[Order]
    bills: Sequence[Bill]
    installed: dict[str, str] | None
    links: frozenset[str]
    services: dict[str, tuple[datetime, str]]
    waiting: tuple[str, ...]


_ORDERS = """
SELECT id, function, version, state, kind, placed_at, download_by, began_at, ends_at, ended_at, revoked_at, called_off,
removal_told, trial_months FROM purchase WHERE vin = ? ORDER BY id
"""


def books_of(lab: Lab, vin: str) -> Books:
    """What the backend's tables say of a car now."""
    with closing(lab.desk.engine.raw_connection()) as connection:
        cursor = connection.cursor()

        def rows(query: str) -> Sequence[tuple[Any, ...]]:
            cursor.execute(query, (vin,))
            return cursor.fetchall()

        car = next(iter(rows("SELECT session_id, main_user FROM car WHERE vin = ?")), None)
        if car is None:
            return Books(False, False, None, (), (), None, frozenset(), {}, ())
        manifest = next(iter(rows("SELECT installed FROM vehicle_manifest WHERE vin = ?")), None)
        return Books(
            known=True,
            online=car[0] is not None,
            owner=car[1],
            orders=[_order(row) for row in rows(_ORDERS)],
            bills=[
                Bill(number, month, _surely(at))
                for number, month, at in rows("SELECT order_id, month, billed_at FROM bill WHERE vin = ?")
            ],
            installed=None if manifest is None else _installed(manifest[0]),
            links=frozenset(row[0] for row in rows("SELECT porsche_id FROM link WHERE vin = ?")),
            services={
                row[0]: (_surely(row[1]), row[2])
                for row in rows("SELECT service, until, state FROM service WHERE vin = ?")
            },
            waiting=tuple(row[0] for row in rows("SELECT kind FROM command WHERE vin = ? ORDER BY number")),
        )


def _order(row: tuple[Any, ...]) -> Order:
    dates = [_instant(value) for value in row[5:11]]
    return Order(*row[:5], *dates, *map(bool, row[11:13]), *row[13:])


def _installed(text: str) -> dict[str, str]:
    return {image["function"]: image["version"] for image in msgspec.json.decode(text)}


def _instant(text: str | None) -> datetime | None:
    return None if text is None else _surely(text)


def _surely(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def month_begins(began: datetime, number: int) -> datetime:
    """When a month of a contract begins, counted from 0: on the same day of the calendar, or on its last one."""
    years, month = divmod(began.month - 1 + number, 12)
    year = began.year + years
    day = min(began.day, calendar.monthrange(year, month + 1)[1])
    return began.replace(year=year, month=month + 1, day=day)


def next_month(began: datetime, now: datetime) -> datetime:
    """When the month of a contract ends that is running."""
    number = 1
    while month_begins(began, number) <= now:
        number += 1
    return month_begins(began, number)
