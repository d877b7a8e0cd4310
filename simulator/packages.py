"""Repositories in a folder, and what a car would take from them: what `pcm-sim packages` does."""

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import LocalError, PcmError, PeerError, TransportError
from pcm_agent.trust.images import Assignment, judge, removals
from simulator.repository import FolderKeys, FolderStore, PackageRepositories
from simulator.repository.audit import Finding, audit
from simulator.repository.delta import make_delta
from simulator.repository.image import ImageRepository
from simulator.repository.locks import PATIENCE, take
from simulator.virtual import MemorySource

_URL = "repositories"


class Answer(Struct, frozen=True, omit_defaults=True):
    """What a car that is fresh from the factory would make of the repositories.

    Attributes:
        removals: offers whose functions it would take out, if it had them.
        refusal: code and message; none: the car would take what is assigned.
    """

    vin: str
    ecu_serial: str
    hardware_id: str
    assignments: tuple[Assignment, ...] = ()
    removals: tuple[str, ...] = ()
    refusal: tuple[str, str] | None = None


def make_repositories(folder: Path, now: datetime, patience: float = PATIENCE) -> PackageRepositories:
    """Make both repositories with all keys, whole or not at all; of two processes that do so the second is refused.

    Raises:
        LocalError: `repository-exists`.
        TransportError: `repository-unwritable`, `key-unwritable`; `repository-busy`: somebody else does so for long.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder.parent):
            _make(folder, now)
    except OSError as error:
        raise TransportError("repository-unwritable", f"{folder}: {error.strerror or error}") from error
    return _opened(folder, patience)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let no other process make repositories in a folder meanwhile; leaves no file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        take(descriptor, folder, PATIENCE)
        yield
    finally:
        os.close(descriptor)


def _make(folder: Path, now: datetime) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LocalError("repository-exists", f"{folder} is not an empty folder; take another one")
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        _opened(part).create(now)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def open_repositories(folder: Path, patience: float = PATIENCE) -> PackageRepositories:
    """Repositories that were made before; `patience` is for other processes that are at work there.

    Raises:
        LocalError: `repository-missing`.
        PeerError: `repository-broken`: they have lost a first root, without which no car begins.
    """
    roots = [folder / name / "1.root.json" for name in ("image", "director")]
    missing = [root for root in roots if not root.exists()]
    if len(missing) == len(roots) and not any(root.parent.exists() for root in roots):
        raise LocalError(
            "repository-missing",
            f"{folder} holds no repositories; make some with `pcm-sim packages init {shlex.quote(str(folder))}`",
        )
    if missing:
        raise PeerError("repository-broken", f"{missing[0]}: it is missing; restore it from a copy")
    return _opened(folder, patience)


def deltas_from(image: ImageRepository, function: str, versions: Sequence[str], content: bytes) -> dict[str, bytes]:
    """What makes an image out of those of older releases, by their SHA-256.

    Raises:
        LocalError: `release-unknown`, `delta-without-use`.
        PeerError: `repository-broken`, `delta-unusable`.
    """
    releases = [image.release(function, version) for version in versions]
    return {release.sha256: make_delta(image.content(release), content) for release in releases}


async def answer_for(repositories: PackageRepositories, vin: str, now: datetime) -> Answer:
    """What a car would take now, starting from the first roots and with nothing installed.

    Raises:
        LocalError: `vin-unknown`.
        PeerError: `repository-broken`.
    """
    ecu = repositories.director.ecu(vin)

    def stored(url: str) -> bytes | None:
        return repositories.lookup(url.removeprefix(f"{_URL}/"))

    try:
        seen = UptaneRepositories(MemorySource(stored), _URL, repositories.roots(1))
        verified = await seen.check(vin, None, now)
        return Answer(vin, ecu.serial, ecu.hardware_id, judge(verified, ecu, {}), removals(verified))
    except PcmError as error:
        refusal = error.code, error.message.replace(f"{_URL}/", "")
        return Answer(vin, ecu.serial, ecu.hardware_id, refusal=refusal)


async def examine(repositories: PackageRepositories, now: datetime) -> list[Finding]:
    """All that the owner sees, and what each car that is known would refuse."""
    findings = audit(repositories, now)
    for vin in repositories.director.vins():
        try:
            answer = await answer_for(repositories, vin, now)
        except PcmError as error:
            findings.append(Finding(vin, problem=error.message))
            continue
        if answer.refusal is not None:
            findings.append(Finding(vin, problem=f"the car would refuse: {answer.refusal[1]} [{answer.refusal[0]}]"))
    return findings


def _opened(folder: Path, patience: float = PATIENCE) -> PackageRepositories:
    return PackageRepositories(FolderStore(folder, patience), FolderKeys(folder / "keys"))
