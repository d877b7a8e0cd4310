"""The package files on disk: `parts/<offer>`, `versions/<sha256>`, and one pointer a function in `active/`.

A version gets its name only after its bytes were checked and are on disk; a pointer is switched by one rename. So
whatever moment the power goes, a function is its old or its new version.
"""

import asyncio
import hashlib
import os
from pathlib import Path

from pcm_agent.adapters.part import Part, blocks, disk_errors
from pcm_agent.errors import PeerError, TransportError


class DiskPackageFiles:
    """See `pcm_agent.ports.PackageFiles`. Checking and syncing run beside the event loop.

    Args:
        root: folder for all of it, made if there is none.

    Raises:
        TransportError: `disk-unwritable`, `disk-full`.
    """

    def __init__(self, root: Path) -> None:
        self._parts, self._versions, self._active = root / "parts", root / "versions", root / "active"
        self._open: dict[str, Part] = {}
        with disk_errors(root):
            for folder in (self._parts, self._versions, self._active):
                folder.mkdir(parents=True, exist_ok=True)

    def received(self, offer_id: str) -> int:
        """Bytes on disk of a download."""
        part = self._open.pop(offer_id, None)
        if part is not None:
            part.close()
        path = self._parts / offer_id
        return path.stat().st_size if path.exists() else 0

    async def append(self, offer_id: str, chunk: bytes) -> None:
        """Add to a download, and to its hash."""
        part = self._open.setdefault(offer_id, Part(self._parts / offer_id))
        try:
            await part.append(chunk)
        except TransportError:
            self._open.pop(offer_id, None)
            raise

    async def complete(self, offer_id: str, length: int, sha256: str) -> None:
        """Check a download and keep it as a version."""
        part = self._open.pop(offer_id, None) or Part(self._parts / offer_id)
        await part.synced()
        await asyncio.to_thread(self._complete, part, offer_id, length, sha256)

    def _complete(self, part: Part, offer_id: str, length: int, sha256: str) -> None:
        path = self._parts / offer_id
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
            path.rename(self._versions / sha256)
            _sync_folder(self._versions)

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version."""
        await asyncio.to_thread(self._install, function, sha256)

    def _install(self, function: str, sha256: str) -> None:
        if not (self._versions / sha256).exists():
            raise PeerError("package-missing", f"{function}: version {sha256[:12]} is not on disk")
        pointer = self._active / function
        with disk_errors(pointer):
            if pointer.is_symlink() and pointer.readlink().name == sha256:
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

    async def verify(self, function: str, sha256: str) -> None:
        """Check the installed version; back to the old one if it is not well."""
        await asyncio.to_thread(self._verify, function, sha256)

    def _verify(self, function: str, sha256: str) -> None:
        pointer, old = self._active / function, self._active / f".old-{function}"
        with disk_errors(pointer):
            if _is_well(pointer, sha256):
                self._forget_old(old)
                return
            if old.is_symlink():
                old.rename(pointer)
            else:
                pointer.unlink(missing_ok=True)
            _sync_folder(self._active)
        raise PeerError("package-hash", f"{function}: version {sha256[:12]} is not well on disk")

    def _forget_old(self, old: Path) -> None:
        if old.is_symlink():
            (self._versions / old.readlink().name).unlink(missing_ok=True)
            old.unlink()

    async def discard(self, offer_id: str) -> None:
        """Delete a download."""
        part = self._open.pop(offer_id, None)
        with disk_errors(self._parts):
            if part is not None:
                part.close()
            (self._parts / offer_id).unlink(missing_ok=True)

    async def remove(self, function: str) -> None:
        """Delete a function."""
        pointer = self._active / function
        with disk_errors(pointer):
            if pointer.is_symlink():
                version = self._versions / pointer.readlink().name
                pointer.unlink()
                _sync_folder(self._active)
                version.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _is_well(pointer: Path, sha256: str) -> bool:
    """Whether a function points to the version, and its bytes can be read and are right."""
    try:
        return pointer.readlink().name == sha256 and _hash(pointer) == sha256
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
