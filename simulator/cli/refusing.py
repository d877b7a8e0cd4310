"""What is refused at work, in contrast to wrong use: the command was right, and what it met said no."""

from collections.abc import Iterator
from contextlib import contextmanager

from pcm_agent.errors import LocalError


class RefusedAtWorkError(LocalError):
    """A car, a backend or a repository refused what it was asked for; exit status 1."""


_MISUSED = ("name-unusable", "image-empty", "role-unknown", "vin-unusable")
"""What a repository says of arguments that no repository could take."""


@contextmanager
def at_work() -> Iterator[None]:
    """Let what a repository refuses be no wrong use.

    Raises:
        RefusedAtWorkError: in place of a `LocalError` that is no wrong use, with its code.
    """
    try:
        yield
    except LocalError as error:
        if error.code in _MISUSED:
            raise
        raise RefusedAtWorkError(error.code, error.message) from error
