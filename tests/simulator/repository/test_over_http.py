"""A car's look at the repositories over a real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import PeerError
from pcm_agent.trust.images import judge
from tests.serving import serving
from tests.simulator.repository.bench import CAR, ECU, NOW, VIN, Bench


@asynccontextmanager
async def looking(bench: Bench) -> AsyncIterator[UptaneRepositories]:
    async def answer(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        content = bench.forged[name] if name in bench.forged else bench.repositories.serve(name, NOW)
        return web.Response(status=404) if content is None else web.Response(body=content)

    application = web.Application()
    application.router.add_get("/repositories/{name:.+}", answer)
    async with serving(application) as url, HttpMetadataSource() as source:
        yield UptaneRepositories(source, f"{url}/repositories", bench.roots)


async def test_a_car_gets_what_was_ordered() -> None:
    bench = Bench()
    async with looking(bench) as repositories:
        (assignment,) = judge(await repositories.check(VIN, None, NOW), ECU, {})
    assert assignment.path == bench.release.path


async def test_endless_metadata_is_stopped_on_the_way() -> None:
    bench = Bench()
    bench.forged[f"{CAR}/2.snapshot.json"] = b"{" * 10_000_000
    async with looking(bench) as repositories:
        with pytest.raises(PeerError, match=r"sends more than .* bytes .*metadata-oversized"):
            await repositories.check(VIN, None, NOW)
