"""What every stable code means, who meets it, and what to do about it: `errors.toml`, and what is written from it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import get_args

from msgspec import Struct, toml

from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import LinkRefusal
from pcm_agent.texts import LANGUAGES, outline, text_ids
from simulator.scenario.words import nearest

ANSWERS = frozenset(get_args(LinkRefusal))
"""Why the backend does not link a car; the driver reads `account-CODE`."""


class Who(StrEnum):
    """Who meets a code."""

    DRIVER = "driver"
    PEER = "peer"
    ENGINEER = "engineer"


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the file about one code."""

    means: str
    do: str
    rule: tuple[str, ...] = ()


class _Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Codes that stand in one table."""

    title: str
    who: Who
    codes: dict[str, _Line]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    group: tuple[_Group, ...]


class Meaning(Struct, frozen=True):
    """What one code means.

    Attributes:
        code: the code.
        who: who meets it first; a code that the driver reads may reach engineers and peers too.
        group: title of the group that it belongs to.
        means: what happened, in one sentence.
        do: what to do about it, in one sentence.
        rule: rows of the requirements, or clauses of a standard.
    """

    code: str
    who: Who
    group: str
    means: str
    do: str
    rule: tuple[str, ...]

    def sentences(self, language: str) -> tuple[str, ...]:
        """What the driver reads, if the driver reads anything; an ellipsis stands for what changes.

        Raises:
            LocalError: `language-unknown`.
        """
        texts = [f"refused-{self.code}", f"blocked-{self.code}", f"cause-{self.code}"]
        texts += [f"account-{self.code}"] * (self.code in ANSWERS)
        return tuple([outline(language, text) for text in texts if text in text_ids(language)])


@cache
def meanings() -> Mapping[str, Meaning]:
    """All codes, in the order of the file."""
    content = toml.decode(files(__name__).joinpath("errors.toml").read_bytes(), type=_File)
    return {
        code: Meaning(code, group.who, group.title, line.means, line.do, line.rule)
        for group in content.group
        for code, line in group.codes.items()
    }


def meaning(code: str) -> Meaning:
    """What a code means.

    Raises:
        LocalError: `code-unknown`, with the nearest one that there is.
    """
    known = meanings()
    if code not in known:
        hint = nearest(code, known) or "; `pcm-sim errors` lists all"
        raise LocalError("code-unknown", f"there is no code {code!r}{hint}")
    return known[code]


def groups() -> Iterator[tuple[str, tuple[Meaning, ...]]]:
    """The titles of the groups in the order of the file, with their codes."""
    for title in dict.fromkeys(it.group for it in meanings().values()):
        yield title, tuple([it for it in meanings().values() if it.group == title])


def as_json(it: Meaning) -> dict[str, object]:
    """One code for a program."""
    said = {language: it.sentences(language) for language in LANGUAGES} if it.who is Who.DRIVER else {}
    return {
        "code": it.code,
        "who": it.who,
        "group": it.group,
        "means": it.means,
        "do": it.do,
        "rule": it.rule,
        "sentences": said,
    }
