"""Each value in a data file stands with its source; here the two are taken apart.

A value is written as a small table::

    roaming = { value = "switch", source = ["A192", "B91"] }
    parked_ways = { value = ["embedded-sim"], assumed = "why" }
    first = { value = 2017, source = ["A192"], disputed = [{ value = 2018, source = ["A130"], when = "point=side" }] }

and a value that a file inherits but does not have, as one that is absent::

    code_places = { absent = true, source = ["A164"] }
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import msgspec

from firmware_profiles.document import Document
from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.positions import KeyPath
from firmware_profiles.schema import Reading, Source
from firmware_profiles.validation import convert
from firmware_profiles.vocabulary import SeedLine

_HOW_TO = 'a value needs `source = [...]` or `assumed = "reason"`'


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value as it stands in a file, with where it was said."""

    value: Any  # the schema says more exactly what each value may be
    source: tuple[SeedLine, ...] = ()
    assumed: str = ""
    disputed: tuple[Reading, ...] = ()


class AbsentLeaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value that is taken away, with where that was said."""

    absent: Literal[True]
    source: tuple[SeedLine, ...] = ()
    assumed: str = ""


class Absent(Enum):
    """Stands in the plain values where something inherited is taken away."""

    ABSENT = "absent"


_LEAF_KEYS = frozenset(Leaf.__struct_fields__ + AbsentLeaf.__struct_fields__)


@dataclass(frozen=True, slots=True)
class Layer:
    """A table of one file taken apart, not yet checked against a schema.

    Attributes:
        document: The file.
        base: The key path of the table in it.
        plain: The values alone.
        sources: Where each was said, by its path below `base`.
        unsourced: What is wrong with the source of a value, by its path below `base`.
    """

    document: Document
    base: KeyPath
    plain: object
    sources: dict[KeyPath, Source]
    unsourced: dict[KeyPath, str]

    def error(self, code: ProfileErrorCode, path: KeyPath, message: str) -> ProfileError:
        """Return the error for the value at a path below `base`."""
        return self.document.error(code, self.base + path, message)


def separate(document: Document, table: object, base: KeyPath = ()) -> Layer:
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
        value, source = _leaf(document, node, base + path)
        sources[path] = source
        if fault := _fault(source):
            unsourced[path] = fault
        return value

    return Layer(document, base, plain(table, ()), sources, unsourced)


def _leaf(document: Document, node: dict[str, object], path: KeyPath) -> tuple[object, Source]:
    if "absent" in node:
        gone = convert(document, node, AbsentLeaf, path)
        return Absent.ABSENT, Source(seeds=gone.source, assumed=gone.assumed)
    leaf = convert(document, node, Leaf, path)
    if isinstance(leaf.value, dict):
        # Otherwise one assumption could stand for a whole table of values.
        raise document.error(ProfileErrorCode.INVALID, path, "expected a plain value, got table")
    return leaf.value, Source(seeds=leaf.source, assumed=leaf.assumed, disputed=leaf.disputed)


def _fault(source: Source) -> str:
    """What is wrong with a source, or with that of another reading; "" for nothing."""
    tellings: tuple[Source | Reading, ...] = (source, *source.disputed)
    for said in tellings:
        if bool(said.seeds) == bool(said.assumed):
            return f"{_HOW_TO}, not both" if said.seeds else _HOW_TO
    return ""
