"""The line of a key in a TOML file, which `tomllib` does not tell.

The scanner trusts that `tomllib` has accepted the text: it follows table headers, keys, strings and brackets
just closely enough to know which statement begins where. Keys inside inline tables and arrays are not
followed; they are found on the line of the statement that holds them.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping, Sequence

KeyPath = tuple[str | int, ...]
"""Keys from the top of the file; a number is a place in an array, counted from 0."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY_PART = re.compile(_PART)
_KEY = re.compile(rf"[ \t]*{_PART}(?:[ \t]*\.[ \t]*{_PART})*[ \t]*")
# A multi-line string may end in up to two quotes of its own before the closing three.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_COMMENT = re.compile(r"#[^\n]*")
_PLAIN = re.compile(r"""[^"'#\[\]{}\n]+""")


def key_text(path: KeyPath) -> str:
    """Write a key path as TOML writes it: dots between keys, quotes where needed, `[0]` for a place in an array."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _BARE_KEY.fullmatch(step) else f'"{step}"')
    return text


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of a key, or of the nearest table around it that has one; 1 for the whole file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, counted from 1, of every table header and every key that begins a statement.

    A table that is only implied (`a` in `[a.b]`) has the line of the first key that implies it.

    Args:
        text: Valid TOML; for anything else the result means nothing.
    """
    return _Scanner(text).scan()


class _Scanner:
    """One walk over the text, statement by statement."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._table: KeyPath = ()
        self._explicit: dict[KeyPath, int] = {}
        self._implied: dict[KeyPath, int] = {}
        self._array_lengths: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        self._take(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                self._header()
            else:
                self._key_and_value()
            self._take(_BLANK)
        return self._implied | self._explicit

    def _header(self) -> None:
        line = self._line()
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        parts = self._key()
        self._at += 2 if is_array else 1
        self._table = self._append(parts) if is_array else self._resolved(parts)
        self._note(self._table, line)

    def _key_and_value(self) -> None:
        line = self._line()
        parts = self._key()
        self._at += len("=")
        self._value()
        self._note((*self._table, *parts), line)

    def _key(self) -> Sequence[str]:
        return [_unquoted(part) for part in _KEY_PART.findall(self._take(_KEY))]

    def _value(self) -> None:
        """Go to the end of the statement: the first line end outside of strings and brackets."""
        depth = 0
        while self._at < len(self._text):
            if any(self._take(pattern) for pattern in (_STRING, _COMMENT, _PLAIN)):
                continue
            sign = self._text[self._at]
            if sign == "\n" and depth == 0:
                return
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
            self._at += 1

    def _resolved(self, parts: Sequence[str]) -> KeyPath:
        """Where a header names an array of tables, it means the last table in it."""
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            if path in self._array_lengths:
                path = (*path, self._array_lengths[path] - 1)
        return path

    def _append(self, parts: Sequence[str]) -> KeyPath:
        array = (*self._resolved(parts[:-1]), parts[-1])
        place = self._array_lengths.get(array, 0)
        self._array_lengths[array] = place + 1
        return (*array, place)

    def _note(self, path: KeyPath, line: int) -> None:
        self._explicit[path] = line
        for length in range(1, len(path)):
            self._implied.setdefault(path[:length], line)

    def _line(self) -> int:
        return bisect_left(self._newlines, self._at) + 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        taken = match[0] if match else ""
        self._at += len(taken)
        return taken


def _unquoted(part: str) -> str:
    """Let `tomllib` undo quotes and escapes, so that both read a key alike."""
    if part[0] not in "\"'":
        return part
    value: str = tomllib.loads(f"key = {part}")["key"]
    return value
