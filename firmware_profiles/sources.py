"""Each value in a data file stands with its source; here the two are taken apart.

A value is written as a small table::

    roaming = { value = "switch", source = ["A192", "B91"] }
    parked_ways = { value = ["embedded-sim"], assumed = "why" }
    first = { value = 2017, source = ["A192"], disputed = [{ value = 2018, source = ["A130"] }] }
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from firmware_profiles.document import Document
from firmware_profiles.errors import ProfileErrorCode
from firmware_profiles.positions import KeyPath, key_text
from firmware_profiles.schema import Reading, SeedLine, Source
from firmware_profiles.validation import convert

Facts = TypeVar("Facts", bound=msgspec.Struct)

_HOW_TO = 'a value needs `source = [...]` or `assumed = "reason"`'


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value as it stands in a file, with where it was said."""

    value: Any  # the schema says more exactly what each value may be
    source: tuple[SeedLine, ...] = ()
    assumed: str = ""
    disputed: tuple[Reading, ...] = ()


_LEAF_KEYS = frozenset(Leaf.__struct_fields__)


@dataclass(frozen=True, slots=True)
class Separated:
    """A table taken apart, not yet checked against a schema.

    Attributes:
        base: The key path of the table in its document.
        plain: The values alone.
        sources: Where each was said, by its path below `base`.
        unsourced: What is wrong with the source of a value, by its path below `base`.
    """

    base: KeyPath
    plain: object
    sources: dict[KeyPath, Source]
    unsourced: dict[KeyPath, str]


def separate(document: Document, table: object, base: KeyPath = ()) -> Separated:
    """Take values and sources apart. Missing sources are noted, not raised: a misspelt key is the better news.

    Args:
        document: Where the table stands.
        table: A table, or part of one, as `tomllib` gives it.
        base: Its key path in the document.

    Raises:
        ProfileError: `profile-invalid` for a source that is not in the form above.
    """
    sources: dict[KeyPath, Source] = {}
    unsourced: dict[KeyPath, str] = {}

    def plain(node: object, path: KeyPath) -> object:
        if not isinstance(node, dict):
            unsourced[path] = f"{_HOW_TO} beside it"
            return node
        if _LEAF_KEYS.isdisjoint(node):
            return {key: plain(child, (*path, key)) for key, child in node.items()}
        leaf = _leaf(document, node, base + path)
        sources[path] = Source(seeds=leaf.source, assumed=leaf.assumed, disputed=leaf.disputed)
        if bool(leaf.source) == bool(leaf.assumed):
            unsourced[path] = f"{_HOW_TO}, not both" if leaf.source else _HOW_TO
        return leaf.value

    return Separated(base, plain(table, ()), sources, unsourced)


def settle(document: Document, parts: Separated, kind: type[Facts]) -> tuple[Facts, Mapping[str, Source]]:
    """Return the facts as `kind`, and the source of each by its dotted key below the table.

    Raises:
        ProfileError: `profile-invalid` for what the schema does not allow, in a disputed reading too;
            `profile-source-missing` for a value without a source.
    """
    facts = convert(document, parts.plain, kind, parts.base)
    for path, message in parts.unsourced.items():
        raise document.error(ProfileErrorCode.SOURCE_MISSING, parts.base + path, message)
    for path, source in parts.sources.items():
        for reading in source.disputed:
            convert(document, _replaced(parts.plain, path, reading.value), kind, parts.base)
    return facts, MappingProxyType({key_text(path): source for path, source in parts.sources.items()})


def _leaf(document: Document, node: dict[str, object], path: KeyPath) -> Leaf:
    leaf = convert(document, node, Leaf, path)
    if isinstance(leaf.value, dict):
        # Otherwise one assumption could stand for a whole table of values.
        raise document.error(ProfileErrorCode.INVALID, path, "expected a plain value, got table")
    return leaf


def _replaced(node: object, path: KeyPath, value: object) -> object:
    """Return the tree with another value at a path, leaving the given tree as it is."""
    if not path or not isinstance(node, dict):
        return value
    return {**node, path[0]: _replaced(node[path[0]], path[1:], value)}
