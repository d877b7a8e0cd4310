"""What cars say, signed, of what they have: checked against the factory's records, kept, and shown (Uptane 5.3.2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest, VehicleManifest
from pcm_agent.trust.refusals import REFUSALS
from pcm_agent.trust.vehicle_manifest import SeenManifests, check
from simulator.backend.depot import OUTDATED
from simulator.backend.desk import Desk
from simulator.backend.listing import order_of
from simulator.backend.orders import HELD
from simulator.backend.records import CarRow, ManifestRow, OrderRow, OrderState
from simulator.backend.standing import follow
from simulator.backend.subscriptions import activated, removed

CLOCK_TOLERANCE = timedelta(hours=1)
"""So far may a car's clock be from ours where something is said to be over; a figure of our own."""


class Word(NamedTuple):
    """What a car said of itself, signed.

    Attributes:
        vin: of the car.
        installed: what it has.
        at: when, by the car's clock, and never after it was heard; None: nobody knows, as that clock was ahead.
    """

    vin: str
    installed: Sequence[InstalledImage]
    at: datetime | None


class Attested(Struct, frozen=True):
    """What is known of a car's unit by its own word.

    Attributes:
        installed: by function's name.
        attack: why it refused what the repositories said last; None: it did not.
    """

    installed: tuple[InstalledImage, ...]
    attack: str | None


def manifest_received(desk: Desk, db: Session, car: CarRow, signed: SignedVehicleManifest) -> None:
    """Let a manifest pass once, if this car's unit made it; the newest one counts.

    Its number says which one is the newest, and never its time: a car whose clock is wrong is believed as any other.

    Raises:
        LocalError: `unit-unknown`.
        PeerError: one of `pcm_agent.trust.refusals.MANIFEST_REFUSALS`; nothing of it is believed.
    """
    unit, manifest = desk.depot.units.find(car.vin), signed.manifest
    row = db.get(ManifestRow, car.vin) or ManifestRow(vin=car.vin, seen=b"{}")
    seen = check(signed, car.vin, unit.ecu.serial, unit.key, msgspec.json.decode(row.seen, type=SeenManifests))
    row.seen = msgspec.json.encode(seen)
    _raise_counters(desk, row, manifest.installed)
    word = Word(car.vin, manifest.installed, _signed_at(manifest, desk.clock.now()))
    begin_attested(desk, db, word)
    if manifest.number == seen.newest:
        row.time = word.at
        _keep(desk, db, row, manifest)
        end_attested(desk, db, word)
    db.add(row)


def _signed_at(manifest: VehicleManifest, now: datetime) -> datetime | None:
    """When a manifest that is heard now was signed; None where the car's clock is ahead, as nobody knows how far."""
    return min(manifest.time, now) if manifest.time <= now + CLOCK_TOLERANCE else None


def _raise_counters(desk: Desk, row: ManifestRow, installed: Sequence[InstalledImage]) -> None:
    """Keep the highest counter of each function, be the manifest a late one; what the Director says follows it."""
    before = row.counters or {}
    row.counters = before | {it.function: max(it.release_counter, before.get(it.function, 0)) for it in installed}
    if row.counters != before:
        desk.stale.add(row.vin)


def _keep(desk: Desk, db: Session, row: ManifestRow, manifest: VehicleManifest) -> None:
    row.attack = manifest.attack
    row.installed = msgspec.to_builtins(manifest.installed)
    _mark_orders(db, manifest)
    installed = ", ".join(f"{it.function} {it.version}" for it in manifest.installed)
    desk.note(row.vin, "manifest-checked", {"installed": installed or "nothing"})
    if manifest.attack is not None:
        desk.note(row.vin, "attack-reported", {"code": manifest.attack})
    if manifest.attack == "metadata-foreign-ecu" and desk.depot.lists_for_another_unit(row.vin):
        desk.stale.add(row.vin)


def begin_attested(desk: Desk, db: Session, word: Word) -> None:
    """Let each order be active, and its contract begin, whose offer the car has signed to have a function by (FOD-09).

    That needs no report besides: whoever has the broker could hold it back. Nor is a report alone a ground for a bill:
    it is not signed. A function that the car had by another order, which is over, names that one's offer.
    """
    for image in word.installed:
        order = ordered_by(db, word.vin, image)
        if order is None or order.began_at is not None:
            continue
        follow(desk, db, order, OrderState.ACTIVE)
        if order.state is not OrderState.CANCELLED:
            order.error = None  # what failed before has healed (FOD-07)
            activated(desk, db, order, word.at or desk.clock.now())


def ordered_by(db: Session, vin: str, image: InstalledImage) -> OrderRow | None:
    """The order by which the car has a function; None: it does not say so, or it is none of ours."""
    order = order_of(db, vin, image.offer_id or "", earlier=True)
    same = order is not None and (order.function, order.version) == (image.function, image.version)
    return order if same else None


def end_attested(desk: Desk, db: Session, word: Word) -> None:
    """Let each order end whose function has left the car, by the newest signed manifest (FOD-13).

    An order that is over needs nothing else, once the car has signed it after its end. One that runs needs the report,
    too: a function may be away for a while. A report alone ends nothing: whoever has the broker could end the billing,
    and what is to be removed would stay.
    """
    there = {image.function for image in word.installed}  # in whatever version: an update may have followed
    held = db.scalars(select(OrderRow).where(OrderRow.vin == word.vin, OrderRow.state.in_(HELD))).all()
    begun = [order for order in held if order.began_at is not None or order.ended_at is not None]
    gone = {order.function for order in begun if order.removal_told or _is_after_end(word, order)} - there
    for order in begun:
        if order.function in gone:  # and with it the order whose update it was
            removed(desk, order)


def _is_after_end(word: Word, order: OrderRow) -> bool:
    """Whether it was surely signed after an order was over, and listed no longer."""
    if order.ended_at is None or word.at is None:
        return False
    return word.at >= order.ended_at + CLOCK_TOLERANCE


def _mark_orders(db: Session, manifest: VehicleManifest) -> None:
    """Say beside the car's open orders that it believes nothing of them, until it does."""
    for order in db.scalars(select(OrderRow).where(OrderRow.vin == manifest.vin, OrderRow.state == OrderState.OPEN)):
        if manifest.attack is not None and order.error != OUTDATED:
            order.error = manifest.attack
        elif order.error in REFUSALS:
            order.error = None


def attested(desk: Desk, vin: str) -> Attested | None:
    """What a car said last of what it has; None: nothing yet."""
    with Session(desk.engine) as db:
        row = db.get(ManifestRow, vin)
        if row is None:
            return None
        return Attested(msgspec.convert(row.installed, tuple[InstalledImage, ...]), row.attack)
