"""The fetcher against a small real server that behaves as told: no byte of another file is ever handed on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from pcm_agent.adapters.http import CHUNK, HttpFetcher
from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.ports import Fetcher
from tests.serving import serving

CONTENT = bytes(range(256)) * 4096  # 1 MiB, no two chunks begin alike by chance
LENGTH = len(CONTENT)
OFFSET = 300_001

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[Fetcher, str, list[str | None]]]:
    """A fetcher, an address, and the ranges that were asked for there."""
    ranges: list[str | None] = []

    async def noted(request: web.Request) -> web.StreamResponse:
        ranges.append(request.headers.get("Range"))
        return await handler(request)

    application = web.Application()
    application.router.add_get("/package", noted)
    application.router.add_get("/moved", moved)
    async with serving(application) as url, HttpFetcher() as fetcher:
        yield fetcher, f"{url}/package", ranges


async def moved(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/package")


async def fetched(fetcher: Fetcher, url: str, offset: int = 0, length: int = LENGTH) -> tuple[bytes, PcmError | None]:
    """What was handed on, and what ended it."""
    got = bytearray()
    try:
        async for chunk in fetcher.fetch(url, offset, length):
            assert 0 < len(chunk) <= CHUNK
            got += chunk
    except PcmError as error:
        return bytes(got), error
    return bytes(got), None


def partial(start: int, body: bytes, total: int, *, end: int | None = None) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        last = start + len(body) - 1 if end is None else end
        return web.Response(status=206, body=body, headers={"Content-Range": f"bytes {start}-{last}/{total}"})

    return handler


def answer(status: int, body: bytes = b"") -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body)

    return handler


def streamed(body: bytes, *, announced: int | None = None, cut: bool = False) -> Handler:
    """A body that comes in pieces, with or without a length, and with or without an end."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = announced
        await response.prepare(request)
        for start in range(0, len(body), 100_000):
            await response.write(body[start : start + 100_000])
        if cut:
            assert request.transport is not None
            request.transport.abort()
        return response

    return handler


async def test_whole_file_is_handed_on_without_asking_for_a_range() -> None:
    async with served(answer(200, CONTENT)) as (fetcher, url, ranges):
        assert await fetched(fetcher, url) == (CONTENT, None)
        assert ranges == [None]


async def test_rest_of_a_file_is_asked_for_and_handed_on() -> None:
    async with served(partial(OFFSET, CONTENT[OFFSET:], LENGTH)) as (fetcher, url, ranges):
        assert await fetched(fetcher, url, OFFSET) == (CONTENT[OFFSET:], None)
        assert ranges == [f"bytes={OFFSET}-"]


@pytest.mark.parametrize("offset", [1, CHUNK - 1, CHUNK, CHUNK + 1, OFFSET, LENGTH - 1])
async def test_server_that_ignores_the_range_has_its_first_bytes_skipped(offset: int) -> None:
    async with served(answer(200, CONTENT)) as (fetcher, url, ranges):
        assert await fetched(fetcher, url, offset) == (CONTENT[offset:], None)
        assert ranges == [f"bytes={offset}-"]


@pytest.mark.parametrize(
    "handler",
    [
        partial(0, CONTENT, LENGTH),
        partial(OFFSET + 1, CONTENT[OFFSET + 1 :], LENGTH),
        partial(OFFSET, CONTENT[OFFSET:], LENGTH + 1),
        partial(OFFSET, CONTENT[OFFSET:], LENGTH, end=LENGTH),
        answer(206, CONTENT[OFFSET:]),
        answer(416),
        answer(200, CONTENT + b"!"),
        answer(200, CONTENT[:-1]),
    ],
    ids=["from-0", "too-late", "longer-file", "wrong-end", "no-range", "416", "longer", "shorter"],
)
async def test_bytes_of_another_file_are_refused_for_good_and_none_is_handed_on(handler: Handler) -> None:
    async with served(handler) as (fetcher, url, _):
        got, error = await fetched(fetcher, url, OFFSET)
    assert got == b""
    assert isinstance(error, PeerError)
    assert error.code == "package-length"


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_file_that_is_gone_is_final(status: int) -> None:
    async with served(answer(status)) as (fetcher, url, _):
        got, error = await fetched(fetcher, url)
    assert got == b""
    assert isinstance(error, PeerError)
    assert error.code == "package-gone"
    assert str(status) in error.message


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_that_is_in_trouble_may_be_asked_again(status: int) -> None:
    async with served(answer(status)) as (fetcher, url, _):
        got, error = await fetched(fetcher, url)
    assert got == b""
    assert isinstance(error, TransportError)
    assert error.code == "transfer-interrupted"


@pytest.mark.parametrize("offset", [0, OFFSET])
async def test_transfer_that_is_cut_in_its_middle_keeps_what_came(offset: int) -> None:
    async with served(streamed(CONTENT[:700_000], announced=LENGTH, cut=True)) as (fetcher, url, _):
        got, error = await fetched(fetcher, url, offset)
    assert CONTENT[offset:].startswith(got)
    assert len(got) <= 700_000 - offset
    assert isinstance(error, TransportError)
    assert error.code == "transfer-interrupted"


async def test_body_without_a_length_that_ends_early_counts_as_cut() -> None:
    async with served(streamed(CONTENT[:700_000])) as (fetcher, url, _):
        got, error = await fetched(fetcher, url)
    assert got == CONTENT[:700_000]
    assert isinstance(error, TransportError)
    assert "700000 of 1048576" in error.message


@pytest.mark.parametrize("offset", [0, OFFSET])
async def test_body_that_is_longer_than_announced_is_refused_before_its_last_bytes(offset: int) -> None:
    async with served(streamed(CONTENT + bytes(500_000))) as (fetcher, url, _):
        got, error = await fetched(fetcher, url, offset)
    assert CONTENT[offset:].startswith(got)
    assert isinstance(error, PeerError)
    assert error.code == "package-length"


def tagged(tags: list[str], seen: list[str | None]) -> Handler:
    """A server that knows `If-Range` (RFC 9110, 13.1.5); its file is another one with each further entity tag."""

    async def handler(request: web.Request) -> web.StreamResponse:
        condition = request.headers.get("If-Range")
        seen.append(condition)
        etag = tags.pop(0)
        headers = {"ETag": etag}
        if "Range" in request.headers and condition in (None, etag):
            headers["Content-Range"] = f"bytes {OFFSET}-{LENGTH - 1}/{LENGTH}"
            return web.Response(status=206, body=CONTENT[OFFSET:], headers=headers)
        return web.Response(body=CONTENT, headers=headers)

    return handler


async def test_transfer_goes_on_only_in_the_file_that_was_begun() -> None:
    seen: list[str | None] = []
    async with served(tagged(['"one"', '"one"', '"two"', '"two"'], seen)) as (fetcher, url, _):
        assert await fetched(fetcher, url) == (CONTENT, None)
        assert await fetched(fetcher, url, OFFSET) == (CONTENT[OFFSET:], None)
        got, error = await fetched(fetcher, url, OFFSET)
        assert (got, isinstance(error, TransportError), error and error.code) == (b"", True, "package-changed")
        assert await fetched(fetcher, url) == (CONTENT, None)  # from the beginning
    assert seen == [None, '"one"', '"one"', None]


async def test_other_file_in_a_range_is_noticed_by_its_tag() -> None:
    tags = iter(['"one"', '"two"'])

    async def handler(request: web.Request) -> web.StreamResponse:
        handler = partial(OFFSET, CONTENT[OFFSET:], LENGTH) if "Range" in request.headers else answer(200, CONTENT)
        response = await handler(request)
        response.headers["ETag"] = next(tags)
        return response

    async with served(handler) as (fetcher, url, _):
        await fetched(fetcher, url)
        got, error = await fetched(fetcher, url, OFFSET)
    assert (got, error and error.code) == (b"", "package-changed")


async def test_weak_tag_proves_nothing() -> None:
    seen: list[str | None] = []
    async with served(tagged(['W/"one"', 'W/"two"'], seen)) as (fetcher, url, _):
        await fetched(fetcher, url)
        assert await fetched(fetcher, url, OFFSET) == (CONTENT[OFFSET:], None)
    assert seen == [None, None]


async def test_tags_of_many_files_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcm_agent.adapters.http.ETAGS_KEPT", 1)
    seen: list[str | None] = []
    async with served(tagged(['"one"'] * 3, seen)) as (fetcher, url, _):
        for address in (url, f"{url}?other"):
            await fetched(fetcher, address)
        assert await fetched(fetcher, url, OFFSET) == (CONTENT[OFFSET:], None)
    assert seen == [None, None, None]


async def test_package_that_moved_is_followed() -> None:
    async with served(partial(OFFSET, CONTENT[OFFSET:], LENGTH)) as (fetcher, url, ranges):
        assert await fetched(fetcher, url.replace("/package", "/moved"), OFFSET) == (CONTENT[OFFSET:], None)
        assert ranges == [f"bytes={OFFSET}-"]


async def test_nobody_there_may_be_tried_again() -> None:
    async with served(answer(200)) as (_, url, _):
        pass
    async with HttpFetcher() as fetcher:
        got, error = await fetched(fetcher, url)
    assert got == b""
    assert isinstance(error, TransportError)
    assert error.code == "transfer-interrupted"


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/x",
        "http://./x",
        f"http://{'a' * 64}.example/x",
        "http://backend:99999/x",
        "http://backend:http/x",
        "http://[::1/x",
        "http:///x",
    ],
)
async def test_address_that_can_be_none_is_refused_for_good(url: str) -> None:
    async with HttpFetcher() as fetcher:
        got, error = await fetched(fetcher, url)
    assert got == b""
    assert isinstance(error, PeerError)
    assert error.code == "url-unusable"
    assert url in error.message


async def test_silent_server_counts_as_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcm_agent.adapters.http.STALL", 0.05)
    silent = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = LENGTH
        await response.prepare(request)
        await response.write(CONTENT[:10])
        await silent.wait()
        return response

    async with served(handler) as (fetcher, url, _):
        got, error = await fetched(fetcher, url)
        silent.set()
    assert CONTENT.startswith(got)
    assert isinstance(error, TransportError)
    assert error.code == "transfer-interrupted"


async def test_fetcher_that_is_not_open_says_so() -> None:
    got, error = await fetched(HttpFetcher(), "http://127.0.0.1/package")
    assert (got, isinstance(error, TransportError)) == (b"", True)


async def test_transfer_that_is_given_up_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = LENGTH * 1000
        await response.prepare(request)
        try:
            for _ in range(1000):
                await response.write(CONTENT)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise
        return response

    async with served(handler) as (fetcher, url, _):
        chunks = fetcher.fetch(url, 0, LENGTH * 1000)
        assert CONTENT.startswith(await anext(chunks))
        await chunks.aclose()
        async with asyncio.timeout(10):
            await gone.wait()
