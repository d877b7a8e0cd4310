"""For which control unit something is assigned by hand: the one that the factory knows of, unless another is named."""

from pathlib import Path
from typing import NamedTuple

from pcm_agent.errors import LocalError
from pcm_agent.trust.images import Ecu
from simulator.repository import PackageRepositories
from simulator.units import FolderUnits, UnitRecord

NO_RECORD = "PCM"
"""Serial number of a unit of which nobody knows anything yet."""


class Meant(NamedTuple):
    """A car's unit for the Director, and what whoever assigns should know of it; one sentence each."""

    ecu: Ecu
    warnings: tuple[str, ...]


def unit_meant(
    repositories: PackageRepositories, units: FolderUnits, vin: str, serial: str | None, hardware_id: str | None
) -> Meant:
    """The unit of a car: what is given counts first, then the factory's record, then what the Director knows.

    Args:
        repositories: of which the Director assigns.
        units: the factory's records.
        vin: of the car.
        serial: of the unit, where it is given.
        hardware_id: of the unit, where it is given.

    Raises:
        LocalError: `vin-unknown`: nobody knows the hardware.
        PeerError: `repository-broken`.
        TransportError: `unit-unreadable`.
    """
    record, listed = _record(units, vin), _listed(repositories, vin)
    known = record.ecu if record is not None else listed
    hardware = hardware_id or (known.hardware_id if known is not None else None)
    if hardware is None:
        where = units.path_of(vin)
        raise LocalError("vin-unknown", f"neither the Director nor {where} knows the car {vin}; say its --hardware-id")
    ecu = Ecu(vin, serial or (known.serial if known is not None else NO_RECORD), hardware)
    return Meant(ecu, (*_against(record, ecu, units), *_replaced(listed, ecu)))


def _record(units: FolderUnits, vin: str) -> UnitRecord | None:
    try:
        return units.find(vin)
    except LocalError:
        return None


def _listed(repositories: PackageRepositories, vin: str) -> Ecu | None:
    return repositories.director.ecu(vin) if repositories.director.knows(vin) else None


def _against(record: UnitRecord | None, ecu: Ecu, units: FolderUnits) -> tuple[str, ...]:
    """What is wrong with a unit that is not the one in the car."""
    where = units.path_of(ecu.vin)
    if record is None:
        return _unrecorded(ecu, where) if ecu.serial == NO_RECORD else ()
    if record.ecu == ecu:
        return ()
    return (
        f"{ecu.vin}: by {where} the car has the unit {record.ecu.serial}, {record.hardware_id}; this is for "
        f"{ecu.serial}, {ecu.hardware_id}: the car refuses it, and the backend's next order drops it",
    )


def _unrecorded(ecu: Ecu, where: Path) -> tuple[str, ...]:
    return (
        f"{ecu.vin}: {where} is missing, so nobody knows the car's unit; what is assigned is for {ecu.serial} until "
        "then, and the car refuses it: start its agent once, then assign again",
    )


def _replaced(listed: Ecu | None, ecu: Ecu) -> tuple[str, ...]:
    if listed is None or listed == ecu:
        return ()
    was = f"{listed.serial}, {listed.hardware_id}"
    return (f"{ecu.vin}: the Director knew the unit {was}; what was assigned to that one is listed no longer",)
