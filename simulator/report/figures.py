"""Sizes, durations, dates and texts in a form for people."""

from datetime import datetime, timedelta


def printable(text: object) -> str:
    """Without characters that could steer a terminal or break an XML file."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(text))


def size(count: int) -> str:
    """A number of bytes for people, in powers of ten."""
    for limit, unit in ((1_000_000, "MB"), (1_000, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return f"{count} B"


def span(duration: timedelta) -> str:
    """A duration in the two units that matter: `28 d`, `1 h 20 min`, `10 min`, `4.2 s`."""
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    parts, rest = [], round(seconds)
    for length, unit in units:
        count, rest = divmod(rest, length)
        parts.append((count, unit))
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def short_day(instant: datetime) -> str:
    """A date as short as one can read it: `2 Mar 2026`."""
    return f"{instant.day} {_MONTHS[instant.month - 1][:3]} {instant.year}"


def clock(instant: datetime, begun: datetime) -> str:
    """A time (UTC), with the date where that is not the one on which it began."""
    told = f"{instant:%H:%M:%S}"
    return (
        told
        if instant.date() == begun.date()
        else f"{short_day(instant)}, {told}".replace(" ", "\N{NO-BREAK SPACE}", 2)
    )


def day(instant: datetime) -> str:
    """A date for people; English whatever the locale says."""
    month = _MONTHS[instant.month - 1]
    weekday = ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")[instant.weekday()]
    return f"{weekday}day {instant.day} {month} {instant.year}"
