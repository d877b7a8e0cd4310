"""The fetcher port over `aiohttp`: range requests that never mix the bytes of two files (RFC 9110, 14)."""

from collections.abc import AsyncGenerator, Callable
from types import TracebackType
from typing import Self

import aiohttp

from pcm_agent.errors import PeerError, TransportError

CHUNK = 256 * 1024
"""Bytes handed on at a time, at most: what came while the last ones were written comes as one."""
STALL = 30.0
"""Seconds without a byte after which a transfer counts as broken."""
ETAGS_KEPT = 64
"""So many files are recognised when a transfer goes on; of more, length and hash alone decide."""
_OK, _PARTIAL, _NO_SUCH_RANGE = 200, 206, 416
_SERVER_ERROR = 500


class HttpFetcher:
    """Fetches packages; use it as a context manager, inside a running event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._etags: dict[str, str] = {}
        """Strong entity tags of files that were begun, by address: what is resumed must be the same file."""

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=STALL, sock_read=STALL)
        self._session = aiohttp.ClientSession(timeout=timeout, read_bufsize=CHUNK, auto_decompress=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on; see `pcm_agent.ports.Fetcher`."""
        if self._session is None:
            raise TransportError("transfer-interrupted", "the fetcher is not open")
        try:
            async with self._session.get(url, headers=self._headers(url, offset)) as response:
                skip = _judge(response, url, offset, length)
                self._recognise(response, url, offset)
                position = offset - skip
                async for chunk in response.content.iter_chunked(CHUNK):
                    position += len(chunk)
                    if position > length:
                        raise PeerError("package-length", f"{url} sends more than the {length} bytes of the offer")
                    fresh = chunk[skip:]
                    if skip:
                        skipped(min(skip, len(chunk)))
                        skip = max(0, skip - len(chunk))
                    if fresh:
                        yield fresh
        except ValueError as error:  # `aiohttp.InvalidURL`, and what the resolver says of a host that can't be one
            raise PeerError("url-unusable", f"{url} is nothing to fetch from: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TransportError("transfer-interrupted", f"{url}: {str(error) or type(error).__name__}") from error
        if position < length:
            raise TransportError("transfer-interrupted", f"{url} ended after {position} of {length} bytes")

    def _headers(self, url: str, offset: int) -> dict[str, str]:
        if not offset:
            return {}
        condition = {"If-Range": self._etags[url]} if url in self._etags else {}
        return {"Range": f"bytes={offset}-", **condition}

    def _recognise(self, response: aiohttp.ClientResponse, url: str, offset: int) -> None:
        """Keep the file's strong entity tag; refuse to go on where it is another file by now (RFC 9110, 13.1.5)."""
        known, etag = self._etags.get(url), response.headers.get("ETag", "")
        if offset and known is not None and etag != known:  # and it stays known until somebody begins anew
            raise TransportError("package-changed", f"{url} is another file than the one that was begun")
        self._etags.pop(url, None)
        if etag.startswith('"') and response.status in (_OK, _PARTIAL):
            self._etags[url] = etag
            if len(self._etags) > ETAGS_KEPT:
                del self._etags[next(iter(self._etags))]


def _judge(response: aiohttp.ClientResponse, url: str, offset: int, length: int) -> int:
    """Bytes to skip until the ones that are wanted begin: none where the server honours the range."""
    status = response.status
    if status == _PARTIAL and response.headers.get("Content-Range") == f"bytes {offset}-{length - 1}/{length}":
        return 0
    if status == _OK:
        if response.content_length not in (None, length):
            raise PeerError("package-length", f"{url} has {response.content_length} bytes, the offer says {length}")
        return offset
    if status in (_PARTIAL, _NO_SUCH_RANGE):
        raise PeerError("package-length", f"{url} has other bytes than the {length} of the offer")
    if status >= _SERVER_ERROR:
        raise TransportError("transfer-interrupted", f"{url} answers {status}")
    raise PeerError("package-gone", f"{url} answers {status}")
