"""The two repositories that cars believe only together, as Uptane has them: a Director and an Image repository.

    repositories = PackageRepositories(MemoryStore(), SeededKeys(seed))
    repositories.create(now)
    release = repositories.image.add("seat-heating", "1.0", content, now, release_counter=1, hardware_ids=["pcm6"])
    repositories.director.register(Ecu(vin, "PCM-1", "pcm6"), now)
    repositories.director.assign(vin, release, "order-1", not_after, now)
    repositories.serve(f"director/{vin}/timestamp.json", now)

Time is an argument everywhere. With seeded keys the same calls make the same bytes.

    director/N.root.json             the root of all cars' metadata
    director/VIN/…                   a car's timestamp, snapshots and targets
    image/…                          root, timestamp, snapshots, targets, and one more role a function
    images/FUNCTION/SHA256.NAME      the images
"""

import re
from datetime import datetime

from pcm_agent.errors import LocalError, TransportError
from pcm_agent.trust.metadata import TrustedRoots
from simulator.repository import director, image
from simulator.repository.director import DirectorRepository, Entry
from simulator.repository.image import ImageRepository, Release
from simulator.repository.keys import FolderKeys, KeyRing, SeededKeys
from simulator.repository.locks import BUSY
from simulator.repository.store import FolderStore, MemoryStore, Store, alone

__all__ = [
    "DirectorRepository",
    "Entry",
    "FolderKeys",
    "FolderStore",
    "ImageRepository",
    "KeyRing",
    "MemoryStore",
    "PackageRepositories",
    "Release",
    "SeededKeys",
    "Store",
]

_ROOT_OF_A_CAR = re.compile(r"director/([^/]+)/(\d+\.root\.json)")
_FILE_OF_A_CAR = re.compile(r"director/([^/]+)/[^/]+")
_SERVED = (f"{director.NAME}/", f"{image.NAME}/", f"{image.IMAGES}/")


class PackageRepositories:
    """Both repositories over one store.

    Args:
        store: where the files are kept.
        keys: of all roles.
    """

    def __init__(self, store: Store, keys: KeyRing) -> None:
        self.store = store
        self.image = ImageRepository(store, keys)
        self.director = DirectorRepository(store, keys)

    @alone
    def create(self, now: datetime) -> None:
        """Make all keys, both roots, and an Image repository without images.

        Raises:
            LocalError: `repository-exists`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        self.image.create(now)
        self.director.create(now)

    def roots(self, version: int | None = None) -> TrustedRoots:
        """What a car is given to trust: the newest roots, or those of a version.

        Raises:
            PeerError: `repository-broken`.
        """
        return TrustedRoots(self.director.repository.root_bytes(version), self.image.repository.root_bytes(version))

    def rotate(self, role: str, now: datetime) -> None:
        """Replace the keys of a role, named `director/ROLE` or `image/ROLE`.

        Raises:
            LocalError: `role-unknown`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        repository, _, name = role.partition("/")
        if repository == director.NAME:
            self.director.rotate(name, now)
        elif repository == image.NAME:
            self.image.rotate(name, now)
        else:
            raise LocalError("role-unknown", f"{role!r} begins with neither {director.NAME}/ nor {image.NAME}/")

    @alone
    def renew(self, now: datetime) -> None:
        """Sign anew all that offline keys have signed, with the same keys, before it expires.

        Raises:
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `repository-unwritable`.
        """
        self.image.renew(now)
        self.director.renew(now)

    def refresh(self, now: datetime, *, force: bool = False) -> list[str]:
        """Sign anew what online keys have signed, where it is half over, or by force; what it was done for."""
        done = [image.NAME] if self.image.refresh(now, force=force) else []
        cars = [vin for vin in self.director.vins() if self.director.refresh(vin, now, force=force)]
        return done + [f"{director.NAME}/{vin}" for vin in cars]

    def serve(self, name: str, now: datetime) -> bytes | None:
        """A file as cars fetch it, below the address of the repositories; what would soon expire is signed anew first.

        None if there is no such file. Private keys are none, wherever they are kept.

        Raises:
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `repository-unreadable`, `repository-unwritable`.
        """
        try:
            self._refresh_before(name, now)
        except TransportError as error:
            if error.code != BUSY:  # what stands there is good for half of its life yet
                raise
        return self.lookup(name)

    def _refresh_before(self, name: str, now: datetime) -> None:
        """Sign anew what a file belongs to, if it is one with which a car begins."""
        car = _FILE_OF_A_CAR.fullmatch(name)
        if name == f"{image.NAME}/timestamp.json":
            self.image.refresh(now)
        elif car is not None and name.endswith("/timestamp.json") and self.director.knows(car[1]):
            self.director.refresh(car[1], now)

    def lookup(self, name: str) -> bytes | None:
        """A file as it stands there; see `serve`."""
        shared = _ROOT_OF_A_CAR.fullmatch(name)
        if shared is not None:
            name = f"{director.NAME}/{shared[2]}"
        return self.store.read(name) if name.startswith(_SERVED) else None
