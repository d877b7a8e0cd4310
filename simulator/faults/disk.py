"""A car's disk that is full, slow, or refuses an installation, and a download that comes damaged."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Literal

from pcm_agent.errors import TransportError
from pcm_agent.ports import Fetcher, PackageFiles
from pcm_agent.transport import Clock

SLOW = 50_000.0
"""Bytes a second that a slow disk takes: as a worn-out flash memory."""


@dataclass
class DiskFaults:
    """What is wrong with one car's disk, and with what comes onto it.

    Attributes:
        state: `full` takes no byte more; what is there can be read, pointed to and deleted.
        installations: so many of the next ones fail.
        downloads: so many of the next transfers come with one bit turned over.
        met: how often something failed, or was slow, for one of these reasons.
    """

    state: Literal["well", "full", "slow"] = "well"
    installations: int = 0
    downloads: int = 0
    met: int = 0


class FaultyFiles:
    """Package files on a disk that may be ill; see `pcm_agent.ports.PackageFiles`."""

    def __init__(self, files: PackageFiles, faults: DiskFaults, clock: Clock) -> None:
        self._files, self._faults, self._clock = files, faults, clock
        self.received, self.complete, self.patch, self.revert = (
            files.received,
            files.complete,
            files.patch,
            files.revert,
        )
        self.verify, self.discard, self.remove, self.sweep = files.verify, files.discard, files.remove, files.sweep

    async def append(self, offer_id: str, chunk: bytes) -> None:
        """Add to a download, as fast as the disk takes it."""
        if self._faults.state != "well":
            self._faults.met += 1
            if self._faults.state == "full":
                raise TransportError("disk-full", f"{offer_id}: no space left on the car's disk")
            await self._clock.sleep(len(chunk) / SLOW)
        await self._files.append(offer_id, chunk)

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version, unless this is to fail."""
        if self._faults.installations:
            self._faults.installations -= 1
            self._faults.met += 1
            raise TransportError("disk-unwritable", f"{function}: the disk did not take the version")
        await self._files.install(function, sha256)


class DamagingFetcher:
    """A fetcher whose bytes may come damaged; see `pcm_agent.ports.Fetcher`."""

    def __init__(self, fetcher: Fetcher, faults: DiskFaults) -> None:
        self._fetcher, self._faults = fetcher, faults

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on; of a transfer that is to be damaged the very first one is wrong."""
        chunks = self._fetcher.fetch(url, offset, length, skipped)
        try:
            async for chunk in chunks:
                if self._faults.downloads and chunk:
                    self._faults.downloads -= 1
                    self._faults.met += 1
                    yield bytes((chunk[0] ^ 1,)) + chunk[1:]
                else:
                    yield chunk
        finally:
            await chunks.aclose()
