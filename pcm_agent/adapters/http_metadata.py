"""The metadata port over `aiohttp`: small files, with a cap on their length and on the time that they may take."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp

from pcm_agent.errors import PeerError, TransportError

GRACE = 10.0
"""Seconds that a file may take besides those that its length accounts for."""
SLOWEST = 1024.0
"""Bytes a second; a file that takes longer than its limit at this rate, and the grace, is given up."""
_OK, _ABSENT = 200, (403, 404)


class HttpMetadataSource:
    """See `pcm_agent.ports.MetadataSource`; use it as a context manager, inside a running event loop.

    Args:
        grace: seconds.
        slowest: bytes a second.
    """

    def __init__(self, *, grace: float = GRACE, slowest: float = SLOWEST) -> None:
        self._grace, self._slowest = grace, slowest
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None)
        # an answer that is packed could be long once it is unpacked
        self._session = aiohttp.ClientSession(
            timeout=timeout, auto_decompress=False, headers={"Accept-Encoding": "identity"}
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file, None if there is none; see `pcm_agent.ports.MetadataSource`."""
        if self._session is None:
            raise TransportError("transfer-interrupted", "the source of metadata is not open")
        try:
            async with asyncio.timeout(self._grace + limit / self._slowest), self._session.get(url) as response:
                return await _content(response, url, limit, came)
        except ValueError as error:  # `aiohttp.InvalidURL`, and what the resolver says of a host that can't be one
            raise PeerError("url-unusable", f"{url} is nothing to fetch from: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TransportError("transfer-interrupted", f"{url}: {str(error) or type(error).__name__}") from error


async def _content(response: aiohttp.ClientResponse, url: str, limit: int, came: Callable[[int], None]) -> bytes | None:
    if response.status in _ABSENT:
        return None
    if response.status != _OK:
        raise TransportError("transfer-interrupted", f"{url} answers {response.status}")
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        came(len(chunk))
        if len(content) > limit:
            raise PeerError("metadata-oversized", f"{url} sends more than {limit} bytes")
    return bytes(content)
