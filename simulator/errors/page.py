"""`docs/errors.md`: every code in a table, by who meets it, with what the driver reads."""

from collections.abc import Iterator, Sequence

from simulator.errors import Meaning, Who, groups
from simulator.markdown import table

HEAD = """\
# Errors, refusals and conditions

Whatever goes wrong bears a stable code: it stands in brackets at the end of a message, in the trace, in answers over
MQTT, and as `refused` and `blocked_by` in scenarios. A code is never renamed once it is released. `pcm-sim errors CODE`
says the same of one code. Written from `simulator/errors/errors.toml`; tests keep page, data and source together.
"""
PARTS = {
    Who.DRIVER: """\
## What the driver meets

What the PCM says stands in English, German and Japanese; an ellipsis is what changes. Some codes are said in more than
one way: as a refusal, in a list of what stands in the way, as the backend's answer. What to do about repositories is
for whoever keeps [them](packages.md).
""",
    Who.PEER: """\
## What car and backend tell each other

No driver reads these: they answer messages.
""",
    Who.ENGINEER: """\
## What whoever runs pcm-sim meets

On the command line, in logs and traces, or as an exception in Python.
""",
}
ON_THE_PAGE = ("en", "de", "ja")


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    for who, head in PARTS.items():
        yield head
        for group, codes in groups():
            if codes[0].who is who:
                yield f"### {group}\n"
                yield from _driver_table(codes) if who is Who.DRIVER else _table(codes)


def _driver_table(codes: Sequence[Meaning]) -> Iterator[str]:
    head = ("code", "what happened", "what to do", "what the driver reads", "rule")
    yield from table(head, [(*_row(it), _said(it), ", ".join(it.rule)) for it in codes])


def _table(codes: Sequence[Meaning]) -> Iterator[str]:
    head = ("code", "what happened", "what to do", "rule")
    yield from table(head, [(*_row(it), ", ".join(it.rule)) for it in codes])


def _row(it: Meaning) -> tuple[str, str, str]:
    return f"`{it.code}`", it.means, it.do


def _said(it: Meaning) -> str:
    return "<br>".join(" / ".join(it.sentences(language)) for language in ON_THE_PAGE)
