"""Whoever stands between the repositories and a car: what they put in place of files, and sign with keys they stole."""

from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from tuf.api.metadata import Metadata, Targets

from pcm_agent.trust.images import Ecu
from simulator.repository import PackageRepositories, Release
from simulator.repository.signing import Repository
from simulator.repository.store import Store

Forged = MutableMapping[str, bytes | None]
"""Files by name that a car gets in place of the honest ones; None: it gets none."""
DAYS_28 = timedelta(days=28)
IMAGE = "image"
"""Where the Image repository's metadata stands."""
ONLINE = ("timestamp", "snapshot", "targets")
"""The roles of a Director that are signed online, in the order in which a car reads them."""


class Overlay:
    """A store of which nobody but the car sees what is written; see `simulator.repository.Store`.

    Args:
        store: the honest one, which stays as it is.
        forged: takes what is written.
    """

    def __init__(self, store: Store, forged: Forged) -> None:
        self._store, self._forged = store, forged

    def alone(self) -> AbstractContextManager[None]:
        """Whoever is in the middle asks nobody."""
        return nullcontext()

    def read(self, name: str) -> bytes | None:
        """A file's content."""
        return self._forged[name] if name in self._forged else self._store.read(name)

    def write(self, name: str, content: bytes) -> None:
        """Keep a file."""
        self._forged[name] = content

    def remove(self, name: str) -> None:
        """Forget a file."""
        self._forged[name] = None

    def names(self, folder: str) -> list[str]:
        """What stands in a folder."""
        start = f"{folder}/"
        written = {name.removeprefix(start).partition("/")[0] for name in self._forged if name.startswith(start)}
        return sorted(written | set(self._store.names(folder)))

    def where(self, name: str) -> str:
        """A file's name."""
        return name


class Forger:
    """What an attacker can reach.

    Args:
        repositories: read by everybody; who has stolen keys writes there too.
        forged: takes what is put in place of files.
        ecu: the control unit of the car that is attacked.
        stranger: VIN of another car, which the Director knows.
        clock: gives the time.

    Attributes:
        release: what was ordered for the car.
        old: a release of a function of which the car has, or had, a newer one.
        other: the newest release of another function.
    """

    release: Release
    old: Release
    other: Release

    def __init__(
        self,
        repositories: PackageRepositories,
        forged: Forged,
        ecu: Ecu,
        stranger: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.repositories, self.forged, self.ecu, self.stranger = repositories, forged, ecu, stranger
        self._clock = clock

    @property
    def now(self) -> datetime:
        """The present instant, of everybody."""
        return self._clock()

    @property
    def car(self) -> str:
        """Where the Director's metadata for the car stands."""
        return self.base_of(self.ecu.vin)

    def base_of(self, vin: str) -> str:
        """Where the Director's metadata for any car stands."""
        return f"director/{vin}"

    # --- files ---

    def file(self, name: str) -> bytes:
        """A file as it stands there."""
        content = self.repositories.lookup(name)
        assert content is not None, name
        return content

    def newest(self, base: str, role: str) -> str:
        """The file that a role's metadata stands in now."""
        if role == "timestamp":
            return f"{base}/timestamp.json"
        state = self.line(base).state(base)
        version = state.snapshot if role == "snapshot" else state.listed[role].version
        return f"{base}/{version}.{role}.json"

    def line(self, base: str) -> Repository:
        """The repository below whose root some metadata stands."""
        return self.repositories.image.repository if base == IMAGE else self.repositories.director.repository

    def copied(self, *bases: str) -> dict[str, bytes | None]:
        """The metadata that stands there now, by name, to be served once more when it is old."""
        names = [f"{base}/{name}" for base in bases for name in self.repositories.store.names(base)]
        return {name: self.repositories.lookup(name) for name in names}

    def edited(self, name: str, edit: Callable[[Any], None]) -> bytes:
        """A file with changes that nobody has signed."""
        metadata = Metadata[Any].from_bytes(self.file(name))
        edit(metadata.signed)
        return metadata.to_bytes()

    def image_file(self, release: Release) -> str:
        """The file of an image's bytes."""
        folder, _, name = release.path.rpartition("/")
        return f"images/{folder}/{release.sha256}.{name}"

    # --- with the keys of their owners ---

    def add(self, function: str, version: str, counter: int, hardware: str = "") -> Release:
        """A release more, for the car's hardware or for another."""
        content = f"{function} {version}".encode() * 10
        hardware_ids = [hardware or self.ecu.hardware_id]
        return self.repositories.image.add(
            function, version, content, self.now, release_counter=counter, hardware_ids=hardware_ids
        )

    def order(self, release: Release, vin: str = "") -> None:
        """Have the Director list an image for the car, or for another one."""
        offer = f"order-{release.custom.function}"
        self.repositories.director.assign(vin or self.ecu.vin, release, offer, self.now + DAYS_28, self.now)

    def as_director(self, edit: Callable[[Targets], None]) -> None:
        """Publish other targets for the car with the Director's own keys."""
        self._publish_edited(self.car, edit)

    def _publish_edited(self, base: str, edit: Callable[[Targets], None]) -> None:
        line = self.line(base)
        state = line.state(base)
        targets = line.targets(base, "targets", state)
        edit(targets)
        targets.version += 1
        line.publish(base, state, {"targets": (targets.version, line.sign("targets", targets))}, self.now)

    def sign_images_anew(self) -> None:
        """A newer state of the Image repository, in which nothing else is new."""
        self._publish_edited(IMAGE, lambda _: None)

    def newer_states(self) -> None:
        """A newer state of both repositories, with more in them."""
        self.order(self.add("seat-heating", "1.2", 3))
        self.order(self.other)
        self.sign_images_anew()
