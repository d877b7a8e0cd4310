"""The attacks on a running car: what is tried, where it must be stopped, and how the car heals."""

from collections.abc import Mapping

from msgspec import Struct

from pcm_agent.errors import LocalError
from simulator.attacks import lies, moves
from simulator.attacks.moves import Move, at_look, by_itself, in_transfer, offered_again, rotated
from simulator.attacks.places import LOOK, MANIFEST, MESSAGE, TRANSFER
from simulator.attacks.stage import OTHER
from simulator.scenario.words import nearest

_FOR_WHOM, _BOTH = f"{LOOK}: for whom it is", f"{LOOK}: both repositories compared"
DIRECTOR = ("director/targets", "director/snapshot", "director/timestamp")
"""What a stolen Director has signed with."""
_SEEN, _CONTENT = f"{LOOK}: versions seen before", f"{LOOK}: what it says"


class Attack(Struct, frozen=True, kw_only=True):
    """One attack.

    Attributes:
        name: short, for the command line.
        tried: what the attacker does, in one sentence.
        stopped_at: where it must be stopped; see `simulator.attacks.places`.
        code: that it must be stopped with; empty: it does not exist for the car, so there is nothing to refuse.
        move: does it.
        heal: what happens once the attacker is gone.
        authentic: the metadata is signed by those who may: the car keeps its versions though it refuses what it says.
        seen: of the car it is asked that it leaves its jobs as they were, and reports the code in a signed manifest.
        live_only: it needs real sockets.
    """

    name: str
    tried: str
    stopped_at: str
    code: str
    move: Move
    heal: Move = offered_again
    authentic: bool = False
    seen: bool = True
    live_only: bool = False


def _refused(name: str, tried: str, where: str, code: str, lie: lies.Lie, *, heal: Move = offered_again) -> Attack:
    """Files betray it: nothing in the car may change."""
    return Attack(name=name, tried=tried, stopped_at=f"{LOOK}: {where}", code=code, move=at_look(lie), heal=heal)


def _retried(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """Files betray it, and the car tries again by itself."""
    return _refused(name, tried, where, code, lie, heal=by_itself)


def _judged(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """Only who compares the repositories, with each other and with the car, sees it."""
    return Attack(name=name, tried=tried, stopped_at=where, code=code, move=at_look(lie), authentic=True)


def _stolen(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """The same with the Director's own keys, which are replaced afterwards."""
    what = f"The Director's keys are stolen: {tried}"
    move = at_look(lie)
    return Attack(
        name=name, tried=what, stopped_at=where, code=code, move=move, heal=rotated(*DIRECTOR), authentic=True
    )


def _in_transfer(name: str, tried: str, code: str, move: Move, heal: Move = offered_again) -> Attack:
    return Attack(
        name=name, tried=tried, stopped_at=TRANSFER, code=code, move=move, heal=heal, authentic=True, seen=False
    )


def _told(name: str, tried: str, where: str, code: str, move: Move) -> Attack:
    """Somebody speaks on the broker; nothing was ordered before."""
    return Attack(name=name, tried=tried, stopped_at=where, code=code, move=move, heal=moves.ordered, seen=False)


_SIGNATURES = (
    _refused(
        "foreign-keys",
        "Both repositories are somebody else's, with other images of the same names.",
        "Director's timestamp",
        "metadata-signature",
        lies.foreign_keys,
    ),
    _refused(
        "wrong-signature-director",
        "A digit of the signature of the Director's timestamp is another.",
        "Director's timestamp",
        "metadata-signature",
        lies.wrong_signature("director", "timestamp"),
    ),
    _refused(
        "wrong-signature-images",
        "A digit of the signature of the Image repository's timestamp is another.",
        "Image repository's timestamp",
        "metadata-signature",
        lies.wrong_signature("image", "timestamp"),
    ),
    _refused(
        "edited",
        "The Director's timestamp says something else than what was signed.",
        "Director's timestamp",
        "metadata-signature",
        lies.edited_timestamp,
    ),
    _refused(
        "threshold",
        "One of two targets keys is stolen, and all online keys of the Image repository.",
        "Image repository's targets",
        "metadata-signature",
        lies.too_few_signatures,
    ),
    _refused(
        "no-metadata",
        "The Director's timestamp is JSON of something else.",
        "Director's timestamp",
        "metadata-malformed",
        lies.no_metadata,
    ),
)

_TIME = (
    *(
        Attack(
            name=f"rollback-{short}",
            tried=f"The {long} is shown as it was before the last look.",
            stopped_at=_SEEN,
            code="metadata-rollback",
            move=moves.rolled_back(base),
        )
        for short, long, base in (("director", "Director", "director"), ("images", "Image repository", "image"))
    ),
    _refused(
        "vanished-function",
        "Online keys are stolen: the Image repository's snapshot lists a function no longer.",
        "versions seen before",
        "metadata-rollback",
        lies.vanished_role,
    ),
    _stolen(
        "rollback-release",
        "it lists an older release of what is installed.",
        f"{LOOK}: release counter",
        "release-rollback",
        lies.older_release,
    ),
    *(
        Attack(
            name=f"freeze-{short}",
            tried=f"The {long} is shown as it was a day ago, though something was ordered.",
            stopped_at=f"{LOOK}: {long}'s timestamp",
            code="metadata-expired",
            move=moves.frozen(base),
            heal=by_itself,
        )
        for short, long, base in (("director", "Director", "director"), ("images", "Image repository", "image"))
    ),
    *(
        Attack(
            name=f"fast-forward-{short}",
            tried=f"The online keys of the {long} are stolen and sign the highest versions; then true ones come.",
            stopped_at=_SEEN,
            code="metadata-rollback",
            move=moves.fast_forwarded(base),
            heal=rotated(f"{base}/timestamp"),
            authentic=True,
        )
        for short, long, base in (("director", "Director", "director"), ("images", "Image repository", "image"))
    ),
)

_BUNDLES = (
    _retried(
        "mix-and-match-director",
        "The Director's targets of an older state stand in the newest.",
        "Director's targets",
        "metadata-mismatch",
        lies.mixed("director", "targets"),
    ),
    _retried(
        "mix-and-match-images",
        "The Image repository's snapshot of an older state stands in the newest.",
        "Image repository's snapshot",
        "metadata-mismatch",
        lies.mixed("image", "snapshot"),
    ),
    _retried(
        "mix-and-match-function",
        "A function's targets of an older state stand in the newest.",
        "Image repository's seat-heating",
        "metadata-mismatch",
        lies.mixed("image", "seat-heating"),
    ),
    _retried(
        "partial-bundle-director",
        "The Director's targets are held back.",
        "Director's targets",
        "metadata-missing",
        lies.held_back("director", "targets"),
    ),
    _retried(
        "partial-bundle-images",
        "A function's targets are held back.",
        "Image repository's seat-heating",
        "metadata-missing",
        lies.held_back("image", "seat-heating"),
    ),
    _in_transfer(
        "image-held-back",
        "All metadata is there, and the image is not.",
        "package-gone",
        in_transfer(lies.image_held_back),
    ),
)

_SIZES = (
    _refused(
        "endless-director",
        "The Director's targets go on where they should end.",
        "Director's targets",
        "metadata-oversized",
        lies.endless("director", "targets"),
    ),
    _refused(
        "endless-images",
        "The Image repository's snapshot goes on where it should end.",
        "Image repository's snapshot",
        "metadata-oversized",
        lies.endless("image", "snapshot"),
    ),
    _refused(
        "oversized-metadata",
        "A stolen key signs a timestamp that is longer than any may be.",
        "Director's timestamp",
        "metadata-oversized",
        lies.oversized_timestamp,
    ),
    _in_transfer(
        "endless-image", "An image goes on where it should end.", "package-length", in_transfer(lies.endless_image)
    ),
    _in_transfer(
        "slow-image", "An image comes at half of the lowest rate.", "transfer-slow", moves.slow_image, by_itself
    ),
    Attack(
        name="slow-metadata",
        tried="The Director's timestamp comes byte by byte.",
        stopped_at=f"{LOOK}: Director's timestamp",
        code="transfer-interrupted",
        move=moves.slow_metadata,
        heal=by_itself,
        seen=False,
        live_only=True,
    ),
)

_ADDRESSES = (
    _judged(
        "another-vin", "The list of another car is served.", _FOR_WHOM, "metadata-foreign-vin", lies.of_another_car
    ),
    _judged(
        "another-vin-empty",
        "The list of another car is served, and it is empty.",
        _FOR_WHOM,
        "metadata-foreign-vin",
        lies.empty_of_another_car,
    ),
    _stolen(
        "another-vin-image",
        "an order for another car stands in this car's list.",
        _FOR_WHOM,
        "metadata-foreign-vin",
        lies.of_stranger,
    ),
    _stolen(
        "another-unit",
        "the list is for another control unit of this car.",
        _FOR_WHOM,
        "metadata-foreign-ecu",
        lies.meant_for("ecu_serial", "PCM-9"),
    ),
    _stolen(
        "another-unit-image",
        "an image is for another control unit.",
        _FOR_WHOM,
        "metadata-foreign-ecu",
        lies.custom_of("ecu_serial", "PCM-9"),
    ),
    _stolen(
        "another-hardware",
        "an image is for other hardware.",
        f"{LOOK}: hardware",
        "hardware-mismatch",
        lies.custom_of("hardware_id", lies.FOREIGN_HARDWARE),
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

_STOLEN = (
    _stolen(
        "stolen-director",
        "it lists an image that the Image repository does not know.",
        _BOTH,
        "image-unknown",
        lies.unknown_image("seat-heating/9.9.pkg"),
    ),
    Attack(
        name="stolen-function",
        tried="All online keys and those of one function are stolen: it signs an image of another function.",
        stopped_at=_BOTH,
        code="image-unknown",
        move=at_look(lies.foreign_function),
        heal=rotated(*DIRECTOR, "image/snapshot", "image/timestamp", f"image/{OTHER}"),
        authentic=True,
    ),
    _stolen(
        "image-hash",
        "an image has another hash.",
        _BOTH,
        "image-mismatch",
        lies.other_bytes(hashes={"sha256": "0f" * 32}),
    ),
    _stolen(
        "image-length",
        "an image has another length.",
        _BOTH,
        "image-mismatch",
        lies.other_bytes(length=7),
    ),
    _stolen(
        "image-counter",
        "an image has a higher release counter.",
        _BOTH,
        "image-mismatch",
        lies.custom_of("release_counter", 9),
    ),
    _stolen(
        "one-offer-twice",
        "two images bear the name of one order.",
        _CONTENT,
        "metadata-malformed",
        lies.twice,
    ),
    _refused(
        "root-without-old-keys",
        "A next root is signed by all of its own keys, and by too few of the present ones.",
        "Director's root",
        "metadata-signature",
        lies.root_by(1, 3),
        heal=rotated("director/root"),
    ),
    _refused(
        "root-without-new-keys",
        "A next root is signed by all of the present keys, and by too few of its own.",
        "Director's root",
        "metadata-signature",
        lies.root_by(3, 1),
        heal=rotated("director/root"),
    ),
    _refused(
        "old-root",
        "The present root stands under the name of the next.",
        "Director's root",
        "metadata-rollback",
        lies.old_root_again,
        heal=rotated("director/root"),
    ),
)

_REST = (
    _in_transfer("tampered-image", "Bytes of the image are others.", "package-hash", in_transfer(lies.tampered_image)),
    _told(
        "replayed-manifest",
        "What the car has said of itself is said again.",
        MANIFEST,
        "manifest-replayed",
        moves.replayed_manifest,
    ),
    _told(
        "forged-manifest",
        "Somebody else says what the car has, with a key of theirs.",
        MANIFEST,
        "manifest-signature",
        moves.forged_manifest,
    ),
    _told(
        "manifest-of-another-unit",
        "The car's key is stolen, and speaks for another control unit.",
        MANIFEST,
        "manifest-foreign-ecu",
        moves.manifest_of_another_unit,
    ),
    _told("lying-look", "The broker says what to install, in a `look`.", moves.NOT_LISTED, "", moves.lying_look),
    _told("old-offer", "The broker offers a package by a command.", MESSAGE, "command-unknown", moves.old_offer),
    _told(
        "foreign-command",
        "The broker delivers a command for another car.",
        MESSAGE,
        "message-foreign-vin",
        moves.for_another_car,
    ),
    _told(
        "unreadable-command",
        "The broker delivers a command with a path in place of a name.",
        MESSAGE,
        "message-invalid",
        moves.unreadable_command,
    ),
    Attack(
        name="revoked",
        tried="An image that waits to be installed is found to be bad, and the Director lists it no longer.",
        stopped_at=moves.NOT_LISTED,
        code="",
        move=moves.revoked,
        heal=moves.ordered_mended,
        authentic=True,
        seen=False,
    ),
)

ATTACKS: Mapping[str, Attack] = {
    attack.name: attack for attack in (*_SIGNATURES, *_TIME, *_BUNDLES, *_SIZES, *_ADDRESSES, *_STOLEN, *_REST)
}
"""All attacks by name, in the order of the steps that stop them."""


def attack_named(name: str) -> Attack:
    """The attack with a name.

    Raises:
        LocalError: `attack-unknown`, with the nearest one that there is.
    """
    if name not in ATTACKS:
        hint = nearest(name, (*ATTACKS, "all")) or "; `pcm-sim attack` lists all"
        raise LocalError("attack-unknown", f"there is no attack {name!r}{hint}")
    return ATTACKS[name]
