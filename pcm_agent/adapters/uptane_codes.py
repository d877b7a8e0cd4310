"""The stable codes of what `tuf` refuses; see `pcm_agent.trust.refusals`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from tuf.api.exceptions import (
    BadVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.serialization import DeserializationError, SerializationError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from pcm_agent.errors import PeerError
from pcm_agent.trust.metadata import TIMESTAMP

_UNREADABLE = "it is no metadata that can be read"
_CODES: tuple[tuple[type[Exception], str, str], ...] = (
    (UnsignedMetadataError, "metadata-signature", "too few of the keys that its role trusts have signed it as it is"),
    (LengthOrHashMismatchError, "metadata-mismatch", "it has another length or hash than was announced"),
    (DeserializationError, "metadata-malformed", _UNREADABLE),
    (SerializationError, "metadata-malformed", _UNREADABLE),
    (RepositoryError, "metadata-mismatch", "it does not belong to the files that were read before"),
    (Exception, "metadata-malformed", _UNREADABLE),
)
"""What `tuf` raises → code and words, the more special first; `_special` has those that depend on how far it came."""


@contextmanager
def refusals(where: str, trusted: TrustedMetadataSet | None) -> Iterator[None]:
    """Give whatever verifying some bytes raises a stable code; the bytes are to blame for all of it."""
    try:
        yield
    except Exception as error:
        _refuse(error, where, trusted)


def _refuse(error: Exception, where: str, trusted: TrustedMetadataSet | None) -> NoReturn:
    code, words = next((code, words) for kind, code, words in (*_special(trusted), *_CODES) if isinstance(error, kind))
    if trusted is not None and code == "root-expired":  # it shows when the timestamp is read
        where = f"{where.rpartition('/')[0]}/{trusted.root.version}.root.json"
    raise PeerError(code, f"{where}: {words}") from error


def _special(trusted: TrustedMetadataSet | None) -> Iterator[tuple[type[Exception], str, str]]:
    """The codes and words that depend on how far it came."""
    if trusted is None:
        return
    at_root = TIMESTAMP not in trusted
    old_root = at_root and trusted.root.is_expired(trusted.reference_time)
    if old_root:
        yield ExpiredMetadataError, "root-expired", f"it expired at {trusted.root.expires:%Y-%m-%d %H:%M} UTC"
    yield ExpiredMetadataError, "metadata-expired", "it has expired"
    if at_root:
        yield BadVersionNumberError, "metadata-rollback", "its version is not the one that follows the last"
    yield BadVersionNumberError, "metadata-mismatch", "it has another version than was announced"
