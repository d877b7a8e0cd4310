"""Which cars scenarios have: drawn before anything is run, each another one than those of the scenarios before."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from simulator.choice import market_of
from simulator.lab import drawn_vin
from simulator.scenario.loader import LoadedScenario
from simulator.session.options import Options


class Planned(NamedTuple):
    """A scenario, and the VINs of its cars by their names in it."""

    loaded: LoadedScenario
    vins: Mapping[str, str]


def planned(scenarios: Sequence[LoadedScenario], options: Options) -> list[Planned]:
    """The scenarios with their cars, the scenario's or drawn."""
    taken, plan = set[str](), list[Planned]()
    for loaded in scenarios:
        vins: dict[str, str] = {}
        for name, wanted in loaded.cars.items():
            vins[name] = wanted.vin or _drawn(loaded, name, options, taken | set(vins.values()))
        taken |= set(vins.values())
        plan.append(Planned(loaded, vins))
    return plan


def is_first(loaded: LoadedScenario, name: str) -> bool:
    """Whether it is the car that options are about."""
    return name == next(iter(loaded.cars))


def country_of(loaded: LoadedScenario, name: str, options: Options) -> str:
    """Code of the country where a car was sold."""
    return (options.country if is_first(loaded, name) else None) or loaded.cars[name].country


def role(loaded: LoadedScenario, *more: str) -> str:
    """What everything of a scenario is drawn for: the same one in any run."""
    return " ".join(filter(None, (loaded.scenario.title, loaded.cell, *more)))


def _drawn(loaded: LoadedScenario, name: str, options: Options, taken: Collection[str]) -> str:
    market = market_of(country_of(loaded, name, options))
    its_role = role(loaded, *([] if is_first(loaded, name) else [name]))
    return drawn_vin(options.seed, its_role, market, taken)
