"""What `let` can give a name to: what an expectation looks at, a detail of a part, the time, a pairing code."""

from typing import get_type_hints

from simulator.scenario.model import Expect, Part
from simulator.scenario.words import instead_of, nearest

DETAILS = ("package", "order", "service", "setting", "updates", "device", "centre")
"""Parts of which single details can be asked for."""
TIME, PAIRING_CODE = "time", "pairing_code"
_NOT_PLAIN = (*DETAILS, "used", "message")
PLAIN = (TIME, PAIRING_CODE, *(name for name in Expect.__struct_fields__ if name not in _NOT_PLAIN))
"""What has one value."""


def fault_of_capture(what: str) -> str | None:
    """Why nothing could be found there, if so."""
    if what in PLAIN:
        return None
    part, _, rest = what.partition(".")
    if part not in DETAILS:
        known = (*PLAIN, *DETAILS)
        return f"{what!r} is nothing that can be captured{instead_of(part, known)}"
    of, _, detail = rest.rpartition(".")
    known = details_of(part)
    if detail not in known:
        form = f"{part}.{detail}" if part == "centre" else f"{part}.NAME.DETAIL"
        return f"a detail is expected, as in {form}{nearest(detail, known)}; there are: {', '.join(known)}"
    return (
        None
        if bool(of) is (part != "centre")
        else f"{part}.{'DETAIL' if part == 'centre' else 'NAME.DETAIL'} is expected"
    )


def details_of(part: str) -> tuple[str, ...]:
    """What is known of a part."""
    hint = str(get_type_hints(Expect)[part])
    kind = next(kind for kind in Part.__subclasses__() if f".{kind.__name__} " in f"{hint} ")
    return kind.__struct_fields__
