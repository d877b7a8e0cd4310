"""The car's disk, which fails when it is told to."""

from pcm_agent.errors import PeerError, TransportError
from pcm_agent.ports import PackageFiles
from simulator.world.world import World


class FaultyFiles:
    """Package files on which an installation fails where the world says so; see `pcm_agent.ports.PackageFiles`."""

    def __init__(self, files: PackageFiles, world: World) -> None:
        self._files, self._world = files, world
        self.received, self.append = files.received, files.append
        self.patch, self.revert = files.patch, files.revert
        self.verify, self.discard, self.remove, self.sweep = files.verify, files.discard, files.remove, files.sweep

    async def complete(self, offer_id: str, length: int, sha256: str) -> None:
        """Check a download and keep it as a version, unless it is to be damaged."""
        if self._world.downloads_to_fail:
            self._world.downloads_to_fail -= 1
            await self._files.discard(offer_id)
            raise PeerError("package-hash", f"offer {offer_id}: the download is damaged")
        await self._files.complete(offer_id, length, sha256)

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version, unless this is to fail."""
        if self._world.installations_to_fail:
            self._world.installations_to_fail -= 1
            raise TransportError("disk-unwritable", f"{function}: the disk did not take the version")
        await self._files.install(function, sha256)
