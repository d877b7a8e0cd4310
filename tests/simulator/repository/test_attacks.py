"""Each attack on the way to the car, from the table of Uptane's threats, with an honest twin that passes.

An attack is made, must end in its code, and is taken back: then the car must take the honest state as if nothing had
been. The reference client must agree wherever the attack is one that TUF sees.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec import Struct

from pcm_agent.errors import PcmError
from simulator.attacks import lies, stolen_keys
from simulator.attacks.forge import DAYS_28
from tests.simulator.repository.bench import CAR, NOW, Bench, reference_accepts

Change = Callable[[Bench], None]


class Attack(Struct, frozen=True):
    """Attributes:
    name: in Uptane's words.
    make: does it; the car has looked once before.
    code: how it must end.
    seen_by_tuf: whether the signatures and files alone betray it.
    honest: what the owner of the keys would have done instead.
    """

    name: str
    make: Change
    code: str
    seen_by_tuf: bool = True
    honest: Change = lambda bench: None


def days_later(days: int) -> Change:
    def make(bench: Bench) -> None:
        with bench.frozen():
            served_days_later(days)(bench)

    return make


def served_days_later(days: int) -> Change:
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


def newer_release(bench: Bench) -> None:
    bench.order(bench.add("seat-heating", "1.2", 3))


def new_root(bench: Bench) -> None:
    bench.repositories.rotate("director/root", bench.now)


ATTACKS = (
    Attack("arbitrary software", lies.foreign_keys, "metadata-signature"),
    *(
        Attack(f"wrong signature: {base} {role}", lies.wrong_signature(base, role), code)
        for base, role, code in (
            ("director", "timestamp", "metadata-signature"),
            ("director", "snapshot", "metadata-mismatch"),
            ("director", "targets", "metadata-mismatch"),
            ("image", "timestamp", "metadata-signature"),
            ("image", "targets", "metadata-mismatch"),
            ("image", "seat-heating", "metadata-mismatch"),
        )
    ),
    Attack("threshold not met", stolen_keys.too_few_signatures, "metadata-signature", honest=Bench.sign_images_anew),
    Attack("edited after it was signed", lies.edited_timestamp, "metadata-signature"),
    Attack(
        "rollback: a role vanished",
        stolen_keys.vanished_role,
        "metadata-rollback",
        seen_by_tuf=False,
        honest=Bench.sign_images_anew,
    ),
    Attack(
        "rollback of a release", stolen_keys.older_release, "release-rollback", seen_by_tuf=False, honest=newer_release
    ),
    Attack("freeze", days_later(2), "metadata-expired", honest=served_days_later(2)),
    Attack("freeze for long", days_later(40), "metadata-expired", honest=served_days_later(40)),
    Attack("an expired root", root_runs_out, "root-expired", honest=root_signed_in_time),
    *(
        Attack(f"mix-and-match: {base} {role}", lies.mixed(base, role), "metadata-mismatch", honest=Bench.newer_states)
        for base, role in (
            ("director", "snapshot"),
            ("director", "targets"),
            ("image", "snapshot"),
            ("image", "targets"),
            ("image", "seat-heating"),
        )
    ),
    *(
        Attack(
            f"partial bundle: {base} {role}", lies.held_back(base, role), "metadata-missing", honest=Bench.newer_states
        )
        for base, role in (
            ("director", "timestamp"),
            ("director", "snapshot"),
            ("director", "targets"),
            ("image", "timestamp"),
            ("image", "seat-heating"),
        )
    ),
    *(
        Attack(
            f"endless data: {base} {role}", lies.endless(base, role), "metadata-oversized", honest=Bench.newer_states
        )
        for base, role in (
            ("director", "timestamp"),
            ("director", "targets"),
            ("image", "snapshot"),
            ("image", "seat-heating"),
        )
    ),
    *(
        Attack(f"announced length: {base}", stolen_keys.announced_length(base), "metadata-oversized")
        for base in ("director", "image")
    ),
    Attack("no metadata at all", lies.no_metadata, "metadata-malformed"),
    Attack("another VIN", lies.of_another_car, "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN, empty", lies.empty_of_another_car, "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN in one image", stolen_keys.of_stranger, "metadata-foreign-vin", seen_by_tuf=False),
    Attack("another VIN, stolen key", stolen_keys.meant_for_stranger, "metadata-foreign-vin", seen_by_tuf=False),
    Attack(
        "another control unit", stolen_keys.meant_for("ecu_serial", "PCM-9"), "metadata-foreign-ecu", seen_by_tuf=False
    ),
    Attack(
        "another unit, one image",
        stolen_keys.custom_of("ecu_serial", "PCM-9"),
        "metadata-foreign-ecu",
        seen_by_tuf=False,
    ),
    Attack("another hardware", stolen_keys.custom_of("hardware_id", "pcm5"), "hardware-mismatch", seen_by_tuf=False),
    Attack(
        "image for another hardware",
        stolen_keys.image_for_other_hardware,
        "hardware-mismatch",
        seen_by_tuf=False,
        honest=newer_release,
    ),
    Attack("no VIN", stolen_keys.meant_for("vin", None), "metadata-malformed", seen_by_tuf=False),
    Attack("no offer", stolen_keys.custom_of("offer_id", "../etc"), "metadata-malformed", seen_by_tuf=False),
    Attack(
        "one offer twice", stolen_keys.twice, "metadata-malformed", seen_by_tuf=False, honest=lambda b: b.order(b.other)
    ),
    Attack(
        "stolen Director key", stolen_keys.unknown_image("seat-heating/9.9.pkg"), "image-unknown", seen_by_tuf=False
    ),
    Attack(
        "stolen Director key, new function",
        stolen_keys.unknown_image("drift/1.0.pkg"),
        "image-unknown",
        seen_by_tuf=False,
    ),
    Attack(
        "stolen Director key, hash",
        stolen_keys.other_bytes(hashes={"sha256": "0f" * 32}),
        "image-mismatch",
        seen_by_tuf=False,
    ),
    Attack("stolen Director key, length", stolen_keys.other_bytes(length=7), "image-mismatch", seen_by_tuf=False),
    Attack(
        "stolen Director key, counter", stolen_keys.custom_of("release_counter", 9), "image-mismatch", seen_by_tuf=False
    ),
    Attack("stolen function key", stolen_keys.foreign_function, "image-unknown", seen_by_tuf=False),
    Attack("root without the old threshold", stolen_keys.root_by(1, 3), "metadata-signature", honest=new_root),
    Attack("root without the new threshold", stolen_keys.root_by(3, 1), "metadata-signature", honest=new_root),
    Attack("an old root as the next", stolen_keys.old_root_again, "metadata-rollback", honest=new_root),
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
        bench.newer_states()
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


@pytest.mark.parametrize("role", ["director/timestamp", "director/snapshot", "image/timestamp"])
async def test_a_car_that_was_fast_forwarded_recovers_once_the_keys_are_rotated(role: str) -> None:
    bench = Bench()
    with bench.frozen():
        stolen_keys.fast_forward(role.partition("/")[0])(bench)
    stolen = {name: bench.repositories.lookup(name) for name in bench.forged}
    saved, bench.forged = bench.forged, stolen
    assert await code_of(bench) is None, "signed with the true keys"

    bench.forged = {}
    for name, content in saved.items():  # the honest backend never knew those versions
        if content is not None:
            bench.repositories.store.write(name, content)
    assert await code_of(bench) == "metadata-rollback"
    bench.repositories.rotate(role, bench.now)
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


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_what_a_car_remembers_hides_no_attack(attack: Attack) -> None:
    bench = Bench(remembers=True)
    await bench.look()
    before = await bench.verify()
    attack.make(bench)
    if await code_of(bench) != attack.code:
        assert not any(name.endswith("timestamp.json") for name in bench.forged)
        assert await bench.verify() == before, "what the car has is what was signed"
