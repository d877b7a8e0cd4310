"""The data files of the package: which there are, and how one is read."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from firmware_profiles.document import Document, read_document

SUFFIX = ".toml"
FAMILIES = "families"
COUNTRIES, DISPUTES, LABELS, SERVICES, USAGE = (
    f"{name}{SUFFIX}" for name in ("countries", "disputes", "labels", "services", "usage")
)
_NO_PROFILES = {COUNTRIES, DISPUTES, LABELS, SERVICES, USAGE}


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles in alphabetical order."""
    return _names(_data())


@cache
def family_names() -> tuple[str, ...]:
    """Return the names of the shipped families, which are no profiles but may be extended, in alphabetical order."""
    return _names(_data() / FAMILIES)


def shipped_document(file: str) -> Document:
    """Read a file of the package, such as `labels.toml`."""
    return read_document(_data() / file, file)


def parent_document(name: str) -> Document:
    """Read the family of this name, or else the profile."""
    return shipped_document(f"{FAMILIES}/{name}{SUFFIX}" if name in family_names() else f"{name}{SUFFIX}")


def _data() -> Traversable:
    return resources.files("firmware_profiles") / "data"


def _names(folder: Traversable) -> tuple[str, ...]:
    files = {entry.name for entry in folder.iterdir() if entry.name.endswith(SUFFIX)}
    return tuple(sorted(name.removesuffix(SUFFIX) for name in files - _NO_PROFILES))
