"""Random changes to files that a car reads; how many of them a car believes though they say something else.

`scripts/bench --soak` tries 100,000 of them, the tests some.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import PeerError
from pcm_agent.trust.metadata import Verified
from simulator.repository import Release
from tests.simulator.repository.bench import Bench

Mutation = Callable[[random.Random, bytes], bytes]
WORDS: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    2**31,
    2**63,
    1e308,
    "",
    "0",
    [],
    {},
    [[]],
    "\ud800",
    "2099-01-01T00:00:00Z",
)


def flipped(dice: random.Random, content: bytes) -> bytes:
    """One bit is another."""
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


def cut(dice: random.Random, content: bytes) -> bytes:
    """Some bytes are missing."""
    start, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[end:]


def doubled(dice: random.Random, content: bytes) -> bytes:
    """Some bytes stand there twice."""
    start, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:]


def rewritten(dice: random.Random, content: bytes) -> bytes:
    """One value of the JSON is another, is gone, or has another name; the whole has other white space."""
    document = json.loads(content)
    holder: Any = document
    while True:
        key = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if not isinstance(holder[key], dict | list) or not holder[key] or dice.random() < 0.1:
            break
        holder = holder[key]
    what = dice.randrange(4)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[f"{key}x"] = holder.pop(key)
    elif what == 2 and isinstance(holder[key], int):
        holder[key] += dice.choice((-1, 1))
    else:
        holder[key] = dice.choice(WORDS)
    return json.dumps(document, indent=dice.choice((None, 1))).encode()


OF_BYTES: tuple[Mutation, ...] = (flipped, cut, doubled)
OF_METADATA: tuple[Mutation, ...] = (*OF_BYTES, rewritten, rewritten, rewritten)


class Tried(Struct):
    """What came of some changes.

    Attributes:
        metadata: changed files of metadata that were tried.
        images: changed images.
        harmless: changes that said the same as before.
        refused: how often, by code.
        believed: the rest: file, and what the car took for right.
    """

    metadata: int = 0
    images: int = 0
    harmless: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    believed: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, other: "Tried") -> None:
        """Count others among these."""
        self.metadata += other.metadata
        self.images += other.images
        self.harmless += other.harmless
        self.refused.update(other.refused)
        self.believed += other.believed


async def tried(count: int, seed: int) -> Tried:
    """Try so many changes; of all files that a car reads, each is as likely, and the image is one of them."""
    bench, dice, result = Bench(), random.Random(seed), Tried()
    bench.repositories.rotate("director/root", bench.now)
    bench.repositories.rotate("image/targets", bench.now)
    honest = _meaning(await bench.verify())
    names = [name for name in dict.fromkeys(bench.asked) if bench.repositories.lookup(name) is not None]
    with TemporaryDirectory() as folder:
        disk = DiskPackageFiles(Path(folder))
        for _ in range(count):
            at = dice.randrange(len(names) + 1)
            if at < len(names):
                await _metadata(bench, names[at], honest, dice, result)
            else:
                await _image(bench, disk, dice, result)
    return result


async def _metadata(bench: Bench, name: str, honest: Verified, dice: random.Random, result: Tried) -> None:
    changed = dice.choice(OF_METADATA)(dice, bench.file(name))
    bench.forged = {name: changed}
    result.metadata += 1
    try:
        if _meaning(await bench.verify()) == honest:
            result.harmless += 1
        else:
            result.believed.append((name, changed))
    except PeerError as error:
        result.refused[error.code] += 1


async def _image(bench: Bench, disk: DiskPackageFiles, dice: random.Random, result: Tried) -> None:
    """Download changed bytes, with what both repositories say of the image."""
    release = bench.release
    content = bench.file(_file_of(release))
    changed = dice.choice(OF_BYTES)(dice, content)
    result.images += 1
    try:
        await disk.append("order", changed)
        await disk.complete("order", release.length, release.sha256)
        if changed == content:
            result.harmless += 1
        else:
            result.believed.append((release.path, changed))
    except PeerError as error:
        result.refused[error.code] += 1


def _file_of(release: Release) -> str:
    function, _, name = release.path.partition("/")
    return f"images/{function}/{release.sha256}.{name}"


def _meaning(verified: Verified) -> Verified:
    """What was read, without the bytes of the roots: white space and superfluous signatures mean nothing."""
    return Verified(replace(verified.director, root=b""), replace(verified.image, root=b""))
