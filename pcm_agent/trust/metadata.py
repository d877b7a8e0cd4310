"""What a check of the two repositories brings: verified, but not yet compared with each other or with the car.

Signatures, thresholds, expiry and hashes are behind it (`pcm_agent.adapters.uptane`); `floors` and `images` judge it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

ROOT, TIMESTAMP, SNAPSHOT, TARGETS = "root", "timestamp", "snapshot", "targets"
"""The four top-level roles of a repository (TUF 4.1)."""


class TrustedRoots(Struct, frozen=True):
    """Root metadata that a car trusts without asking: from its profile or configuration, or the newest verified."""

    director: bytes
    image: bytes


class Target(Struct, frozen=True):
    """What one repository says about one image.

    Attributes:
        path: the image's name, which has the function's name as its folder.
        length: bytes.
        hashes: algorithm → lower-case hexadecimal digest.
        custom: what is not TUF's own, undecoded.
    """

    path: str
    length: int
    hashes: Mapping[str, str]
    custom: Mapping[str, Any]


class VerifiedRole(Struct, frozen=True):
    """One role's metadata, and who might sign it.

    Attributes:
        version: counts up from 1.
        keys: ids of the keys that are trusted for the role, sorted.
        threshold: how many of them must sign.
        expires: from this instant on the metadata is refused.
    """

    version: int
    keys: tuple[str, ...]
    threshold: int
    expires: datetime


class VerifiedRepository(Struct, frozen=True):
    """One repository as verified at one instant.

    Attributes:
        root: the newest root metadata, worth keeping as the one to start from.
        roles: by name: the four top-level roles, and the delegations that were needed.
        listed: targets role → version, as the snapshot lists them, whether they were needed or not.
        custom: what the top-level targets metadata says besides its targets, undecoded.
        delegated: roles to which the top-level targets metadata delegates.
        targets: by path: all of a Director's; of an Image repository those that the Director names.
    """

    root: bytes
    roles: Mapping[str, VerifiedRole]
    listed: Mapping[str, int]
    custom: Mapping[str, Any]
    delegated: tuple[str, ...]
    targets: Mapping[str, Target]


class Verified(Struct, frozen=True):
    """Both repositories, the Director's first, as Uptane orders it (5.4.4.2)."""

    director: VerifiedRepository
    image: VerifiedRepository

    @property
    def good_until(self) -> datetime:
        """From then on what they say of images is too old; timestamps, which say nothing of them, end earlier."""
        return min(
            role.expires
            for repository in (self.director, self.image)
            for name, role in repository.roles.items()
            if name not in (ROOT, TIMESTAMP, SNAPSHOT)
        )

    @property
    def vouched_until(self) -> datetime:
        """When the later of both timestamps expires; whoever signs later says so in one that expires later."""
        return max(repository.roles[TIMESTAMP].expires for repository in (self.director, self.image))

    @property
    def roots(self) -> TrustedRoots:
        """The roots to start from the next time."""
        return TrustedRoots(self.director.root, self.image.root)
