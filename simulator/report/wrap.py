"""Line breaks for texts that mix words with scripts that write none, such as Japanese."""

import re

from rich.cells import cell_len

_STOPS = r"[!),.:;?\]%\u2026\u3001\u3002\u300d\u300f\u30fb\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff5d]*"
_OPENING = r"[\u300c\u300e\uff08\uff5b]*"
_UNITS = re.compile(rf"\s+|[\d.]+ (?:[kM]?B|%)|{_OPENING}(?:[!-~\u00a1-\u1fff]+|.){_STOPS}", re.DOTALL)
"""What is not broken: blanks, a size with its unit, a word or any other letter with the marks around it."""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` terminal cells; at least one line.

    Words stay whole where they fit on a line; wide letters may be parted anywhere but before a stop.
    """
    lines = [""]
    for unit in _UNITS.findall(text):
        if cell_len(lines[-1]) + cell_len(unit.rstrip()) <= width:
            lines[-1] += unit
            continue
        lines.append("")
        for letter in unit.lstrip():
            if cell_len(lines[-1]) + cell_len(letter) > width:
                lines.append("")
            lines[-1] += letter
    return [line.rstrip() for line in lines]
