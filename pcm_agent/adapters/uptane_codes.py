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

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (UnsignedMetadataError, "metadata-signature"),
    (LengthOrHashMismatchError, "metadata-mismatch"),
    (DeserializationError, "metadata-malformed"),
    (SerializationError, "metadata-malformed"),
    (RepositoryError, "metadata-mismatch"),
    (Exception, "metadata-malformed"),
)
"""What `tuf` raises → code, the more special first; `_special` has those that depend on how far it came."""


@contextmanager
def refusals(where: str, trusted: TrustedMetadataSet | None) -> Iterator[None]:
    """Give whatever verifying some bytes raises a stable code; the bytes are to blame for all of it."""
    try:
        yield
    except Exception as error:
        _refuse(error, where, trusted)


def _refuse(error: Exception, where: str, trusted: TrustedMetadataSet | None) -> NoReturn:
    code = next(code for kind, code in (*_special(trusted), *_CODES) if isinstance(error, kind))
    if trusted is not None and code == "root-expired":  # it shows when the timestamp is read
        where = f"{where.rpartition('/')[0]}/{trusted.root.version}.root.json"
    raise PeerError(code, f"{where}: {str(error) or type(error).__name__}") from error


def _special(trusted: TrustedMetadataSet | None) -> Iterator[tuple[type[Exception], str]]:
    """The codes that depend on how far it came."""
    if trusted is None:
        return
    at_root = TIMESTAMP not in trusted
    old_root = at_root and trusted.root.is_expired(trusted.reference_time)
    yield ExpiredMetadataError, "root-expired" if old_root else "metadata-expired"
    yield BadVersionNumberError, "metadata-rollback" if at_root else "metadata-mismatch"
