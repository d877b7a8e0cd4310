"""What can be done to deltas; the car has the newest release of a function, and gets one more."""

from collections.abc import Callable

from pcm_agent.trust.images import image_url
from simulator.attacks.forge import Forged, Forger
from simulator.attacks.seen import HAS
from simulator.repository import Release
from simulator.repository.delta import make_delta
from simulator.repository.image import IMAGES

Lie = Callable[[Forger, Forged], Release]
"""Makes a release with a delta, with its owners' keys, and may forge files; gives the release."""


def honest(owner: Forger, forged: Forged) -> Release:
    """Nothing is wrong with it."""
    del forged
    images = owner.repositories.image
    newest = images.release(HAS)
    return _with_delta(owner, newest, newest)


def tampered(owner: Forger, forged: Forged) -> Release:
    """Bytes of the delta are others, as many as they should be."""
    release = honest(owner, forged)
    (delta,) = release.custom.deltas
    name = image_url(IMAGES, delta.path, delta.sha256)
    forged[name] = bytes(byte ^ 1 for byte in owner.file(name))
    return release


def of_another_base(owner: Forger, forged: Forged) -> Release:
    """The function's key is stolen: it signs a delta from an older version as one from that which the car has."""
    del forged
    images = owner.repositories.image
    return _with_delta(owner, images.release(HAS), images.release(HAS, "1.0"))


def _with_delta(owner: Forger, said: Release, true: Release) -> Release:
    """One more release, made out of a true one, with a delta that is said to be from another."""
    images = owner.repositories.image
    old = images.content(true)
    new = old[:-4] + b"more"
    return images.add(
        HAS,
        "1.2",
        new,
        owner.now,
        release_counter=said.custom.release_counter + 1,
        hardware_ids=said.custom.hardware_ids,
        deltas={said.sha256: make_delta(old, new)},
    )
