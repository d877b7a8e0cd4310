"""Reads scenario files; what is wrong with one is said with file, line and key."""

import re
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import replace
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from firmware_profiles import ProfileError, ProfileErrorCode, VinError, check_vin, load_countries
from pcm_agent.errors import LocalError
from simulator.choice import equipment_of
from simulator.scenario.model import CarPart, Scenario, Step, given
from simulator.scenario.words import nearest, unknown_words

SUFFIX = ".pcm.yaml"


class Place(NamedTuple):
    """Where something stands in a file, counted from 1."""

    line: int
    column: int


class ScenarioError(LocalError):
    """A scenario file that can't be run.

    Args:
        file: as the caller named it.
        place: line and column, counted from 1; None where the file as a whole is meant.
        key: path of the key, such as `steps[3].do.ignition`; the message calls that `step 4: do.ignition`.
        message: what is wrong and what is expected.
    """

    def __init__(self, code: str, file: str, place: "Place | None", key: str, message: str) -> None:
        where = ":".join(map(str, (file, *(place or ()))))
        super().__init__(code, ": ".join(part for part in (where, _counted(key), message) if part))
        self.file, self.key = file, key
        self.line = place.line if place else None
        self.column = place.column if place else None


def _counted(key: str) -> str:
    """A key as people read it: steps are counted from 1, as in reports."""
    step = re.match(r"steps\[(\d+)\]\.?", key)
    return ": ".join(filter(None, (f"step {int(step[1]) + 1}", key[step.end() :]))) if step else key


class LoadedScenario(msgspec.Struct, frozen=True):
    """A scenario, and where its steps stand."""

    scenario: Scenario
    file: str
    lines: tuple[int, ...]
    """The line of each step, counted from 1."""


def shipped_scenarios() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    folder = resources.files("simulator") / "scenarios"
    return tuple(sorted(item.name.removesuffix(SUFFIX) for item in folder.iterdir() if item.name.endswith(SUFFIX)))


def load_scenario(name_or_path: str) -> LoadedScenario:
    """A shipped scenario by name, or one of the user's by path.

    Raises:
        ScenarioError: `scenario-unknown`, `scenario-unreadable`, `scenario-syntax`, `scenario-invalid`.
    """
    if name_or_path in shipped_scenarios():
        text = (resources.files("simulator") / "scenarios" / f"{name_or_path}{SUFFIX}").read_text("utf-8")
        return parse_scenario(text, f"{name_or_path}{SUFFIX}")
    path = Path(name_or_path)
    if not path.exists():
        hint = nearest(name_or_path, shipped_scenarios())
        known = ", ".join(shipped_scenarios())
        raise ScenarioError("scenario-unknown", name_or_path, None, "", f"no such file{hint}; shipped are: {known}")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError("scenario-unreadable", name_or_path, None, "", str(error)) from error
    return parse_scenario(text, name_or_path)


def parse_scenario(text: str, file: str) -> LoadedScenario:
    """The scenario in a text.

    Raises:
        ScenarioError: as `load_scenario`.
    """
    try:
        node, plain = _parse_yaml(text, file)
        places = _Places(node)
        scenario = msgspec.convert(plain, Scenario)
    except msgspec.ValidationError as error:
        raise _invalid(error, file, places) from error
    except RecursionError:
        raise ScenarioError("scenario-syntax", file, None, "", "nested too deeply, or in itself") from None
    scenario = _seen_from_here(scenario, Path(file).parent)
    _check_steps(scenario, file, places)
    _check_car(scenario, file, places)
    _check_words(scenario, file, places)
    steps = tuple(places.of(f"steps[{index}]").line for index in range(len(scenario.steps)))
    return LoadedScenario(scenario, file, steps)


def _parse_yaml(text: str, file: str) -> tuple[Node | None, Any]:
    """The nodes, which know their lines, and the plain values, which nobody has checked yet."""
    try:
        return YAML().compose(StringIO(text)), YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        place = _place(error.problem_mark) if error.problem_mark else None
        raise ScenarioError("scenario-syntax", file, place, "", str(error.problem)) from error
    except YAMLError as error:  # a character that YAML does not allow
        before = text[: getattr(error, "position", 0)]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise ScenarioError("scenario-syntax", file, place, "", str(error).partition("\n")[0]) from error


def _invalid(error: msgspec.ValidationError, file: str, places: "_Places") -> ScenarioError:
    key, message = explained(error, Scenario)
    return ScenarioError("scenario-invalid", file, places.of(key), key, message)


def explained(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> tuple[str, str]:
    """The key at fault below `kind`, and what is wrong with it: msgspec's words, or what would be allowed there."""
    message, _, path = str(error).partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown:
        allowed = [field.name for field in msgspec.structs.fields(_struct_in(_hint(key, kind)) or kind)]
        return f"{key}.{unknown[1]}".lstrip("."), f"unknown key; allowed here are: {', '.join(allowed)}"
    hint = _hint(key, kind)
    if "enum value" in message and (values := _literals(hint)):
        return key, f"{message.partition(' enum value ')[2]} is none of {', '.join(values)}"
    if "matching regex" in message and (examples := _description(hint)):
        return key, f"not of the form that is expected here: {examples}"
    in_quotes = " (write it in quotes)" if "`str" in message and message.endswith("got `int`") else ""
    return key, message + in_quotes


def _hint(key: str, kind: type[msgspec.Struct]) -> object:
    """The type that a struct's field has, by its dotted key."""
    hint: object = kind
    for name in filter(None, re.sub(r"\[[^\]]*\]", "", key).split(".")):
        hint = get_type_hints(_struct_in(hint) or kind, include_extras=True)[name]
    return hint


def _literals(hint: object) -> list[str]:
    """The values of the literals in a type hint."""
    if get_origin(hint) is Literal:
        return [str(value) for value in get_args(hint)]
    return [value for part in get_args(hint) for value in _literals(part)]


def _description(hint: object) -> str:
    """What the schema says of a type, however it is wrapped."""
    own = next((meta.description for meta in getattr(hint, "__metadata__", ()) if meta.description), "")
    return own or next((found for part in get_args(hint) if (found := _description(part))), "")


def _struct_in(hint: object) -> type | None:
    """The struct that a type hint speaks of, however it is wrapped."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((found for part in get_args(hint) if (found := _struct_in(part))), None)


def _seen_from_here(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario with its profile's path as it is from here: it is written as seen from the scenario's folder."""
    car = scenario.car
    return replace(scenario, car=replace(car, profile=car.choice.seen_from(folder).profile))


def _check_steps(scenario: Scenario, file: str, places: "_Places") -> None:
    for index, step in enumerate(scenario.steps):
        problem = _problem(step)
        if problem:
            key = f"steps[{index}]{problem[0]}"
            raise ScenarioError("scenario-invalid", file, places.of(key), key, problem[1])


def _problem(step: Step) -> tuple[str, str] | None:
    """Key within the step and what is wrong with it, or None."""
    parts = {name: part for name in ("do", "expect", "never") if (part := getattr(step, name)) is not None}
    rules: tuple[tuple[bool, str, str], ...] = (
        (len(parts) > 1, "", "a step has one of do, expect and never"),
        (not parts and step.say is None, "", "a step has one of say, do, expect and never"),
        (step.do is not None and len(given(step.do)) != 1, ".do", "exactly one thing is done in a step"),
        (step.expect is not None and not given(step.expect), ".expect", "something must be expected"),
        (step.never is not None and not given(step.never), ".never", "something must be named"),
        (step.within is not None and step.expect is None, ".within", "within stands with expect"),
        ((step.during is None) is not (step.never is None), "", "never and during stand together"),
    )
    return next(((key, message) for wrong, key, message in rules if wrong), None)


def _check_car(scenario: Scenario, file: str, places: "_Places") -> None:
    problem = _problem_of_car(scenario.car)
    if problem:
        key, message = problem
        raise ScenarioError("scenario-invalid", file, places.of(key), key, message)


def _problem_of_car(car: CarPart) -> tuple[str, str] | None:
    """Key and what is wrong with it, or None."""
    try:
        car.choice.resolve()
    except ProfileError as error:
        return _key_of(error, car), str(error)
    except LocalError as error:
        return "car", error.message
    known = load_countries()
    if car.country not in known:
        return "car.country", f"unknown country; known are: {', '.join(sorted(known))}"
    if car.vin is not None:
        try:
            check_vin(car.vin, known[car.country])
        except VinError as error:
            return "car.vin", str(error)
    try:
        equipment_of(car.choice.resolve(), car.equipment)
    except LocalError as error:
        return "car.equipment", error.message
    return None


def _key_of(error: ProfileError, car: CarPart) -> str:
    """The key that a car could not be found by."""
    if error.code is ProfileErrorCode.ASSUMPTION_UNKNOWN:
        return f"car.assume.{error.file.partition('=')[0]}"
    if car.profile is not None:
        return "car.profile"
    return "car.line" if error.file == car.line else "car.model_year"


def _check_words(scenario: Scenario, file: str, places: "_Places") -> None:
    """Countries, texts and codes that nobody knows: an expectation of one could never hold."""
    for index, step in enumerate(scenario.steps):
        for key, message in unknown_words(step):
            path = f"steps[{index}].{key}"
            raise ScenarioError("scenario-invalid", file, places.of(path), path, message)


class _Places:
    """Where each key stands, and each item of a list, from the composed YAML nodes."""

    def __init__(self, root: Node | None) -> None:
        self._places: dict[str, Place] = {}
        if root is not None:
            self._walk(root, "")

    def of(self, key: str) -> Place:
        """The place of a key, or of the nearest one above it."""
        while key:
            if key in self._places:
                return self._places[key]
            key = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", key)
        return self._places.get("", Place(1, 1))

    def _walk(self, node: Node, key: str) -> None:
        self._places.setdefault(key, _place(node.start_mark))
        if isinstance(node, MappingNode):
            for name, value in node.value:
                path = f"{key}.{name.value}".lstrip(".")
                self._places[path] = _place(name.start_mark)
                self._walk(value, path)
        elif isinstance(node, SequenceNode):
            for index, value in enumerate(node.value):
                self._walk(value, f"{key}[{index}]")


def _place(mark: StreamMark) -> Place:
    return Place(mark.line + 1, mark.column + 1)
