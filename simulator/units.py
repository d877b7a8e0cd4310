"""The factory's records: which control unit is in which car, and the key that it signs with (Uptane 5.3.2.1).

A run keeps them in memory. Processes on a desk share a folder: an agent leaves its car's record there, as the factory
would, and the backend reads it; between two machines the files are copied by hand.
"""

import os
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from pcm_agent.errors import LocalError, TransportError
from pcm_agent.protocol.body import Sha256
from pcm_agent.trust.images import Ecu
from pcm_agent.trust.unit import ControlUnit, serial_of
from simulator.files import reason, write_atomically


class UnitRecord(Struct, frozen=True):
    """One car's control unit.

    Attributes:
        hardware_id: what images must be made for.
        public_key: raw Ed25519 key, hex; its serial number follows from it.
    """

    vin: str
    hardware_id: str
    public_key: Sha256

    @property
    def key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return bytes.fromhex(self.public_key)

    @property
    def ecu(self) -> Ecu:
        """The unit as the Director's metadata names it."""
        return Ecu(self.vin, serial_of(self.key), self.hardware_id)


def record_of(vin: str, hardware_id: str, unit: ControlUnit) -> UnitRecord:
    """What the factory writes down of a unit that it built into a car."""
    return UnitRecord(vin, hardware_id, unit.key.public_key().public_bytes_raw().hex())


class Units(Protocol):
    """The records by VIN."""

    def find(self, vin: str) -> UnitRecord:
        """The unit of a car.

        Raises:
            LocalError: `unit-unknown`.
            TransportError: `unit-unreadable`.
        """

    def keep(self, record: UnitRecord) -> None:
        """Write down a car's unit, in place of an older one.

        Raises:
            TransportError: `unit-unwritable`.
        """


class MemoryUnits:
    """See `Units`."""

    def __init__(self) -> None:
        self._records: dict[str, UnitRecord] = {}

    def find(self, vin: str) -> UnitRecord:
        """The unit of a car."""
        if vin not in self._records:
            raise LocalError("unit-unknown", f"the factory has no record of a control unit in {vin}")
        return self._records[vin]

    def keep(self, record: UnitRecord) -> None:
        """Write down a car's unit."""
        self._records[record.vin] = record


class FolderUnits:
    """See `Units`: one JSON file a car.

    Args:
        folder: made if there is none, once a record is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, vin: str) -> Path:
        """Where a car's record stands, or would."""
        return self.folder / f"{vin}.json"

    def find(self, vin: str) -> UnitRecord:
        """The unit of a car, as it stands there now."""
        path = self.path_of(vin)
        try:
            return msgspec.json.decode(path.read_bytes(), type=UnitRecord)
        except FileNotFoundError as error:
            raise LocalError("unit-unknown", f"{path} is missing: start the car's agent, or copy it") from error
        except (OSError, msgspec.DecodeError) as error:
            raise TransportError("unit-unreadable", f"{path}: {reason(error)}; start the car's agent again") from error

    def keep(self, record: UnitRecord) -> None:
        """Write down a car's unit."""
        path = self.path_of(record.vin)
        write_atomically(path, msgspec.json.encode(record).decode() + "\n", code="unit-unwritable", parents=True)


def replaced(units: Units, record: UnitRecord) -> str | None:
    """What to say where a car's unit is another one than was recorded; None: it is the same, or none is on record."""
    try:
        old = units.find(record.vin).ecu
    except (LocalError, TransportError):
        return None
    return None if old == record.ecu else replacement_words(old, record.ecu)


def replacement_words(old: Ecu, new: Ecu) -> str:
    """That a car has another unit, and what follows."""
    return (
        f"{new.vin} has the control unit {new.serial}, {new.hardware_id}, in place of {old.serial}, {old.hardware_id}; "
        "what was listed for the old one is nothing for this one"
    )


def unit_key(path: Path) -> Ed25519PrivateKey:
    """A car's own key from its file, made where there is none; it is the owner's alone.

    Raises:
        TransportError: `key-unusable`.
    """
    try:
        if not path.exists():
            _make(path)
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TransportError(
            "key-unusable", f"{path}: {reason(error)}; delete it, and the car gets a new unit"
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def units_beside(trust: Path) -> FolderUnits:
    """The cars' units on a desk: in `cars`, beside the file that says whom the cars trust."""
    return FolderUnits(trust.parent / "cars")
