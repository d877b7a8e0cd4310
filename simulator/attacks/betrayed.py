"""Attacks that the files themselves betray: by signatures, versions, dates, and sizes."""

from simulator.attacks import lies, moves, stolen_keys
from simulator.attacks.attack import Attack, in_transfer, refused, retried, stolen
from simulator.attacks.heals import by_itself, clock_right, rotated
from simulator.attacks.moves import while_fetched
from simulator.attacks.places import LOOK

SEEN = f"{LOOK}: versions seen before"
_BOTH = (("director", "Director", "director"), ("images", "Image repository", "image"))
"""Both repositories: as names end, as sentences call them, and as their files are found."""

SIGNATURES = (
    refused(
        "foreign-keys",
        "Both repositories are somebody else's, with other images of the same names.",
        "Director's timestamp",
        "metadata-signature",
        lies.foreign_keys,
    ),
    refused(
        "wrong-signature-director",
        "A digit of the signature of the Director's timestamp is another.",
        "Director's timestamp",
        "metadata-signature",
        lies.wrong_signature("director", "timestamp"),
    ),
    refused(
        "wrong-signature-images",
        "A digit of the signature of the Image repository's timestamp is another.",
        "Image repository's timestamp",
        "metadata-signature",
        lies.wrong_signature("image", "timestamp"),
    ),
    refused(
        "edited",
        "The Director's timestamp says something else than what was signed.",
        "Director's timestamp",
        "metadata-signature",
        lies.edited_timestamp,
    ),
    refused(
        "threshold",
        "One of two targets keys is stolen, and all online keys of the Image repository.",
        "Image repository's targets",
        "metadata-signature",
        stolen_keys.too_few_signatures,
    ),
    refused(
        "no-metadata",
        "The Director's timestamp is JSON of something else.",
        "Director's timestamp",
        "metadata-malformed",
        lies.no_metadata,
    ),
)

TIME = (
    *(
        Attack(
            name=f"rollback-{short}",
            tried=f"The {long} is shown as it was before the last look.",
            stopped_at=SEEN,
            code="metadata-rollback",
            move=moves.rolled_back(base),
        )
        for short, long, base in _BOTH
    ),
    refused(
        "vanished-function",
        "Online keys are stolen: the Image repository's snapshot lists a function no longer.",
        "versions seen before",
        "metadata-rollback",
        stolen_keys.vanished_role,
    ),
    stolen(
        "rollback-release",
        "it lists an older release of what is installed.",
        f"{LOOK}: release counter",
        "release-rollback",
        stolen_keys.older_release,
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
        for short, long, base in _BOTH
    ),
    Attack(
        name="freeze-clock-back",
        tried="The Director is shown as it was a day ago, and the car's clock is set back by as much.",
        stopped_at=f"{LOOK}: Director's timestamp",
        code="metadata-expired",
        move=moves.frozen_with_clock_behind,
        heal=clock_right,
    ),
    *(
        Attack(
            name=f"fast-forward-{short}",
            tried=f"The online keys of the {long} are stolen and sign the highest versions; then true ones come.",
            stopped_at=SEEN,
            code="metadata-rollback",
            move=moves.fast_forwarded(base),
            heal=rotated(f"{base}/timestamp"),
            authentic=True,
        )
        for short, long, base in _BOTH
    ),
)

BUNDLES = (
    retried(
        "mix-and-match-director",
        "The Director's targets of an older state stand in the newest.",
        "Director's targets",
        "metadata-mismatch",
        lies.mixed("director", "targets"),
    ),
    retried(
        "mix-and-match-images",
        "The Image repository's snapshot of an older state stands in the newest.",
        "Image repository's snapshot",
        "metadata-mismatch",
        lies.mixed("image", "snapshot"),
    ),
    retried(
        "mix-and-match-function",
        "A function's targets of an older state stand in the newest.",
        "Image repository's seat-heating",
        "metadata-mismatch",
        lies.mixed("image", "seat-heating"),
    ),
    retried(
        "partial-bundle-director",
        "The Director's targets are held back.",
        "Director's targets",
        "metadata-missing",
        lies.held_back("director", "targets"),
    ),
    retried(
        "partial-bundle-images",
        "A function's targets are held back.",
        "Image repository's seat-heating",
        "metadata-missing",
        lies.held_back("image", "seat-heating"),
    ),
    in_transfer(
        "image-held-back",
        "All metadata is there, and the image is not.",
        "package-gone",
        while_fetched(lies.image_held_back),
    ),
)

SIZES = (
    refused(
        "endless-director",
        "The Director's targets go on where they should end.",
        "Director's targets",
        "metadata-oversized",
        lies.endless("director", "targets"),
    ),
    refused(
        "endless-images",
        "The Image repository's snapshot goes on where it should end.",
        "Image repository's snapshot",
        "metadata-oversized",
        lies.endless("image", "snapshot"),
    ),
    refused(
        "oversized-metadata",
        "A stolen key signs a timestamp that is longer than any may be.",
        "Director's timestamp",
        "metadata-oversized",
        stolen_keys.oversized_timestamp,
    ),
    *(
        refused(
            f"announced-length-{short}",
            f"A stolen key of the {long} announces a snapshot of more bytes than there are.",
            f"{long}'s snapshot",
            "metadata-oversized",
            stolen_keys.announced_length(base),
        )
        for short, long, base in _BOTH
    ),
    in_transfer(
        "endless-image", "An image goes on where it should end.", "package-length", while_fetched(lies.endless_image)
    ),
    in_transfer(
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
