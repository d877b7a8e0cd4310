"""Looks through both repositories as their owner does: what is signed by whom, how long it lasts, what is wrong."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct
from tuf.api.exceptions import RepositoryError
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
    return [
        *_repository(repositories.image.repository, (image.NAME,), now),
        *_attempt(f"{image.IMAGES}", lambda: [_image(repositories, each) for each in repositories.image.releases()]),
        *_repository(
            repositories.director.repository,
            tuple(f"{director.NAME}/{vin}" for vin in repositories.director.vins()),
            now,
        ),
    ]


def _attempt(what: str, work: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(work())
    except PeerError as error:
        return [Finding(what, problem=error.message)]


def _repository(repository: Repository, bases: tuple[str, ...], now: datetime) -> Iterator[Finding]:
    name = repository.name
    yield from _attempt(f"{name}/{ROOT}", lambda: [_root(repository, now)])
    for base in bases:
        yield from _attempt(base, partial(_state, repository, base, now))


def _root(repository: Repository, now: datetime) -> Finding:
    return _role(repository, f"{repository.name}/{repository.root.version}.root.json", repository.root, ROOT, now)


def _state(repository: Repository, base: str, now: datetime) -> Iterator[Finding]:
    root, state = repository.root, repository.state(base)
    yield _role(repository, f"{base}/timestamp.json", root, TIMESTAMP, now)
    yield _role(repository, f"{base}/{state.snapshot}.snapshot.json", root, SNAPSHOT, now)
    top = repository.targets(base, TARGETS, state)
    yield _role(repository, f"{base}/{top.version}.targets.json", root, TARGETS, now)
    for role in sorted(state.listed.keys() - {TARGETS}):
        yield _role(repository, f"{base}/{state.listed[role].version}.{role}.json", top, role, now)


def _role(repository: Repository, name: str, delegator: Root | Targets, role: str, now: datetime) -> Finding:
    """One file, held against the keys that may sign it."""
    what = f"{name.rpartition('/')[0]}/{role}"
    content = repository.store.read(name) or b""
    try:
        metadata = Metadata[Any].from_bytes(content)
        keys = delegator.get_delegated_role(role)
        delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, ValueError) as error:
        problem = f"{repository.store.where(name)}: {error}; sign it anew, or restore it from a copy"
        return Finding(what, problem=problem)
    expires: datetime = metadata.signed.expires
    offline = what.count("/") == 1 and role not in (TIMESTAMP, SNAPSHOT)
    cure = "pcm-sim packages sign --offline" if offline else "pcm-sim packages sign"
    return Finding(
        what,
        metadata.signed.version,
        len(keys.keyids),
        keys.threshold,
        expires,
        problem=None if now < expires else f"{repository.store.where(name)}: expired; sign it anew with `{cure}`",
        due=offline and now < expires <= now + SOON,
    )


def _image(repositories: PackageRepositories, release: Release) -> Finding:
    """Whether the bytes of an image are those that were signed."""
    name = image_url(image.IMAGES, release.path, release.sha256)
    content = repositories.store.read(name)
    right = content is not None and hashlib.sha256(content).hexdigest() == release.sha256
    problem = None if right else f"{repositories.store.where(name)}: missing, or not what was signed; restore the file"
    return Finding(f"{image.IMAGES}/{release.path}", release.custom.release_counter, problem=problem)
