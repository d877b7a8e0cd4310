"""Where things stand in a scenario's file, and what is wrong with them there."""

import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from pcm_agent.errors import LocalError
from simulator.scenario.yaml_words import in_plain_words

Plain = Any
"""Whatever YAML can say; nobody has checked it yet."""


class Place(NamedTuple):
    """Where something stands, counted from 1."""

    file: str
    line: int
    column: int


class Problem(NamedTuple):
    """One thing that is wrong with a scenario.

    Attributes:
        code: of the error.
        file: as the caller named it.
        place: None where the file as a whole is meant.
        key: path of the key, such as `steps[3].do.ignition`; people read `step 4: do.ignition`.
        message: what is wrong and what is expected.
    """

    code: str
    file: str
    place: Place | None
    key: str
    message: str

    def __str__(self) -> str:
        where = ":".join(map(str, self.place or (self.file,)))
        return ": ".join(part for part in (where, counted(self.key), self.message) if part)


class ScenarioError(LocalError):
    """A scenario file that can't be run, with all that is wrong with it; code, place and key are those of the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        first = self.problems[0]
        super().__init__(first.code, "\n".join(map(str, self.problems)))
        self.file, self.key = first.file, first.key
        self.line = first.place.line if first.place else None
        self.column = first.place.column if first.place else None

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        """To another process it goes as it was made."""
        return ScenarioError, (self.problems,)


def counted(key: str) -> str:
    """A key as people read it: steps and lanes are counted from 1, as in reports."""
    key = re.sub(r"parallel\[(\d+)\]\[(\d+)\]", lambda it: f"lane {int(it[1]) + 1}: step {int(it[2]) + 1}", key)
    key = re.sub(r"steps\[(\d+)\]", lambda step: f"step {int(step[1]) + 1}", key)
    return re.sub(r"(step \d+|repeat|\b)\.(?=step|lane|(?<=\d\.))", r"\1: ", key)


class Source:
    """A file as it was read: its plain values, which nobody has checked yet, and where they stand.

    Args:
        file: as the caller named it.
        plain: what stands in it.
        places: of each key and each item of a list.
    """

    def __init__(self, file: str, plain: Plain, places: dict[str, Place]) -> None:
        self.file, self.plain, self._places = file, plain, places

    @property
    def folder(self) -> Path:
        """Where paths in it are seen from."""
        return Path(self.file).parent

    def at(self, key: str) -> Place:
        """The place of a key, or of the nearest one above it."""
        while key:
            if key in self._places:
                return self._places[key]
            key = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", key)
        return self._places.get("", Place(self.file, 1, 1))

    def problem(self, key: str, message: str) -> Problem:
        """Something that is wrong at a key."""
        place = self.at(key)
        return Problem(code="scenario-invalid", file=place.file, place=place, key=key, message=message)


def read_yaml(text: str, file: str) -> Source:
    """The text of a file, with its places.

    Raises:
        ScenarioError: `scenario-syntax`.
    """
    try:
        return _read(text, file)
    except MarkedYAMLError as error:
        mark, message = in_plain_words(error)
        raise _syntax(file, _place(mark, file) if mark else None, message) from error
    except YAMLError as error:  # a character that YAML does not allow
        before = text[: getattr(error, "position", 0)]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = "a character that YAML does not allow: take it away, or save the file as UTF-8"
        raise _syntax(file, place, message) from error
    except RecursionError:
        raise _syntax(file, None, "nested too deeply, or in itself") from None


def _read(text: str, file: str) -> Source:
    constructor, _ = YAML(typ="safe", pure=True).get_constructor_parser(StringIO(text))
    node, places = constructor.composer.get_single_node(), dict[str, Place]()
    if node is None:
        return Source(file, None, places)
    plain = constructor.construct_document(node)
    _walk(node, "", file, places)
    return Source(file, plain, places)


def _syntax(file: str, place: Place | None, message: str) -> ScenarioError:
    return ScenarioError([Problem(code="scenario-syntax", file=file, place=place, key="", message=message)])


def _walk(node: Node, key: str, file: str, places: dict[str, Place]) -> None:
    places.setdefault(key, _place(node.start_mark, file))
    if isinstance(node, MappingNode):
        for name, value in node.value:
            path = f"{key}.{name.value}".lstrip(".")
            places[path] = _place(name.start_mark, file)
            _walk(value, path, file, places)
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, f"{key}[{index}]", file, places)


def _place(mark: StreamMark, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)
