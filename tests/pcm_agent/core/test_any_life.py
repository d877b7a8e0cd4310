"""Lives of any car in any country, 200 steps each, judged from the requirements alone; and that the judge can judge."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_profiles import Equipment, load_countries, profile_names
from tests.pcm_agent.core.lives.bugs import BUGS, Bug
from tests.pcm_agent.core.lives.laws import BrokenError, Law
from tests.pcm_agent.core.lives.life import Life
from tests.pcm_agent.core.lives.moves import MOVES, Move

STEPS = 200
COUNTRIES = sorted(load_countries())
Step = tuple[Move, int]
ENOUGH = 80
"""So many lives come to everything, and find any of the bugs."""
REACHED = {
    "done from afar", "a download begun", "a download completed", "an installation", "an activation", "a removal",
    "a map loaded", "private mode", "private mode while linked", "private mode over a package",
    "a call over the inserted SIM", "data beside a call over the inserted SIM", "a guest refused", "no right",
    "data over the hotspot", "data over the inserted SIM", "roaming", "a charge for roaming", "a link", "two users",
    "a factory reset", "a tap in the menus", "data for passengers", "a month's end", "a command repeated",
}  # fmt: skip


def live(life: Life, steps: Iterable[Step]) -> Life:
    for move, seed in steps:
        move(life, Random(seed))
    return life


def busy(profile: str, seed: int) -> Life:
    """A life that is the same each time."""
    dice = Random(f"{profile} {seed}")
    equipment = frozenset(option for option in Equipment if dice.random() < 0.5)
    life = Life(profile, dice.choice(COUNTRIES), equipment, embedded_sim=dice.random() < 0.8)
    return live(life, [(dice.choice(MOVES), dice.randrange(1000)) for _ in range(STEPS)])


def first_lives() -> Iterator[tuple[str, int]]:
    """One of each car, then another of each."""
    for seed, profile in list(product(range(ENOUGH), profile_names()[::-1]))[:ENOUGH]:
        yield profile, seed


@pytest.mark.requirement(
    "CON-01", "CON-03", "CON-05", "CON-08", "CON-12", "CON-15", "CON-16", "CON-27", "CON-29", "PRV-01", "PRV-02",
    "IDN-10", "IDN-13", "REM-01", "REM-03", "FOD-02", "FOD-04", "FOD-06",
)  # fmt: skip
@given(
    profile=st.sampled_from(profile_names()),
    country=st.sampled_from(COUNTRIES),
    equipment=st.frozensets(st.sampled_from(Equipment)),
    embedded_sim=st.sampled_from((True, True, True, False)),
    steps=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 999)), min_size=STEPS, max_size=STEPS),
)
def test_any_life_of_any_car_keeps_all_laws(
    *, profile: str, country: str, equipment: frozenset[Equipment], embedded_sim: bool, steps: list[Step]
) -> None:
    live(Life(profile, country, equipment, embedded_sim=embedded_sim), steps)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("profile", profile_names())
def test_a_busy_life_keeps_all_laws(profile: str, seed: int) -> None:
    """Hypothesis likes simple lives and shrinks them well; bugs like busy ones."""
    busy(profile, seed)


def test_lives_come_to_all_that_the_laws_speak_of() -> None:
    """Else they would hold of nothing."""
    reached: Counter[str] = Counter()
    for profile, seed in first_lives():
        reached.update(busy(profile, seed).judge.reached)
        if reached.keys() >= REACHED:
            break
    assert REACHED - reached.keys() == set()


@pytest.mark.parametrize(("law", "bug"), [pytest.param(law, bug, id=bug.__name__) for law, bug in BUGS])
def test_a_law_that_is_broken_is_noticed(monkeypatch: pytest.MonkeyPatch, law: Law, bug: Bug) -> None:
    bug(monkeypatch)
    noticed: Counter[Law] = Counter()
    for profile, seed in first_lives():
        try:
            busy(profile, seed)
        except BrokenError as broken:
            noticed[broken.law] += 1
        if noticed[law]:
            return
    pytest.fail(f"no life noticed; other laws broken: {noticed}")


def test_every_law_can_be_broken() -> None:
    assert {law for law, _ in BUGS} == set(Law)
