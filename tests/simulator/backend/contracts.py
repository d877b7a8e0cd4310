"""What tests of orders and their terms begin with, and look at."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import Look, PackageState
from simulator.backend.desk import Desk
from simulator.backend.orders import Account, account_of
from simulator.backend.records import OrderKind
from simulator.backend.subscriptions import work_off
from simulator.backend.terms import months_after
from simulator.lab import START
from tests.simulator.backend.office import FUNCTION, VIN, Office

DAY = timedelta(days=1)
BEGAN = START + DAY
OFFER = "order-1.1"


def month(number: int) -> datetime:
    """When a month begins, from 0."""
    return months_after(BEGAN, number)


def account(office: Office, function: str = FUNCTION) -> Account:
    found = account_of(office.desk, VIN, function)
    assert found is not None
    return found


def be_at(office: Office, when: datetime) -> None:
    office.clock.jump(when)
    work_off(office.desk)
    office.desk.publish_stale()


def leaving(office: Office) -> bool:
    """Whether the Director has the car take the function out, and the car is told to look."""
    office.desk.publish_stale()
    listed, removed = office.listed(), office.removed()
    assert OFFER not in listed or OFFER not in removed
    assert OFFER not in removed or office.commands().count(Look()) >= 2, "one for the order, one for its end"
    return OFFER in removed


def active(office: Office, kind: OrderKind, months: int | None = None) -> None:
    """Ordered, and active in the car a day later."""
    office.order(kind=kind, months=months)
    office.clock.jump(BEGAN)
    office.hear(office.report(PackageState.ACTIVE))


def declined(office: Office, do: Callable[[Desk, str, str], None], function: str = FUNCTION) -> str:
    """The code with which something is declined, after which all is as it was."""
    before = (account_of(office.desk, VIN, function), office.commands(), len(office.notes))
    with pytest.raises(LocalError) as caught:
        do(office.desk, VIN, function)
    assert (account_of(office.desk, VIN, function), office.commands(), len(office.notes)) == before
    return caught.value.code
