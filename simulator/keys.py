"""Signing keys of simulations: one drawn from a seed for a run, one in a file for the processes on a desk."""

import os
import random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pcm_agent.errors import TransportError


def seeded_key(seed: int) -> Ed25519PrivateKey:
    """The signing key of one run: drawn from its seed, so that traces repeat; worth nothing outside of it."""
    return Ed25519PrivateKey.from_private_bytes(random.Random(f"{seed} key").randbytes(32))


def desk_key(public: Path) -> Ed25519PrivateKey:
    """The key pair of a desk, made by whichever process comes first; the private half is its owner's alone.

    Args:
        public: file of the public key (32 bytes, raw); the private one stands beside it as `.key`.

    Raises:
        TransportError: `key-unusable`.
    """
    private = public.with_suffix(".key")
    try:
        private.parent.mkdir(parents=True, exist_ok=True)
        if not private.exists():
            _make(private)
        key = Ed25519PrivateKey.from_private_bytes(private.read_bytes())
        public.write_bytes(key.public_key().public_bytes_raw())
    except (OSError, ValueError) as error:
        raise TransportError("key-unusable", f"{private}: {error}") from error
    return key


def trusted_key(public: Path) -> bytes:
    """The public key that a car trusts; where there is none yet, a desk's key pair is made.

    Raises:
        TransportError: `key-unusable`.
    """
    if not public.exists():
        desk_key(public)
    try:
        key = public.read_bytes()
    except OSError as error:
        raise TransportError("key-unusable", f"{public}: {error.strerror}") from error
    if len(key) != 32:
        raise TransportError("key-unusable", f"{public}: {len(key)} bytes are no Ed25519 public key, which has 32")
    return key


def _make(private: Path) -> None:
    """Write a fresh key under another name first, so that nobody reads half a key; the first one to link it wins."""
    fresh = private.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        try:
            os.link(fresh, private)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
