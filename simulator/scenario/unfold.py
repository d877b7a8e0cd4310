"""Takes a scenario's steps apart until each stands for itself: names filled in, repeats and other files spliced in.

All of this is done to plain values, before they are typed; each step keeps the place where it was written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.scenario.filling import fill, names_in
from simulator.scenario.model import Step
from simulator.scenario.places import Plain, Problem, Source
from simulator.scenario.typed import convert_all
from simulator.scenario.verdict import included
from simulator.scenario.words import nearest

MOST_STEPS = 20_000
"""More than that nobody has written on purpose."""


@dataclass(frozen=True)
class Raw:
    """One step, still plain, and where it was written."""

    plain: Plain
    source: Source
    key: str
    lanes: tuple[tuple["Raw", ...], ...] = ()
    via: tuple[str, ...] = ()
    """Where its file was included, the nearest first, as `trip.pcm.yaml:7`."""

    @property
    def late(self) -> frozenset[str]:
        """The names whose values only the run will know."""
        return names_in(self.plain)


@dataclass(frozen=True)
class Scope:
    """Where a list of steps stands."""

    source: Source
    values: Mapping[str, Any]
    car: str | None = None
    """Named by a step around it."""
    files: tuple[str, ...] = ()
    """Those that include each other to get here."""
    via: tuple[str, ...] = ()
    """Where this one was included, the nearest first."""

    def raw(self, plain: Plain, key: str, lanes: tuple[tuple[Raw, ...], ...] = ()) -> Raw:
        """A step that stands here."""
        return Raw(plain, self.source, key, lanes, self.via)

    def problem(self, key: str, message: str) -> Problem:
        """Something that is wrong at a key here."""
        return self.source.problem(key, f"{message}{included(self.via)}")


@dataclass
class Unfolder:
    """Unfolds the steps of one cell.

    Attributes:
        note: told of what is wrong.
        open: gives the source of an included scenario, by its name and the folder of the one that includes it.
        captured: the names that `let` has given so far, in the order of the steps.
    """

    note: Callable[[Problem], None]
    open: Callable[[str, Path], Source]
    captured: set[str] = field(default_factory=set)
    count: int = 0

    def steps(self, items: Plain, key: str, scope: Scope) -> Iterator[Raw]:
        """The steps in a plain list; what is none is told elsewhere."""
        for index, item in enumerate(items if isinstance(items, list) else []):
            if self.count > MOST_STEPS:
                return
            yield from self._step(item, f"{key}[{index}]", scope)

    def _step(self, item: Plain, key: str, scope: Scope) -> Iterator[Raw]:
        if not isinstance(item, dict):
            yield self._one(scope.raw(item, key))
            return
        nested = {
            name: item[name] for name in ("repeat", "include", "parallel") if isinstance(item.get(name), dict | list)
        }
        plain = self._filled({name: value for name, value in item.items() if name not in nested}, key, scope)
        if scope.car is not None:
            plain.setdefault("car", scope.car)
        if len(nested) != 1:
            yield self._one(scope.raw({**plain, **nested}, key))
            return
        (name,) = nested
        inner = replace(scope, car=plain.get("car")) if isinstance(plain.get("car"), str) else scope
        yield from {"repeat": self._repeat, "include": self._include, "parallel": self._parallel}[name](
            nested[name], plain, key, inner
        )

    def _one(self, raw: Raw) -> Raw:
        self.count += 1
        if self.count == MOST_STEPS:
            self.note(raw.source.problem(raw.key, f"more than {MOST_STEPS} steps come of this"))
        if isinstance(raw.plain, dict) and isinstance(raw.plain.get("let"), dict):
            self.captured |= set(map(str, raw.plain["let"]))
        return raw

    def _repeat(self, repeat: Plain, plain: dict[str, Any], key: str, scope: Scope) -> Iterator[Raw]:
        filled = {**repeat, "times": self._filled(repeat.get("times"), f"{key}.repeat.times", scope)}
        steps = repeat.get("steps")
        frame = {**plain, "repeat": {**filled, "steps": _emptied(steps)} if "steps" in repeat else filled}
        times = filled["times"] if self._frame(frame, key, scope) else 1
        yield from self._heading(plain, key, scope)
        for _ in range(times):
            yield from self.steps(steps, f"{key}.repeat.steps", scope)

    def _parallel(self, lanes: Plain, plain: dict[str, Any], key: str, scope: Scope) -> Iterator[Raw]:
        emptied = [_emptied(lane) for lane in lanes] if isinstance(lanes, list) else lanes
        self._frame({**plain, "parallel": emptied}, key, scope)
        before, after, unfolded = set(self.captured), set(self.captured), []
        for number, lane in enumerate(lanes if isinstance(lanes, list) else []):
            self.captured = set(before)
            unfolded.append(tuple(self.steps(lane, f"{key}.parallel[{number}]", scope)))
            after |= self.captured
        self.captured = after
        yield self._one(scope.raw({**plain, "parallel": emptied}, key, tuple(unfolded)))

    def _include(self, include: Plain, plain: dict[str, Any], key: str, scope: Scope) -> Iterator[Raw]:
        filled = self._filled(include, f"{key}.include", scope)
        if not self._frame({**plain, "include": filled}, key, scope):
            return
        yield from self._heading(plain, key, scope)
        other = self._opened(filled["scenario"], key, scope)
        if other is None:
            return
        values = self._values(other, filled.get("with") or {}, f"{key}.include.with", scope)
        place = scope.source.at(f"{key}.include")
        files = (*scope.files, str(Path(other.file).resolve()))
        inner = Scope(other, values, scope.car, files, (f"{place.file}:{place.line}", *scope.via))
        yield from self.steps(other.plain.get("steps"), "steps", inner)

    def _opened(self, name: str, key: str, scope: Scope) -> Source | None:
        place = f"{key}.include.scenario"
        try:
            other = self.open(name, scope.source.folder)
        except LookupError as error:
            self.note(scope.problem(place, str(error.args[0])))
            return None
        files = (*scope.files, str(Path(other.file).resolve()))
        if files[-1] in scope.files:
            circle = " → ".join(Path(file).name for file in files[scope.files.index(files[-1]) :])
            self.note(scope.problem(place, f"this scenario includes itself: {circle}"))
            return None
        return other if isinstance(other.plain, dict) else None

    def _values(self, other: Source, given: Mapping[str, Any], key: str, scope: Scope) -> dict[str, Any]:
        parameters = other.plain.get("parameters")
        known: dict[str, Any] = parameters if isinstance(parameters, dict) else {}
        for name in given:
            if name not in known:
                there = f"; it has: {', '.join(known)}" if known else "; it has none"
                self.note(
                    scope.problem(
                        f"{key}.{name}", f"{other.file} has no parameter {name!r}{nearest(name, known)}{there}"
                    )
                )
        return {**known, **given}

    def _heading(self, plain: dict[str, Any], key: str, scope: Scope) -> Iterator[Raw]:
        """What a step says that is many; with the car, so that it is looked at."""
        rest = {name: value for name, value in plain.items() if name in ("say", "car", "requirements")}
        if "say" in rest:
            yield self._one(scope.raw(rest, key))

    def _frame(self, plain: dict[str, Any], key: str, scope: Scope) -> bool:
        """Whether a step that holds others is sound itself."""
        _, faults = convert_all(plain, Step)
        for fault in faults:
            self.note(scope.problem(f"{key}.{fault.key}".rstrip("."), fault.message))
        return not faults

    def _filled(self, plain: Plain, key: str, scope: Scope) -> Plain:
        return fill(plain, scope.values, self.captured, key, lambda at, message: self.note(scope.problem(at, message)))


def _emptied(steps: Plain) -> Plain:
    """The form of a list of steps without the steps, which are looked at one by one."""
    return [{} for _ in steps] if isinstance(steps, list) else steps
