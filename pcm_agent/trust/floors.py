"""The highest metadata versions that a car has trusted, so that nobody can show it older ones (TUF 5.4.3, 5.5.5).

They stand in the car's journal, apart from any metadata. A floor holds for the keys that could set it: whoever steals
an online key may sign the version 2³¹ and so lock the car out (fast-forward); once a newer root replaces that key, the
role starts anew (TUF 5.3.11). The root's own floor holds for ever.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from pcm_agent.errors import PeerError
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TIMESTAMP, Verified, VerifiedRepository


class Floor(Struct, frozen=True):
    """The lowest version that is still accepted, and a fingerprint of the keys that could set it."""

    version: int
    keys: str


class Floors(Struct, frozen=True):
    """All floors of a car, by name: `image/timestamp`, `image/seat-heating`, `image/snapshot/seat-heating`."""

    roles: Mapping[str, Floor] = {}


def raised(floors: Floors, verified: Verified) -> Floors:
    """The floors after a check; the ones before it stay as they are, so a refusal costs nothing.

    Keep the result with the same commit that lets the check have any effect, and before the images are judged: the
    metadata is authentic whatever is thought of the images.

    Raises:
        PeerError: `metadata-rollback`.
    """
    seen = dict(_seen("director", verified.director)) | dict(_seen("image", verified.image))
    for name, floor in seen.items():
        _check(name, floors.roles.get(name), floor)
    kept = {name: floor for name, floor in floors.roles.items() if name not in seen and not _listing(name)}
    _check_listings(floors, seen)
    return Floors(dict(sorted((kept | seen).items())))


def _check(name: str, before: Floor | None, now: Floor) -> None:
    if before is None or now.version >= before.version:
        return
    if now.keys == before.keys or name.endswith(f"/{ROOT}"):
        raise PeerError("metadata-rollback", f"{name} is version {now.version}; {before.version} was seen before")


def _check_listings(floors: Floors, seen: Mapping[str, Floor]) -> None:
    """Refuse a snapshot from which a role has vanished (TUF 5.5.5), unless its keys are new."""
    for name, before in floors.roles.items():
        online = seen[f"{name.partition('/')[0]}/{SNAPSHOT}"]
        if _listing(name) and name not in seen and before.keys == online.keys:
            raise PeerError("metadata-rollback", f"{name} is no longer there")


def _listing(name: str) -> bool:
    return f"/{SNAPSHOT}/" in name


def _seen(repository: str, verified: VerifiedRepository) -> Iterator[tuple[str, Floor]]:
    """What this check shows. Timestamp and snapshot share their keys: new ones of either set both free (TUF 5.3.11)."""
    roles = verified.roles
    online = _fingerprint((*roles[TIMESTAMP].keys, *roles[SNAPSHOT].keys))
    for name, role in roles.items():
        keys = online if name in (TIMESTAMP, SNAPSHOT) else _fingerprint(role.keys)
        yield f"{repository}/{name}", Floor(role.version, keys)
    for name, version in verified.listed.items():
        yield f"{repository}/{SNAPSHOT}/{name}", Floor(version, online)


def _fingerprint(keys: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:32]
