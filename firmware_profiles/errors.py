"""What can be wrong with a profile or a VIN, and where: stable codes and a place."""

from enum import StrEnum


class ProfileErrorCode(StrEnum):
    """Stable codes of `ProfileError`; a front end may map them to exit statuses or help pages."""

    UNKNOWN = "profile-unknown"
    """No shipped profile bears this name, or none stands for such a car."""
    AMBIGUOUS = "profile-ambiguous"
    """Line and model year fit more than one profile."""
    ASSUMPTION_UNKNOWN = "assumption-unknown"
    """There is no such point of dispute, or no such reading of it."""
    UNREADABLE = "profile-unreadable"
    """The file cannot be opened, or is not UTF-8 text."""
    SYNTAX = "profile-syntax"
    """The file is not TOML."""
    INVALID = "profile-invalid"
    """A key is unknown or missing, a value has the wrong type, or two values contradict each other."""
    SOURCE_MISSING = "profile-source-missing"
    """A value names neither a source nor an assumption, or both."""


class ProfileError(Exception):
    """A profile, country or label file that cannot be used.

    It reads like a compiler's message, so that editors can jump to the place::

        my.toml:12: data.roaming: expected one of 'automatic', 'switch', got 'on' [profile-invalid]

    Attributes:
        code: What kind of fault it is.
        file: The file as the user named it; the bare file name for a shipped one.
        line: The line, counted from 1, or None where the fault has no line.
        key: The dotted key path, or "" where the fault concerns the whole file.
        message: What was expected and what was found.
    """

    def __init__(self, code: ProfileErrorCode, file: str, line: int | None, key: str, message: str) -> None:
        """Take the fault and its place; see the attributes of the class."""
        super().__init__(code, file, line, key, message)
        self.code = code
        self.file = file
        self.line = line
        self.key = key
        self.message = message

    def __str__(self) -> str:
        """Return `file:line: key: message [code]`, leaving out what is not known."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part) + f" [{self.code}]"


class VinError(Exception):
    """A text that is no vehicle identification number, or none for this market.

    Attributes:
        code: Always `vin-invalid`.
        vin: The text.
        position: The character at fault, counted from 1 as ISO 3779 does; None where the length is wrong.
        reason: What was expected there and what was found.
    """

    code = "vin-invalid"

    def __init__(self, vin: str, position: int | None, reason: str) -> None:
        """Take the fault and its place; see the attributes of the class."""
        super().__init__(vin, position, reason)
        self.vin = vin
        self.position = position
        self.reason = reason

    def __str__(self) -> str:
        """Return the sentence with the place and the code."""
        place = "" if self.position is None else f"position {self.position}: "
        return f"{self.vin!r} is no VIN: {place}{self.reason} [{self.code}]"
