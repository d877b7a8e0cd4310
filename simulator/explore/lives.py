"""A life, made up from a seed: which car it is, and what happens to it, as a scenario."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any, TypeVar

from firmware_profiles import Country, load_countries, load_profile, profile_names
from simulator.backend.catalogue import load_catalogue
from simulator.explore import errands, faults, moves
from simulator.explore.draft import Draft

T = TypeVar("T")
LANGUAGES = ("ja", "en", "de")
USUAL = ("DE", "DE", "JP", "US", "GB", "FR", "CH")
"""Where most cars of the lives are sold; the others anywhere."""
FEWEST, MOST = 4, 12
"""So many things happen in a life, besides how it begins and ends; each is a step, or a few."""
Plain = dict[str, Any]


def life(seed: int) -> Plain:
    """What stands in the scenario file of this life; the same seed gives the same one."""
    dice = Random(f"life {seed}")
    profile = load_profile(dice.choice(profile_names()))
    market = _market(dice)
    options = [option.value for option in profile.equipment.options]
    equipment = dice.sample(options, dice.randint(0, len(options)))
    draft = Draft(dice, profile, market, _neighbour(dice, market), _functions(dice))
    _make_up(draft)
    return {
        "version": 1,
        "title": f"Life {seed}",
        "invariants": "on",
        "car": {
            "profile": profile.name,
            "country": market.code,
            "language": dice.choice(LANGUAGES),
            **({"equipment": sorted(equipment)} if equipment else {}),
        },
        "steps": draft.steps,
    }


def _make_up(draft: Draft) -> None:
    """Mostly the car is registered and linked first; what happens then is drawn, and at last all comes to rest."""
    if draft.chance(0.9):
        errands.register(draft)
    if draft.chance(0.9):
        errands.go_online(draft)
    if draft.chance(0.8):
        errands.link(draft)
    theme = _weighted(draft, errands.THEMES)
    for _ in range(draft.dice.randint(FEWEST, MOST)):
        _something(draft, theme)
    _rest(draft)


def _something(draft: Draft, theme: errands.Weighted) -> None:
    what = draft.dice.random()
    if what < 0.65:
        _weighted(draft, theme if draft.chance(0.85) else errands.ERRANDS)(draft)
    elif what < 0.8:
        for _ in range(draft.dice.randint(1, 3)):
            moves.single(draft)
    elif what < 0.9:
        (moves.pause if draft.chance(0.85) else moves.long_pause)(draft)
    elif what < 0.95:
        faults.breaks(draft)
    else:
        faults.mends(draft)


def _weighted(draft: Draft, choices: Sequence[tuple[float, T]]) -> T:
    return draft.dice.choices(choices, [weight for weight, _ in choices])[0][1]


def _rest(draft: Draft) -> None:
    """What is broken is mended, the car is online once more, and is left alone; so nothing may be left undone."""
    faults.mends_all(draft)
    draft.do("private_mode", "off")
    draft.do("ignition", "on")
    draft.do("radio", {"access": "lte", "country": draft.market.code})
    draft.do("wait", "10 min")
    if draft.chance(0.5):
        errands.park(draft)
        draft.do("wait", "15 min")


def _market(dice: Random) -> Country:
    countries = load_countries()
    return countries[dice.choice(USUAL) if dice.random() < 0.8 else dice.choice(sorted(countries))]


def _neighbour(dice: Random, market: Country) -> str:
    return dice.choice([code for code in sorted(load_countries()) if code != market.code])


@cache
def _sold() -> tuple[str, ...]:
    return tuple(sorted(load_catalogue().functions))


def _functions(dice: Random) -> tuple[str, ...]:
    """Two functions: one that every car may have, and mostly one that only some may have."""
    return tuple(dice.sample(("seat-heating", "park-assist", dice.choice(_sold())), 2))
