"""What the factory put into a control unit: its serial number, and its own key (Uptane 5.4.1)."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct


class ControlUnit(Struct, frozen=True):
    """The PCM as the Director knows it.

    Attributes:
        serial: of the unit; the Director's metadata is for this one alone.
        key: signs what the car says of itself; in a real car it never leaves the hardware.
    """

    serial: str
    key: Ed25519PrivateKey


def unit_with(key: Ed25519PrivateKey) -> ControlUnit:
    """A unit whose serial number follows from its key, so that another key is always another unit."""
    return ControlUnit(serial_of(key.public_key().public_bytes_raw()), key)


def serial_of(public_key: bytes) -> str:
    """The serial number of the unit with a key (raw Ed25519 public key, 32 bytes)."""
    return f"PCM-{hashlib.sha256(public_key).hexdigest()[:12].upper()}"
