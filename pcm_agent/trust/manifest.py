"""Signed package manifests: one Ed25519 key that the car trusts, one signature over the canonical JSON."""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pcm_agent.errors import PeerError
from pcm_agent.protocol.messages import OfferPackage, PackageManifest


def canonical(manifest: PackageManifest) -> bytes:
    """The bytes that are signed: JSON with sorted keys and no white space."""
    return msgspec.json.encode(manifest, order="sorted")


def check_offer(offer: OfferPackage, vin: str, trusted_key: bytes) -> None:
    """Let an offer pass only if a trusted key made it for this car.

    Args:
        offer: what the backend sent.
        vin: this car's.
        trusted_key: the raw 32 bytes of the Ed25519 public key.

    Raises:
        PeerError: `signature-invalid` or `manifest-foreign-vin`.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(trusted_key)
        key.verify(bytes.fromhex(offer.signature), canonical(offer.manifest))
    except InvalidSignature as error:
        raise PeerError(
            "signature-invalid", f"offer {offer.manifest.offer_id}: not signed by the trusted key"
        ) from error
    if offer.manifest.vin != vin:
        raise PeerError("manifest-foreign-vin", f"offer {offer.manifest.offer_id}: made for another car")
