"""A TOML file that remembers where it came from, so that each fault can name its file and line."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.positions import KeyPath, key_lines, key_text, line_of

_TOMLLIB_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
# No data file needs a quarter of this; without a bound, a hostile one would exhaust the stack of those who read on.
_DEEPEST = 32
_TOMLLIB_END = " (at end of document)"


class Place(Protocol):
    """Something with key paths, that can say where one of them stands."""

    def error(self, code: ProfileErrorCode, path: KeyPath, message: str) -> ProfileError:
        """Return the error for the value at a key path."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML file.

    Attributes:
        file: The name to print in messages.
        text: The whole text.
        tables: What `tomllib` made of it.
    """

    file: str
    text: str
    tables: Mapping[str, object]

    def error(self, code: ProfileErrorCode, path: KeyPath, message: str) -> ProfileError:
        """Return the error for the value at a key path. The lines are sought only now: sound files need none."""
        return ProfileError(code, self.file, line_of(key_lines(self.text), path), key_text(path), message)


def read_document(source: Path | Traversable, file: str) -> Document:
    """Read and parse a file of the user's, or one that is shipped in the package.

    Args:
        source: Where to read.
        file: The name to print in messages.

    Raises:
        ProfileError: `profile-unreadable` or `profile-syntax`.
    """
    try:
        # Editors on Windows may put a byte order mark first, which TOML itself does not know.
        text = source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
    return Document(file, text, _parse(text, file))


def _unreadable(file: str, reason: str) -> ProfileError:
    return ProfileError(ProfileErrorCode.UNREADABLE, file, None, "", f"cannot be read: {reason}")


def _parse(text: str, file: str) -> Mapping[str, object]:
    try:
        tables = tomllib.loads(text)
    except RecursionError as error:
        raise _too_deep(file) from error
    except ValueError as error:
        line, message = _syntax_fault(str(error), text)
        raise ProfileError(ProfileErrorCode.SYNTAX, file, line, "", message) from error
    if _is_too_deep(tables):
        raise _too_deep(file)
    return tables


def _too_deep(file: str) -> ProfileError:
    return ProfileError(ProfileErrorCode.SYNTAX, file, None, "", "nested too deeply")


def _is_too_deep(tables: Mapping[str, object]) -> bool:
    level: list[object] = [tables]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in _children(node)]
    return bool(level)


def _children(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _syntax_fault(report: str, text: str) -> tuple[int | None, str]:
    """Take the line out of what `tomllib` says; it tells it only in words before Python 3.14."""
    if match := _TOMLLIB_LINE.search(report):
        return int(match[1]), report[: match.start()]
    if report.endswith(_TOMLLIB_END):
        return max(1, len(text.splitlines())), report.removesuffix(_TOMLLIB_END)
    return None, report
