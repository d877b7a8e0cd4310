"""The words that a car can say at all: codes and messages.

A scenario that names another one could never hold, or never fail; it is refused before it runs.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache

from pcm_agent.core.diagram import refusal
from pcm_agent.core.regions import REGIONS
from pcm_agent.core.rules.remote import REMOTE, REMOTE_ACTIONS
from pcm_agent.texts import text_ids
from pcm_agent.trust.refusals import REFUSALS
from simulator.backend.declined import DECLINED
from simulator.scenario.messages import body_keys, topics
from simulator.scenario.model import Expect, ExpectMessage, ExpectPackage, ExpectService, Step

OFFERS = (*REFUSALS, "offer-changed", "offer-expired")
"""Why it is not believed what the repositories say, or a part of it; no table of a region holds these codes."""
IN_THE_CLUSTER = ("package-failed", "package-faulty")
"""What the instrument cluster shows while driving (FOD-08)."""
EXPIRED = "command-expired"


@cache
def refusal_codes() -> dict[str, list[str]]:
    """The codes with which a car refuses what is done in it, with the regions that do so, if it is a region."""
    codes: dict[str, list[str]] = {code: [] for code in _texts("refused-")}
    for name, region in REGIONS.items():
        for code in dict.fromkeys(map(refusal, region.rows)):
            if code is not None and name not in codes.setdefault(code, []):
                codes[code].append(name)
    return dict(sorted(codes.items()))


@cache
def remote_codes() -> tuple[str, ...]:
    """The codes with which a car refuses a command from the app."""
    conditions = [condition.code for table in (REMOTE, *REMOTE_ACTIONS.values()) for condition in table]
    return tuple(sorted(dict.fromkeys(conditions)))


@cache
def conditions() -> tuple[str, ...]:
    """All that may stand in the way of a package or a service."""
    return _texts("blocked-")


@cache
def _shown() -> frozenset[str]:
    return frozenset(text_ids("en"))


@cache
def _refused() -> tuple[str, ...]:
    return tuple(sorted({*refusal_codes(), *OFFERS, *remote_codes()}))


@cache
def _remote_replies() -> tuple[str, ...]:
    return ("done", EXPIRED, *remote_codes())


def _texts(beginning: str) -> tuple[str, ...]:
    return tuple(sorted(text.removeprefix(beginning) for text in text_ids("en") if text.startswith(beginning)))


def unknown_words(step: Step) -> Iterator[tuple[str, str]]:
    """The key of each word of a step that nobody knows, and what there is instead."""
    for name in ("radio", "insert_sim"):
        part = getattr(step.do, name, None)
        if part is not None and part.country is not None and not is_country(part.country):
            yield f"do.{name}.country", f"{part.country!r} is no country of ISO 3166-1"
    for name in ("expect", "never", "until", "while_"):
        part = getattr(step, name)
        for key, message in _unsaid(part) if part is not None else ():
            yield f"{name.rstrip('_')}.{key}", message


def _unsaid(expect: Expect) -> Iterator[tuple[str, str]]:
    """What no car ever says."""
    if expect.shown is not None and expect.shown not in _shown():
        yield "shown", f"the PCM never says {expect.shown!r}{nearest(expect.shown, _shown())}"
    if expect.cluster is not None:
        yield from _wrong("cluster", expect.cluster, IN_THE_CLUSTER, "the instrument cluster never says {}")
    if expect.refused is not None:
        yield from _wrong("refused", expect.refused, _refused(), "no car refuses anything with {}")
    if expect.declined is not None:
        yield from _wrong("declined", expect.declined, DECLINED, "My Porsche declines nothing with {}")
    if expect.attack is not None:
        yield from _wrong("attack", expect.attack, ("none", *REFUSALS), "no car reports the attack {}")
    if expect.remote_reply is not None:
        yield from _wrong("remote_reply", expect.remote_reply, _remote_replies(), "no car answers the app with {}")
    if expect.message is not None:
        yield from _unsent(expect.message)
    for name in ("package", "service"):
        part: ExpectPackage | ExpectService | None = getattr(expect, name)
        for number, code in enumerate((part.blocked_by if part else None) or ()):
            yield from _wrong(f"{name}.blocked_by[{number}]", code, conditions(), "{} is no condition")


def _unsent(message: ExpectMessage) -> Iterator[tuple[str, str]]:
    """What is in no message."""
    if message.topic not in topics():
        yield from _wrong("message.topic", message.topic, topics(), "nothing goes over {}")
        return
    for key in message.body:
        yield from _wrong(f"message.body.{key}", key, body_keys(message.topic), "{} is not in it")


def _wrong(key: str, word: str, known: Collection[str], what: str) -> Iterator[tuple[str, str]]:
    if word not in known:
        yield key, f"{what.format(repr(word))}{instead_of(word, known)}"


LISTED = 12
"""So many words are listed where one is wrong; of more, those that are near, and the page that has all."""
PAGE = "docs/scenarios.md"


def instead_of(word: str, known: Collection[str], page: str = PAGE) -> str:
    """What a wrong word may have been meant to be, and what there is."""
    return f"{nearest(word, known)}; {_there(word, known, page)}"


def _there(word: str, known: Collection[str], page: str) -> str:
    if len(known) <= LISTED:
        return f"known are: {', '.join(known)}"
    first, *others = get_close_matches(word, [*known], n=4, cutoff=0.5) or [""]
    near = f"also near: {', '.join(others)}; " if others and nearest(word, [first]) else ""
    return f"{near}all {len(known)} stand in {page}"


def listed(words: Sequence[str]) -> str:
    """A few words, or the first of many."""
    return ", ".join([*words[:LISTED], *(["…"] if len(words) > LISTED else [])])


def nearest(word: str, known: Iterable[str]) -> str:
    """A question whether the nearest known word was meant; nothing where none is near."""
    names = [*map(str, known)]
    near = get_close_matches(word, names, n=1) or _holding(word, names)
    return f"; did you mean {near[0]!r}?" if near else ""


def _holding(word: str, known: Iterable[str]) -> list[str]:
    """The only name of which a word is a whole part, as `brake` is of `parking_brake`."""
    found = [name for name in known if word in re.split("[-_]", name)]
    return found if len(found) == 1 else []


def is_country(code: str) -> bool:
    """Whether ISO 3166-1 has it."""
    return code in _territories()


@cache
def _territories() -> frozenset[str]:
    from babel import Locale

    return frozenset(Locale("en").territories)
