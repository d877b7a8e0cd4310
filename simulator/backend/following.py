"""How orders follow what cars report of their packages.

Reports are not signed: whoever has the broker could have made them. So they say how far a package is, and what went
wrong with it, but neither that it is paid for nor that it is over. An order becomes active, and ends, by the signed
manifest; it is cancelled by whoever ordered it, by its 28 days, or because the Director lists it no longer.
"""

import msgspec
from sqlalchemy.orm import Session

from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.trust.refusals import REFUSALS
from simulator.backend.depot import OUTDATED
from simulator.backend.desk import Desk
from simulator.backend.listing import order_of
from simulator.backend.manifests import CLOCK_TOLERANCE, Word, end_attested
from simulator.backend.orders import UNFINISHED
from simulator.backend.records import ManifestRow, OrderRow, OrderState
from simulator.backend.standing import follow

NOT_ENDED = "order-not-ended"
"""The error of an order whose package is over by a report that nothing bears out."""
_FAILED = (PackageState.FAILED, PackageState.ROLLED_BACK)
_ENDED = (PackageState.CANCELLED, PackageState.EXPIRED)
_ONCE_ACTIVE = (PackageState.ACTIVE, PackageState.REMOVING, PackageState.REMOVED)
_DOWNLOADED = (
    PackageState.STAGED,
    PackageState.WAITING,
    PackageState.ACTIVATING,
    PackageState.VERIFYING,
    *_ONCE_ACTIVE,
)
"""What shows that the 28 days were kept. A failed job leaves the order open."""


def package_reported(desk: Desk, db: Session, vin: str, report: PackageReported) -> None:
    """Let the order follow the job; its contract begins, and ends, when that is attested, once (FOD-09)."""
    order = order_of(db, vin, report.offer_id, earlier=report.state in _ONCE_ACTIVE)
    if order is None:
        return
    if report.state in _FAILED and report.code is not None:
        _mark(desk, order, "package-failed", report.code)
    if report.state in _ENDED:
        _ended(desk, db, order, report)
    if report.state in _DOWNLOADED:
        follow(desk, db, order, OrderState.DOWNLOADED)
    if report.state in _ONCE_ACTIVE:
        _once_active(desk, db, order, report.state)


def _mark(desk: Desk, order: OrderRow, note: str, code: str) -> None:
    """Say beside an order what is wrong, once; but not in place of what is known better."""
    if order.error != code and _weight(code) >= _weight(order.error):
        order.error = code
        desk.note(order.vin, note, {"order": order.id, "code": code})


def _weight(code: str | None) -> int:
    """What the car signed, or the backend knows itself, before what was reported; last, what nothing bears out."""
    if code is None or code == NOT_ENDED:
        return int(code is not None)
    return 3 if code in REFUSALS or code == OUTDATED else 2


def _ended(desk: Desk, db: Session, order: OrderRow, report: PackageReported) -> None:
    """A package is over in the car: the order is only if the Director, or our own clock, bears it out.

    Else nobody has cancelled it, and it stays; support may offer it again.
    """
    if order.state not in UNFINISHED:
        return
    if report.state is PackageState.CANCELLED and not desk.depot.lists(order.vin, report.offer_id):
        follow(desk, db, order, OrderState.CANCELLED)
        return
    nearly = order.download_by - CLOCK_TOLERANCE <= desk.clock.now()
    if report.state is PackageState.CANCELLED or order.state is not OrderState.OPEN or not nearly:
        _mark(desk, order, NOT_ENDED, NOT_ENDED)


def _once_active(desk: Desk, db: Session, order: OrderRow, state: PackageState) -> None:
    """Take note of a removal that the signed manifest is to bear out, or has already; it alone says what is active."""
    order.removal_told |= state is PackageState.REMOVED
    row = db.get(ManifestRow, order.vin)
    if row is not None:  # it was attested before it was reported
        end_attested(desk, db, Word(order.vin, msgspec.convert(row.installed, tuple[InstalledImage, ...]), row.time))
