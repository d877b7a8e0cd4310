"""What a power cut takes besides the process: bytes that were not synced, and changes of folders that were not."""

import os
import random
from pathlib import Path
from typing import NamedTuple


class Change(NamedTuple):
    """A change of a folder, and what it takes to undo it.

    Attributes:
        name: of the call.
        source: what was renamed; for other calls the same as `path`.
        path: what is another one since.
        link: what it pointed to before; None: it was no link.
        kept: where what it was before was kept; None: it was a link, or was not there.
    """

    name: str
    source: Path
    path: Path
    link: Path | None
    kept: Path | None

    def undo(self) -> None:
        """Let it not have happened; the system may keep any part of what was not synced, so do it where it can be."""
        if not os.path.lexists(self.path) and self.name != "unlink":
            return
        if self.name in ("rename", "replace"):
            self.path.rename(self.source)
        elif self.name == "symlink":
            self.path.unlink()
        if os.path.lexists(self.path):
            return
        if self.link is not None:
            self.path.symlink_to(self.link)
        elif self.kept is not None:
            os.link(self.kept, self.path)


class Losses:
    """Knows what of the packages is not sure to be on the disk yet; the journal syncs for itself.

    A change is sure once one of the folders that it concerns was synced, as it is where the disk has a journal.

    Args:
        packages: the folder of an agent's packages.
    """

    def __init__(self, packages: Path) -> None:
        self._packages = packages
        self._synced: dict[int, int] = {}
        self._changes: list[Change] = []

    def all_is_sure(self) -> None:
        """What is there now will stay."""
        for path in self._files():
            self._synced[path.stat().st_ino] = path.stat().st_size
        self._changes.clear()

    def changed(self, change: Change) -> None:
        self._changes.append(change)

    def synced(self, path: Path, inode: int, size: int) -> None:
        self._synced[inode] = size
        self._changes = [it for it in self._changes if path not in (it.path.parent, it.source.parent)]

    def cut(self, rng: random.Random | None = None) -> None:
        """Take some of what may be taken, the newest changes and the ends of files; without `rng` all of it."""
        kept = rng.randint(0, len(self._changes)) if rng else 0
        for change in reversed(self._changes[kept:]):
            change.undo()
        for path in self._files():
            there = path.stat()
            sure = min(self._synced.get(there.st_ino, 0), there.st_size)
            os.truncate(path, rng.choice((sure, rng.randint(sure, there.st_size))) if rng else sure)
        self.all_is_sure()

    def _files(self) -> list[Path]:
        return [path for name in ("parts", "versions") for path in (self._packages / name).glob("*")]
