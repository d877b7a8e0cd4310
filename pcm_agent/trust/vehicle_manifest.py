"""The vehicle version manifest: what a car says it has, signed with its own key (Uptane 5.4.2.1).

The car sends one after each look at the repositories; the Director decides by it what the car is to have next, and
shows an operator what the car refused. It has one control unit, so the manifest of the car is that of the unit.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from pcm_agent.errors import PeerError
from pcm_agent.protocol.manifest import SignedVehicleManifest, VehicleManifest

KEPT = 64
"""Of so many before the newest one, those are still waited for that have not come; what is older is a replay."""


class SeenManifests(Struct, frozen=True):
    """What a Director remembers of one car's manifests: a window that no clock moves, as of IPsec (RFC 4303, 3.4.3).

    Attributes:
        unit: the control unit that signed them; another one counts anew.
        newest: the highest number that came.
        missing: those before it that have not come, the lowest first.
    """

    unit: str = ""
    newest: int = 0
    missing: tuple[int, ...] = ()


def sign(manifest: VehicleManifest, key: Ed25519PrivateKey) -> SignedVehicleManifest:
    """The manifest with the car's signature."""
    return SignedVehicleManifest(manifest=manifest, signature=key.sign(_canonical(manifest)).hex())


def check(signed: SignedVehicleManifest, vin: str, ecu_serial: str, key: bytes, seen: SeenManifests) -> SeenManifests:
    """Let a manifest pass once, and only if this car's unit made it.

    Manifests may come late and out of order: a car without data keeps its reports. Their numbers alone say so: a clock
    that is set, to wherever, makes none old and none new.

    Args:
        signed: what arrived.
        vin: of the car that it should be from.
        ecu_serial: of its control unit.
        key: the unit's raw Ed25519 public key, 32 bytes.
        seen: what is remembered of this car.

    Returns:
        What is to be remembered from now on; `seen` stays as it is.

    Raises:
        PeerError: one of `pcm_agent.trust.refusals.MANIFEST_REFUSALS`.
    """
    manifest = signed.manifest
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signed.signature), _canonical(manifest))
    except InvalidSignature as error:
        raise PeerError("manifest-signature", f"the manifest {manifest.number} is not signed by the car") from error
    if manifest.vin != vin:
        raise PeerError("manifest-foreign-vin", f"the manifest {manifest.number} is from another car")
    if manifest.ecu_serial != ecu_serial:
        raise PeerError("manifest-foreign-ecu", f"the manifest {manifest.number} is from another control unit")
    return _remembered(manifest, seen)


def _remembered(manifest: VehicleManifest, seen: SeenManifests) -> SeenManifests:
    unit, number = manifest.ecu_serial, manifest.number
    if seen.unit != unit:
        seen = SeenManifests(unit)
    if number > seen.newest:
        before = (*seen.missing, *range(max(seen.newest + 1, number - KEPT), number))
        return SeenManifests(unit, number, tuple(it for it in before if it >= number - KEPT))
    if number not in seen.missing:
        raise PeerError("manifest-replayed", f"the manifest {number} was received before")
    return SeenManifests(unit, seen.newest, tuple(it for it in seen.missing if it != number))


def _canonical(manifest: VehicleManifest) -> bytes:
    """The bytes that are signed: JSON with sorted keys and no white space."""
    return msgspec.json.encode(manifest, order="sorted")
