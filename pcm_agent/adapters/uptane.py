"""The metadata of both repositories, verified; what was read last time is known the next.

Nothing is believed because it is known. A file that was read before is used in place of a fetched one only if it has
the hash that is signed for it, and is verified like that one. A repository that shows the very timestamp that it showed
last time, below the same root, says the very same, unless something has expired since: so it is read no further.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import quote

from pcm_agent.adapters.uptane_reading import Reading
from pcm_agent.ports import MetadataSource
from pcm_agent.trust.images import image_url
from pcm_agent.trust.metadata import TrustedRoots, Verified

MOST_HELD = 1024 * 1024
"""Bytes of a repository that are held until the next check, at most; of a longer one all is fetched each time."""


class UptaneRepositories:
    """See `pcm_agent.ports.Repositories`.

    Args:
        source: gets the files.
        url: of both repositories, without a slash at the end: the Director's metadata for a car stands below
            `director/{vin}`, the Image repository's below `image`, the images below `images`.
        given: roots that the car trusts without asking.
    """

    def __init__(self, source: MetadataSource, url: str, given: TrustedRoots) -> None:
        self._source, self._url, self.given = source, url, given
        self._last: dict[str, Reading] = {}
        """What the last check that was accepted has read, by folder."""

    def image_url(self, path: str, sha256: str) -> str:
        """Below the address of the repositories."""
        return image_url(f"{self._url}/images", path, sha256)

    async def check(
        self, vin: str, newest: TrustedRoots | None, now: datetime, came: Callable[[int], None] = lambda _: None
    ) -> Verified:
        """Director first, then the Image repository for what the Director names."""
        roots = newest or self.given
        director = await self._read(f"director/{quote(vin, '')}", roots.director, now, came)
        wanted = director.all_targets()
        image = await self._read("image", roots.image, now, came)
        found = await image.find(sorted(wanted))
        self._last = {each.base: each for each in (director, image) if each.length <= MOST_HELD}
        return Verified(director.verified(wanted), image.verified(found))

    async def _read(self, base: str, root: bytes, now: datetime, came: Callable[[int], None]) -> Reading:
        fetch = partial(self._source.fetch, came=came)
        reading = Reading(fetch, self._url, base, root, now, last=self._last.get(base))
        await reading.refresh()
        return reading
