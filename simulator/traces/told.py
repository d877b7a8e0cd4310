"""A record in one line, for those who look at it with a number of its own."""

import msgspec

from simulator.report.figures import printable
from simulator.trace import Record


def told(record: Record) -> str:
    """Kind, name and details of a record; long details are cut."""
    name = f"{record.name}:" if record.kind == "transition" else record.name
    return printable(" ".join(filter(None, (record.kind, name, _details(record)))))


def _details(record: Record) -> str:
    match record.kind, record.data:
        case "transition", {"source": source, "target": target, **rest}:
            return ", ".join(filter(None, (f"{source} → {target}", _pairs(rest))))
        case "step" | "held" | "failed", {"text": text}:
            return f"“{text}”"
    return _pairs(record.data)


def _pairs(data: dict[str, object]) -> str:
    """`key: value` pairs; what is more than a word is JSON."""
    return ", ".join(f"{key}: {_value(value)}" for key, value in data.items())


def _value(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


LONGEST = 120
"""Characters of one detail that are shown."""
