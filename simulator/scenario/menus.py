"""Ways through the menus as people write them: by what the entries say, in any language of the PCM.

    read_way(profile, ("Settings", "Device manager", "Options", "Mobile data", "Roaming")).path

Capitals, widths and spaces make no difference, and an entry may be named by its id as well.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from firmware_profiles import Profile, load_labels
from pcm_agent.core.events import MenuTapped
from pcm_agent.core.menu import walk
from pcm_agent.protocol.secret import Secret
from pcm_agent.texts import LANGUAGES
from simulator.scenario.model import MenuTap, MenuWay

DEFAULT = "en"


class Way(NamedTuple):
    """A way as label ids. Where it leaves the car's menus, `problem` says where and what there is instead."""

    path: tuple[str, ...]
    problem: str = ""


def way_of(tap: MenuTap) -> MenuWay:
    """The labels that a step names."""
    return tap.path if not isinstance(tap, tuple) else tap


def menu_event(profile: Profile, tap: MenuTap, *, code: str | None = None) -> MenuTapped:
    """What a step's tap is to a car; a way that leaves the menus is left to the PCM to refuse.

    Args:
        profile: of the car.
        tap: the step's.
        code: typed in place of what the step says.
    """
    typed = () if isinstance(tap, tuple) else (tap.enter,) if isinstance(tap.enter, str) else tap.enter
    return MenuTapped(read_way(profile, way_of(tap)).path, tuple(map(Secret, typed if code is None else (code,))))


def read_way(profile: Profile, words: Sequence[str]) -> Way:
    """The way that somebody means by these labels, on this car."""
    path: tuple[str, ...] = ()
    for word in words:
        entries = walk(profile, path).entries
        label = next((entry for entry in entries if _same(word) in _sayings(entry)), None)
        if label is None:
            rest = tuple(map(_any_label, words[len(path) :]))
            return Way(path + rest, _problem(word, path, entries, _language(words[: len(path)], path)))
        path += (label,)
    return Way(path)


def _problem(word: str, path: tuple[str, ...], entries: tuple[str, ...], language: str) -> str:
    place = f"under {_said(path, language, ' > ')}" if path else "at the top of the menus"
    there = f"there is: {_said(entries, language, ', ')}" if entries else "the way ends there"
    return f"there is no {word!r} {place}; {there}"


def _said(labels: Iterable[str], language: str, between: str) -> str:
    known = load_labels()
    return between.join(known[label].in_(language) for label in labels)


def _language(words: Sequence[str], path: tuple[str, ...]) -> str:
    """The language in which the entries were named so far."""
    labels = load_labels()
    fits = [
        language
        for language in (DEFAULT, *LANGUAGES)
        if all(_same(word) == _same(labels[label].in_(language)) for word, label in zip(words, path, strict=True))
    ]
    return fits[0] if fits else DEFAULT


def _same(text: str) -> str:
    """One form for all ways of writing that make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _sayings(label: str) -> frozenset[str]:
    return frozenset([_same(label), *(_same(load_labels()[label].in_(language)) for language in LANGUAGES)])


def _any_label(word: str) -> str:
    """The id of a label that is called so on some car, else the word itself."""
    return next((label for label in load_labels() if _same(word) in _sayings(label)), word)
