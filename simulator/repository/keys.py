"""The private keys of the repositories' roles.

In a folder they stand apart: `offline/` is what a car maker locks away, and what only `pcm-sim packages` needs;
`online/` is what a running backend signs with. Each file is one Ed25519 key in PEM (PKCS #8), its owner's alone, and
bears the role and the beginning of the key's id. A rotation deletes no key: those of the old root are needed once more,
and the rest is for the owner to destroy.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

from pcm_agent.errors import PeerError, TransportError

_SHORT = 16
"""So many digits of a key's id stand in its file's name."""


class KeyRing(Protocol):
    """Makes and finds private keys."""

    def make(self, role: str, *, offline: bool) -> CryptoSigner:
        """A new key for a role.

        Raises:
            TransportError: `key-unwritable`.
        """

    def signer(self, key_id: str, role: str) -> CryptoSigner:
        """The key with an id.

        Raises:
            PeerError: `key-missing`, `key-wrong`.
        """

    def problems(self, needed: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the keys, each with its file and what to do.

        Args:
            needed: key id → role of the keys that must be there; of others it is no fault if they are locked away.
        """


class SeededKeys:
    """See `KeyRing`: keys of one run, drawn from its seed, so that traces repeat; worth nothing outside of it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: dict[str, CryptoSigner] = {}

    def make(self, role: str, *, offline: bool) -> CryptoSigner:
        """The next key that the seed gives for a role."""
        del offline  # there are no files
        words = f"{self._seed} {role} {len(self._made)}"
        signer = CryptoSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(words.encode()).digest()))
        self._made[signer.public_key.keyid] = signer
        return signer

    def signer(self, key_id: str, role: str) -> CryptoSigner:
        """A key that was made before."""
        if key_id not in self._made:
            raise PeerError("key-missing", f"{role}: no key {key_id[:_SHORT]} was made in this run")
        return self._made[key_id]

    def problems(self, needed: Mapping[str, str]) -> Iterator[str]:
        """Nothing: they are in no file."""
        del needed
        return iter(())


class FolderKeys:
    """See `KeyRing`: keys as files.

    Args:
        folder: holds `offline/` and `online/`; made if there is none, once a key is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, CryptoSigner] = {}

    def make(self, role: str, *, offline: bool) -> CryptoSigner:
        """A new random key in a new file."""
        private = Ed25519PrivateKey.generate()
        signer = CryptoSigner(private)
        content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key_id = signer.public_key.keyid
        _write_private(self.folder / ("offline" if offline else "online") / _file(role, key_id), content)
        self._read[key_id] = signer
        return signer

    def signer(self, key_id: str, role: str) -> CryptoSigner:
        """A key from its file."""
        if key_id not in self._read:
            self._read[key_id] = _read_private(self._find(key_id, role), key_id)
        return self._read[key_id]

    def problems(self, needed: Mapping[str, str]) -> Iterator[str]:
        """Of the needed ones that they are missing or wrong, as they are now; of all that others may read them."""
        for key_id, role in needed.items():
            try:
                _read_private(self._find(key_id, role), key_id)
            except PeerError as error:
                yield error.message
        for path in sorted(self.folder.glob("*/*.pem")):
            if path.stat().st_mode & 0o077:
                yield f"{path}: others than its owner may read it; `chmod 600` it, and rotate its role if somebody has"

    def _find(self, key_id: str, role: str) -> Path:
        name = _file(role, key_id)
        for path in (self.folder / "offline" / name, self.folder / "online" / name):
            if path.exists():
                return path
        raise PeerError(
            "key-missing",
            f"{self.folder}: neither offline/ nor online/ has {name}; bring that file back to sign for {role}",
        )


def _file(role: str, key_id: str) -> str:
    return f"{role.replace('/', '-')}.{key_id[:_SHORT]}.pem"


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody else may read, also while it is written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise TransportError("key-unwritable", f"{path}: {error.strerror}") from error


def _read_private(path: Path, key_id: str) -> CryptoSigner:
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no private key in PEM without a password"
        raise PeerError("key-wrong", f"{path}: {reason}; bring the right file back") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise PeerError("key-wrong", f"{path}: it is no Ed25519 key; bring the right file back")
    signer = CryptoSigner(private)
    if signer.public_key.keyid != key_id:
        raise PeerError("key-wrong", f"{path}: it holds another key than its name says; bring the right file back")
    return signer
