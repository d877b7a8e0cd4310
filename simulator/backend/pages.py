"""Where My Porsche and the app show a pairing code: start page, detail view, garage (IDN-05)."""

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from simulator.backend.people import People
from simulator.backend.records import CarRow, UserRow


def detail_view(people: People, vin: str, porsche_id: str) -> str | None:
    """The pairing code in a car's detail view; None once its main user is linked.

    Raises:
        LocalError: `car-unknown`, `user-unknown`.
    """
    try:
        return people.pairing_code(vin, porsche_id)
    except LocalError as error:
        if error.code != "car-already-linked":
            raise
        return None


def garage(people: People, porsche_id: str) -> dict[str, str | None]:
    """The app, Account > Garage: the pairing code by VIN, of all cars in whose profile this Porsche ID is."""
    own = select(CarRow.vin).where(CarRow.main_user == porsche_id)
    others = select(UserRow.vin).where(UserRow.porsche_id == porsche_id)
    with Session(people.engine) as db:
        vins = sorted(db.scalars(union(own, others)))
    return {vin: detail_view(people, vin, porsche_id) for vin in vins}


def start_page(people: People, porsche_id: str) -> dict[str, str]:
    """The start page of My Porsche: the pairing code by VIN, of the cars that are not linked yet."""
    return {vin: code for vin, code in garage(people, porsche_id).items() if code is not None}


def waits_for_code(people: People, vin: str) -> bool:
    """Whether all of these show the main user a pairing code for a car."""
    with Session(people.engine) as db:
        car = db.get(CarRow, vin)
        owner = car.main_user if car else None
    return owner is not None and vin in start_page(people, owner)
