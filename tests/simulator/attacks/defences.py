"""What keeps attacks from coming through, and how each is taken out: a test sees that the attack comes further then."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from itertools import chain

import msgspec
import pytest
from sqlalchemy.orm import Session
from tuf.api.metadata import Root, Signed, Targets

from pcm_agent.adapters.uptane_reading import Reading
from pcm_agent.core import age, assignments, commands
from pcm_agent.core.events import CommandReceived, PackageWithdrawn
from pcm_agent.core.state import VehicleState
from pcm_agent.ports import DELTA
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage
from pcm_agent.runtime import looking, transfer, wire
from pcm_agent.transport import Incoming
from pcm_agent.trust import floors, images, vehicle_manifest
from pcm_agent.trust.delta import patched
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.images import Assignment, Delta, Ecu
from pcm_agent.trust.metadata import Target, Verified
from pcm_agent.trust.vehicle_manifest import SeenManifests
from simulator.attacks.seen import WANTS
from simulator.backend import following, manifests
from simulator.backend.desk import Desk
from simulator.backend.records import OrderRow, OrderState
from simulator.backend.standing import follow
from simulator.backend.subscriptions import activated, removed
from simulator.virtual import MemoryFetcher, MemoryPackageFiles

AT_ANOTHER_STEP = "it was not stopped at"
OTHER_BYTES, OTHER_WORDS = "its disk holds something else: seat-heating", "it says that something else is installed"
A_JOB = "the car has taken it up as a job"
Defence = Callable[[pytest.MonkeyPatch], None]
"""Takes it out."""


def any_signature(patch: pytest.MonkeyPatch) -> None:
    for role in (Root, Targets):
        patch.setattr(role, "verify_delegate", lambda *_: None)


def any_age(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Signed, "is_expired", lambda *_: False)


def any_version(patch: pytest.MonkeyPatch) -> None:
    def raised(before: Floors, verified: Verified) -> Floors:
        del before
        return floors.raised(Floors(), verified)

    patch.setattr(looking, "raised", raised)


def any_addressee(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(images, "_check_for", lambda *_: None)


def any_image(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(images, "_compare", lambda *_: None)


def any_counter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(looking, "judge", lambda verified, ecu, _: images.judge(verified, ecu, {}))


def unknown_images(patch: pytest.MonkeyPatch) -> None:
    """The Director is believed alone."""
    judge = images._judge

    def believed(wanted: Target, known: Target | None, ecu: Ecu, counters: Mapping[str, int]) -> Assignment:
        custom = {"function": WANTS, "version": "9.9", "hardware_ids": [wanted.custom["hardware_id"]]}
        custom["release_counter"] = wanted.custom["release_counter"]
        return judge(wanted, known or msgspec.structs.replace(wanted, custom=custom), ecu, counters)

    patch.setattr(images, "_judge", believed)


def any_bytes(patch: pytest.MonkeyPatch) -> None:
    async def complete(self: MemoryPackageFiles, offer_id: str, length: int, sha256: str) -> None:
        del length
        self._versions[sha256] = bytes(self._parts.pop(offer_id))

    async def verify(self: MemoryPackageFiles, function: str, sha256: str, comes_up: object) -> None:
        del self, function, sha256, comes_up

    patch.setattr(MemoryPackageFiles, "complete", complete)
    patch.setattr(MemoryPackageFiles, "verify", verify)


def any_rate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transfer, "SLOWEST", 0)


def any_nonce(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vehicle_manifest, "_remembered", lambda manifest, seen: seen)


def any_manifest(patch: pytest.MonkeyPatch) -> None:
    class Believed:
        @staticmethod
        def from_public_bytes(_: bytes) -> "Believed":
            return Believed()

        def verify(self, *_: bytes) -> None:
            pass

    patch.setattr(vehicle_manifest, "Ed25519PublicKey", Believed)


def any_vin(patch: pytest.MonkeyPatch) -> None:
    def unchecked(self: wire.Wire, message: Incoming) -> CommandReceived:
        vin = self.vin.encode()
        other = msgspec.json.decode(message.payload)["vin"].encode()
        return command(self, msgspec.structs.replace(message, payload=message.payload.replace(other, vin)))

    command = wire.Wire.command
    patch.setattr(wire.Wire, "command", unchecked)


def any_memory_of_time(patch: pytest.MonkeyPatch) -> None:
    """The car's clock is believed alone."""

    def shown(_: VehicleState, now: datetime) -> datetime:
        return now

    patch.setattr(age, "of_a_look", shown)


def any_size(patch: pytest.MonkeyPatch) -> None:
    fetch = Reading._fetch

    async def unlimited(self: Reading, name: str, limit: int) -> bytes | None:
        del limit
        return await fetch(self, name, 10**9)

    patch.setattr(Reading, "_fetch", unlimited)


def any_announced_length(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Reading, "_announced", lambda *_: 10**6)


def any_hardware(patch: pytest.MonkeyPatch) -> None:
    judge = images._judge

    def for_this(wanted: Target, known: Target | None, ecu: Ecu, counters: Mapping[str, int]) -> Assignment:
        assert known is not None
        own = {"hardware_id": ecu.hardware_id}, {"hardware_ids": [ecu.hardware_id]}
        wanted = msgspec.structs.replace(wanted, custom=dict(wanted.custom) | own[0])
        return judge(wanted, msgspec.structs.replace(known, custom=dict(known.custom) | own[1]), ecu, counters)

    patch.setattr(images, "_judge", for_this)


def any_list(patch: pytest.MonkeyPatch) -> None:
    """Each image is judged, and none beside another."""

    def one_by_one(verified: Verified, ecu: Ecu, counters: Mapping[str, int]) -> tuple[Assignment, ...]:
        director = verified.director
        lists = [msgspec.structs.replace(director, targets={path: it}) for path, it in director.targets.items()]
        each = (images.judge(msgspec.structs.replace(verified, director=it), ecu, counters) for it in lists)
        return tuple(chain.from_iterable(each))

    patch.setattr(looking, "judge", one_by_one)


def any_removal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(looking, "removals", lambda _: ())


def any_length(patch: pytest.MonkeyPatch) -> None:
    async def all_there_is(self: MemoryFetcher, url: str, offset: int, *_: object) -> AsyncGenerator[bytes]:
        content = self._lookup(url)
        assert content is not None
        yield content[offset:]

    any_bytes(patch)
    patch.setattr(MemoryFetcher, "fetch", all_there_is)


def any_delta(patch: pytest.MonkeyPatch) -> None:
    """Whatever a delta makes is taken; what is no delta at all can't be."""

    async def patch_with(self: MemoryPackageFiles, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
        content, base = bytes(self._parts.pop(f"{offer_id}{DELTA}")), self._versions[delta.base_sha256]
        made = patched(lambda place, size: base[place : place + size], content, length)
        self._versions[sha256] = b"".join(made)

    any_bytes(patch)
    patch.setattr(MemoryPackageFiles, "patch", patch_with)


def any_unit(patch: pytest.MonkeyPatch) -> None:
    check = vehicle_manifest.check

    def of_its_own(signed: SignedVehicleManifest, vin: str, _: str, key: bytes, seen: SeenManifests) -> SeenManifests:
        return check(signed, vin, signed.manifest.ecu_serial, key, seen)

    patch.setattr(manifests, "check", of_its_own)


def any_image_that_was_listed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(assignments, "_withdraw", lambda *_: None)


def any_report(patch: pytest.MonkeyPatch) -> None:
    """What has begun or left is believed without the signed manifest."""

    def believed(desk: Desk, db: Session, order: OrderRow, state: PackageState) -> None:
        if state is PackageState.REMOVED:
            removed(desk, order)
        else:
            follow(desk, db, order, OrderState.ACTIVE)
            activated(desk, db, order, desk.clock.now())

    patch.setattr(following, "_once_active", believed)


def any_end(patch: pytest.MonkeyPatch) -> None:
    def believed(desk: Desk, db: Session, order: OrderRow, _: PackageReported) -> None:
        follow(desk, db, order, OrderState.CANCELLED)

    patch.setattr(following, "_ended", believed)


def any_withdrawal(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(commands.MEANINGS, WithdrawPackage, lambda it: PackageWithdrawn(it.offer_id))


WITHOUT: Mapping[str, tuple[Defence, str]] = {
    "foreign-keys": (any_signature, OTHER_BYTES),
    "wrong-signature-director": (any_signature, OTHER_BYTES),
    "wrong-signature-images": (any_signature, OTHER_BYTES),
    "edited": (any_signature, AT_ANOTHER_STEP),
    "threshold": (any_signature, AT_ANOTHER_STEP),
    "root-without-old-keys": (any_signature, AT_ANOTHER_STEP),
    "root-without-new-keys": (any_signature, AT_ANOTHER_STEP),
    "freeze-director": (any_age, AT_ANOTHER_STEP),
    "freeze-images": (any_age, AT_ANOTHER_STEP),
    "freeze-clock-back": (any_memory_of_time, AT_ANOTHER_STEP),
    "rollback-director": (any_version, AT_ANOTHER_STEP),
    "rollback-images": (any_version, AT_ANOTHER_STEP),
    "vanished-function": (any_version, AT_ANOTHER_STEP),
    "fast-forward-director": (any_version, AT_ANOTHER_STEP),
    "fast-forward-images": (any_version, AT_ANOTHER_STEP),
    "endless-director": (any_size, AT_ANOTHER_STEP),  # the next defence: its hash is another
    "endless-images": (any_size, AT_ANOTHER_STEP),
    "oversized-metadata": (any_size, OTHER_BYTES),
    "announced-length-director": (any_announced_length, AT_ANOTHER_STEP),  # the next defence: it has another length
    "announced-length-images": (any_announced_length, AT_ANOTHER_STEP),
    "endless-image": (any_length, OTHER_BYTES),
    "another-vin": (any_addressee, OTHER_BYTES),
    "another-vin-empty": (any_addressee, AT_ANOTHER_STEP),
    "another-vin-image": (any_addressee, OTHER_BYTES),
    "another-unit": (any_addressee, OTHER_BYTES),
    "another-unit-image": (any_addressee, OTHER_BYTES),
    "another-hardware": (any_hardware, OTHER_BYTES),
    "another-hardware-image": (any_hardware, OTHER_BYTES),
    "image-counter": (any_image, OTHER_WORDS),
    "image-hash": (any_image, A_JOB),
    "image-length": (any_image, A_JOB),
    "rollback-release": (any_counter, AT_ANOTHER_STEP),  # the next defence: no older one is installed
    "stolen-director": (unknown_images, A_JOB),
    "stolen-function": (unknown_images, A_JOB),
    "one-offer-twice": (any_list, A_JOB),
    "removed-and-listed": (any_removal, A_JOB),
    "tampered-image": (any_bytes, OTHER_BYTES),
    "tampered-delta": (any_delta, AT_ANOTHER_STEP),  # the next defence: it is no delta
    "delta-of-another-base": (any_delta, "its disk holds something else: park-assist"),
    "slow-image": (any_rate, AT_ANOTHER_STEP),
    "revoked": (any_image_that_was_listed, OTHER_BYTES),
    "replayed-manifest": (any_nonce, AT_ANOTHER_STEP),
    "forged-manifest": (any_manifest, "the backend believes that something else is installed"),
    "manifest-of-another-unit": (any_unit, "the backend believes that something else is installed"),
    "forged-active": (any_report, AT_ANOTHER_STEP),
    "forged-removed": (any_report, AT_ANOTHER_STEP),
    "forged-cancelled": (any_end, AT_ANOTHER_STEP),
    "foreign-command": (any_vin, AT_ANOTHER_STEP),
    "forged-withdrawal": (any_withdrawal, AT_ANOTHER_STEP),
}
"""Attack → what is taken out, and how the problem begins that is seen then."""
