"""Whether what the Director wants installed may be installed in this car (Uptane 5.4.4.6).

The Director says what this car is to have, with keys that are online and may be stolen; the Image repository says which
images there are, with keys that are not. Only what both say alike, for this car, counts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from pcm_agent.errors import PeerError
from pcm_agent.protocol.body import Instant, Name, Sha256
from pcm_agent.trust.metadata import Target, Verified, VerifiedRepository

T = TypeVar("T")
Counter = Annotated[int, Meta(ge=0)]
Length = Annotated[int, Meta(gt=0)]
Consent = Literal["ordered", "ask"]


class Ecu(Struct, frozen=True):
    """The control unit that judges: the PCM, which is its car's primary and only one."""

    vin: str
    serial: str
    hardware_id: str


class Delta(Struct, frozen=True, kw_only=True):
    """Another image that makes this one out of the installed one; signed with it."""

    base_sha256: Sha256
    path: str
    length: Length
    sha256: Sha256


class DirectorCustom(Struct, frozen=True, kw_only=True):
    """What a Director's metadata says of an image, besides TUF's own."""

    vin: str
    ecu_serial: str
    hardware_id: str
    release_counter: Counter
    offer_id: Name
    not_after: Instant
    consent: Consent = "ordered"
    preconditions: tuple[Name, ...] = ()


class DirectorFor(Struct, frozen=True, kw_only=True):
    """Whom a Director's metadata is for, also where it lists nothing (uptane-standard#202)."""

    vin: str
    ecu_serial: str
    removed: tuple[Name, ...] = ()
    """Offers that were carried out, and whose functions are to be taken out again (FOD-13)."""


class ImageCustom(Struct, frozen=True, kw_only=True):
    """What an Image repository's metadata says of an image, besides TUF's own."""

    function: Name
    version: str
    hardware_ids: tuple[str, ...]
    release_counter: Counter
    preconditions: tuple[Name, ...] = ()
    deltas: tuple[Delta, ...] = ()


class Assignment(Struct, frozen=True, kw_only=True):
    """An image that this car is to have.

    Attributes:
        path: the image's name in both repositories.
        length: bytes.
        not_after: the end of the 28 days in which it must have been downloaded (FOD-01).
        consent: `ordered`: the purchase was the consent; `ask`: the driver must agree in the PCM first.
        preconditions: of its installation, besides the car's own (FOD-06); one that a car does not know blocks.
        deltas: other ways to the same bytes, from another version.
    """

    offer_id: Name
    function: Name
    version: str
    path: str
    length: int
    sha256: Sha256
    release_counter: int
    not_after: datetime
    consent: Consent
    preconditions: tuple[str, ...] = ()
    deltas: tuple[Delta, ...] = ()

    def delta_from(self, sha256: str) -> Delta | None:
        """The way from a version that the car has, if there is one."""
        return next((delta for delta in self.deltas if delta.base_sha256 == sha256), None)


def image_url(base: str, path: str, sha256: str) -> str:
    """Where an image is fetched: its name with the hash before the last part (TUF 6.2, consistent snapshots).

    Args:
        base: of all images, without a slash at the end.
        path: of the image.
        sha256: its hash; the first one in the alphabet of those in the metadata, and the only one.
    """
    folder, _, name = path.rpartition("/")
    return f"{base}/{folder}/{sha256}.{name}"


def judge(verified: Verified, ecu: Ecu, counters: Mapping[str, int]) -> tuple[Assignment, ...]:
    """All that this car is to have, by path, or a refusal of the whole.

    One wrong image refuses all, as full verification has it: each image that the Director lists is compared, and where
    one check fails the update cycle ends with its code (Uptane 5.4.4.2, step 10). Whoever signs one wrong thing is not
    believed in the next. `not_after` is not judged here, because it ends only what was not yet downloaded, and only the
    core knows what was.

    Args:
        verified: both repositories.
        ecu: who judges.
        counters: function → release counter of the highest version that was ever installed.

    Raises:
        PeerError: one of `pcm_agent.trust.refusals.REFUSALS`.
    """
    _check_addressee(verified.director, ecu)
    assignments = tuple(
        _judge(wanted, verified.image.targets.get(path), ecu, counters)
        for path, wanted in sorted(verified.director.targets.items())
    )
    if len({it.offer_id for it in assignments}) < len(assignments):
        raise PeerError("metadata-malformed", "the Director lists an offer twice")
    if len({it.function for it in assignments}) < len(assignments):
        raise PeerError("metadata-malformed", "the Director lists two images of one function")
    return assignments


def removals(verified: Verified) -> tuple[str, ...]:
    """The offers whose functions are to be taken out of the car that `judge` has found the list to be for.

    Raises:
        PeerError: `metadata-malformed`; also where an offer is listed and removed at once.
    """
    director = verified.director
    removed = _meant(director).removed
    listed = {_decode(it.custom, DirectorCustom, path).offer_id for path, it in director.targets.items()}
    if both := sorted(listed.intersection(removed)):
        raise PeerError("metadata-malformed", f"the Director lists and removes {', '.join(both)}")
    return removed


def _meant(director: VerifiedRepository) -> DirectorFor:
    return _decode(director.custom.get("custom"), DirectorFor, "the Director's targets")


def _check_addressee(director: VerifiedRepository, ecu: Ecu) -> None:
    if director.delegated:
        raise PeerError("metadata-malformed", "the Director delegates, which it must not (Uptane 5.4.4.6)")
    meant = _meant(director)
    _check_for(meant.vin, meant.ecu_serial, ecu, "the Director's targets")


def _check_for(vin: str, serial: str, ecu: Ecu, what: str) -> None:
    if vin != ecu.vin:
        raise PeerError("metadata-foreign-vin", f"{what}: for another car")
    if serial != ecu.serial:
        raise PeerError("metadata-foreign-ecu", f"{what}: for another control unit")


def _judge(wanted: Target, known: Target | None, ecu: Ecu, counters: Mapping[str, int]) -> Assignment:
    order = _decode(wanted.custom, DirectorCustom, wanted.path)
    _check_for(order.vin, order.ecu_serial, ecu, wanted.path)
    if known is None:
        raise PeerError("image-unknown", f"{wanted.path}: not in the Image repository")
    image = _decode(known.custom, ImageCustom, wanted.path)
    _compare(wanted, order, known, image)
    if order.hardware_id != ecu.hardware_id or ecu.hardware_id not in image.hardware_ids:
        raise PeerError("hardware-mismatch", f"{wanted.path}: for {order.hardware_id}, this is {ecu.hardware_id}")
    installed = counters.get(image.function, 0)
    if order.release_counter < installed:
        raise PeerError(
            "release-rollback", f"{wanted.path}: release {order.release_counter}, after release {installed}"
        )
    return Assignment(
        offer_id=order.offer_id,
        function=image.function,
        version=image.version,
        path=wanted.path,
        length=wanted.length,
        sha256=wanted.hashes["sha256"],
        release_counter=order.release_counter,
        not_after=order.not_after,
        consent=order.consent,
        preconditions=tuple(dict.fromkeys((*image.preconditions, *order.preconditions))),
        deltas=image.deltas,
    )


def _compare(wanted: Target, order: DirectorCustom, known: Target, image: ImageCustom) -> None:
    """Refuse what the two repositories do not say alike."""
    if (wanted.path, wanted.length, wanted.hashes) != (known.path, known.length, known.hashes):
        raise PeerError("image-mismatch", f"{wanted.path}: another length or hash in the Image repository")
    if order.release_counter != image.release_counter:
        raise PeerError("image-mismatch", f"{wanted.path}: another release counter in the Image repository")
    if wanted.path.rpartition("/")[0] != image.function:
        raise PeerError("image-mismatch", f"{wanted.path}: in the folder of another function than {image.function}")
    _decode({"length": wanted.length, "sha256": wanted.hashes.get("sha256")}, _Content, wanted.path)


class _Content(Struct, frozen=True):
    length: Length
    sha256: Sha256


def _decode(custom: object, form: type[T], what: str) -> T:
    try:
        return msgspec.convert(custom, form)
    except msgspec.ValidationError as error:
        raise PeerError("metadata-malformed", f"{what}: {error}") from error
