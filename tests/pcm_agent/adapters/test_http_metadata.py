"""The metadata source against a small real server that behaves as told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.errors import PcmError, PeerError, TransportError
from tests.serving import serving
from tests.waiting import one_turn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CONTENT = b"{}" * 500


@asynccontextmanager
async def served(handler: Handler, grace: float = 10.0) -> AsyncIterator[tuple[HttpMetadataSource, str]]:
    application = web.Application()
    application.router.add_get("/timestamp.json", handler)
    async with serving(application) as url, HttpMetadataSource(grace=grace, slowest=1_000_000) as source:
        yield source, f"{url}/timestamp.json"


def answer(status: int, body: bytes = b"", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return handler


def endless(size: int) -> Handler:
    """A body without an announced length and without an end, in pieces of so many bytes."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * size)
            await one_turn()

    return handler


async def ended(handler: Handler, limit: int = 2000, grace: float = 10.0) -> bytes | PcmError | None:
    async with served(handler, grace) as (source, url):
        try:
            return await source.fetch(url, limit)
        except PcmError as error:
            return error


async def failed(handler: Handler, limit: int = 2000, grace: float = 10.0) -> tuple[type, str]:
    error = await ended(handler, limit, grace)
    assert isinstance(error, PcmError)
    return type(error), error.code


async def test_a_file_comes_whole() -> None:
    assert await ended(answer(200, CONTENT)) == CONTENT
    assert await ended(answer(200, CONTENT), limit=len(CONTENT)) == CONTENT


@pytest.mark.parametrize("status", [403, 404])
async def test_no_file_is_none(status: int) -> None:
    assert await ended(answer(status, CONTENT)) is None


@pytest.mark.parametrize("status", [204, 206, 400, 410, 429, 500, 503])
async def test_any_other_answer_is_tried_again(status: int) -> None:
    assert await failed(answer(status)) == (TransportError, "transfer-interrupted")


async def test_what_is_too_long_is_stopped() -> None:
    assert await failed(answer(200, CONTENT), limit=len(CONTENT) - 1) == (PeerError, "metadata-oversized")
    assert await failed(endless(1000), limit=5000) == (PeerError, "metadata-oversized")


async def test_bytes_are_told_as_they_come_also_of_what_is_given_up() -> None:
    for handler, least, most in ((answer(200, CONTENT), 1000, 1000), (endless(1000), 5001, 200_000)):
        sizes: list[int] = []
        async with served(handler) as (source, url):
            with suppress(PeerError):
                await source.fetch(url, 5000, sizes.append)
        assert least <= sum(sizes) <= most


async def test_what_is_too_slow_is_given_up() -> None:
    one_byte_at_a_time = endless(1)  # far fewer than the 1,000,000 a second that are demanded
    assert await failed(one_byte_at_a_time, limit=200_000, grace=0.0) == (TransportError, "transfer-interrupted")


async def test_what_claims_to_be_packed_is_not_unpacked() -> None:
    packed = answer(200, CONTENT, **{"Content-Encoding": "gzip"})
    assert await ended(packed) == CONTENT


@pytest.mark.parametrize("url", ["nonsense", "http://[", "http://a..b/"])
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    async with HttpMetadataSource() as source:
        with pytest.raises(PeerError, match="url-unusable"):
            await source.fetch(url, 1)


async def test_nobody_listens() -> None:
    async with served(answer(200)) as (_, url):
        pass
    async with HttpMetadataSource() as source:
        with pytest.raises(TransportError, match="transfer-interrupted"):
            await source.fetch(url, 1)


async def test_a_source_must_be_open() -> None:
    with pytest.raises(TransportError, match="not open"):
        await HttpMetadataSource().fetch("http://127.0.0.1/", 1)
