"""From TOML files to frozen profiles, countries and labels.

Shipped files are read once and kept. A file of the user's is read at each call, so that an edit shows.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from firmware_profiles.checks import contradictions
from firmware_profiles.document import Document, read_document
from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.schema import (
    Country,
    CountryCode,
    CountryFacts,
    Label,
    LabelId,
    Menu,
    MenuPath,
    Profile,
    ProfileFacts,
    Translated,
)
from firmware_profiles.sources import Separated, separate, settle
from firmware_profiles.validation import convert

_SUFFIX = ".toml"
_COUNTRIES = "countries.toml"
_LABELS = "labels.toml"


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles in alphabetical order."""
    files = {entry.name for entry in _data().iterdir() if entry.name.endswith(_SUFFIX)}
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files - {_COUNTRIES, _LABELS}))


def load_profile(name_or_path: str | Path) -> Profile:
    """Return a shipped profile by its name, or a profile from a file of one's own.

    Args:
        name_or_path: One of `profile_names()`; or a `Path`, or a text that ends in `.toml` or holds a
            slash, for a file. The file's name without its ending becomes the profile's name.

    Raises:
        ProfileError: Any of the codes; the message names the file, the line and the key.
    """
    if isinstance(name_or_path, Path) or is_profile_path(name_or_path):
        path = Path(name_or_path)
        return _profile(read_document(path, str(path)), path.stem)
    return _shipped_profile(name_or_path)


def load_countries(path: Path | None = None) -> Mapping[str, Country]:
    """Return the countries by ISO 3166-1 alpha-2 code, in the order of the file.

    Args:
        path: A file of one's own in the form of `data/countries.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_countries() if path is None else _countries(read_document(path, str(path)))


def load_labels(path: Path | None = None) -> Mapping[str, Label]:
    """Return the menu labels by id, in the order of the file.

    Args:
        path: A file of one's own in the form of `data/labels.toml`; without it, the shipped one.

    Raises:
        ProfileError: Any code but `profile-unknown`.
    """
    return _shipped_labels() if path is None else _labels(read_document(path, str(path)))


def is_profile_path(text: str) -> bool:
    """Whether a text names a profile's file, not a shipped profile."""
    return text.endswith(_SUFFIX) or "/" in text or "\\" in text


def _data() -> Traversable:
    return resources.files("firmware_profiles") / "data"


def _shipped_document(file: str) -> Document:
    return read_document(_data() / file, file)


@cache
def _shipped_profile(name: str) -> Profile:
    if name not in profile_names():
        raise _unknown_profile(name)
    return _profile(_shipped_document(name + _SUFFIX), name)


@cache
def _shipped_countries() -> Mapping[str, Country]:
    return _countries(_shipped_document(_COUNTRIES))


@cache
def _shipped_labels() -> Mapping[str, Label]:
    return _labels(_shipped_document(_LABELS))


def _unknown_profile(name: str) -> ProfileError:
    known = profile_names()
    nearest = get_close_matches(name, known, n=1)
    question = f"; did you mean {nearest[0]}?" if nearest else ""
    message = f"no such profile, known are {', '.join(known)}{question}"
    return ProfileError(ProfileErrorCode.UNKNOWN, name, None, "", message)


def _profile(document: Document, name: str) -> Profile:
    parts = separate(document, document.tables)
    _check_menus(document, parts)
    facts, sources = settle(document, parts, ProfileFacts)
    profile = Profile(**_fields(facts) | {"menus": MappingProxyType(facts.menus)}, name=name, sources=sources)
    for contradiction in contradictions(profile, load_labels()):
        raise document.error(ProfileErrorCode.INVALID, contradiction.path, contradiction.message)
    return profile


def _check_menus(document: Document, parts: Separated) -> None:
    """Look at each entry by itself: in a mapping, msgspec does not say which entry is at fault."""
    menus = parts.plain.get("menus") if isinstance(parts.plain, dict) else None
    for menu, path in menus.items() if isinstance(menus, dict) else ():
        convert(document, menu, Menu, ("menus", menu))
        convert(document, path, MenuPath, ("menus", menu))


def _countries(document: Document) -> Mapping[str, Country]:
    countries = {}
    for code, table in document.tables.items():
        convert(document, code, CountryCode, (code,))
        facts, sources = settle(document, separate(document, table, (code,)), CountryFacts)
        countries[code] = Country(**_fields(facts), code=code, sources=sources)
    return MappingProxyType(countries)


def _labels(document: Document) -> Mapping[str, Label]:
    labels = {}
    for label_id, table in document.tables.items():
        convert(document, label_id, LabelId, (label_id,))
        facts, sources = settle(document, separate(document, table, (label_id,)), Translated)
        labels[label_id] = Label(**_fields(facts), id=label_id, sources=sources)
    return MappingProxyType(labels)


def _fields(facts: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(facts)
