"""Tables on top of each other: a file says only what is different from the one that it extends.

Values are laid over one another leaf by leaf, and each keeps its own source. A fault is said where the faulty value
stands, be it in the file itself or in one that it extends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

import msgspec

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.positions import KeyPath, key_text
from firmware_profiles.schema import Reading, Source
from firmware_profiles.sources import Absent, Layer
from firmware_profiles.validation import convert

Facts = TypeVar("Facts", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Stack:
    """Layers on top of each other.

    Attributes:
        top: The layer of the file itself.
        plain: The values that show from above.
        origins: The layer of each of them, by its path.
        sources: Where each was said, by its path.
    """

    top: Layer
    plain: object
    origins: Mapping[KeyPath, Layer]
    sources: Mapping[KeyPath, Source]

    def error(self, code: ProfileErrorCode, path: KeyPath, message: str) -> ProfileError:
        """Return the error for the value at a path, in the file where that value stands; else in the topmost file."""
        lengths = range(len(path), -1, -1)
        owner = next((self.origins[path[:length]] for length in lengths if path[:length] in self.origins), None)
        below = next((layer for origin, layer in self.origins.items() if origin[: len(path)] == path), self.top)
        return (owner or below).error(code, path, message)


def stacked(layers: Sequence[Layer]) -> Stack:
    """Lay tables over one another, the farthest ancestor first.

    Raises:
        ProfileError: `profile-invalid` where something is taken away that nothing below has.
    """
    plain: object = {}
    for layer in layers:
        plain = _laid(plain, layer.plain, layer, ())
    shown = set(_leaves(plain, ()))
    origins = {path: layer for layer in layers for path in (layer.sources | layer.unsourced) if path in shown}
    sources = {path: layer.sources[path] for path, layer in origins.items() if path in layer.sources}
    return Stack(layers[-1], plain, origins, sources)


def assuming(stack: Stack, assumed: Mapping[str, str]) -> Stack:
    """Take another reading wherever one of a value's bears an assumption; the value becomes a reading itself.

    Raises:
        ProfileError: `profile-invalid` for a value that no reading could be.
    """
    taken = {f"{point}={reading}" for point, reading in assumed.items()}
    plain, sources = stack.plain, dict(stack.sources)
    for path, source in stack.sources.items():
        chosen = next((reading for reading in source.disputed if reading.when in taken), None)
        if chosen is None:
            continue
        told = {"value": _at(plain, path), "source": source.seeds, "assumed": source.assumed}
        was = convert(stack, told, Reading, path)
        others = (was, *(reading for reading in source.disputed if reading is not chosen))
        plain = _replaced(plain, path, chosen.value)
        sources[path] = Source(seeds=chosen.seeds, assumed=chosen.assumed, disputed=others)
    return replace(stack, plain=plain, sources=sources)


def settle(stack: Stack, kind: type[Facts]) -> tuple[Facts, Mapping[str, Source]]:
    """Return the facts as `kind`, and the source of each by its dotted key.

    Raises:
        ProfileError: `profile-invalid` for what the schema does not allow, in a disputed reading too;
            `profile-source-missing` for a value without a source.
    """
    facts = convert(stack, stack.plain, kind)
    for path, layer in stack.origins.items():
        if path in layer.unsourced:
            raise stack.error(ProfileErrorCode.SOURCE_MISSING, path, layer.unsourced[path])
    for path, source in stack.sources.items():
        for reading in source.disputed:
            convert(stack, _replaced(stack.plain, path, reading.value), kind)
    return facts, MappingProxyType({key_text(path): source for path, source in stack.sources.items()})


def _laid(below: object, above: object, layer: Layer, path: KeyPath) -> object:
    if not isinstance(above, dict):
        return above
    result = dict(below) if isinstance(below, dict) else {}
    for key, value in above.items():
        if value is Absent.ABSENT:
            if result.pop(key, None) is None:
                raise layer.error(ProfileErrorCode.INVALID, (*path, key), "there is nothing inherited to take away")
        else:
            result[key] = _laid(result.get(key), value, layer, (*path, key))
    return result


def _leaves(node: object, path: KeyPath) -> Iterator[KeyPath]:
    if not isinstance(node, dict):
        yield path
        return
    for key, child in node.items():
        yield from _leaves(child, (*path, key))


def _at(node: object, path: KeyPath) -> object:
    for step in path:
        assert isinstance(node, dict)
        node = node[step]
    return node


def _replaced(node: object, path: KeyPath, value: object) -> object:
    """Return the tree with another value at a path, leaving the given tree as it is."""
    if not path or not isinstance(node, dict):
        return value
    return {**node, path[0]: _replaced(node[path[0]], path[1:], value)}
