"""What the backend sells, as cars get it: the images, and the Director's list of what each car is to have."""

import hashlib
from collections.abc import Callable, Mapping, Set
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from firmware_profiles import load_profile, profile_names
from pcm_agent.errors import LocalError
from pcm_agent.transport import Clock
from pcm_agent.trust.images import Consent, Ecu
from simulator.repository import Entry, PackageRepositories, Release
from simulator.units import Units, replacement_words

ORDERS = "order-"
"""How the offers begin that are orders; what somebody else had a car assigned is left alone."""


OUTDATED = "release-outdated"
"""Why a car can't have a release: it has had a newer one."""


class Wanted(NamedTuple):
    """What an order is to bring into a car."""

    function: str
    version: str
    not_after: datetime
    consent: Consent


class Depot:
    """Both repositories, as the backend uses them.

    Args:
        repositories: with the keys to sign; those of functions are needed only for what is not there yet.
        units: the factory's records.
        base_url: where cars find the repositories, without a slash at the end.
        clock: trusted time.
        tell: told, by code and text, what an engineer should know.
    """

    def __init__(
        self,
        repositories: PackageRepositories,
        units: Units,
        base_url: str,
        clock: Clock,
        tell: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        self.repositories, self.units, self.base_url, self.clock = repositories, units, base_url, clock
        self._tell = tell

    def stock(self, function: str, version: str, length: int, preconditions: tuple[str, ...] = ()) -> Release:
        """A release of so many bytes; where there is none of that version it is made, for every hardware.

        Raises:
            LocalError: `release-differs`, `name-unusable`.
            PeerError, TransportError: the repository can't be used; see `ImageRepository.add`.
        """
        image = self.repositories.image
        try:
            release = image.release(function, version)
        except LocalError:
            counter = self._next_counter(function)
            content = _content(f"{function} {version}", length)
            now = self.clock.now()
            return image.add(
                function,
                version,
                content,
                now,
                release_counter=counter,
                hardware_ids=_all_hardware(),
                preconditions=preconditions,
            )
        if release.length != length:
            raise LocalError(
                "release-differs", f"{release.path} has {release.length} bytes, not {length}; name another version"
            )
        if preconditions and release.custom.preconditions != preconditions:
            raise LocalError(
                "release-differs", f"{release.path} has other preconditions than {', '.join(preconditions)}"
            )
        return release

    def check_fits(self, vin: str, release: Release, counters: Mapping[str, int]) -> None:
        """Let nothing be sold to a car that its unit could not take.

        Args:
            vin: of the car.
            release: what is to be sold.
            counters: as `publish` takes them.

        Raises:
            LocalError: `unit-unknown`, `hardware-unknown`, `release-outdated`.
        """
        unit = self.units.find(vin)
        if unit.hardware_id not in release.custom.hardware_ids:
            known = ", ".join(release.custom.hardware_ids)
            raise LocalError("hardware-unknown", f"{release.path} is for {known}; {vin} has {unit.hardware_id}")
        if _is_outdated(release, counters):
            raise LocalError("release-outdated", f"{vin} has had a newer release than {release.path}")

    def publish(
        self,
        vin: str,
        wanted: Mapping[str, Wanted],
        removed: Set[str] = frozenset(),
        counters: Mapping[str, int] = MappingProxyType({}),
    ) -> bool:
        """Make the Director's list of a car that of its orders, by offer; may be repeated.

        What the car would refuse the whole list for is left out: an older release than one that it has had.

        Args:
            vin: of the car.
            wanted: what it is to have.
            removed: the offers that it is to take out.
            counters: function → the highest release counter that the car has attested.

        Returns:
            Whether the list was another one before.

        Raises:
            LocalError: `unit-unknown`, `release-unknown`.
            PeerError, TransportError: the repository can't be used; see `DirectorRepository.direct`.
        """
        director, now = self.repositories.director, self.clock.now()
        self._meet(self.units.find(vin).ecu, now)
        outdated = self.outdated(wanted, counters)
        taken = {
            offer_id: Entry(self.repositories.image.release(it.function, it.version), it.not_after, it.consent)
            for offer_id, it in wanted.items()
            if offer_id not in outdated
        }
        return director.direct(vin, ORDERS, taken, removed, now)

    def lists_for_another_unit(self, vin: str) -> bool:
        """Whether what is listed for a car is for a unit that it has no more.

        Raises:
            LocalError: `unit-unknown`.
            PeerError: `repository-broken`.
        """
        director = self.repositories.director
        return director.knows(vin) and director.ecu(vin) != self.units.find(vin).ecu

    def _meet(self, ecu: Ecu, now: datetime) -> None:
        """Have the Director know a car's unit; that it is another one than before is said."""
        director = self.repositories.director
        if director.knows(ecu.vin) and (old := director.ecu(ecu.vin)) != ecu:
            self._tell("unit-replaced", replacement_words(old, ecu))
        director.register(ecu, now)

    def outdated(self, wanted: Mapping[str, Wanted], counters: Mapping[str, int]) -> Set[str]:
        """The offers that a car would refuse its whole list for.

        Raises:
            LocalError: `release-unknown`.
            PeerError: `repository-broken`.
        """
        release = self.repositories.image.release
        known = {offer_id: it for offer_id, it in wanted.items() if it.function in counters}
        return {o for o, it in known.items() if _is_outdated(release(it.function, it.version), counters)}

    def cars(self) -> list[str]:
        """The cars of which the Director says something that was an order once."""
        director = self.repositories.director
        return [vin for vin in director.vins() if any(it.startswith(ORDERS) for it in director.offers(vin))]

    def lists(self, vin: str, offer_id: str) -> bool:
        """Whether a car is to have what an offer brings.

        Raises:
            PeerError: `repository-broken`.
        """
        director = self.repositories.director
        return director.knows(vin) and offer_id in {it.offer_id for it in director.assigned(vin).values()}

    def knows(self, vin: str) -> bool:
        """Whether there is a list of a car."""
        return self.repositories.director.knows(vin)

    def lookup(self, url: str) -> bytes | None:
        """The file behind one of the repositories' addresses; for runs without sockets."""
        prefix = f"{self.base_url}/"
        if not url.startswith(prefix):
            return None
        return self.repositories.serve(url.removeprefix(prefix), self.clock.now())

    def _next_counter(self, function: str) -> int:
        try:
            return self.repositories.image.release(function).custom.release_counter + 1
        except LocalError:
            return 1


def _is_outdated(release: Release, counters: Mapping[str, int]) -> bool:
    return release.custom.release_counter < counters.get(release.custom.function, 0)


def _content(name: str, length: int) -> bytes:
    """Bytes that look random, can't be compressed, and are the same for the same name (AES-CTR of zeros)."""
    key = hashlib.sha256(name.encode()).digest()
    return Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(length))


@cache
def _all_hardware() -> tuple[str, ...]:
    return tuple(sorted({load_profile(name).hardware_id for name in profile_names()}))
