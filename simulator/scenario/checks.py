"""What the types of a scenario cannot say: which parts of a step go together, and which cars there are."""

from collections.abc import Iterator, Mapping
from typing import Any

from firmware_profiles import Profile, ProfileError, ProfileErrorCode, VinError, check_vin, load_countries
from pcm_agent.errors import LocalError
from simulator.choice import equipment_of
from simulator.scenario.model import CarPart
from simulator.scenario.typed import Fault, convert_all
from simulator.scenario.words import instead_of, nearest

PARTS = ("do", "expect", "never", "let", "include", "repeat", "parallel")
"""What a step is; exactly one of them, or words alone."""


def fault_of_step(plain: Mapping[str, Any]) -> Fault | None:
    """What is wrong with the parts of a step, if anything is."""
    there = {name for name, part in plain.items() if part is not None}
    parts = [name for name in PARTS if name in there]
    empty = {name for name in ("expect", "never", "until", "while", "let") if plain.get(name) == {}}
    ends = there & {"during", "while"}
    rules: tuple[tuple[bool, str, str], ...] = (
        (len(parts) > 1, "", f"a step has one of {_listed(PARTS)}"),
        (not parts and "say" not in there, "", f"a step has one of say, {_listed(PARTS)}"),
        (isinstance(plain.get("do"), dict) and len(plain["do"]) != 1, "do", "exactly one thing is done in a step"),
        ("expect" in empty, "expect", "something must be expected"),
        (bool(empty - {"expect"}), next(iter(sorted(empty)), ""), "something must be named"),
        ("within" in there and not there & {"expect", "while"}, "within", "within stands with expect, or with while"),
        ("until" in there and "expect" not in there, "until", "until stands with expect"),
        ("never" in there and len(ends) != 1, "", "never stands together with either during or while"),
        ("never" not in there and bool(ends), "", "during and while stand together with never"),
    )
    return next((Fault(key, message) for wrong, key, message in rules if wrong), None)


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def fault_of_name(name: object, cars: Mapping[str, object]) -> Fault | None:
    """A step's car that there is none of."""
    if name is None or name in cars or not isinstance(name, str):
        return None
    there = f"; there are: {', '.join(cars)}" if cars else ""
    return Fault("car", f"no car is called {name!r}{nearest(name, cars)}{there}")


def faults_of_car(car: CarPart) -> Iterator[Fault]:
    """What is wrong with a car."""
    try:
        profile = car.choice.resolve()
    except ProfileError as error:
        yield Fault(_key_of(error, car), str(error))
    except LocalError as error:
        yield Fault("", error.message)
    else:
        yield from _faults_of_equipment(car, profile)
    yield from _faults_of_market(car)


def _faults_of_equipment(car: CarPart, profile: Profile) -> Iterator[Fault]:
    try:
        equipment_of(profile, car.equipment)
    except LocalError as error:
        yield Fault("equipment", error.message)


def _faults_of_market(car: CarPart) -> Iterator[Fault]:
    known = load_countries()
    if car.country not in known:
        yield Fault("country", f"unknown country{instead_of(car.country, sorted(known), 'docs/profiles.md')}")
    elif car.vin is not None:
        try:
            check_vin(car.vin, known[car.country])
        except VinError as error:
            yield Fault("vin", str(error))


def faults_of_choice(plain: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with which car it is, where something else is wrong with it besides."""
    choice = {name: plain[name] for name in ("profile", "line", "model_year", "assume") if name in plain}
    part, faults = convert_all({**choice, "country": next(iter(load_countries()))}, CarPart)
    if part is not None and not faults:
        yield from faults_of_car(part)


def _key_of(error: ProfileError, car: CarPart) -> str:
    """The key that a car could not be found by."""
    if error.code is ProfileErrorCode.ASSUMPTION_UNKNOWN:
        return f"assume.{error.file.partition('=')[0]}"
    if car.profile is not None:
        return "profile"
    return "line" if error.file == car.line else "model_year"
