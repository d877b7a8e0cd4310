"""Making deltas, with `bsdiff4`; it needs about twenty times the image in memory, and a second for each megabyte."""

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.trust.delta import patched


def make_delta(old: bytes, new: bytes) -> bytes:
    """What makes an image out of an older one, checked with the car's own eyes.

    Raises:
        LocalError: `delta-without-use`: it would save nothing.
        PeerError: `delta-unusable`: no car could use it.
    """
    import bsdiff4

    delta: bytes = bsdiff4.diff(old, new)
    if len(delta) >= len(new):
        raise LocalError("delta-without-use", f"the delta has {len(delta)} bytes, the image {len(new)}")
    if b"".join(patched(lambda start, size: old[start : start + size], delta, len(new))) != new:
        raise PeerError("delta-unusable", "the delta does not make the image")
    return delta
