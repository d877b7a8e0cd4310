"""Mistakes that the product could have made: each must be noticed when the power is cut."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pcm_agent.adapters import files
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.adapters.part import Part
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.jobs import installation
from pcm_agent.ports import Saved
from pcm_agent.runtime.agent import Agent
from pcm_agent.runtime.packages import PackageChange, PackageWork
from pcm_agent.transport import Outgoing
from tests.powercut.points import put

Reports = Sequence[tuple[int, Outgoing]]


class Mistake(NamedTuple):
    """One mistake.

    Attributes:
        plant: makes it, in this process and those that are forked from it.
        act: in which it shows.
        points: where the power is cut; "": anywhere, at random, and what was not synced is lost.
        noticed: what is said of it, as a regular expression.
    """

    plant: Callable[[], None]
    act: str
    points: str
    noticed: str


# --- package files ---


def _download_begins_anew() -> None:
    opened = DiskPackageFiles.__init__

    def init(self: DiskPackageFiles, root: Path) -> None:
        opened(self, root)
        for part in self._parts.iterdir():
            part.unlink()

    put(DiskPackageFiles, "__init__", init)


def _named_before_it_is_whole() -> None:
    def complete(self: DiskPackageFiles, part: Part, offer_id: str, length: int, sha256: str) -> None:
        part.close()
        path = self._parts / offer_id
        if path.exists():
            content = path.read_bytes()
            with (self._versions / sha256).open("wb", buffering=0) as version:
                for half in (content[: length // 2], content[length // 2 :]):
                    version.write(half)
                    os.fsync(version.fileno())
            path.unlink()
            files._sync_folder(self._parts)

    put(DiskPackageFiles, "_complete", complete)


def _pointer_gone_for_a_moment() -> None:
    def point(self: DiskPackageFiles, pointer: Path, sha256: str) -> None:
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(Path("..", "versions", sha256))

    put(DiskPackageFiles, "_point", point)


def _old_version_gone_first() -> None:
    def install(self: DiskPackageFiles, function: str, sha256: str) -> None:
        pointer = self._active / function
        if pointer.is_symlink() and pointer.readlink().name != sha256:
            pointer.resolve().unlink()
        self._point(pointer, sha256)

    put(DiskPackageFiles, "_install", install)


def _versions_stay() -> None:
    put(PackageWork, "tidy", lambda _: None)


def _file_not_synced() -> None:
    def close(self: Part) -> str:
        self._closed = True
        if self._file is not None:
            self._file.close()
        return self._digest.hexdigest()

    put(Part, "close", close)


def _folder_not_synced() -> None:
    put(files, "_sync_folder", lambda _: None)


def _left_unsynced() -> None:
    opened, sync = DiskPackageFiles.__init__, files._sync_folder

    def init(self: DiskPackageFiles, root: Path) -> None:
        put(files, "_sync_folder", lambda _: None)
        opened(self, root)
        put(files, "_sync_folder", sync)

    put(DiskPackageFiles, "__init__", init)


# --- journal and outbox ---


def _state_without_reports() -> None:
    commit = SqliteJournal.commit

    def in_two(self: SqliteJournal, snapshot: bytes | None, add: Reports, remove: Sequence[int]) -> None:
        commit(self, snapshot, (), ())
        commit(self, None, add, remove)

    put(SqliteJournal, "commit", in_two)


def _reports_before_state() -> None:
    commit = SqliteJournal.commit

    def in_two(self: SqliteJournal, snapshot: bytes | None, add: Reports, remove: Sequence[int]) -> None:
        commit(self, None, add, remove)
        commit(self, snapshot, (), ())

    put(SqliteJournal, "commit", in_two)


def _state_gone_for_a_moment() -> None:
    commit = SqliteJournal.commit

    def after_deleting(self: SqliteJournal, snapshot: bytes | None, add: Reports, remove: Sequence[int]) -> None:
        self._db.execute("DELETE FROM snapshot")
        commit(self, snapshot, add, remove)

    put(SqliteJournal, "commit", after_deleting)


def _said_before_it_is_kept() -> None:
    handle = Agent._handle

    def eager(self: Agent, event: on.Event) -> None:
        commit = self._ports.journal.commit

        def after_saying(snapshot: bytes | None, add: Reports, remove: Sequence[int]) -> None:
            self._link.flush()
            commit(snapshot, add, remove)

        put(self._ports.journal, "commit", after_saying)
        try:
            handle(self, event)
        finally:
            put(self._ports.journal, "commit", commit)

    put(Agent, "_handle", eager)


def _kept_before_it_is_done() -> None:
    changed = PackageWork._changed

    async def hasty(self: PackageWork, effect: PackageChange) -> on.Event:
        if isinstance(effect, do.RemovePackage):
            self._feed(on.PackageRemoved(effect.offer_id))
        return await changed(self, effect)

    put(PackageWork, "_changed", hasty)


def _reports_forgotten() -> None:
    load = SqliteJournal.load
    put(SqliteJournal, "load", lambda self: Saved(load(self).snapshot, []))


# --- somebody comes to the car ---


def _goes_on_beside_people() -> None:
    put(installation, "STANDING", ())


def _half_stays() -> None:
    async def nothing(self: PackageWork, offer_id: str) -> None:
        del self, offer_id

    put(PackageWork, "_revert", nothing)


BRITTLE = {
    "a download begins anew": Mistake(_download_begins_anew, "order", "write", "came again"),
    "a version has its name before it is whole": Mistake(
        _named_before_it_is_whole, "order", "fsync", "a version is not whole"
    ),
    "the pointer is gone for a moment": Mistake(
        _pointer_gone_for_a_moment, "order", "packages/active", "the function is version None"
    ),
    "the old version is deleted first": Mistake(
        _old_version_gone_first, "update", "packages/active", "a version that is not there"
    ),
    "versions stay": Mistake(_versions_stay, "update", "unlink", "a version was left over"),
    "a file is not synced": Mistake(_file_not_synced, "order", "", "not whole|half a version"),
    "a folder is not synced": Mistake(_folder_not_synced, "order", "", "kept before it was done|it never ends"),
    "what a dead process did is taken for sure": Mistake(
        _left_unsynced, "update", "fsync", "a version that is not there"
    ),
    "the state is kept without its reports": Mistake(_state_without_reports, "end", "half a COMMIT", "told 0 times"),
    "reports are kept before the state": Mistake(_reports_before_state, "end", "half a COMMIT", "told 2 times"),
    "the state is gone for a moment": Mistake(_state_gone_for_a_moment, "end", "BEGIN", "the job is None"),
    "a report is said before it is kept": Mistake(
        _said_before_it_is_kept, "order", "COMMIT", "told before it was kept"
    ),
    "a removal is kept before it is done": Mistake(
        _kept_before_it_is_done, "end", "packages/active", "kept before it was done"
    ),
    "an installation goes on though somebody came": Mistake(
        _goes_on_beside_people, "come", "packages/active|COMMIT", "somebody is known to use the car"
    ),
    "half of an installation stays": Mistake(
        _half_stays, "come", "packages/active|COMMIT", "half of an installation was left"
    ),
    "reports are forgotten": Mistake(_reports_forgotten, "end", "ask publish", "told 0 times"),
}
