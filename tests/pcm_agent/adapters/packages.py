"""What tests do to packages on a real disk."""

import hashlib
from collections.abc import Awaitable
from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import PcmError

OFFER, FUNCTION = "order-1.1", "range-manager"
ONE, TWO = b"version one" * 50_000, b"version two" * 50_000


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def on_disk(root: Path) -> dict[str, list[str]]:
    return {folder.name: sorted(path.name for path in folder.iterdir()) for folder in sorted(root.iterdir())}


async def download(files: DiskPackageFiles, content: bytes, offer: str = OFFER) -> None:
    for start in range(0, len(content), 100_000):
        await files.append(offer, content[start : start + 100_000])
    await files.complete(offer, len(content), sha(content))


async def bring(files: DiskPackageFiles, content: bytes, offer: str = OFFER) -> None:
    await download(files, content, offer)
    await files.install(FUNCTION, sha(content))
    await files.verify(FUNCTION, sha(content))


async def code_of(work: Awaitable[object]) -> str:
    with pytest.raises(PcmError) as caught:
        await work
    return caught.value.code
