"""What keeps attacks from coming through, and how each is taken out: a test sees that the attack comes further then."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from itertools import chain

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tuf.api.metadata import MetaFile, Root, Signed, Targets

from pcm_agent.adapters.uptane_reading import Reading
from pcm_agent.core import age, assignments, commands
from pcm_agent.core.events import CommandReceived, PackageWithdrawn
from pcm_agent.core.state import VehicleState
from pcm_agent.ports import DELTA
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest
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
from simulator.backend.listing import offer_id
from simulator.backend.records import OrderRow, OrderState
from simulator.backend.standing import follow
from simulator.backend.subscriptions import activated, removed
from simulator.virtual import MemoryFetcher, MemoryPackageFiles

OTHER_BYTES, OTHER_WORDS = "its disk holds something else: seat-heating", "it says that something else is installed"
A_JOB = "the car has taken it up as a job"
OLD_WORD = "the car has kept versions of metadata that it should not believe"
NOT_AGAIN = "an honest package did not come through afterwards"
Defence = Callable[[pytest.MonkeyPatch], None]
"""Takes it out."""


def came_to(place: str) -> str:
    """How the problem begins where an attack was stopped elsewhere; at `its end`: nowhere."""
    return f"it came to {place};"


def any_signature(patch: pytest.MonkeyPatch) -> None:
    for role in (Root, Targets):
        patch.setattr(role, "verify_delegate", lambda *_: None)


def any_state(patch: pytest.MonkeyPatch) -> None:
    """Files of a repository need not be of the same state: what lists a file says of it whatever the file says."""

    def listed(self: MetaFile, data: bytes) -> None:
        self.version = msgspec.json.decode(data)["signed"]["version"]

    patch.setattr(MetaFile, "verify_length_and_hashes", listed)


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


def any_number(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vehicle_manifest, "_remembered", lambda it, _: SeenManifests(it.ecu_serial, it.number))


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


def any_offer(patch: pytest.MonkeyPatch) -> None:
    """By which offer the car has a function is all the same."""

    def ordered_by(db: Session, vin: str, image: InstalledImage) -> OrderRow | None:
        same = select(OrderRow).where(OrderRow.vin == vin, OrderRow.function == image.function)
        return db.scalars(same.order_by(OrderRow.id.desc()).limit(1)).first()

    patch.setattr(manifests, "ordered_by", ordered_by)


def only_what_was_reported(patch: pytest.MonkeyPatch) -> None:
    """The signed manifest bears out what was reported, and nothing else."""
    ordered_by = manifests.ordered_by

    def reported(db: Session, vin: str, image: InstalledImage) -> OrderRow | None:
        order = ordered_by(db, vin, image)
        return None if order is None or order.state is OrderState.OPEN else order

    patch.setattr(manifests, "ordered_by", reported)


def any_end(patch: pytest.MonkeyPatch) -> None:
    def believed(desk: Desk, db: Session, order: OrderRow, _: PackageReported) -> None:
        follow(desk, db, order, OrderState.CANCELLED)

    patch.setattr(following, "_ended", believed)


def any_answer(patch: pytest.MonkeyPatch) -> None:
    """Whether an order is cancelled is for the car to answer."""

    def asked(desk: Desk, db: Session, order: OrderRow) -> None:
        desk.command(db, order.vin, WithdrawPackage(offer_id=offer_id(order)))

    patch.setattr(Desk, "call_off", asked)


def any_withdrawal(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(commands.MEANINGS, WithdrawPackage, lambda it: PackageWithdrawn(it.offer_id))


def any_number_of_looks(patch: pytest.MonkeyPatch) -> None:
    """Each message is worth a look of its own, however many there are."""
    due = 0

    def is_due(_: VehicleState) -> bool:
        return due > 0

    def be_due(_: VehicleState, again: bool) -> None:
        nonlocal due
        due = due + 1 if again else max(0, due - 1)

    patch.setattr(VehicleState, "look_again", property(is_due, be_due))


WITHOUT: Mapping[str, tuple[Defence, str]] = {
    "foreign-keys": (any_signature, OTHER_BYTES),
    "wrong-signature-director": (any_signature, OTHER_BYTES),
    "wrong-signature-images": (any_signature, OTHER_BYTES),
    "edited": (any_signature, OTHER_BYTES),
    "threshold": (any_signature, OTHER_BYTES),
    "root-without-old-keys": (any_signature, OTHER_BYTES),
    "root-without-new-keys": (any_signature, OTHER_BYTES),
    "freeze-director": (any_age, OLD_WORD),
    "freeze-images": (any_age, OTHER_BYTES),
    "freeze-clock-back": (any_memory_of_time, OLD_WORD),
    "rollback-director": (any_version, OLD_WORD),
    "rollback-images": (any_version, OTHER_BYTES),
    "vanished-function": (any_version, OTHER_BYTES),
    "fast-forward-director": (any_version, OTHER_BYTES),
    "fast-forward-images": (any_version, OTHER_BYTES),
    "mix-and-match-director": (any_state, OTHER_BYTES),
    "mix-and-match-images": (any_state, came_to("look: both repositories compared [image-unknown]")),
    "mix-and-match-function": (any_state, came_to("look: both repositories compared [image-unknown]")),
    "flood-of-looks": (any_number_of_looks, came_to("look: 100 times")),
    "endless-director": (any_size, came_to("look: Director's targets [metadata-mismatch]")),
    "endless-images": (any_size, came_to("look: Image repository's snapshot [metadata-mismatch]")),
    "oversized-metadata": (any_size, OTHER_BYTES),
    "announced-length-director": (any_announced_length, came_to("look: Director's snapshot [metadata-mismatch]")),
    "announced-length-images": (any_announced_length, came_to("look: Image repository's snapshot [metadata-mismatch]")),
    "endless-image": (any_length, OTHER_BYTES),
    "another-vin": (any_addressee, OTHER_BYTES),
    "another-vin-empty": (any_addressee, came_to("its end")),
    "another-vin-image": (any_addressee, OTHER_BYTES),
    "another-unit": (any_addressee, OTHER_BYTES),
    "another-unit-image": (any_addressee, OTHER_BYTES),
    "another-hardware": (any_hardware, OTHER_BYTES),
    "another-hardware-image": (any_hardware, OTHER_BYTES),
    "image-counter": (any_image, OTHER_WORDS),
    "image-hash": (any_image, A_JOB),
    "image-length": (any_image, A_JOB),
    "rollback-release": (any_counter, came_to("its end")),  # the next defence: no older one is installed
    "stolen-director": (unknown_images, A_JOB),
    "stolen-function": (unknown_images, A_JOB),
    "one-offer-twice": (any_list, A_JOB),
    "removed-and-listed": (any_removal, A_JOB),
    "tampered-image": (any_bytes, OTHER_BYTES),
    "tampered-delta": (any_delta, came_to("transfer [delta-unusable]")),  # the next defence: it is no delta
    "delta-of-another-base": (any_delta, "its disk holds something else: park-assist"),
    "slow-image": (any_rate, OTHER_BYTES),
    "revoked": (any_image_that_was_listed, OTHER_BYTES),
    "replayed-manifest": (any_number, came_to("its end")),
    "manifest-dated-later": (any_number, came_to("its end")),
    "forged-manifest": (any_manifest, "the backend believes that something else is installed"),
    "manifest-of-another-unit": (any_unit, "the backend believes that something else is installed"),
    "forged-active": (any_report, came_to("backend: active, no error, bills: 1")),
    "held-back-reports": (only_what_was_reported, came_to("backend: open, no error, bills: 0")),
    "held-back-manifest": (any_offer, came_to("backend: active, no error, bills: 1")),
    "forged-removed": (any_report, came_to("backend: removed, no error, bills: 1")),
    "forged-cancelled": (any_end, came_to("backend: cancelled, no error, bills: 0")),
    "forged-refusal": (any_answer, OTHER_BYTES),
    "foreign-command": (any_vin, came_to("its end")),
    "forged-withdrawal": (any_withdrawal, NOT_AGAIN),
}
"""Attack → what is taken out, and how the problem begins that is seen then."""
