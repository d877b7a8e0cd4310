"""Why a car refuses what a repository says: stable codes, in the order in which they are checked.

The same codes stand in the vehicle version manifest as the attack that the car believes it saw (Uptane 5.4.2.1).
Whether a code is retried is a matter of who can mend it: a refusal changes nothing in the car, so the next look at the
repositories starts afresh in either case.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Refusal(Struct, frozen=True):
    """What one code means.

    Attributes:
        meaning: one sentence for an engineer.
        retried: a later look may succeed without anybody's help.
    """

    meaning: str
    retried: bool = False


REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        # what reads, and verifies, the metadata
        "metadata-missing": Refusal("A repository does not have a file that it must have (partial bundle).", True),
        "metadata-oversized": Refusal("A file is longer than was announced, or than its role may be (endless data)."),
        "metadata-malformed": Refusal("A file, or what it says of an image, can't be read."),
        "metadata-signature": Refusal("Too few keys that the role trusts have signed a file."),
        "metadata-rollback": Refusal("A repository shows an older version than this car has seen."),
        "metadata-expired": Refusal("A file is too old: somebody holds newer ones back (freeze).", True),
        "metadata-mismatch": Refusal("Files do not belong to the same state of a repository (mix-and-match).", True),
        "root-expired": Refusal("The newest root that can be had is too old; its owner must sign a new one."),
        # what compares the two repositories with this car
        "metadata-foreign-vin": Refusal("The Director's metadata is for another car."),
        "metadata-foreign-ecu": Refusal("The Director's metadata is for another control unit."),
        "image-unknown": Refusal("The Director names an image that the Image repository does not know."),
        "image-mismatch": Refusal("The two repositories say different things about an image."),
        "hardware-mismatch": Refusal("An image is not for this hardware."),
        "release-rollback": Refusal("An image is an older release than one that was installed before."),
    }
)
"""Code → what it means, for all that a check of the repositories may end with besides `transfer-interrupted`."""

MANIFEST_REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "manifest-signature": Refusal("A vehicle version manifest was not signed with the car's key."),
        "manifest-foreign-vin": Refusal("A vehicle version manifest is from another car."),
        "manifest-foreign-ecu": Refusal("A vehicle version manifest is from another control unit."),
        "manifest-replayed": Refusal("A vehicle version manifest was received before, or is older than all kept."),
    }
)
"""Code → what it means, for what a backend may refuse of a car."""
