"""HTTP over a carrier, in virtual time: requests and answers that a line slows down, and breaks when it is cut."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Self

from pcm_agent.errors import TransportError
from pcm_agent.ports import Fetcher, MetadataSource
from simulator.faults.carrier import Carrier
from simulator.faults.pipe import Flow, Pipe

REQUEST, HEAD = 200, 200
"""Bytes of a request besides its address, and of an answer besides its content, about."""


class Exchange:
    """What is said both ways over one connection; a context manager.

    Args:
        carrier: the way there.
        code: of the `TransportError` that a cut line raises.
        text: of the same.

    Raises:
        TransportError: the line is cut; from entering it, and from whatever waits when it happens.
    """

    def __init__(self, carrier: Carrier, code: str, text: str) -> None:
        self._carrier, self._error = carrier, (code, text)
        self._broken = carrier.cut
        self._waiter: asyncio.Future[None] | None = None
        self._connection = carrier.open(self._break)

    def __enter__(self) -> Self:
        if self._broken:
            self._connection.close()
            raise TransportError(*self._error)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    async def up(self, length: int) -> None:
        """Return when so many bytes have come from the car."""
        await self._all(self._carrier.up, self._connection.up, length)

    async def down(self, length: int) -> None:
        """Return when so many bytes have come to the car."""
        await self._all(self._carrier.down, self._connection.down, length)

    def pieces_down(self, length: int) -> AsyncGenerator[tuple[int, int]]:
        """Begin and end of each piece of so many bytes, as it has come to the car."""
        return self._pass(self._carrier.down, self._connection.down, length)

    async def _all(self, pipe: Pipe, flow: Flow, length: int) -> None:
        if pipe.clear and not flow.length:
            return
        async for _ in self._pass(pipe, flow, length):
            pass

    async def _pass(self, pipe: Pipe, flow: Flow, length: int) -> AsyncGenerator[tuple[int, int]]:
        pieces = list(pipe.pieces(length))
        arrived = 0

        def arrive() -> None:
            nonlocal arrived
            arrived += 1
            self._wake()

        for start, end in pieces:
            flow.put(end - start, arrive, of=length)
        for number, piece in enumerate(pieces):
            while arrived <= number:
                await self._wait()
            self._check()
            yield piece

    async def _wait(self) -> None:
        self._check()
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _check(self) -> None:
        if self._broken:
            raise TransportError(*self._error)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _break(self) -> None:
        self._broken = True
        self._wake()


def _get(carrier: Carrier, url: str) -> Exchange:
    return Exchange(carrier, "transfer-interrupted", f"{url}: nothing comes through")


class CarriedFetcher:
    """See `pcm_agent.ports.Fetcher`.

    Args:
        fetcher: at the other end.
        carrier: the way there.
    """

    def __init__(self, fetcher: Fetcher, carrier: Carrier) -> None:
        self._fetcher, self._carrier = fetcher, carrier

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on, as they come through."""
        with _get(self._carrier, url) as exchange:
            await exchange.up(REQUEST + len(url))
            await exchange.down(HEAD)
            async with aclosing(self._fetcher.fetch(url, offset, length, skipped)) as chunks:
                async for chunk in chunks:
                    async with aclosing(exchange.pieces_down(len(chunk))) as pieces:
                        async for start, end in pieces:
                            yield chunk[start:end]


class CarriedSource:
    """See `pcm_agent.ports.MetadataSource`.

    Args:
        source: at the other end.
        carrier: the way there.
    """

    def __init__(self, source: MetadataSource, carrier: Carrier) -> None:
        self._source, self._carrier = source, carrier

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file, once it has come through."""
        with _get(self._carrier, url) as exchange:
            await exchange.up(REQUEST + len(url))
            content = await self._source.fetch(url, limit)
            await exchange.down(HEAD)
            async with aclosing(exchange.pieces_down(len(content or b""))) as pieces:
                async for start, end in pieces:
                    came(end - start)
        return content
