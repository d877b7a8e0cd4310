"""Online software updates: enabled in My Porsche, offered to the cars that they fit, free of charge (FOD-15)."""

from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from simulator.backend.catalogue import Reason, Update, is_shipped_car, reason_against
from simulator.backend.desk import Desk
from simulator.backend.orders import build_of
from simulator.backend.people import car_in_profile
from simulator.backend.records import CarRow, OrderKind, UpdatesRow


def enable_updates(desk: Desk, vin: str) -> None:
    """Have the main user enable online software updates for a car; whoever owns it next decides anew.

    Raises:
        LocalError: `car-unknown`.
    """
    with desk.transaction() as db:
        car = car_in_profile(db, vin)
        db.merge(UpdatesRow(vin=vin, porsche_id=str(car.main_user)))
        desk.note(vin, "updates-enabled", {"porsche_id": car.main_user})


def disable_updates(desk: Desk, vin: str) -> None:
    """Have the main user disable them: none is offered any more; what was offered before stays.

    Raises:
        LocalError: `car-unknown`.
    """
    with desk.transaction() as db:
        car = car_in_profile(db, vin)
        if (row := db.get(UpdatesRow, vin)) is not None:
            db.delete(row)
        desk.note(vin, "updates-disabled", {"porsche_id": car.main_user})


def offer_update(desk: Desk, vin: str, update: str) -> int:
    """Offer an update to a car; its driver is asked in the PCM, and nothing is ever billed.

    Returns:
        The number of the order that follows it.

    Raises:
        LocalError: `car-unknown`, `updates-not-enabled`; `update-unknown`, `not-in-country`, `not-for-car`,
            `equipment-missing`; `already-ordered`.
    """
    known = desk.catalogue.updates.get(update)
    if known is None:
        raise LocalError("update-unknown", f"there is no update {update}")
    with Session(desk.engine) as db:
        if not _enabled(db, car_in_profile(db, vin)):
            raise LocalError("updates-not-enabled", f"updates of {vin} must first be enabled in My Porsche")
        if (reason := _reason_against(db, vin, known)) is not None:
            raise LocalError(reason.code, f"{update} is not offered to {vin}: {reason.text}")
    return desk.order(
        vin,
        update,
        known.bytes,
        version=known.version,
        price_cents=0,
        currency="",
        ask=True,
        kind=OrderKind.UPDATE,
    )


def updates_for(desk: Desk, vin: str) -> tuple[str, ...]:
    """The updates that exist for a car, in the order of the data; none where they are not enabled."""
    with Session(desk.engine) as db:
        if not _enabled(db, car_in_profile(db, vin)):
            return ()
        updates = desk.catalogue.updates.items()
        return tuple(name for name, update in updates if _reason_against(db, vin, update) is None)


def _enabled(db: Session, car: CarRow) -> bool:
    """A car that was sold is not as its seller left it."""
    row = db.get(UpdatesRow, car.vin)
    return row is not None and row.porsche_id == car.main_user


def _reason_against(db: Session, vin: str, update: Update) -> Reason | None:
    """What is not known to fit is not offered: a wrong update does harm."""
    build = build_of(db, vin)
    if build is None or not is_shipped_car(build):
        return Reason("not-for-car", "it is not known what car it is")
    return reason_against(update, build)
