"""What can be done to the files that a car reads, one function a lie; whoever tells it has what its docstring says."""

from collections.abc import Callable

from tuf.api.metadata import Metadata, Root, Signed, TargetFile, Targets, Timestamp

from pcm_agent.trust.images import Ecu
from simulator.attacks.forge import IMAGE, ONLINE, Forger
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys
from simulator.repository.signing import signed_by

Lie = Callable[[Forger], None]
FOREIGN_HARDWARE = "pcm-of-another"
TOO_MUCH = b" " * 600_000
"""More than any file of metadata may have; JSON is none the worse for it."""
FOREIGN_SEED = -1
"""Of the keys of whoever has none that the car trusts."""


def foreign_keys(forger: Forger) -> None:
    """Both repositories are somebody else's, as far on as the true ones, with other images of the same names."""
    foreign = PackageRepositories(MemoryStore(), SeededKeys(FOREIGN_SEED))
    foreign.create(forger.now)
    for release in forger.repositories.image.releases():
        it = release.custom
        foreign.image.add(
            it.function,
            it.version,
            f"foreign {release.path}".encode(),
            forger.now,
            release_counter=it.release_counter,
            hardware_ids=it.hardware_ids,
        )
    them = Forger(foreign, {}, forger.ecu, forger.stranger, lambda: forger.now)
    foreign.director.register(forger.ecu, forger.now)
    them.order(foreign.image.release(forger.release.custom.function, forger.release.custom.version))
    bring_up(them, forger.car, forger)
    while _version(them, IMAGE) < _version(forger, IMAGE):
        foreign.image.refresh(forger.now, force=True)
    folders = (forger.car, IMAGE, *(f"images/{name}" for name in foreign.store.names("images")))
    forger.forged.update({n: c for n, c in them.copied(*folders).items() if not n.endswith(".root.json")})


def bring_up(behind: Forger, base: str, ahead: Forger) -> None:
    """Sign a car's metadata so often that no version gives it away beside that of the attacked car."""
    while _version(behind, base) < _version(ahead, ahead.car):
        behind.repositories.director.refresh(base.partition("/")[2], behind.now, force=True)


def _version(forger: Forger, base: str) -> int:
    return forger.line(base).state(base).timestamp


def wrong_signature(base: str, role: str) -> Lie:
    """One digit of a signature is another."""

    def lie(forger: Forger) -> None:
        name = forger.newest(_at(forger, base), role)
        content = bytearray(forger.file(name))
        at = content.index(b'"sig":"') + 10
        content[at] = ord("0") if content[at] != ord("0") else ord("1")
        forger.forged[name] = bytes(content)

    return lie


def _at(forger: Forger, base: str) -> str:
    """`director` is the Director of the attacked car."""
    return forger.car if base == "director" else base


def edited_timestamp(forger: Forger) -> None:
    """A word is another one after it was signed."""
    name = f"{forger.car}/timestamp.json"
    forger.forged[name] = forger.edited(name, _older)


def _older(signed: Signed) -> None:
    signed.version -= 1


def too_few_signatures(forger: Forger) -> None:
    """One of the two targets keys, and both online keys of the Image repository, are stolen."""
    line = forger.line(IMAGE)
    state = line.state(IMAGE)
    targets = line.targets(IMAGE, "targets", state)
    targets.version += 1
    one = line.keys.signer(line.root.roles["targets"].keyids[0], "targets")
    line.publish(IMAGE, state, {"targets": (targets.version, signed_by([one], targets))}, forger.now)


def vanished_role(forger: Forger) -> None:
    """The Image repository's online keys are stolen: the snapshot no longer lists a function."""
    line = forger.line(IMAGE)
    state = line.state(IMAGE)
    fewer = {name: meta for name, meta in state.listed.items() if name != forger.other.custom.function}
    line.publish(IMAGE, type(state)(state.timestamp, state.snapshot, fewer), {}, forger.now)


def older_release(forger: Forger) -> None:
    """The Director's keys are stolen; the image is a true one, and an old one."""
    forger.order(forger.old)


def fast_forward(base: str) -> Lie:
    """The online keys are stolen and sign the highest versions, so that no true one is ever newer."""

    def lie(forger: Forger) -> None:
        where, line = _at(forger, base), forger.line(base)
        state = line.state(where)
        line.publish(where, type(state)(2**31, 2**31, state.listed), {}, forger.now)

    return lie


def mixed(base: str, role: str) -> Lie:
    """The file of an older state stands under the name of the newest."""

    def lie(forger: Forger) -> None:
        where = _at(forger, base)
        old = forger.file(forger.newest(where, role))
        forger.newer_states()
        forger.forged[forger.newest(where, role)] = old

    return lie


def held_back(base: str, role: str) -> Lie:
    """One file of the newest state is missing."""

    def lie(forger: Forger) -> None:
        forger.newer_states()
        forger.forged[forger.newest(_at(forger, base), role)] = None

    return lie


def endless(base: str, role: str) -> Lie:
    """A file of the newest state, which the car does not have yet, does not end where it should."""

    def lie(forger: Forger) -> None:
        forger.newer_states()
        name = forger.newest(_at(forger, base), role)
        forger.forged[name] = forger.file(name) + TOO_MUCH

    return lie


def oversized_timestamp(forger: Forger) -> None:
    """The Director's key is stolen and signs a timestamp that says no length beforehand, and says very much."""
    line = forger.line(forger.car)
    timestamp = line.load(f"{forger.car}/timestamp.json", Timestamp)
    timestamp.version += 1
    timestamp.unrecognized_fields["padding"] = "x" * len(TOO_MUCH)
    forger.forged[f"{forger.car}/timestamp.json"] = line.sign("timestamp", timestamp)


def no_metadata(forger: Forger) -> None:
    """A file is JSON, and nothing else that it should be."""
    forger.forged[f"{forger.car}/timestamp.json"] = b'{"signed": 1, "signatures": []}'


def of_another_car(forger: Forger) -> None:
    """Authentic in all, but for another VIN; as far on as the car's own, so that no version gives it away."""
    _know_stranger(forger)
    forger.order(forger.release, forger.stranger)
    _serve_as_own(forger)


def empty_of_another_car(forger: Forger) -> None:
    """uptane-standard#202: what lists nothing bears no VIN in its targets."""
    _know_stranger(forger)
    forger.repositories.director.refresh(forger.stranger, forger.now, force=True)
    _serve_as_own(forger)


def _know_stranger(forger: Forger) -> None:
    stranger = Ecu(forger.stranger, "PCM-0002", forger.ecu.hardware_id)
    forger.repositories.director.register(stranger, forger.now)


def _serve_as_own(forger: Forger) -> None:
    base = forger.base_of(forger.stranger)
    bring_up(forger, base, forger)
    for name in [forger.newest(base, role) for role in ONLINE]:
        forger.forged[name.replace(forger.stranger, forger.ecu.vin)] = forger.file(name)


def custom_of(field: str, value: object) -> Lie:
    """The Director's keys are stolen, and one word of an order is another."""

    def lie(forger: Forger) -> None:
        forger.as_director(lambda targets: targets.targets[forger.release.path].custom.update({field: value}))

    return lie


def of_stranger(forger: Forger) -> None:
    """The Director's keys are stolen, and an order for another car stands in this car's list."""
    custom_of("vin", forger.stranger)(forger)


def meant_for(field: str, value: object) -> Lie:
    """The Director's keys are stolen, and the list as a whole is for somebody else."""

    def lie(forger: Forger) -> None:
        forger.as_director(lambda targets: targets.unrecognized_fields["custom"].update({field: value}))

    return lie


def meant_for_stranger(forger: Forger) -> None:
    """The same, by the VIN."""
    meant_for("vin", forger.stranger)(forger)


def twice(forger: Forger) -> None:
    """The Director's keys are stolen, and two images bear the name of one order."""
    forger.order(forger.other)
    forger.order(forger.release)
    same = {"offer_id": "order-seat-heating"}
    forger.as_director(lambda targets: targets.targets[forger.other.path].custom.update(same))


def removed_and_listed(forger: Forger) -> None:
    """The Director's keys are stolen: all that the car is to have it is to take out, too."""

    def edit(targets: Targets) -> None:
        offers = [target.custom["offer_id"] for target in targets.targets.values()]
        targets.unrecognized_fields["custom"]["removed"] = offers

    forger.as_director(edit)


def unknown_image(path: str) -> Lie:
    """The Director's keys are stolen: they name an image that the Image repository does not know."""

    def lie(forger: Forger) -> None:
        def edit(targets: Targets) -> None:
            old = targets.targets.pop(forger.release.path)
            targets.targets[path] = TargetFile(old.length, dict(old.hashes), path, {"custom": old.custom})

        forger.as_director(edit)

    return lie


def other_bytes(**change: object) -> Lie:
    """The Director's keys are stolen: they say other bytes of an image than the Image repository."""

    def lie(forger: Forger) -> None:
        forger.as_director(lambda targets: vars(targets.targets[forger.release.path]).update(change))

    return lie


def image_for_other_hardware(forger: Forger) -> None:
    """The Director's keys are stolen; the image is a true one, for other cars."""
    forger.order(forger.add("seat-heating", "1.2", 3, hardware=FOREIGN_HARDWARE))


def foreign_function(forger: Forger) -> None:
    """The key of one function, and all online keys, are stolen: it signs an image of another function."""
    line = forger.line(IMAGE)
    state = line.state(IMAGE)
    stolen = forger.other.custom.function
    role = line.targets(IMAGE, stolen, state)
    path = "seat-heating/9.9.pkg"
    hardware = [forger.ecu.hardware_id]
    custom = {"function": "seat-heating", "version": "9.9", "hardware_ids": hardware, "release_counter": 2}
    role.targets[path] = TargetFile(1, {"sha256": "0f" * 32}, path, {"custom": custom})
    role.version += 1
    top = line.targets(IMAGE, "targets", state)
    assert top.delegations is not None
    assert top.delegations.roles is not None
    key = line.keys.signer(top.delegations.roles[stolen].keyids[0], stolen)
    line.publish(IMAGE, state, {stolen: (role.version, signed_by([key], role))}, forger.now)
    unknown_image(path)(forger)


def root_by(old: int, new: int) -> Lie:
    """A next root whose root keys are all new, signed by so many of the old and of the new ones."""

    def lie(forger: Forger) -> None:
        keys = SeededKeys(FOREIGN_SEED)
        root = Metadata[Root].from_bytes(forger.repositories.roots().director).signed
        before = [forger.line(forger.car).keys.signer(key, "root") for key in root.roles["root"].keyids]
        after = [keys.make("root", offline=True) for _ in before]
        for key_id in list(root.roles["root"].keyids):
            root.revoke_key(key_id, "root")
        for signer in after:
            root.add_key(signer.public_key, "root")
        root.version += 1
        forger.forged[f"{forger.car}/{root.version}.root.json"] = signed_by([*before[:old], *after[:new]], root)

    return lie


def old_root_again(forger: Forger) -> None:
    """The root that the car has stands under the name of the next one."""
    root = forger.repositories.roots().director
    version = Metadata[Root].from_bytes(root).signed.version
    forger.forged[f"{forger.car}/{version + 1}.root.json"] = root


def tampered_image(forger: Forger) -> None:
    """The bytes of the image are others, as many as they should be."""
    name = forger.image_file(forger.release)
    forger.forged[name] = bytes(byte ^ 1 for byte in forger.file(name))


def endless_image(forger: Forger) -> None:
    """The image does not end where it should."""
    name = forger.image_file(forger.release)
    forger.forged[name] = forger.file(name) + TOO_MUCH


def image_held_back(forger: Forger) -> None:
    """All metadata is there, and the image is not."""
    forger.forged[forger.image_file(forger.release)] = None
