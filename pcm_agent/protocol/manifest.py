"""The vehicle version manifest: what a car says, signed with its own key, of what it has (Uptane 5.4.2.1)."""

from typing import Annotated

from msgspec import Meta

from pcm_agent.protocol.body import Body, Instant, Name, Sha256


class InstalledImage(Body, frozen=True, kw_only=True):
    """A function as it stands in the car.

    Attributes:
        offer_id: the Director's offer by which the car has it, so that an order is known to be active (FOD-09); none:
            what installed it did not keep that.
    """

    function: Name
    version: str
    sha256: Sha256
    release_counter: Annotated[int, Meta(ge=0)]
    offer_id: Name | None = None


class VehicleManifest(Body, frozen=True, kw_only=True):
    """What a car says of itself; this, and nothing else, is signed.

    Attributes:
        number: counts all that the unit ever signed, from 1; whatever its clock shows, a later one has a higher number.
        time: the car's clock.
        installed: by function's name.
        attack: code of the refusal that the last look ended with; none: it was well.
    """

    vin: str
    ecu_serial: str
    number: Annotated[int, Meta(ge=1)]
    time: Instant
    installed: tuple[InstalledImage, ...] = ()
    attack: Name | None = None


class SignedVehicleManifest(Body, frozen=True, kw_only=True):
    """A manifest and the car's signature."""

    manifest: VehicleManifest
    signature: Annotated[str, Meta(pattern="^[0-9a-f]{128}$", description="Ed25519 over the canonical manifest, hex")]
