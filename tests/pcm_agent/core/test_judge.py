"""The judge of the lives is worth something: they come to all that it speaks of, and it notices what is broken."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from firmware_profiles import profile_names
from tests.pcm_agent.core.lives.bugs import BUGS, Bug
from tests.pcm_agent.core.lives.laws import BrokenError, Law
from tests.pcm_agent.core.lives.moves import busy

ENOUGH = 80
"""So many lives come to everything, and find any of the bugs."""
REACHED = {
    "a look", "a look refused", "a look given up", "withdrawn by a list", "active and no longer listed",
    "to be confirmed", "an older version refused", "done from afar", "a download begun",
    "a download completed", "an installation", "an activation", "a removal", "a map loaded", "private mode",
    "private mode while linked", "private mode over a package", "a call over the inserted SIM",
    "data beside a call over the inserted SIM", "a guest refused", "no right", "data over the hotspot",
    "data over the inserted SIM", "roaming", "a charge for roaming", "a link", "two users", "a factory reset",
    "a delta", "a delta of no use", "a demand blocks", "a demand is unknown", "an installation on demand",
    "a tap in the menus",
    "data for passengers", "a month's end", "a command repeated",
}  # fmt: skip


RARELY = {
    "the_pause_outlasts_the_link_that_broke_off": ("718", 5),
    "a_function_is_installed_while_somebody_sits_in_the_car": ("911-gen8", 4),
}
"""Bugs that few of these lives notice, and the first that does: it is lived before the others."""


def first_lives() -> Iterator[tuple[str, int]]:
    """One of each car, then another of each."""
    for seed, profile in list(product(range(ENOUGH), profile_names()[::-1]))[:ENOUGH]:
        yield profile, seed


@pytest.mark.slow
def test_lives_come_to_all_that_the_laws_speak_of() -> None:
    """Else they would hold of nothing."""
    reached: Counter[str] = Counter()
    for profile, seed in first_lives():
        reached.update(busy(profile, seed).judge.reached)
        if reached.keys() >= REACHED:
            break
    assert REACHED - reached.keys() == set()


@pytest.mark.slow
@pytest.mark.parametrize(("law", "bug"), [pytest.param(law, bug, id=bug.__name__) for law, bug in BUGS])
def test_a_law_that_is_broken_is_noticed(monkeypatch: pytest.MonkeyPatch, law: Law, bug: Bug) -> None:
    bug(monkeypatch)
    noticed: Counter[Law] = Counter()
    known = RARELY.get(bug.__name__)
    for profile, seed in (*([known] if known else []), *first_lives()):
        try:
            busy(profile, seed)
        except BrokenError as broken:
            noticed[broken.law] += 1
        if noticed[law]:
            return
    pytest.fail(f"no life noticed; other laws broken: {noticed}")


def test_every_bug_that_is_noticed_rarely_is_one() -> None:
    assert RARELY.keys() <= {bug.__name__ for _, bug in BUGS}


def test_every_law_can_be_broken() -> None:
    assert {law for law, _ in BUGS} == set(Law)
