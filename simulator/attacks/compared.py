"""Attacks with true signatures and stolen keys: only who compares and remembers sees them."""

from simulator.attacks import deltas, lies, moves, stolen_keys
from simulator.attacks.attack import DIRECTOR, Attack, in_transfer, judged, refused, stolen
from simulator.attacks.heals import ordered_mended, rotated, update_offered_again
from simulator.attacks.moves import at_look, while_fetched, with_delta
from simulator.attacks.places import LOOK, NOT_LISTED
from simulator.attacks.seen import OTHER

FOR_WHOM, BOTH = f"{LOOK}: for whom it is", f"{LOOK}: both repositories compared"
CONTENT = f"{LOOK}: what it says"

ADDRESSES = (
    judged("another-vin", "The list of another car is served.", FOR_WHOM, "metadata-foreign-vin", lies.of_another_car),
    judged(
        "another-vin-empty",
        "The list of another car is served, and it is empty.",
        FOR_WHOM,
        "metadata-foreign-vin",
        lies.empty_of_another_car,
    ),
    stolen(
        "another-vin-image",
        "an order for another car stands in this car's list.",
        FOR_WHOM,
        "metadata-foreign-vin",
        stolen_keys.of_stranger,
    ),
    stolen(
        "another-unit",
        "the list is for another control unit of this car.",
        FOR_WHOM,
        "metadata-foreign-ecu",
        stolen_keys.meant_for("ecu_serial", "PCM-9"),
    ),
    stolen(
        "another-unit-image",
        "an image is for another control unit.",
        FOR_WHOM,
        "metadata-foreign-ecu",
        stolen_keys.custom_of("ecu_serial", "PCM-9"),
    ),
    stolen(
        "another-hardware",
        "an image is for other hardware.",
        f"{LOOK}: hardware",
        "hardware-mismatch",
        stolen_keys.custom_of("hardware_id", stolen_keys.FOREIGN_HARDWARE),
    ),
    Attack(
        name="another-hardware-image",
        tried="The Director's keys are stolen: it lists a true image that is for other cars.",
        stopped_at=f"{LOOK}: hardware",
        code="hardware-mismatch",
        move=moves.true_image_of_others,
        heal=rotated(*DIRECTOR),
        authentic=True,
    ),
)

STOLEN = (
    stolen(
        "stolen-director",
        "it lists an image that the Image repository does not know.",
        BOTH,
        "image-unknown",
        stolen_keys.unknown_image("seat-heating/9.9.pkg"),
    ),
    Attack(
        name="stolen-function",
        tried="All online keys and those of one function are stolen: it signs an image of another function.",
        stopped_at=BOTH,
        code="image-unknown",
        move=at_look(stolen_keys.foreign_function),
        heal=rotated(*DIRECTOR, "image/snapshot", "image/timestamp", f"image/{OTHER}"),
        authentic=True,
    ),
    stolen(
        "image-hash",
        "an image has another hash.",
        BOTH,
        "image-mismatch",
        stolen_keys.other_bytes(hashes={"sha256": "0f" * 32}),
    ),
    stolen(
        "image-length",
        "an image has another length.",
        BOTH,
        "image-mismatch",
        stolen_keys.other_bytes(length=7),
    ),
    stolen(
        "image-counter",
        "an image has a higher release counter.",
        BOTH,
        "image-mismatch",
        stolen_keys.custom_of("release_counter", 9),
    ),
    stolen(
        "one-offer-twice",
        "two images bear the name of one order.",
        CONTENT,
        "metadata-malformed",
        stolen_keys.twice,
    ),
    stolen(
        "removed-and-listed",
        "an order is to be had, and to be removed as well.",
        CONTENT,
        "metadata-malformed",
        stolen_keys.removed_and_listed,
    ),
    refused(
        "root-without-old-keys",
        "A next root is signed by all of its own keys, and by too few of the present ones.",
        "Director's root",
        "metadata-signature",
        stolen_keys.root_by(1, 3),
        heal=rotated("director/root"),
    ),
    refused(
        "root-without-new-keys",
        "A next root is signed by all of the present keys, and by too few of its own.",
        "Director's root",
        "metadata-signature",
        stolen_keys.root_by(3, 1),
        heal=rotated("director/root"),
    ),
    refused(
        "old-root",
        "The present root stands under the name of the next.",
        "Director's root",
        "metadata-rollback",
        stolen_keys.old_root_again,
        heal=rotated("director/root"),
    ),
)

IMAGES = (
    in_transfer("tampered-image", "Bytes of the image are others.", "package-hash", while_fetched(lies.tampered_image)),
    in_transfer(
        "tampered-delta",
        "Bytes of a delta are others, and the whole image is held back.",
        "package-hash",
        with_delta(deltas.tampered),
        update_offered_again,
    ),
    in_transfer(
        "delta-of-another-base",
        "A function's key is stolen: it signs a delta that is from another version, and the whole image is held back.",
        "package-hash",
        with_delta(deltas.of_another_base),
        update_offered_again,
    ),
    Attack(
        name="revoked",
        tried="An image that waits to be installed is found to be bad, and the Director lists it no longer.",
        stopped_at=NOT_LISTED,
        code="",
        move=moves.revoked,
        heal=ordered_mended,
        authentic=True,
        seen=False,
    ),
)
