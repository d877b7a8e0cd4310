"""Attacks by words on the broker, in the backend's name or in the car's: what they say is borne out by no signature."""

from simulator.attacks import standing, words
from simulator.attacks.attack import Attack, told
from simulator.attacks.heals import by_itself, ordered, told_at_last, updated
from simulator.attacks.places import MANIFEST, MESSAGE, NOT_LISTED, ONE_AT_A_TIME, ORDER, SIGNED, STILL_LISTED

IN_THE_CARS_NAME = (
    told(
        "replayed-manifest",
        "What the car has said of itself is said again.",
        MANIFEST,
        "manifest-replayed",
        words.replayed_manifest,
    ),
    told(
        "manifest-dated-later",
        "What the car said before its clock was set back is said again: it is dated later than all that came since.",
        MANIFEST,
        "manifest-replayed",
        words.manifest_dated_later,
    ),
    told(
        "forged-manifest",
        "Somebody else says what the car has, with a key of theirs.",
        MANIFEST,
        "manifest-signature",
        words.forged_manifest,
    ),
    told(
        "manifest-of-another-unit",
        "The car's key is stolen, and speaks for another control unit.",
        MANIFEST,
        "manifest-foreign-ecu",
        words.manifest_of_another_unit,
    ),
    told(
        "forged-active",
        "Somebody reports a function as active that was only ordered, so that it is billed.",
        SIGNED,
        "",
        standing.forged_active,
        heal=told_at_last,
    ),
    told(
        "held-back-manifest",
        "What the car said of a function that it has no more was held back, and bears out that a new order is active.",
        SIGNED,
        "",
        standing.held_back_manifest,
        before=standing.had_once,
        heal=told_at_last,
    ),
    told(
        "held-back-reports",
        "Whatever the car reports of what was ordered is held back, so that it is not billed.",
        SIGNED,
        "",
        standing.active_unheard,
        before=standing.reports_held_back,
        heal=updated,
    ),
    told(
        "forged-removed",
        "Somebody reports a function as removed that the car has, so that its order ends.",
        SIGNED,
        "",
        standing.forged_removed,
    ),
    told(
        "forged-cancelled",
        "Somebody reports a package as cancelled that was ordered, so that its order ends.",
        ORDER,
        "order-not-ended",
        standing.forged_cancelled,
        heal=told_at_last,
    ),
    Attack(
        name="forged-refusal",
        tried="Somebody answers in place of the car that what is cancelled is active, so that it stays and is billed.",
        stopped_at=ORDER,
        code="",
        move=standing.forged_refusal,
        heal=ordered,
        authentic=True,
        seen=False,
    ),
)

IN_THE_BACKENDS_NAME = (
    told("lying-look", "The broker says what to install, in a `look`.", NOT_LISTED, "", words.lying_look),
    told("old-offer", "The broker offers a package by a command.", MESSAGE, "command-unknown", words.old_offer),
    told(
        "removal-command",
        "The broker orders a function to be removed.",
        MESSAGE,
        "command-unknown",
        words.old_removal,
    ),
    told(
        "foreign-command",
        "The broker delivers a command for another car.",
        MESSAGE,
        "message-foreign-vin",
        words.for_another_car,
    ),
    told(
        "unreadable-command",
        "The broker delivers a command with a path in place of a name.",
        MESSAGE,
        "message-invalid",
        words.unreadable_command,
    ),
    Attack(
        name="forged-withdrawal",
        tried="The broker has an order withdrawn that waits in the car.",
        stopped_at=STILL_LISTED,
        code="",
        move=words.forged_withdrawal,
        heal=by_itself,
        authentic=True,
        seen=False,
    ),
    told(
        "flood-of-looks",
        "The broker has the car look a hundred times at once.",
        ONE_AT_A_TIME,
        "",
        words.flood_of_looks,
    ),
)
