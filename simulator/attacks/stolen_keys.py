"""What somebody can sign who has stolen keys, one function a lie; its docstring says which keys."""

from tuf.api.metadata import Metadata, Root, TargetFile, Targets, Timestamp

from simulator.attacks.forge import IMAGE, Forger
from simulator.attacks.lies import FOREIGN_SEED, TOO_MUCH, Lie, at_base
from simulator.repository import SeededKeys
from simulator.repository.signing import signed_by

FOREIGN_HARDWARE = "pcm-of-another"


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
        where, line = at_base(forger, base), forger.line(base)
        state = line.state(where)
        line.publish(where, type(state)(2**31, 2**31, state.listed), {}, forger.now)

    return lie


def oversized_timestamp(forger: Forger) -> None:
    """The Director's key is stolen and signs a timestamp that says no length beforehand, and says very much."""
    line = forger.line(forger.car)
    timestamp = line.load(f"{forger.car}/timestamp.json", Timestamp)
    timestamp.version += 1
    timestamp.unrecognized_fields["padding"] = "x" * len(TOO_MUCH)
    forger.forged[f"{forger.car}/timestamp.json"] = line.sign("timestamp", timestamp)


def announced_length(base: str) -> Lie:
    """A timestamp key is stolen, and announces a snapshot that is longer than any machine's numbers count."""

    def lie(forger: Forger) -> None:
        where, line = at_base(forger, base), forger.line(base)
        timestamp = line.load(f"{where}/timestamp.json", Timestamp)
        timestamp.version += 1
        timestamp.snapshot_meta.length = 10**400
        forger.forged[f"{where}/timestamp.json"] = line.sign("timestamp", timestamp)

    return lie


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
