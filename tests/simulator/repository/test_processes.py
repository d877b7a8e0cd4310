"""Two processes at one folder of repositories: the second waits, or is refused, and nothing is damaged."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from pcm_agent.errors import TransportError
from simulator.packages import make_repositories, open_repositories
from simulator.repository import Entry, PackageRepositories, store
from simulator.repository.audit import audit
from simulator.repository.locks import IMPATIENT
from tests.simulator.repository.bench import ECU, NOW, VIN

HEAD = """
import sys
from pathlib import Path
from pcm_agent.errors import LocalError
from simulator.packages import make_repositories, open_repositories
from tests.simulator.repository.bench import NOW
folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
"""
RENEW = """
import time
from simulator.repository import locks
class Time:
    monotonic = staticmethod(time.monotonic)
    told = False
    def sleep(self, seconds):
        if not self.told:
            self.told = True
            print("waits", flush=True)
        sys.stdin.readline()  # until the test has let the lock go, and closes this
locks.time = Time()
open_repositories(folder).renew(NOW)
print("renewed")
"""
MAKE = """
try:
    make_repositories(folder, NOW)
except LocalError as error:
    print(error.code)
else:
    print("made")
"""
CREATE = """
from simulator.repository import FolderKeys, FolderStore, PackageRepositories
try:
    PackageRepositories(FolderStore(folder), FolderKeys(folder / "keys")).create(NOW)
except LocalError as error:
    print(error.code)
else:
    print("made")
"""
CHANGES: Mapping[str, Callable[[PackageRepositories], object]] = {
    "create": lambda it: it.create(NOW),
    "renew": lambda it: it.renew(NOW),
    "rotate": lambda it: it.rotate("director/targets", NOW),
    "rotate images": lambda it: it.rotate("image/targets", NOW),
    "refresh": lambda it: it.refresh(NOW, force=True),
    "refresh a car": lambda it: it.director.refresh(VIN, NOW, force=True),
    "add": lambda it: it.image.add("seats", "2.0", b"2", NOW, release_counter=2, hardware_ids=["pcm6"]),
    "register": lambda it: it.director.register(ECU, NOW),
    "assign": lambda it: it.director.assign(VIN, it.image.release("seats"), "2", NOW, NOW),
    "direct": lambda it: it.director.direct(VIN, "", {"2": Entry(it.image.release("seats"), NOW)}, frozenset(), NOW),
    "withdraw": lambda it: it.director.withdraw(VIN, "1", NOW),
    "remove": lambda it: it.director.remove(VIN, "1", NOW),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Repositories with a car that is to have something."""
    place = tmp_path / "depot"
    made = make_repositories(place, NOW)
    release = made.image.add("seats", "1.0", b"1", NOW, release_counter=1, hardware_ids=[ECU.hardware_id])
    made.director.register(ECU, NOW)
    made.director.assign(VIN, release, "1", NOW, NOW)
    return place


@contextmanager
def another_at_work(path: Path) -> Iterator[None]:
    """Hold a lock as another process does: it goes by who has opened the file, and how often."""
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def content(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def problems(folder: Path) -> list[str]:
    return [finding.problem for finding in audit(open_repositories(folder), NOW) if finding.problem]


def begun(program: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HEAD + program, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # ours alone
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go_on(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def said(process: "subprocess.Popen[str]") -> str:
    words = process.communicate(timeout=60)[0].strip()
    assert process.returncode == 0
    return words


def at_once(program: str, folder: Path) -> Sequence[str]:
    """What two processes say that do the same, begun together."""
    running = [begun(program, folder) for _ in range(2)]
    for process in running:
        go_on(process)
    return sorted(said(process) for process in running)


@pytest.mark.parametrize("change", CHANGES)
def test_while_another_process_is_at_work_nothing_is_changed_and_nobody_waits_for_ever(
    folder: Path, change: str
) -> None:
    before = content(folder)
    with another_at_work(folder / ".lock"), pytest.raises(TransportError, match="repository-busy"):
        CHANGES[change](open_repositories(folder, patience=0.05))
    assert content(folder) == before


def test_who_makes_repositories_while_another_does_so_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.packages.PATIENCE", 0.05)
    with another_at_work(tmp_path), pytest.raises(TransportError, match="repository-busy"):
        make_repositories(tmp_path / "depot", NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_process_waits_until_the_one_before_it_has_ended(folder: Path) -> None:
    process = begun(RENEW, folder)
    with another_at_work(folder / ".lock"):
        go_on(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        assert open_repositories(folder).director.repository.root.version == 1
    assert said(process) == "renewed"
    assert open_repositories(folder).director.repository.root.version == 2
    assert problems(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("program", [MAKE, CREATE])
def test_of_two_that_make_repositories_at_once_one_does(tmp_path: Path, program: str) -> None:
    folder = tmp_path / "depot"
    assert at_once(program, folder) == ["made", "repository-exists"]
    assert problems(folder) == []
    assert len(list((folder / "keys" / "offline").iterdir())) == 3 + 3 + 2, "keys of one process, and of no other"
    assert [path.name for path in tmp_path.iterdir()] == ["depot"]


def test_cars_are_served_what_was_signed_before_while_another_process_is_at_work(folder: Path) -> None:
    served = open_repositories(folder, patience=0)
    later, name = NOW + timedelta(hours=13), f"director/{VIN}/timestamp.json"
    before = served.lookup(name)
    with another_at_work(folder / ".lock"):
        assert served.serve(name, later) == before
    assert served.serve(name, later) != before


def test_who_has_waited_in_vain_does_not_wait_again_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, now = list[float](), [1000.0]

    def busy(_lock: object, _path: Path, patience: float) -> None:
        waits.append(patience)
        raise TransportError("repository-busy", "another process")

    monkeypatch.setattr(store, "take", busy)
    monkeypatch.setattr("simulator.repository.store.time.monotonic", lambda: now[0])
    served = open_repositories(folder, patience=0.2)
    for later in (0, IMPATIENT / 2, IMPATIENT):
        now[0] = 1000.0 + later
        with pytest.raises(TransportError, match="repository-busy"):
            served.renew(NOW)
    assert waits == [0.2, 0, 0.2]
