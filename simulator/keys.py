"""Keys of a run: drawn from its seed, so that traces repeat; worth nothing outside of it."""

import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def seeded_key(seed: object) -> Ed25519PrivateKey:
    """The key that a seed gives; the same words give the same one."""
    return Ed25519PrivateKey.from_private_bytes(random.Random(f"{seed} key").randbytes(32))
