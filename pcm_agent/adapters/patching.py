"""Making a version out of the one before and a delta, from file to file; to be called in a thread.

In memory are the delta and a few pieces, of 64 KiB each, and what bzip2 needs to inflate three blocks (about 11 MB);
neither the old version nor the new one.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pcm_agent.errors import PeerError
from pcm_agent.trust.delta import Read, patched
from pcm_agent.trust.images import Delta


class Made(NamedTuple):
    """What a delta must make, as the package itself would be."""

    length: int
    sha256: str


def make(base: Path, path: Path, delta: Delta, made: Path, wanted: Made) -> None:
    """Check a delta, make the new version and sync it to disk.

    Args:
        base: the version before.
        path: of the delta.
        delta: what it must be.
        made: the new version, in place of anything there.
        wanted: what that must be.

    Raises:
        PeerError: as `pcm_agent.ports.PackageFiles.patch`.
        OSError: the disk does not take the new version, or does not give the delta.
    """
    content = path.read_bytes() if path.exists() else b""
    _check(content, delta)
    with _opened(base) as old, made.open("wb") as new:
        digest = hashlib.sha256()
        for piece in patched(_reader(old), content, wanted.length):
            digest.update(piece)
            new.write(piece)
        new.flush()
        os.fsync(new.fileno())
    if digest.hexdigest() != wanted.sha256:
        raise PeerError("package-hash", f"{path.name}: it makes {digest.hexdigest()}")


def _check(content: bytes, delta: Delta) -> None:
    if len(content) != delta.length:
        raise PeerError("package-length", f"{delta.path}: the delta has {len(content)} bytes, not {delta.length}")
    digest = hashlib.sha256(content).hexdigest()
    if digest != delta.sha256:
        raise PeerError("package-hash", f"{delta.path}: the delta has {digest}")


def _opened(base: Path) -> BinaryIO:
    try:
        return base.open("rb")
    except OSError as error:
        raise PeerError("delta-base-missing", f"{base}: {error.strerror}") from error


def _reader(base: BinaryIO) -> Read:
    """Reads a file; a disk that does not give it is no reason to wait, as the whole package does not need it."""

    def read(place: int, size: int) -> bytes:
        try:
            base.seek(place)
            return base.read(size)
        except (OSError, OverflowError) as error:
            raise PeerError("delta-base-missing", f"{base.name}: {error}") from error

    return read
