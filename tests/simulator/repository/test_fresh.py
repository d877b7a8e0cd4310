"""What the repositories need not read again, and what they notice all the same."""

from datetime import timedelta
from pathlib import Path

import pytest

from pcm_agent.errors import PeerError
from simulator.repository import FolderStore, PackageRepositories, SeededKeys, fresh
from simulator.repository.fresh import FreshStates
from simulator.repository.signing import Repository, State
from simulator.repository.store import MemoryStore
from tests.simulator.repository.bench import CAR, ECU, NOW

KEYS = SeededKeys(1)
TIMESTAMPS = (f"{CAR}/timestamp.json", "image/timestamp.json")


@pytest.fixture
def repositories(tmp_path: Path) -> PackageRepositories:
    made = opened(tmp_path)
    made.create(NOW)
    made.director.register(ECU, NOW)
    for name in TIMESTAMPS:
        made.serve(name, NOW)
    return made


def opened(folder: Path) -> PackageRepositories:
    return PackageRepositories(FolderStore(folder), KEYS)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The states that are read from here on."""
    read: list[str] = []
    state = Repository.state

    def noted(self: Repository, base: str) -> State:
        read.append(base)
        return state(self, base)

    monkeypatch.setattr(Repository, "state", noted)
    return read


@pytest.mark.parametrize("name", TIMESTAMPS)
def test_a_fresh_state_is_read_once(
    name: str, repositories: PackageRepositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(monkeypatch)
    first = repositories.serve(name, NOW)
    assert repositories.serve(name, NOW + timedelta(hours=11, minutes=59)) == first
    assert read == []
    assert repositories.serve(name, NOW + timedelta(hours=12)) != first
    assert read


def test_targets_that_run_out_sooner_are_signed_in_time(repositories: PackageRepositories) -> None:
    director = repositories.director
    for hours in (12, 24, 36, 48, 60, 72):
        repositories.serve(TIMESTAMPS[0], NOW + timedelta(hours=hours))
    half = NOW + timedelta(days=3, hours=12)
    before = director.repository.state(CAR).listed["targets"].version
    repositories.serve(TIMESTAMPS[0], half - timedelta(minutes=1))
    assert director.repository.state(CAR).listed["targets"].version == before
    repositories.serve(TIMESTAMPS[0], half)
    assert director.repository.state(CAR).listed["targets"].version == before + 1


@pytest.mark.parametrize("name", TIMESTAMPS)
def test_what_another_process_has_signed_is_served(
    name: str, repositories: PackageRepositories, tmp_path: Path
) -> None:
    opened(tmp_path).refresh(NOW - timedelta(hours=6), force=True)  # its clock is behind: half of it is over sooner
    theirs = repositories.lookup(name)
    assert repositories.serve(name, NOW) == theirs
    assert repositories.serve(name, NOW + timedelta(hours=6)) != theirs


@pytest.mark.parametrize("file", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_damage_to_what_is_known_is_noticed(file: str, repositories: PackageRepositories, tmp_path: Path) -> None:
    (tmp_path / CAR / file).write_bytes(b"{")
    with pytest.raises(PeerError, match="repository-broken"):
        repositories.serve(TIMESTAMPS[0], NOW)


def test_by_force_it_is_signed_anew_however_fresh_it_is(repositories: PackageRepositories) -> None:
    assert repositories.refresh(NOW) == []
    assert repositories.refresh(NOW, force=True) == ["image", CAR]


def test_of_many_states_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "MOST_STATES", 2)
    store, later = MemoryStore(), NOW + timedelta(hours=1)
    states = FreshStates(store)
    for base in ("a", "b", "a", "c"):
        states.keep(base, [f"{base}/timestamp.json"], later)
    assert [states.holds(base, NOW) for base in "abc"] == [True, False, True]
    store.write("a/timestamp.json", b"new")
    assert [states.holds(base, NOW) for base in "abc"] == [False, False, True]
