"""What stands on the disk of an agent that is dead."""

import hashlib
import os
import shutil
from pathlib import Path

from firmware_profiles import load_countries, load_profile
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.core.state import VehicleState
from pcm_agent.core.vehicle import Vehicle
from tests.powercut.life import MARKET, PROFILE

FUNCTION = "active-lane-keeping"


class CarDisk:
    """Journal and packages of one car, of one function.

    Args:
        folder: the agent's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, packages = folder, folder / "packages"
        self._parts, self._versions, self._active = packages / "parts", packages / "versions", packages / "active"

    def plant(self, content: bytes) -> str:
        """Let the function have come with the car, in an earlier version; its hash."""
        for folder in (self._parts, self._versions, self._active):
            folder.mkdir(parents=True)
        sha256 = hashlib.sha256(content).hexdigest()
        (self._versions / sha256).write_bytes(content)
        (self._active / FUNCTION).symlink_to(Path("..", "versions", sha256))
        return sha256

    def received(self, offer: str, sha256: str) -> int:
        """Bytes of a download that are there."""
        paths = [path for path in (self._parts / offer, self._versions / sha256) if path.is_file()]
        return max((path.stat().st_size for path in paths), default=0)

    def state(self) -> VehicleState | None:
        """What the journal says, read from a copy: the agent is to find it as it was left. None: nothing yet."""
        copy = self._folder.with_name(f"{self._folder.name}-copy")
        copy.mkdir()
        try:
            for path in self._folder.glob("journal.sqlite*"):
                shutil.copy(path, copy)
            journal = SqliteJournal(copy / "journal.sqlite")
            snapshot = journal.load().snapshot
            journal.close()
        finally:
            shutil.rmtree(copy)
        if snapshot is None:
            return None
        return Vehicle.restore(snapshot, load_profile(PROFILE), load_countries()[MARKET]).state

    def version(self) -> str | None:
        """The version that the function is, which must be whole; None: the car does not have it."""
        pointer = self._active / FUNCTION
        if not os.path.lexists(pointer):
            return None
        name = pointer.readlink().name
        assert pointer.exists(), "the function is a version that is not there"
        assert _hash(pointer) == name, "the function is half a version"
        return name

    def check_versions(self) -> None:
        """What bears the name of a version is that version."""
        for version in self._versions.glob("*"):
            assert _hash(version) == version.name, "a version is not whole"

    def check_tidy(self) -> None:
        """Nothing is there that nobody needs."""
        version = self.version()
        pointers = _names(self._active)
        assert pointers == ({FUNCTION} if version else set()), f"a pointer was left over: {sorted(pointers)}"
        assert _names(self._versions) == ({version} if version else set()), "a version was left over"
        assert not _names(self._parts), "a download was left over"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
