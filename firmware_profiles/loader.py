"""From TOML files to frozen profiles, by name or by path, with all that they extend.

Shipped files are read once and kept. A file of the user's is read at each call, so that an edit shows.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from firmware_profiles.assumptions import assumption_fault, check_assumptions
from firmware_profiles.checks import contradictions
from firmware_profiles.document import Document, read_document
from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.inheritance import Stack, assuming, settle, stacked
from firmware_profiles.schema import Profile, ProfileFacts
from firmware_profiles.shipped import SUFFIX, family_names, parent_document, profile_names, shipped_document
from firmware_profiles.sources import separate
from firmware_profiles.tables import load_disputes, load_labels
from firmware_profiles.validation import convert
from firmware_profiles.vocabulary import Menu, MenuPath, Text

EXTENDS = "extends"
NOTHING: Mapping[str, str] = MappingProxyType({})


def load_profile(name_or_path: str | Path, assume: Mapping[str, str] = NOTHING) -> Profile:
    """Return a shipped profile by its name, or a profile from a file of one's own.

    Args:
        name_or_path: One of `profile_names()`; or a `Path`, or a text that ends in `.toml` or holds a
            slash, for a file. The file's name without its ending becomes the profile's name.
        assume: Which reading to take by point, such as `{"my2021": "porsche-id"}`, where the seeds disagree; see
            `load_disputes()`. Of a point that is left out the default holds.

    Raises:
        ProfileError: Any of the codes; the message names the file, the line and the key.
    """
    check_assumptions(assume)
    if isinstance(name_or_path, Path) or is_profile_path(name_or_path):
        path = Path(name_or_path)
        return _profile(read_document(path, str(path)), path, path.stem, assume)
    return _shipped_profile(name_or_path, frozenset(assume.items()))


def is_profile_path(text: str) -> bool:
    """Whether a text names a profile's file, not a shipped profile."""
    return text.endswith(SUFFIX) or "/" in text or "\\" in text


@cache
def _shipped_profile(name: str, assumed: frozenset[tuple[str, str]]) -> Profile:
    if name not in profile_names():
        raise ProfileError(ProfileErrorCode.UNKNOWN, name, None, "", unknown("profile", name, profile_names()))
    return _profile(shipped_document(name + SUFFIX), None, name, dict(assumed))


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence about a name that nothing bears, with the nearest one that something does."""
    known = tuple(known)
    nearest = get_close_matches(name, known, n=1)
    question = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"no such {kind}, known are {', '.join(known)}{question}"


def _profile(document: Document, path: Path | None, name: str, assumed: Mapping[str, str]) -> Profile:
    stack = stacked([separate(ancestor, _tables(ancestor)) for ancestor in _lineage(document, path)])
    _check_assumptions_in(stack)
    stack = assuming(stack, assumed)
    _check_menus(stack)
    facts, sources = settle(stack, ProfileFacts)
    fields = msgspec.structs.asdict(facts) | {"menus": MappingProxyType(facts.menus)}
    taken = MappingProxyType(dict(sorted(assumed.items())))
    profile = Profile(**fields, name=name, sources=sources, assumed=taken, file=str(path) if path else None)
    for contradiction in contradictions(profile, load_labels()):
        raise stack.error(ProfileErrorCode.INVALID, contradiction.path, contradiction.message)
    return profile


def _tables(document: Document) -> Mapping[str, object]:
    return {key: value for key, value in document.tables.items() if key != EXTENDS}


def _lineage(document: Document, path: Path | None) -> list[Document]:
    """The document and all that it extends, the farthest ancestor first."""
    lineage = [document]
    passed = [_identity(document, path)]
    while EXTENDS in document.tables:
        document, path = _parent(document, path)
        lineage.insert(0, document)
        if _identity(document, path) in passed:
            chain = " > ".join(ancestor.file for ancestor in reversed(lineage))
            raise lineage[1].error(ProfileErrorCode.INVALID, (EXTENDS,), f"extends itself: {chain}")
        passed.append(_identity(document, path))
    return lineage


def _identity(document: Document, path: Path | None) -> object:
    """What tells files apart: the path of one of the user's, the name of a shipped one."""
    return document.file if path is None else path.resolve()


def _parent(child: Document, path: Path | None) -> tuple[Document, Path | None]:
    """What a document extends; with its path if it is a file of the user's, named as seen from the child's folder."""
    name = convert(child, child.tables[EXTENDS], Text, (EXTENDS,))
    if path is not None and is_profile_path(name):
        parent = path.parent / name
        try:
            return read_document(parent, str(parent)), parent
        except ProfileError as error:
            if error.code is not ProfileErrorCode.UNREADABLE:
                raise
            raise child.error(error.code, (EXTENDS,), f"{parent} {error.message}") from error
    known = (*family_names(), *profile_names())
    if name not in known:
        raise child.error(ProfileErrorCode.UNKNOWN, (EXTENDS,), unknown("family or profile", name, known))
    return parent_document(name), None


def _check_menus(stack: Stack) -> None:
    """Look at each entry by itself: in a mapping, msgspec does not say which entry is at fault."""
    menus = stack.plain.get("menus") if isinstance(stack.plain, dict) else None
    for menu, path in menus.items() if isinstance(menus, dict) else ():
        convert(stack, menu, Menu, ("menus", menu))
        convert(stack, path, MenuPath, ("menus", menu))


def _check_assumptions_in(stack: Stack) -> None:
    """Each reading that bears an assumption must bear one that can be made, and that is not made anyway."""
    for path, source in stack.sources.items():
        for number, reading in enumerate(source.disputed):
            point, _, side = reading.when.partition("=")
            fault = assumption_fault(point, side) if reading.when else ""
            if reading.when and not fault and load_disputes()[point].default == side:
                fault = f"{side} is what {point} is taken to be anyway"
            if fault:
                raise stack.error(ProfileErrorCode.INVALID, (*path, "disputed", number, "when"), fault)
