"""What a car has said, signed, on the wire of the orders by which it has functions: no book is believed for that."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest
from pcm_agent.protocol.messages import KIND_OF
from simulator.laws.books import Order
from simulator.trace import Record

_PLACE = f"/event/{KIND_OF[SignedVehicleManifest]}"


class Claim(NamedTuple):
    """That the car has what an order brings.

    Attributes:
        time: when it signed that, by its own clock.
        sent_at: when it said so first.
    """

    time: datetime
    sent_at: datetime

    def allows(self, began: datetime, placed: datetime) -> bool:
        """Whether a contract may have begun then by this word.

        When the car says, unless that can't be right; then when it was heard, of which is known only that nobody hears
        what was not sent.
        """
        if placed <= self.time <= self.sent_at:
            return began == self.time
        return self.sent_at <= began and (self.time < placed or began <= self.time)


class Claims:
    """All that a car ever said of its orders."""

    def __init__(self) -> None:
        self._by_image: dict[tuple[int, str, str], dict[datetime, Claim]] = {}

    def seen(self, record: Record) -> None:
        """Learn from a record of the trace about the car."""
        if record.kind != "sent" or not record.name.endswith(_PLACE) or "body" not in record.data:
            return
        manifest = msgspec.convert(record.data["body"], SignedVehicleManifest).manifest
        for image in manifest.installed:
            number = order_number(image)
            if number is not None:
                told = self._by_image.setdefault((number, image.function, image.version), {})
                told.setdefault(manifest.time, Claim(manifest.time, record.time))

    def of(self, order: Order) -> Iterator[Claim]:
        """What it said of one."""
        yield from self._by_image.get((order.id, order.function, order.version), {}).values()


def order_number(image: InstalledImage) -> int | None:
    """The order by which a car says to have a function; None: by none."""
    found = re.fullmatch(r"order-(\d+)\.\d+", image.offer_id or "")
    return int(found[1]) if found else None
