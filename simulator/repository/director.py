"""The Director: which images each car is to have, signed online and by VIN below a root of all (Uptane 5.3.2)."""

import re
from collections.abc import Mapping, Set
from datetime import datetime

import msgspec
from msgspec import Struct
from tuf.api.metadata import TargetFile, Targets

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.trust.images import Consent, DirectorCustom, DirectorFor, Ecu
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from simulator.repository.fresh import FreshStates
from simulator.repository.image import Release
from simulator.repository.keys import KeyRing
from simulator.repository.signing import ONLINE_LIFE, Repository, RoleKeys, State
from simulator.repository.store import Store, alone

NAME = "director"
ROLES: Mapping[str, RoleKeys] = {
    ROOT: RoleKeys(3, 2, offline=True),
    TARGETS: RoleKeys(1, 1, offline=False),
    SNAPSHOT: RoleKeys(1, 1, offline=False),
    TIMESTAMP: RoleKeys(1, 1, offline=False),
}
VIN = re.compile(r"[A-Z0-9]{1,17}")


class Entry(Struct, frozen=True):
    """An image that a car is to have, and on what terms."""

    release: Release
    not_after: datetime
    consent: Consent = "ordered"


class DirectorRepository:
    """Says what each car is to have. All that it knows of a car stands in the metadata that it signed for it.

    Args:
        store: where its files are kept.
        keys: of its roles.
    """

    def __init__(self, store: Store, keys: KeyRing) -> None:
        self.repository = Repository(NAME, store, keys, ROLES)
        """The root and the files."""
        self.store, self._fresh = store, FreshStates(store)

    @alone
    def create(self, now: datetime) -> None:
        """Make keys and a root.

        Raises:
            LocalError: `repository-exists`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        self.repository.create(now)

    def vins(self) -> list[str]:
        """The cars that it knows."""
        return [name for name in self.store.names(NAME) if self.knows(name)]

    def knows(self, vin: str) -> bool:
        """Whether a car was registered."""
        return VIN.fullmatch(vin) is not None and self.store.read(f"{NAME}/{vin}/timestamp.json") is not None

    @alone
    def register(self, ecu: Ecu, now: datetime) -> None:
        """Get to know a car, or its new control unit; what was assigned to the old one is no longer.

        Raises:
            LocalError: `vin-unusable`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `repository-unwritable`.
        """
        if VIN.fullmatch(ecu.vin) is None:
            raise LocalError("vin-unusable", f"{ecu.vin!r} is no VIN")
        if self.knows(ecu.vin) and self.ecu(ecu.vin) == ecu:
            return
        meant = {"vin": ecu.vin, "ecu_serial": ecu.serial, "hardware_id": ecu.hardware_id}
        state = self._state(ecu.vin) if self.knows(ecu.vin) else State()
        targets = Targets(unrecognized_fields={"custom": meant})
        targets.version = state.listed[TARGETS].version if TARGETS in state.listed else 0
        self._publish(ecu.vin, state, targets, now)

    def ecu(self, vin: str) -> Ecu:
        """The control unit of a car.

        Raises:
            LocalError: `vin-unknown`.
            PeerError: `repository-broken`.
        """
        meant = self._load(vin)[1].unrecognized_fields["custom"]
        return Ecu(vin, meant["ecu_serial"], meant["hardware_id"])

    @alone
    def assign(
        self,
        vin: str,
        release: Release,
        offer_id: str,
        not_after: datetime,
        now: datetime,
        *,
        consent: Consent = "ordered",
    ) -> None:
        """Let a car have an image, in place of any other image of the function; it is not to be removed any more.

        Raises:
            LocalError: `vin-unknown`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `repository-unwritable`.
        """
        ecu = self.ecu(vin)
        state, targets = self._load(vin)
        targets.targets = _with(targets.targets, ecu, offer_id, Entry(release, not_after, consent))
        _remove(targets, _removed(targets) - {offer_id})
        self._publish(vin, state, targets, now)

    @alone
    def direct(self, vin: str, ours: str, wanted: Mapping[str, Entry], removed: Set[str], now: datetime) -> bool:
        """Say at once all that one who assigns has to say; whether any of it is new.

        A car never sees a part of it: it is one state of the metadata, however much it changes.

        Args:
            vin: of the car.
            ours: how the offers begin that are meant; all others stay as they are.
            wanted: by offer, what the car is to have; in place of any other image of the function.
            removed: the offers that it is to take out.
            now: the time.

        Raises:
            As `assign`.
        """
        ecu = self.ecu(vin)
        state, targets = self._load(vin)
        old, leaving = targets.targets, _removed(targets)
        new = {path: it for path, it in old.items() if not it.custom["offer_id"].startswith(ours)}
        for offer_id, entry in wanted.items():
            new = _with(new, ecu, offer_id, entry)
        gone = frozenset(offer for offer in leaving if not offer.startswith(ours)) | removed
        if (new, gone) == (old, leaving):
            return False
        targets.targets = new
        _remove(targets, gone)
        self._publish(vin, state, targets, now)
        return True

    @alone
    def withdraw(self, vin: str, offer_id: str, now: datetime) -> bool:
        """Say nothing of an offer any more, neither that it is to be had nor that it is to be removed; whether it was.

        What a car has already it keeps; see `remove`.

        Raises:
            As `assign`.
        """
        state, targets = self._load(vin)
        kept, removed = _without(targets, offer_id), _removed(targets)
        if len(kept) == len(targets.targets) and offer_id not in removed:
            return False
        targets.targets = kept
        _remove(targets, removed - {offer_id})
        self._publish(vin, state, targets, now)
        return True

    @alone
    def remove(self, vin: str, offer_id: str, now: datetime) -> bool:
        """Have what an offer brought taken out of a car, until it is withdrawn; whether that is new (FOD-13).

        Raises:
            As `assign`.
        """
        state, targets = self._load(vin)
        kept, removed = _without(targets, offer_id), _removed(targets)
        if len(kept) == len(targets.targets) and offer_id in removed:
            return False
        targets.targets = kept
        _remove(targets, removed | {offer_id})
        self._publish(vin, state, targets, now)
        return True

    def assigned(self, vin: str) -> dict[str, DirectorCustom]:
        """What a car is to have: path → what was said of it.

        Raises:
            LocalError: `vin-unknown`.
            PeerError: `repository-broken`.
        """
        targets = self._load(vin)[1].targets
        return {path: msgspec.convert(target.custom, DirectorCustom) for path, target in sorted(targets.items())}

    def offers(self, vin: str) -> frozenset[str]:
        """All offers of which it says something of a car, be it to be had or to be removed.

        Raises:
            As `assigned`.
        """
        return frozenset(it.offer_id for it in self.assigned(vin).values()) | self.removed(vin)

    def removed(self, vin: str) -> frozenset[str]:
        """The offers whose functions a car is to take out.

        Raises:
            As `assigned`.
        """
        return _removed(self._load(vin)[1])

    def refresh(self, vin: str, now: datetime, *, force: bool = False) -> bool:
        """Sign a car's metadata anew if half of its life is over, or by force; whether it was done.

        Raises:
            As `assign`.
        """
        return (force or not self._fresh.holds(f"{NAME}/{vin}", now)) and self._refresh(vin, now, force=force)

    @alone
    def _refresh(self, vin: str, now: datetime, *, force: bool) -> bool:
        state, targets = self._load(vin)
        until = targets.expires - ONLINE_LIFE[TARGETS] / 2
        if force or now >= until:
            self._publish(vin, state, targets, now)
        elif not state.fresh_at(now):
            self.repository.publish(f"{NAME}/{vin}", state, {}, now)
        else:
            files = self.repository.files(f"{NAME}/{vin}", state, TARGETS)
            self._fresh.keep(f"{NAME}/{vin}", files, min(until, state.fresh_until))
            return False
        return True

    @alone
    def renew(self, now: datetime) -> None:
        """Sign the root anew with the same keys.

        Raises:
            As `assign`.
        """
        self.repository.renew(now)

    @alone
    def rotate(self, role: str, now: datetime) -> None:
        """Replace the keys of a role, and sign anew what they had signed for each car.

        Raises:
            LocalError: `role-unknown`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        if role not in ROLES:
            raise LocalError("role-unknown", f"the Director has no role {role}; it has {', '.join(ROLES)}")
        self.repository.rotate(role, now)
        for vin in self.vins():
            self.refresh(vin, now, force=True)

    def _state(self, vin: str) -> State:
        return self.repository.state(f"{NAME}/{vin}")

    def _load(self, vin: str) -> tuple[State, Targets]:
        if not self.knows(vin):
            raise LocalError("vin-unknown", f"the Director does not know the car {vin}")
        state = self._state(vin)
        targets = self.repository.targets(f"{NAME}/{vin}", TARGETS, state)
        if not isinstance(targets.unrecognized_fields.get("custom"), dict):
            where = self.store.where(f"{NAME}/{vin}")
            raise PeerError(
                "repository-broken", f"{where}: the targets do not say whom they are for; remove the folder"
            )
        return state, targets

    def _publish(self, vin: str, state: State, targets: Targets, now: datetime) -> None:
        targets.version += 1
        targets.expires = now + ONLINE_LIFE[TARGETS]
        signed = self.repository.sign(TARGETS, targets)
        self.repository.publish(f"{NAME}/{vin}", state, {TARGETS: (targets.version, signed)}, now)


def _with(targets: Mapping[str, TargetFile], ecu: Ecu, offer_id: str, entry: Entry) -> dict[str, TargetFile]:
    """The list with an entry in place of any other of its function."""
    release = entry.release
    custom = DirectorCustom(
        vin=ecu.vin,
        ecu_serial=ecu.serial,
        hardware_id=ecu.hardware_id,
        release_counter=release.custom.release_counter,
        offer_id=offer_id,
        not_after=entry.not_after,
        consent=entry.consent,
    )
    extra = {"custom": msgspec.json.decode(msgspec.json.encode(custom))}  # as it is read again
    folder = f"{release.custom.function}/"
    others = {path: old for path, old in targets.items() if not path.startswith(folder)}
    return others | {release.path: TargetFile(release.length, {"sha256": release.sha256}, release.path, extra)}


def _without(targets: Targets, offer_id: str) -> dict[str, TargetFile]:
    return {path: old for path, old in targets.targets.items() if old.custom["offer_id"] != offer_id}


def _removed(targets: Targets) -> frozenset[str]:
    return frozenset(msgspec.convert(targets.unrecognized_fields["custom"], DirectorFor).removed)


def _remove(targets: Targets, offers: frozenset[str]) -> None:
    targets.unrecognized_fields["custom"]["removed"] = sorted(offers)
