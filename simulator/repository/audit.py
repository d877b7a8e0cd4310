"""Looks through both repositories as their owner does: what is signed by whom, how long it lasts, what is wrong."""

import hashlib
import shlex
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct
from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Targets

from pcm_agent.errors import PeerError
from pcm_agent.trust.images import image_url
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from simulator.repository import PackageRepositories, Release, director, image
from simulator.repository.signing import Repository

SOON = timedelta(days=30)
"""An offline signature that lasts no longer is due."""


class Finding(Struct, frozen=True, omit_defaults=True):
    """One role's newest metadata, or one image.

    Attributes:
        what: `image/root`, `director/VIN/targets`, `images/seats/1.0.pkg`.
        keys: how many it has, and how many of them must sign.
        problem: what is wrong, and what to do.
        due: it will be wrong soon.
    """

    what: str
    version: int | None = None
    keys: int | None = None
    threshold: int | None = None
    expires: datetime | None = None
    problem: str | None = None
    due: bool = False


def audit(repositories: PackageRepositories, now: datetime) -> list[Finding]:
    """All roles and images, and what is wrong with them; never raises for what is wrong."""
    images = [*_repository(repositories.image.repository, (image.NAME,), now)]
    readable = all(each.version is not None for each in images)
    cars = tuple(f"{director.NAME}/{vin}" for vin in repositories.director.vins())
    return [
        *images,
        *(_attempt(image.IMAGES, lambda: _images(repositories)) if readable else ()),
        *_repository(repositories.director.repository, cars, now),
        *_keys(repositories.image.repository),
        *_keys(repositories.director.repository),
    ]


def _attempt(what: str, work: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from work()
    except PeerError as error:
        yield Finding(what, problem=error.message)


def _repository(repository: Repository, bases: tuple[str, ...], now: datetime) -> Iterator[Finding]:
    name = repository.name
    yield from _attempt(f"{name}/{ROOT}", lambda: [_root(repository, now)])
    for base in bases:
        yield from _attempt(base, partial(_state, repository, base, now))


def _root(repository: Repository, now: datetime) -> Finding:
    return _role(repository, f"{repository.name}/{repository.root.version}.root.json", repository.root, ROOT, now)


def _state(repository: Repository, base: str, now: datetime) -> Iterator[Finding]:
    root = repository.root
    timestamp = _role(repository, f"{base}/timestamp.json", root, TIMESTAMP, now)
    yield timestamp
    if timestamp.version is None:  # what it says of the others is nothing to look for
        return
    state = repository.state(base)
    yield _role(repository, f"{base}/{state.snapshot}.snapshot.json", root, SNAPSHOT, now)
    top = repository.targets(base, TARGETS, state)
    yield _role(repository, f"{base}/{top.version}.targets.json", root, TARGETS, now)
    for role in sorted(state.listed.keys() - {TARGETS}):
        yield _role(repository, f"{base}/{state.listed[role].version}.{role}.json", top, role, now)


def _role(repository: Repository, name: str, delegator: Root | Targets, role: str, now: datetime) -> Finding:
    """One file, held against the keys that may sign it."""
    what, where = f"{name.rpartition('/')[0]}/{role}", repository.store.where(name)
    offline = what.count("/") == 1 and role not in (TIMESTAMP, SNAPSHOT)
    cure = f"`pcm-sim packages sign{' --offline' * offline} --folder {shlex.quote(repository.store.where(''))}`"
    content = repository.store.read(name)
    if content is None:
        return Finding(what, problem=f"{where}: it is missing; restore it from a copy")
    try:
        metadata = Metadata[Any].from_bytes(content)
        keys = delegator.get_delegated_role(role)
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError:
        changed = "it was changed after it was signed, or signed with other keys"
        return Finding(what, problem=f"{where}: {changed}; restore it from a copy, or sign it anew with {cure}")
    except (RepositoryError, ValueError):
        return Finding(what, problem=f"{where}: it is no metadata that can be read; restore it from a copy")
    expires: datetime = metadata.signed.expires
    return Finding(
        what,
        metadata.signed.version,
        len(keys.keyids),
        keys.threshold,
        expires,
        problem=None if now < expires else f"{where}: expired; sign it anew with {cure}",
        due=offline and now < expires <= now + SOON,
    )


def _keys(repository: Repository) -> Iterator[Finding]:
    """Whether a running backend can sign, and whether nobody else can."""
    what = f"keys of {repository.name}"
    try:
        problems = [*repository.keys.problems(repository.online_keys())]
    except PeerError:  # the root, of which it was said
        return
    yield from [Finding(what, problem=problem) for problem in problems] or [Finding(what)]


def _images(repositories: PackageRepositories) -> Iterator[Finding]:
    return (_image(repositories, each) for each in repositories.image.releases())


def _image(repositories: PackageRepositories, release: Release) -> Finding:
    """Whether the bytes of an image are those that were signed."""
    name = image_url(image.IMAGES, release.path, release.sha256)
    content = repositories.store.read(name)
    right = content is not None and hashlib.sha256(content).hexdigest() == release.sha256
    problem = None if right else f"{repositories.store.where(name)}: missing, or not what was signed; restore the file"
    return Finding(f"{image.IMAGES}/{release.path}", release.custom.release_counter, problem=problem)
