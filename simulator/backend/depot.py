"""Packages: their bytes, their manifests, and the key that signs them."""

import hashlib
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from msgspec import Struct

from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import OfferPackage, PackageManifest
from pcm_agent.trust.manifest import canonical


def _content(name: str, length: int) -> bytes:
    """Bytes that look random, can't be compressed, and are the same for the same name (AES-CTR of zeros)."""
    key = hashlib.sha256(name.encode()).digest()
    return Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(length))


class Package(Struct, frozen=True):
    """A function's bytes at rest."""

    function: str
    version: str
    length: int
    sha256: str


class Depot:
    """Makes, keeps and signs packages.

    Args:
        key: signs what is offered.
        base_url: where cars fetch from, without a slash at the end.
        folder: where the bytes are kept; None keeps them in memory.

    Raises:
        TransportError: `depot-unwritable`.
    """

    def __init__(self, key: Ed25519PrivateKey, base_url: str, folder: Path | None = None) -> None:
        self.base_url = base_url
        self.folder = folder
        self._key = key
        self._memory: dict[str, bytes] = {}
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise TransportError("depot-unwritable", f"{folder}: {error.strerror}") from error

    @property
    def public_key(self) -> bytes:
        """What cars trust: the raw Ed25519 public key."""
        return self._key.public_key().public_bytes_raw()

    def make(self, function: str, version: str, length: int) -> Package:
        """A package of so many bytes; the same function and version always have the same ones."""
        content = _content(f"{function} {version}", length)
        package = Package(function, version, length, hashlib.sha256(content).hexdigest())
        self.put(package.sha256, content)
        return package

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name."""
        if self.folder is None:
            self._memory[name] = content
            return
        fresh = self.folder / f".{name}"
        try:
            fresh.write_bytes(content)
            fresh.rename(self.folder / name)
        except OSError as error:
            raise TransportError("depot-unwritable", f"{self.folder}: {error.strerror}") from error

    def offer(self, package: Package, vin: str, offer_id: str, not_after: datetime, *, ask: bool) -> OfferPackage:
        """The signed offer of a package to one car."""
        manifest = PackageManifest(
            offer_id=offer_id,
            vin=vin,
            function=package.function,
            version=package.version,
            length=package.length,
            sha256=package.sha256,
            not_after=not_after,
        )
        return OfferPackage(
            manifest=manifest,
            signature=self._key.sign(canonical(manifest)).hex(),
            url=f"{self.base_url}/packages/{package.sha256}",
            consent="ask" if ask else "ordered",
        )

    def lookup(self, url: str) -> bytes | None:
        """The bytes behind one of this depot's addresses; for runs without sockets."""
        prefix = f"{self.base_url}/packages/"
        return self._memory.get(url.removeprefix(prefix)) if url.startswith(prefix) else None
