"""What may stand at a key, and what it means: times, sizes, prices, names."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

Duration = Annotated[
    str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]+)? ?(ms|s|min|h|d)$", description="such as 500 ms, 30 s, 10 min, 2 h, 28 d")
]
_SIZE = "[1-9][0-9]{0,8} ?B|[1-9][0-9]{0,5} ?kB|[1-9][0-9]{0,2} ?MB"
Size = Annotated[str, Meta(pattern=f"^({_SIZE})$", description="such as 300 B, 64 kB, 40 MB; decimal, below 1 GB")]
SizeOrNothing = Annotated[
    str, Meta(pattern=f"^(nothing|{_SIZE})$", description="such as 300 B, 64 kB, 40 MB; or nothing")
]
Rate = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,5} ?[kM]bit/s$", description="such as 8 kbit/s, 2 Mbit/s; decimal")]
Latency = Annotated[
    str, Meta(pattern=r"^([1-9][0-9]{0,2} ?ms|([1-3](\.[0-9])?|4) ?s)$", description="such as 300 ms, 2 s; 4 s at most")
]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, such as JP")]
PorscheId = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="an e-mail address")]
FunctionName = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=64, description="small letters, digits, dots and hyphens")
]
Sum = Annotated[
    str, Meta(pattern=r"^(nothing|[0-9]{1,12}\.[0-9]{2} [A-Z]{3})$", description="such as 59.70 EUR; or nothing")
]
Requirement = Annotated[str, Meta(pattern="^[A-Z]{3}-[0-9]{2}$", description="such as CON-01")]
Name = Annotated[
    str, Meta(pattern="^[a-z][a-z0-9_-]{0,39}$", description="small letters, digits, hyphens and underscores")
]
Vin = Annotated[
    str, Meta(description="ISO 3779", extra_json_schema={"pattern": "^[A-HJ-NPR-Z0-9]{17}$"})
]  # what is wrong with one, and where, is said by `check_vin` better than by a pattern
Switch = Literal["on", "off"]
SettingName = Literal["favourites", "radio-stations", "weather", "seats", "climate"]
WayName = Literal["embedded-sim", "inserted-sim", "hotspot"]
SomeWayName = Literal[WayName, "all"]
CodePlaceName = Literal["start-page", "detail-view", "connect-app", "my-porsche-app"]
UseName = Literal["traffic", "navigation", "music", "weather", "passengers", "package", "map-update"]
"""What may be said to use data; a look uses it by itself."""
PurposeName = Literal[UseName, "metadata"]
SelectorPosition = Literal["P", "R", "N", "D"]
PackageStateName = Literal[
    "offered", "consented", "downloading", "paused", "staged", "waiting", "activating", "verifying", "active",
    "cancelling", "cancelled", "expired", "rolled-back", "failed", "removing", "removed",
]  # fmt: skip

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 1000, "MB": 1_000_000}
_BITS_PER_SECOND = {"kbit/s": 1e3, "Mbit/s": 1e6}


def duration(text: Duration) -> timedelta:
    """`10 min` as a timedelta."""
    number, unit = _number_and_unit(text)
    return timedelta(seconds=float(number) * _UNITS[unit])


def size(text: Size) -> int:
    """`40 MB` in bytes."""
    number, unit = _number_and_unit(text)
    return int(number) * _BYTES[unit]


def bits_per_second(text: Rate) -> float:
    """`64 kbit/s` in bits a second."""
    number, unit = _number_and_unit(text)
    return float(number) * _BITS_PER_SECOND[unit]


def price(text: str) -> tuple[int, str]:
    """`249.00 EUR` in cents, and the currency."""
    amount, currency = text.split()
    return int(amount.replace(".", "")), currency


def _number_and_unit(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([0-9.]+) ?([a-zA-Z/]+)", text)
    if match is None:
        raise ValueError(text)
    return match[1], match[2]
