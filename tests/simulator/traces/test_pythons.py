"""The same seed gives the same bytes under every Python that the program runs under, and whatever hashes are."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.traces.digests import stories

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("digests.py")
LIVES, FEWER_LIVES = 20, 5
MINORS = range(11, 15)
"""Of Python 3: those that the program runs under."""
KEPT_BY = (".pyenv/versions", ".local/share/uv/python")
"""Where pyenv and uv keep Pythons, below the home folder."""


def digests(python: Path, hash_seed: str, lives: int) -> list[str]:
    """What a Python makes of the lives and stories."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
    return _output([str(python), str(PROGRAM), str(lives)], environment).splitlines()


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def other_pythons() -> Iterator[Path]:
    """Those on this machine that have another version than the one that runs, and can make an environment."""
    for name in [f"python3.{minor}" for minor in MINORS if minor != sys.version_info.minor]:
        on_path = shutil.which(name)
        found = [Path(on_path)] if on_path else []
        for folder in KEPT_BY:
            found += sorted((Path.home() / folder).glob(f"*/bin/{name}"))
        yield from (path for path in found if _has_venv(path))


def _has_venv(python: Path) -> bool:
    command = [str(python), "-Ic", "import ensurepip, venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def other(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """Another Python with the packages of the lock file, kept for the next time where pytest keeps anything."""
    found = next(other_pythons(), None)
    # The second of two skips (CONTRIBUTING.md): a Python is nothing that the project's scripts can install. Where there
    # is one only, the order of sets, by which two would differ first, is tried by the test of hashes all the same.
    if found is None:
        pytest.skip(f"needs another Python from 3.{MINORS[0]} to 3.{MINORS[-1]} than this one, with ensurepip and venv")
    lock = ROOT / "requirements.lock"
    cache: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    folder = cache.mkdir(f"packages-{found.name}") if cache else tmp_path
    stamp, python = folder / "stamp", folder / "venv" / "bin" / "python"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        _output([str(found), "-m", "venv", "--clear", str(folder / "venv")])
        _output([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)])
        stamp.write_bytes(lock.read_bytes())
    return python


@pytest.mark.slow
def test_whatever_hashes_are_the_same_bytes_are_written() -> None:
    """Their seed gives sets their order."""
    first, second = (digests(Path(sys.executable), seed, FEWER_LIVES) for seed in ("1", "2"))
    assert len(first) == len(set(first)) == FEWER_LIVES + len(stories())
    assert first == second


@pytest.mark.slow
def test_two_pythons_write_the_same_bytes(other: Path) -> None:
    ours = digests(Path(sys.executable), "1", LIVES)
    assert len(ours) == len(set(ours)) == LIVES + len(stories())
    assert digests(other, "2", LIVES) == ours
