"""The scenarios that come with the package: topics in their order, names, tags, and the rows that none can show."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
from msgspec import Struct

SUFFIX = ".pcm.yaml"
PARTS = "parts"
"""The folder of steps that scenarios include; none of them is run by itself."""


class Library(Struct, frozen=True, forbid_unknown_fields=True):
    """What `scenarios/library.toml` says.

    Attributes:
        topics: headings by folder; each is a tag of the scenarios in it.
        tags: what the other tags mean.
        not_shown: why no scenario can show a row, by its id.
    """

    topics: dict[str, str]
    tags: dict[str, str]
    not_shown: dict[str, str]


@cache
def load_library() -> Library:
    """The library's own data."""
    return msgspec.convert(tomllib.loads((_folder() / "library.toml").read_text("utf-8")), Library)


@cache
def shipped_scenarios() -> tuple[str, ...]:
    """The names of the shipped scenarios, topic by topic; no two have the same."""
    return tuple(name for topic in load_library().topics for name in _files(topic))


@cache
def topics_by_name() -> Mapping[str, str]:
    """The topic of each shipped scenario."""
    return {name: topic for topic in load_library().topics for name in _files(topic)}


def shipped_text(name: str) -> str | None:
    """The text of a shipped scenario, or of a part that others include; None where there is no such one."""
    folder = topics_by_name().get(name) or (PARTS if name in _files(PARTS) else None)
    return None if folder is None else _files(folder)[name].read_text("utf-8")


def shipped_parts() -> Mapping[str, str]:
    """The title of each part, by its name."""
    texts = {name: file.read_text("utf-8") for name, file in _files(PARTS).items()}
    return {name: text.partition("title: ")[2].partition("\n")[0] for name, text in texts.items()}


@cache
def _files(folder: str) -> Mapping[str, Traversable]:
    place = _folder() / folder
    there = sorted(place.iterdir(), key=lambda file: file.name) if place.is_dir() else []
    return {file.name.removesuffix(SUFFIX): file for file in there if file.name.endswith(SUFFIX)}


def _folder() -> Traversable:
    return resources.files("simulator") / "scenarios"
