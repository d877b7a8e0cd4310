"""What a car on a desk trusts, and what it remembers as long as that is the same."""

from pathlib import Path

import pytest

from pcm_agent.errors import LocalError, PeerError, TransportError
from pcm_agent.trust.metadata import TrustedRoots
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys
from simulator.trust_file import TrustedRepositories, check_ours, write_trust
from tests.simulator.repository.bench import NOW, URL, VIN, Bench


async def test_looks_know_what_the_last_one_read_until_the_file_says_something_else(tmp_path: Path) -> None:
    bench, path = Bench(), tmp_path / "trust.json"
    repositories = TrustedRepositories(bench, path)
    write_trust(path, URL, bench.roots)
    asked = []
    for _ in range(2):
        bench.asked.clear()
        await repositories.check(VIN, None, NOW)
        asked.append(len(bench.asked))
    assert asked == [9, 4]

    write_trust(path, URL, TrustedRoots(bench.edited("director/1.root.json", _next), bench.roots.image))
    with pytest.raises(PeerError, match="metadata-signature"):
        await repositories.check(VIN, None, NOW)
    path.unlink()
    with pytest.raises(TransportError, match="trust-missing"):
        await repositories.check(VIN, None, NOW)


def _next(signed: object) -> None:
    vars(signed)["version"] += 1


def test_a_backend_does_not_change_by_accident_whom_cars_trust(tmp_path: Path) -> None:
    path, theirs, ours = tmp_path / "trust.json", made(1), made(2)
    check_ours(path, tmp_path, ours)
    write_trust(path, URL, theirs.roots())
    for there in (ours, None):
        with pytest.raises(LocalError, match=rf"{path}.*{URL}.*{tmp_path}.*--trust.*trust-of-others"):
            check_ours(path, tmp_path / "other", there)
    check_ours(path, tmp_path, theirs)
    path.write_text("{", encoding="utf-8")
    check_ours(path, tmp_path, ours)


def test_roots_before_a_rotation_are_ours(tmp_path: Path) -> None:
    path, ours = tmp_path / "trust.json", made(1)
    write_trust(path, URL, ours.roots())
    for role in ("director/root", "image/targets", "image/root"):
        ours.rotate(role, NOW)
    check_ours(path, tmp_path, ours)


def test_half_of_the_roots_is_not_enough(tmp_path: Path) -> None:
    path, ours, theirs = tmp_path / "trust.json", made(1), made(2)
    write_trust(path, URL, TrustedRoots(ours.roots().director, theirs.roots().image))
    with pytest.raises(LocalError, match="trust-of-others"):
        check_ours(path, tmp_path, ours)


def made(seed: int) -> PackageRepositories:
    repositories = PackageRepositories(MemoryStore(), SeededKeys(seed))
    repositories.create(NOW)
    return repositories
