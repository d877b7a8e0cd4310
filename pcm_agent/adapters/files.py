"""The package files on disk: `parts/<offer>`, `versions/<sha256>`, and one pointer a function in `active/`.

A version gets its name only after its bytes were checked and are on disk; a pointer is switched by one rename. So
whatever moment the power goes, a function is its old or its new version. Functions whose bytes are equal share a
version; so none is deleted with a pointer, but by `sweep`, which sees all of them.
"""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import ParamSpec, TypeVar

from pcm_agent.adapters.part import Part, blocks, disk_errors
from pcm_agent.adapters.patching import Made, make
from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.ports import DELTA, ComesUp, surely
from pcm_agent.trust.images import Delta

P = ParamSpec("P")
T = TypeVar("T")


class DiskPackageFiles:
    """See `pcm_agent.ports.PackageFiles`. What waits for the disk runs beside the event loop.

    Args:
        root: folder for all of it, made if there is none.

    Raises:
        TransportError: `disk-unwritable`, `disk-full`.
    """

    def __init__(self, root: Path) -> None:
        self._parts, self._versions, self._active = root / "parts", root / "versions", root / "active"
        self._open: dict[str, Part] = {}
        self._alone = threading.Lock()
        """Work whose caller was cancelled may still go on in its thread; whatever comes next waits for it."""
        with disk_errors(root):
            for folder in (self._parts, self._versions, self._active):
                folder.mkdir(parents=True, exist_ok=True)
                _sync_folder(
                    folder
                )  # what a process did that died before it was sure is found done, and is not repeated

    async def _beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work in a thread, beside the event loop but never beside other such work."""

        def alone() -> T:
            with self._alone:
                return work(*args, **kwargs)

        return await asyncio.to_thread(alone)

    async def received(self, offer_id: str, sha256: str = "") -> int:
        """Bytes on disk of a download, or of the version that it became, if that is well."""
        return await self._beside(self._received, self._open.pop(offer_id, None), offer_id, sha256)

    def _received(self, part: Part | None, offer_id: str, sha256: str) -> int:
        if part is not None:
            part.close()
        path, version = self._parts / offer_id, self._versions / sha256
        with disk_errors(path):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                return version.stat().st_size if sha256 and _is_well(version, sha256) else 0

    async def append(self, offer_id: str, chunk: bytes) -> None:
        """Add to a download, and to its hash."""
        part = self._part(offer_id)
        try:
            await part.append(chunk)
        except TransportError:
            self._open.pop(offer_id, None)
            raise

    def _part(self, offer_id: str) -> Part:
        part = self._open.get(offer_id)
        if part is None:
            part = self._open[offer_id] = Part(self._parts / offer_id)
        return part

    async def complete(self, offer_id: str, length: int, sha256: str) -> None:
        """Check a download and keep it as a version."""
        part = self._part(offer_id)
        try:
            await part.synced()
            await self._beside(self._complete, part, offer_id, length, sha256)
        except PcmError:
            self._open.pop(offer_id, None)
            raise
        self._open.pop(offer_id, None)  # not of a caller that was cancelled: whoever comes next closes it
        delta = f"{offer_id}{DELTA}"  # begun before, and of no use since the version that it builds on is gone
        await self._beside(self._discard, self._open.pop(delta, None), delta)

    def _complete(self, part: Part, offer_id: str, length: int, sha256: str) -> None:
        path, version = self._parts / offer_id, self._versions / sha256
        if not path.exists() and _is_well(version, sha256):  # a cancelled caller's thread has done it
            return
        part.open()
        digest = part.close()
        with disk_errors(path):
            size = path.stat().st_size
            if size != length or digest != sha256:
                path.unlink()
                wrong = (
                    ("package-length", f"{size} bytes, not {length}") if size != length else ("package-hash", digest)
                )
                raise PeerError(wrong[0], f"offer {offer_id}: the download has {wrong[1]}")
            path.rename(version)
            _sync_folder(self._versions)

    async def patch(self, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
        """Make a version out of the one before, and keep it."""
        part = self._open.pop(f"{offer_id}{DELTA}", None)
        if part is not None:
            await part.synced()
        await self._beside(self._patch, part, offer_id, delta, length, sha256)

    def _patch(self, part: Part | None, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
        if part is not None:
            part.close()
        path, made, version = (
            self._parts / f"{offer_id}{DELTA}",
            self._parts / f"{offer_id}~made",
            self._versions / sha256,
        )
        with disk_errors(path):
            try:
                if not _is_well(version, sha256):
                    make(self._versions / delta.base_sha256, path, delta, made, Made(length, sha256))
                    made.replace(version)
                    _sync_folder(self._versions)
            except PeerError:
                path.unlink(missing_ok=True)
                raise
            finally:
                made.unlink(missing_ok=True)
            path.unlink(missing_ok=True)

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version."""
        await self._beside(self._install, function, sha256)

    def _install(self, function: str, sha256: str) -> None:
        if not (self._versions / sha256).exists():
            raise PeerError("package-missing", f"{function}: version {sha256[:12]} is not on disk")
        pointer = self._active / function
        with disk_errors(pointer):
            if _names(pointer, sha256):
                return
            if pointer.is_symlink():
                self._point(self._active / f".old-{function}", pointer.readlink().name)
            self._point(pointer, sha256)

    def _point(self, pointer: Path, sha256: str) -> None:
        fresh = self._active / f".new-{pointer.name}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("..", "versions", sha256))
        fresh.rename(pointer)
        _sync_folder(self._active)

    async def verify(self, function: str, sha256: str, comes_up: ComesUp = surely) -> None:
        """Check the installed version; back to the old one if it is not well, or does not work."""
        await self._beside(self._check, function, sha256)
        if await comes_up():
            await self._beside(self._settle_for, function, sha256)
            return
        await self._beside(self._roll_back, function, sha256)
        raise PeerError("function-unhealthy", f"{function}: version {sha256[:12]} does not come up")

    def _check(self, function: str, sha256: str) -> None:
        pointer = self._active / function
        with disk_errors(pointer):
            if not _names(pointer, sha256):
                raise PeerError("package-missing", f"{function}: version {sha256[:12]} is not the installed one")
            if _is_well(pointer, sha256):
                return
        self._roll_back(function, sha256)
        raise PeerError("package-hash", f"{function}: version {sha256[:12]} is not well on disk")

    def _settle_for(self, function: str, sha256: str) -> None:
        """Forget the version before."""
        with disk_errors(self._active):
            if _names(self._active / function, sha256):
                _unlink(self._active / f".old-{function}")

    def _roll_back(self, function: str, sha256: str) -> None:
        """Point the function to the version before, or to none where it is new."""
        pointer, old = self._active / function, self._active / f".old-{function}"
        with disk_errors(pointer):
            if not _names(pointer, sha256):
                return
            if old.is_symlink():
                old.rename(pointer)
            else:
                pointer.unlink()
            _sync_folder(self._active)

    async def revert(self, function: str, sha256: str) -> None:
        """Undo what was begun of an installation."""
        await self._beside(self._revert, function, sha256)

    def _revert(self, function: str, sha256: str) -> None:
        self._roll_back(function, sha256)
        pointer, old = self._active / function, self._active / f".old-{function}"
        with disk_errors(self._active):
            if pointer.is_symlink() and _names(old, pointer.readlink().name):  # cut off before the switch
                _unlink(old)

    async def discard(self, offer_id: str) -> None:
        """Delete a download."""
        for name in (offer_id, f"{offer_id}{DELTA}"):
            await self._beside(self._discard, self._open.pop(name, None), name)

    def _discard(self, part: Part | None, name: str) -> None:
        with disk_errors(self._parts):
            if part is not None:
                part.close()
            _unlink(self._parts / name)

    async def remove(self, function: str, sha256: str) -> None:
        """Take the version out of the car."""
        await self._beside(self._remove, function, sha256)

    def _remove(self, function: str, sha256: str) -> None:
        with disk_errors(self._active):
            for pointer in (self._active / f".old-{function}", self._active / function):
                if _names(pointer, sha256):
                    pointer.unlink()
            _sync_folder(self._active)

    async def sweep(self, needed: Collection[str]) -> None:
        """Delete the versions that nobody needs."""
        await self._beside(self._sweep, needed)

    def _sweep(self, needed: Collection[str]) -> None:
        with disk_errors(self._versions):
            for unfinished in self._active.glob(".new-*"):
                unfinished.unlink()
            used = {pointer.readlink().name for pointer in self._active.iterdir()}.union(needed)
            for version in self._versions.iterdir():
                if version.name not in used:
                    version.unlink()


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _names(pointer: Path, sha256: str) -> bool:
    return pointer.is_symlink() and pointer.readlink().name == sha256


def _is_well(path: Path, sha256: str) -> bool:
    """Whether the bytes of a version, or that a function points to, can be read and are right."""
    try:
        return _hash(path) == sha256
    except OSError:
        return False


def _unlink(path: Path) -> None:
    """Delete what is there, so that no power cut brings it back: nobody would delete it again."""
    if path.is_symlink() or path.exists():
        path.unlink()
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make what was changed in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
