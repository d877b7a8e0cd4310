"""What the owner of the repositories sees: files, keys, versions, and errors that say what to do."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tuf.api.metadata import Targets

from pcm_agent.errors import LocalError, PcmError, PeerError, TransportError
from pcm_agent.trust.images import Ecu
from simulator.attacks.forge import DAYS_28
from simulator.repository import FolderKeys, FolderStore, MemoryStore, PackageRepositories, SeededKeys
from simulator.repository.signing import State
from tests.simulator.repository.bench import CAR, ECU, NOW, OTHER_VIN, VIN, Bench


def failing(work: Callable[[], object]) -> PcmError:
    with pytest.raises(PcmError) as caught:
        work()
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Repositories on disk with one function that one car is to have."""
    repositories = opened(tmp_path)
    repositories.create(NOW)
    release = repositories.image.add("seats", "1.0", b"seats", NOW, release_counter=1, hardware_ids=["pcm6"])
    repositories.director.register(ECU, NOW)
    repositories.director.assign(VIN, release, "order-1", NOW + DAYS_28, NOW)
    return tmp_path


def opened(folder: Path) -> PackageRepositories:
    return PackageRepositories(FolderStore(folder), FolderKeys(folder / "keys"))


# --- in memory ---


def test_the_same_seed_makes_the_same_bytes() -> None:
    def files(bench: Bench) -> dict[str, bytes]:
        bench.repositories.rotate("image/root", NOW)
        bench.repositories.rotate("image/seat-heating", NOW)
        assert isinstance(bench.repositories.store, MemoryStore)
        return bench.repositories.store._files

    assert files(Bench()) == files(Bench())


def test_online_metadata_is_signed_anew_when_half_of_its_life_is_over() -> None:
    bench = Bench()
    timestamp = f"{CAR}/timestamp.json"
    first = bench.file(timestamp)
    assert bench.repositories.serve(timestamp, NOW + timedelta(hours=11)) == first
    assert bench.repositories.serve(timestamp, NOW + timedelta(hours=12)) != first
    assert bench.repositories.serve("image/timestamp.json", NOW + timedelta(hours=12)) is not None
    assert bench.repositories.refresh(NOW + timedelta(hours=12)) == [f"director/{OTHER_VIN}"]
    assert bench.repositories.refresh(NOW + timedelta(hours=13)) == []
    assert bench.repositories.refresh(NOW + timedelta(days=4)) == [
        "image",
        f"director/{VIN}",
        f"director/{OTHER_VIN}",
    ]


async def test_a_car_that_is_left_alone_for_months_is_served() -> None:
    bench = Bench()
    for _ in range(10):
        bench.now += timedelta(days=28)
        bench.repositories.serve(f"{CAR}/timestamp.json", bench.now)
        bench.repositories.serve("image/timestamp.json", bench.now)
        assert len(await bench.look()) == 1


def test_eight_versions_stay_and_no_other() -> None:
    bench = Bench()
    for _ in range(10):
        bench.repositories.director.refresh(VIN, bench.now, force=True)
    versions = [name for name in bench.repositories.store.names(CAR) if name.endswith(".snapshot.json")]
    assert versions == sorted(f"{number}.snapshot.json" for number in range(5, 13))


@pytest.mark.parametrize(
    "name", ["", "keys/offline/x.pem", "director/../keys", f"{CAR}/9.root.json", "director/NOBODY/timestamp.json", "x"]
)
def test_nothing_else_is_served(name: str) -> None:
    assert Bench().repositories.serve(name, NOW) is None


def test_the_root_of_all_cars_is_served_to_each() -> None:
    bench = Bench()
    assert bench.repositories.serve(f"{CAR}/1.root.json", NOW) == bench.roots.director
    assert bench.repositories.roots(1) == bench.roots


def test_images_are_served_by_their_hash() -> None:
    bench = Bench()
    name = f"images/seat-heating/{bench.release.sha256}.1.1.pkg"
    assert bench.repositories.serve(name, NOW) == b"seat-heating 1.1" * 10


async def test_a_function_has_one_image_in_a_car() -> None:
    bench = Bench()
    director = bench.repositories.director
    assert list(director.assigned(VIN)) == ["seat-heating/1.1.pkg"]
    bench.order(bench.other)
    bench.order(bench.add("seat-heating", "1.2", 3))
    assert list(director.assigned(VIN)) == ["park-assist/1.0.pkg", "seat-heating/1.2.pkg"]
    assert director.withdraw(VIN, "order-park-assist", NOW)
    assert not director.withdraw(VIN, "order-park-assist", NOW)
    assert [each.version for each in await bench.look()] == ["1.2"]


def test_what_is_to_be_removed_is_no_longer_to_be_had_until_it_is_assigned_again() -> None:
    bench = Bench()
    director = bench.repositories.director
    assert director.removed(VIN) == frozenset()
    (listed,) = director.assigned(VIN).values()
    assert director.remove(VIN, listed.offer_id, NOW)
    assert not director.remove(VIN, listed.offer_id, NOW)
    assert director.remove(VIN, "order-before", NOW)
    assert director.assigned(VIN) == {}
    assert director.removed(VIN) == {listed.offer_id, "order-before"}
    director.refresh(VIN, NOW, force=True)
    assert director.withdraw(VIN, "order-before", NOW)
    assert director.removed(VIN) == {listed.offer_id}
    director.assign(VIN, bench.release, listed.offer_id, NOW, NOW)
    assert (list(director.assigned(VIN)), director.removed(VIN)) == ([bench.release.path], frozenset())


def test_a_car_with_a_new_control_unit_begins_anew() -> None:
    director = Bench().repositories.director
    director.register(ECU, NOW)
    assert director.assigned(VIN), "nothing has changed"
    director.register(Ecu(VIN, "PCM-2", "pcm6"), NOW)
    assert director.assigned(VIN) == {}
    assert director.ecu(VIN).serial == "PCM-2"
    assert director.vins() == [VIN, OTHER_VIN]


async def test_a_release_may_bring_deltas() -> None:
    bench = Bench()
    release = bench.repositories.image.add(
        "seat-heating",
        "2.0",
        b"new",
        NOW,
        release_counter=9,
        hardware_ids=["pcm6"],
        preconditions=["battery"],
        deltas={bench.release.sha256: b"delta"},
    )
    bench.order(release)
    (assignment,) = await bench.look()
    delta = assignment.delta_from(bench.release.sha256)
    assert delta is not None
    folder, _, name = delta.path.rpartition("/")
    assert bench.repositories.serve(f"images/{folder}/{delta.sha256}.{name}", NOW) == b"delta"
    assert bench.repositories.image.release("seat-heating") == release
    assert bench.repositories.image.release("seat-heating", "1.1") == bench.release
    assert assignment.preconditions == ("battery",)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda b: b.add("Seats", "1.0", 1), "name-unusable"),
        (lambda b: b.add("targets", "1.0", 1), "name-unusable"),
        (lambda b: b.add("../seats", "1.0", 1), "name-unusable"),
        (lambda b: b.add("seats", "1/0", 1), "name-unusable"),
        (lambda b: b.add("seat-heating", "1.1", 9), "release-exists"),
        (lambda b: b.add("seat-heating", "1.2", 2), "counter-not-higher"),
        (
            lambda b: b.repositories.image.add("seats", "1.0", b"", NOW, release_counter=1, hardware_ids=[]),
            "image-empty",
        ),
        (lambda b: b.repositories.image.release("seats"), "release-unknown"),
        (lambda b: b.repositories.image.release("seat-heating", "7"), "release-unknown"),
        (lambda b: b.repositories.create(NOW), "repository-exists"),
        (lambda b: b.repositories.rotate("image/seats", NOW), "role-unknown"),
        (lambda b: b.repositories.rotate("director/seats", NOW), "role-unknown"),
        (lambda b: b.repositories.rotate("root", NOW), "role-unknown"),
        (lambda b: b.repositories.director.register(Ecu("../x", "", ""), NOW), "vin-unusable"),
        (lambda b: b.repositories.director.assigned("NOBODY"), "vin-unknown"),
    ],
)
def test_misuse_is_refused_and_changes_nothing(work: Callable[[Bench], object], code: str) -> None:
    bench = Bench()
    assert isinstance(bench.repositories.store, MemoryStore)
    before = dict(bench.repositories.store._files)
    error = failing(lambda: work(bench))
    assert (type(error), error.code) == (LocalError, code)
    assert bench.repositories.store._files == before


def test_seeded_keys_know_only_those_that_were_made() -> None:
    assert failing(lambda: SeededKeys(1).signer("0f" * 32, "root")).code == "key-missing"


# --- in a folder ---


def test_a_folder_can_be_opened_again(folder: Path) -> None:
    repositories = opened(folder)
    assert list(repositories.director.assigned(VIN)) == ["seats/1.0.pkg"]
    assert [release.path for release in repositories.image.releases()] == ["seats/1.0.pkg"]
    repositories.rotate("director/root", NOW)
    assert repositories.roots() != repositories.roots(1)


def test_private_keys_are_their_owners_alone_and_apart(folder: Path) -> None:
    files = sorted((folder / "keys").glob("*/*.pem"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in files} == {0o700}
    roles = [(path.parent.name, path.name.partition(".")[0]) for path in files]
    assert sorted(set(roles)) == [
        ("offline", "director-root"),
        ("offline", "image-root"),
        ("offline", "image-seats"),
        ("offline", "image-targets"),
        ("online", "director-snapshot"),
        ("online", "director-targets"),
        ("online", "director-timestamp"),
        ("online", "image-snapshot"),
        ("online", "image-timestamp"),
    ]
    assert not list(folder.rglob("*.part"))


def test_a_backend_needs_no_offline_key(folder: Path) -> None:
    (folder / "keys" / "offline").rename(folder / "vault")
    repositories = opened(folder)
    release = repositories.image.release("seats")
    repositories.director.assign(VIN, release, "order-2", NOW + DAYS_28, NOW)
    repositories.refresh(NOW, force=True)
    error = failing(lambda: repositories.rotate("image/root", NOW))
    assert error.code == "key-missing"
    assert "bring that file back" in error.message
    assert str(folder / "keys") in error.message


def damage(folder: Path, pattern: str, content: bytes | None) -> Path:
    (path,) = folder.glob(pattern)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        ("image/timestamp.json", b"{"),
        ("image/timestamp.json", None),
        ("image/2.snapshot.json", None),
        ("image/2.snapshot.json", b""),
        ("image/1.seats.json", b"null"),
        ("image/2.targets.json", None),
        ("image/1.root.json", b"\xff"),
    ],
)
def test_a_broken_folder_says_which_file_and_what_to_do(folder: Path, pattern: str, content: bytes | None) -> None:
    path = damage(folder, pattern, content)
    error = failing(
        lambda: opened(folder).image.add("seats", "2.0", b"2", NOW, release_counter=2, hardware_ids=["pcm6"])
    )
    assert (type(error), error.code) == (PeerError, "repository-broken")
    assert str(path) in error.message
    assert "restore" in error.message


def test_nothing_is_signed_over_what_is_missing(folder: Path) -> None:
    damage(folder, "image/timestamp.json", None)
    assert failing(lambda: opened(folder).refresh(NOW, force=True)).code == "repository-broken"
    assert not list(folder.glob("image/timestamp.json"))


def test_a_snapshot_that_lists_nothing_is_broken() -> None:
    bench = Bench()
    line = bench.line(CAR)
    line.publish(CAR, State(), {}, NOW)
    assert "does not list targets" in failing(lambda: bench.repositories.director.assigned(VIN)).message


def test_the_file_of_another_role_is_noticed(folder: Path) -> None:
    (folder / "image/2.snapshot.json").write_bytes((folder / "image/timestamp.json").read_bytes())
    assert "of the role timestamp" in failing(opened(folder).image.releases).message


def test_targets_that_do_not_say_whom_they_are_for_are_broken() -> None:
    bench = Bench()
    bench.as_director(lambda targets: targets.unrecognized_fields.clear())
    assert failing(lambda: bench.repositories.director.assigned(VIN)).code == "repository-broken"


def test_top_level_targets_without_delegations_are_broken() -> None:
    bench = Bench()
    line = bench.line("image")
    targets = line.sign("targets", Targets(version=9, expires=NOW + DAYS_28))
    line.publish("image", line.state("image"), {"targets": (9, targets)}, NOW)
    assert failing(lambda: bench.add("seats", "1.0", 1)).code == "repository-broken"


def test_delegations_by_hash_are_none_of_ours() -> None:
    bench = Bench()
    line = bench.line("image")
    top = line.targets("image", "targets", line.state("image"))
    top.delegations = None
    targets = line.sign("targets", top)
    line.publish("image", line.state("image"), {"targets": (top.version, targets)}, NOW)
    assert failing(lambda: bench.repositories.rotate("image/seat-heating", NOW)).code == "repository-broken"


def _elliptic() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(("content", "says"), [(b"key", "no private key"), (_elliptic(), "no Ed25519"), (b"", "PEM")])
def test_a_wrong_key_file_says_which_and_what_to_do(folder: Path, content: bytes, says: str) -> None:
    path = damage(folder, "keys/online/image-timestamp.*.pem", content)
    error = failing(lambda: opened(folder).refresh(NOW, force=True))
    assert (type(error), error.code) == (PeerError, "key-wrong")
    assert str(path) in error.message
    assert says in error.message


def test_two_key_files_that_were_exchanged_are_noticed(folder: Path) -> None:
    (other,) = folder.glob("keys/online/image-snapshot.*.pem")
    damage(folder, "keys/online/image-timestamp.*.pem", other.read_bytes())
    assert "another key" in failing(lambda: opened(folder).refresh(NOW, force=True)).message


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "image").write_text("in the way")
    error = failing(lambda: opened(tmp_path).create(NOW))
    assert (type(error), error.code) == (TransportError, "repository-unwritable")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "keys").write_text("in the way")
    assert failing(lambda: opened(tmp_path / "other").create(NOW)).code == "key-unwritable"


def test_a_key_file_that_cannot_be_read_says_so(folder: Path) -> None:
    path = damage(folder, "keys/online/image-timestamp.*.pem", None)
    path.mkdir()
    assert failing(lambda: opened(folder).refresh(NOW, force=True)).code == "key-wrong"


def test_a_store_never_leaves_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    store = FolderStore(tmp_path / "repository")
    for name in ("../secret", "a/../../secret", "/etc/passwd", "a//b", ".", "a\0b", ""):
        assert store.read(name) is None
    assert store.names("none") == []
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "file").write_text("x")
    assert store.read("file/more") is None
    assert failing(lambda: store.write("file/more", b"")).code == "repository-unwritable"
    store.remove("nothing")


def test_a_file_whose_name_is_too_long_is_an_error_of_its_own(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert failing(lambda: store.read("x" * 5000)).code == "repository-unreadable"
