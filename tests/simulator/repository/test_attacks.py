"""Each attack on the way to the car, from the table of Uptane's threats, with an honest twin that passes.

An attack is made, must end in its code, and is taken back: then the car must take the honest state as if nothing had
been. The reference client must agree wherever the attack is one that TUF sees.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec import Struct
from tuf.api.metadata import Metadata, Root, TargetFile

from pcm_agent.errors import PcmError
from pcm_agent.trust.images import Ecu
from simulator.repository.keys import SeededKeys
from simulator.repository.signing import signed_by
from tests.simulator.repository.bench import CAR, DAYS_28, HARDWARE, NOW, OTHER_VIN, VIN, Bench, reference_accepts


class Attack(Struct, frozen=True):
    """Attributes:
    name: in Uptane's words.
    make: does it; the car has looked once before.
    code: how it must end.
    seen_by_tuf: whether the signatures and files alone betray it.
    honest: what the owner of the keys would have done instead.
    """

    name: str
    make: Callable[[Bench], None]
    code: str
    seen_by_tuf: bool = True
    honest: Callable[[Bench], None] = lambda bench: None


def foreign_keys(bench: Bench) -> None:
    """Arbitrary software: a whole Director of somebody else's, below the car's address."""
    stranger = Bench()
    stranger.repositories = type(stranger.repositories)(type(stranger.repositories.store)(), SeededKeys(2))
    stranger.repositories.create(NOW)
    stranger.repositories.director.register(Ecu(VIN, "PCM-0001", HARDWARE), NOW)
    for role in ("timestamp", "snapshot", "targets"):
        bench.forged[bench.newest(CAR, role)] = stranger.file(stranger.newest(CAR, role))


def wrong_signature(base: str, role: str) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        name = bench.newest(base, role)
        content = bytearray(bench.file(name))
        at = content.index(b'"sig":"') + 10
        content[at] = ord("0") if content[at] != ord("0") else ord("1")
        bench.forged[name] = bytes(content)

    return make


def too_few_signatures(bench: Bench) -> None:
    """One of the two targets keys, and both online keys of the Image repository, are stolen."""
    line = bench.line("image")
    state = line.state("image")
    targets = line.targets("image", "targets", state)
    targets.version += 1
    one = line.keys.signer(line.root.roles["targets"].keyids[0], "targets")
    line.publish("image", state, {"targets": (targets.version, signed_by([one], targets))}, bench.now)


def re_signed(bench: Bench) -> None:
    line = bench.line("image")
    state = line.state("image")
    targets = line.targets("image", "targets", state)
    targets.version += 1
    line.publish("image", state, {"targets": (targets.version, line.sign("targets", targets))}, bench.now)


def edited_timestamp(bench: Bench) -> None:
    bench.forged[f"{CAR}/timestamp.json"] = bench.edited(f"{CAR}/timestamp.json", _older)


def _older(signed: object) -> None:
    vars(signed)["version"] -= 1


def vanished_role(bench: Bench) -> None:
    """The Image repository's online keys are stolen: the snapshot no longer lists a function."""
    line = bench.line("image")
    state = line.state("image")
    fewer = {name: meta for name, meta in state.listed.items() if name != "park-assist"}
    line.publish("image", type(state)(state.timestamp, state.snapshot, fewer), {}, bench.now)


def older_release(bench: Bench) -> None:
    bench.order(bench.old)


def days_later(days: int) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        with bench.frozen():
            bench.now += timedelta(days=days)
            bench.repositories.refresh(bench.now)

    return make


def served_days_later(days: int) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        bench.now += timedelta(days=days)
        bench.repositories.refresh(bench.now)

    return make


def root_runs_out(bench: Bench) -> None:
    bench.now += timedelta(days=366)
    bench.repositories.refresh(bench.now)


def root_signed_in_time(bench: Bench) -> None:
    bench.now += timedelta(days=366)
    for role in ("director/root", "image/root", "image/targets", "image/seat-heating"):
        bench.repositories.rotate(role, bench.now)
    bench.repositories.refresh(bench.now)


def mixed(base: str, role: str) -> Callable[[Bench], None]:
    """The file of an older state under the name of the newest."""

    def make(bench: Bench) -> None:
        old = bench.file(bench.newest(base, role))
        more(bench)
        bench.forged[bench.newest(base, role)] = old

    return make


def more(bench: Bench) -> None:
    """A newer state in both repositories."""
    bench.order(bench.add("seat-heating", "1.2", 3))
    bench.order(bench.other)
    re_signed(bench)


def held_back(base: str, role: str) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        more(bench)
        bench.forged[bench.newest(base, role)] = None

    return make


def endless(base: str, role: str) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        name = bench.newest(base, role)
        bench.forged[name] = bench.file(name) + b" " * 600_000

    return make


def no_metadata(bench: Bench) -> None:
    bench.forged[f"{CAR}/timestamp.json"] = b'{"signed": 1, "signatures": []}'


def of_another_car(bench: Bench) -> None:
    """Authentic in all, but for another VIN; as far on as the car's own, so that no version gives it away."""
    base = f"director/{OTHER_VIN}"
    bench.order(bench.release, OTHER_VIN)
    _served_as_own(bench, base)


def empty_of_another_car(bench: Bench) -> None:
    """uptane-standard#202: what lists nothing bears no VIN in its targets."""
    base = f"director/{OTHER_VIN}"
    bench.repositories.director.refresh(OTHER_VIN, bench.now, force=True)
    _served_as_own(bench, base)


def _served_as_own(bench: Bench, base: str) -> None:
    for role in ("timestamp", "snapshot", "targets"):
        name = bench.newest(base, role)
        bench.forged[name.replace(OTHER_VIN, VIN)] = bench.file(name)


def custom_of(field: str, value: object) -> Callable[[Bench], None]:
    """The Director's keys are stolen, and one word of an order is another."""

    def make(bench: Bench) -> None:
        bench.as_director(lambda targets: targets.targets[bench.release.path].custom.update({field: value}))

    return make


def meant_for(field: str, value: object) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        bench.as_director(lambda targets: targets.unrecognized_fields["custom"].update({field: value}))

    return make


def twice(bench: Bench) -> None:
    bench.order(bench.other)
    same = {"offer_id": "order-seat-heating"}
    bench.as_director(lambda targets: targets.targets[bench.other.path].custom.update(same))


def unknown_image(path: str) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        def edit(targets: object) -> None:
            listed = vars(targets)["targets"]
            old = listed.pop(bench.release.path)
            listed[path] = TargetFile(old.length, dict(old.hashes), path, {"custom": old.custom})

        bench.as_director(edit)

    return make


def other_bytes(**change: object) -> Callable[[Bench], None]:
    def make(bench: Bench) -> None:
        bench.as_director(lambda targets: vars(targets.targets[bench.release.path]).update(change))

    return make


def image_for_other_hardware(bench: Bench) -> None:
    bench.order(bench.add("seat-heating", "1.2", 3, hardware="pcm5"))


def newer_release(bench: Bench) -> None:
    bench.order(bench.add("seat-heating", "1.2", 3))


def foreign_function(bench: Bench) -> None:
    """The key of one function, and all online keys, are stolen: it signs an image of another function."""
    line = bench.line("image")
    state = line.state("image")
    role = line.targets("image", "park-assist", state)
    path = "seat-heating/9.9.pkg"
    custom = {"function": "seat-heating", "version": "9.9", "hardware_ids": [HARDWARE], "release_counter": 2}
    role.targets[path] = TargetFile(1, {"sha256": "0f" * 32}, path, {"custom": custom})
    role.version += 1
    top = line.targets("image", "targets", state)
    assert top.delegations is not None
    assert top.delegations.roles is not None
    key = line.keys.signer(top.delegations.roles["park-assist"].keyids[0], "park-assist")
    line.publish("image", state, {"park-assist": (role.version, signed_by([key], role))}, bench.now)
    unknown_image(path)(bench)


def root_by(old: int, new: int) -> Callable[[Bench], None]:
    """A next root whose root keys are all new, signed by so many of the old and of the new ones."""

    def make(bench: Bench) -> None:
        keys = SeededKeys(99)
        root = Metadata[Root].from_bytes(bench.roots.director).signed
        before = [bench.line(CAR).keys.signer(key, "root") for key in root.roles["root"].keyids]
        after = [keys.make("root", offline=True) for _ in before]
        for key_id in list(root.roles["root"].keyids):
            root.revoke_key(key_id, "root")
        for signer in after:
            root.add_key(signer.public_key, "root")
        root.version += 1
        bench.forged[f"{CAR}/{root.version}.root.json"] = signed_by([*before[:old], *after[:new]], root)

    return make


def old_root_again(bench: Bench) -> None:
    bench.forged[f"{CAR}/2.root.json"] = bench.roots.director


def new_root(bench: Bench) -> None:
    bench.repositories.rotate("director/root", bench.now)


ATTACKS = (
    Attack("arbitrary software", foreign_keys, "metadata-signature"),
    *(
        Attack(f"wrong signature: {base} {role}", wrong_signature(base, role), code)
        for base, role, code in (
            (CAR, "timestamp", "metadata-signature"),
            (CAR, "snapshot", "metadata-mismatch"),
            (CAR, "targets", "metadata-mismatch"),
            ("image", "timestamp", "metadata-signature"),
            ("image", "targets", "metadata-mismatch"),
            ("image", "seat-heating", "metadata-mismatch"),
        )
    ),
    Attack("threshold not met", too_few_signatures, "metadata-signature", honest=re_signed),
    Attack("edited after it was signed", edited_timestamp, "metadata-signature"),
    Attack("rollback: a role vanished", vanished_role, "metadata-rollback", seen_by_tuf=False, honest=re_signed),
    Attack("rollback of a release", older_release, "release-rollback", seen_by_tuf=False, honest=newer_release),
    Attack("freeze", days_later(2), "metadata-expired", honest=served_days_later(2)),
    Attack("freeze for long", days_later(40), "metadata-expired", honest=served_days_later(40)),
    Attack("an expired root", root_runs_out, "root-expired", honest=root_signed_in_time),
    *(
        Attack(f"mix-and-match: {base} {role}", mixed(base, role), "metadata-mismatch", honest=more)
        for base, role in (
            (CAR, "snapshot"),
            (CAR, "targets"),
            ("image", "snapshot"),
            ("image", "targets"),
            ("image", "seat-heating"),
        )
    ),
    *(
        Attack(f"partial bundle: {base} {role}", held_back(base, role), "metadata-missing", honest=more)
        for base, role in (
            (CAR, "timestamp"),
            (CAR, "snapshot"),
            (CAR, "targets"),
            ("image", "timestamp"),
            ("image", "seat-heating"),
        )
    ),
    *(
        Attack(f"endless data: {base} {role}", endless(base, role), "metadata-oversized")
        for base, role in ((CAR, "timestamp"), (CAR, "targets"), ("image", "snapshot"), ("image", "seat-heating"))
    ),
    Attack("no metadata at all", no_metadata, "metadata-malformed"),
    Attack("another VIN", of_another_car, "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN, empty", empty_of_another_car, "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN in one image", custom_of("vin", OTHER_VIN), "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN, stolen key", meant_for("vin", OTHER_VIN), "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another control unit", meant_for("ecu_serial", "PCM-9"), "metadata-foreign-ecu", seen_by_tuf=False),
    Attack("another unit, one image", custom_of("ecu_serial", "PCM-9"), "metadata-foreign-ecu", seen_by_tuf=False),
    Attack("another hardware", custom_of("hardware_id", "pcm5"), "hardware-mismatch", seen_by_tuf=False),
    Attack(
        "image for another hardware",
        image_for_other_hardware,
        "hardware-mismatch",
        seen_by_tuf=False,
        honest=newer_release,
    ),
    Attack("no VIN", meant_for("vin", None), "metadata-malformed", seen_by_tuf=False),
    Attack("no offer", custom_of("offer_id", "../etc"), "metadata-malformed", seen_by_tuf=False),
    Attack("one offer twice", twice, "metadata-malformed", seen_by_tuf=False, honest=lambda b: b.order(b.other)),
    Attack("stolen Director key", unknown_image("seat-heating/9.9.pkg"), "image-unknown", seen_by_tuf=False),
    Attack("stolen Director key, new function", unknown_image("drift/1.0.pkg"), "image-unknown", seen_by_tuf=False),
    Attack("stolen Director key, hash", other_bytes(hashes={"sha256": "0f" * 32}), "image-mismatch", seen_by_tuf=False),
    Attack("stolen Director key, length", other_bytes(length=7), "image-mismatch", seen_by_tuf=False),
    Attack("stolen Director key, counter", custom_of("release_counter", 9), "image-mismatch", seen_by_tuf=False),
    Attack("stolen function key", foreign_function, "image-unknown", seen_by_tuf=False),
    Attack("root without the old threshold", root_by(1, 3), "metadata-signature", honest=new_root),
    Attack("root without the new threshold", root_by(3, 1), "metadata-signature", honest=new_root),
    Attack("an old root as the next", old_root_again, "metadata-rollback", honest=new_root),
)


async def code_of(bench: Bench) -> str | None:
    try:
        await bench.look()
    except PcmError as error:
        return error.code
    return None


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_an_attack_is_refused_and_its_honest_twin_is_not(attack: Attack) -> None:
    honest = Bench()
    await honest.look()
    attack.honest(honest)
    assert [each.function for each in await honest.look()][-1] == "seat-heating"
    assert reference_accepts(honest)

    bench = Bench()
    await bench.look()
    before = (bench.floors, bench.roots, dict(bench.counters))
    attack.make(bench)
    assert await code_of(bench) == attack.code
    assert (bench.floors, bench.roots, bench.counters) == before, "a refusal changes nothing"
    assert reference_accepts(bench) is not attack.seen_by_tuf


@pytest.mark.parametrize(
    "attack", [each for each in ATTACKS if each.seen_by_tuf and each.name != "threshold not met"], ids=lambda a: a.name
)
async def test_no_refusal_poisons_the_next_try(attack: Attack) -> None:
    bench = Bench()
    await bench.look()
    attack.make(bench)
    assert await code_of(bench) == attack.code
    bench.forged.clear()
    bench.now = min(bench.now, NOW + timedelta(days=40))  # an expired root is mended by its owner only
    bench.repositories.refresh(bench.now)
    assert await code_of(bench) is None


@pytest.mark.parametrize("base", [CAR, "image"])
async def test_an_older_state_is_refused_as_a_whole(base: str) -> None:
    bench = Bench()
    with bench.frozen():
        more(bench)
    bench.forged, old = {}, {name: file for name, file in bench.forged.items() if name.startswith(base)}
    assert len(await bench.look()) == 2
    bench.forged = old
    assert reference_accepts(bench), "each state is authentic; only who remembers sees it"
    assert await code_of(bench) == "metadata-rollback"
    bench.forged = {}
    assert await code_of(bench) is None


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "seat-heating"])
async def test_a_link_that_is_too_slow_is_given_up_and_tried_again(role: str) -> None:
    bench = Bench()
    bench.broken = bench.newest("image", role)
    assert await code_of(bench) == "transfer-interrupted"
    bench.broken = None
    assert await code_of(bench) is None


@pytest.mark.parametrize(("base", "role"), [(CAR, "timestamp"), (CAR, "snapshot"), ("image", "timestamp")])
async def test_a_car_that_was_fast_forwarded_recovers_once_the_keys_are_rotated(base: str, role: str) -> None:
    bench = Bench()
    line = bench.line(base)
    honest = line.state(base)
    with bench.frozen():
        line.publish(base, type(honest)(2**31, 2**31, honest.listed), {}, bench.now)
    stolen = {name: bench.repositories.lookup(name) for name in bench.forged}
    saved, bench.forged = bench.forged, stolen
    assert await code_of(bench) is None, "signed with the true keys"

    bench.forged = {}
    for name, content in saved.items():  # the honest backend never knew those versions
        if content is not None:
            bench.repositories.store.write(name, content)
    assert await code_of(bench) == "metadata-rollback"
    bench.repositories.rotate(f"{base.partition('/')[0]}/{role}", bench.now)
    assert await code_of(bench) is None
    assert await code_of(bench) is None


async def test_keys_of_every_role_can_be_rotated_one_after_the_other() -> None:
    bench = Bench()
    trusted = bench.roots
    await bench.look()
    roles = [f"director/{role}" for role in ("root", "targets", "snapshot", "timestamp")]
    roles += [f"image/{role}" for role in ("root", "targets", "snapshot", "timestamp", "seat-heating")]
    for role in roles:
        before = (await bench.verify()).director.roles, (await bench.verify()).image.roles
        bench.repositories.rotate(role, bench.now)
        assert await code_of(bench) is None, role
        assert reference_accepts(bench)
        repository, _, name = role.partition("/")
        at = 0 if repository == "director" else 1
        after = (await bench.verify()).director.roles, (await bench.verify()).image.roles
        assert not set(before[at][name].keys) & set(after[at][name].keys)
    bench.roots = trusted  # a car that slept through it all
    assert await code_of(bench) is None


async def test_rotated_keys_sign_nothing_any_more() -> None:
    bench = Bench()
    old = {role: bench.file(bench.newest(CAR, role)) for role in ("timestamp", "snapshot", "targets")}
    bench.repositories.rotate("director/timestamp", bench.now)
    await bench.look()
    bench.forged[f"{CAR}/timestamp.json"] = old["timestamp"]
    assert await code_of(bench) == "metadata-signature"


async def test_what_was_ordered_comes_with_all_its_facts() -> None:
    bench = Bench()
    (assignment,) = await bench.look()
    assert (assignment.offer_id, assignment.function, assignment.version) == (
        "order-seat-heating",
        "seat-heating",
        "1.1",
    )
    assert (assignment.path, assignment.release_counter) == ("seat-heating/1.1.pkg", 2)
    assert (assignment.not_after, assignment.consent) == (NOW + DAYS_28, "ordered")
    assert (assignment.length, assignment.sha256) == (bench.release.length, bench.release.sha256)


async def test_nothing_is_fetched_twice_in_one_check() -> None:
    bench = Bench()
    await bench.look()
    assert len(bench.asked) == len(set(bench.asked)) == 9
