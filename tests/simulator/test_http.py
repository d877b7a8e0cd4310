import hashlib
import random
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
import yarl

from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.errors import PeerError, TransportError
from pcm_agent.trust.unit import unit_with
from simulator.backend.http import listening_socket, serving
from simulator.clock import SimClock
from simulator.keys import seeded_key
from simulator.lab import START, seeded_depot
from simulator.repository import FolderStore
from simulator.units import record_of

CONTENT = random.Random(1).randbytes(700_000)  # more than two chunks
NAME = f"{hashlib.sha256(CONTENT).hexdigest()}.1.0.pkg"


@pytest.fixture
async def url(tmp_path: Path) -> AsyncGenerator[str]:
    store = FolderStore(tmp_path / "repositories")
    listener = listening_socket("127.0.0.1", 0)
    depot = seeded_depot(1, store, "http://backend.test", SimClock(START))
    depot.units.keep(record_of("V", "pcm-taycan", unit_with(seeded_key("V"))))
    depot.publish("V", {})
    store.write(f"images/seats/{NAME}", CONTENT)
    store.write("images/seats/.half", b"half a package")
    (store.folder / "keys" / "online").mkdir(parents=True)
    (store.folder / "keys" / "online" / "director-targets.pem").write_text("secret", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    async with serving(depot, store, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def get(url: str, method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, yarl.URL(url, encoded=True), headers=sent) as response,
    ):
        return response.status, await response.read(), {key.lower(): value for key, value in response.headers.items()}


async def test_a_whole_package(url: str) -> None:
    status, body, headers = await get(f"{url}/images/seats/{NAME}")
    assert (status, body) == (200, CONTENT)
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["etag"].startswith('"')
    assert "content-encoding" not in headers


@pytest.mark.parametrize(("first", "last"), [(0, 0), (1, 10), (300_000, 699_999), (699_999, 699_999)])
async def test_a_range(url: str, first: int, last: int) -> None:
    status, body, headers = await get(f"{url}/images/seats/{NAME}", Range=f"bytes={first}-{last}")
    assert (status, body) == (206, CONTENT[first : last + 1])
    assert headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"


async def test_a_range_without_an_end_and_one_counted_from_the_end(url: str) -> None:
    assert (await get(f"{url}/images/seats/{NAME}", Range="bytes=650000-"))[:2] == (206, CONTENT[650_000:])
    assert (await get(f"{url}/images/seats/{NAME}", Range="bytes=-5"))[:2] == (206, CONTENT[-5:])


async def test_a_range_behind_the_end_cannot_be_satisfied(url: str) -> None:
    status, _, headers = await get(f"{url}/images/seats/{NAME}", Range=f"bytes={len(CONTENT)}-")
    assert status == 416
    assert headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_if_range_gives_the_rest_of_the_same_file_and_all_of_another(url: str) -> None:
    etag = (await get(f"{url}/images/seats/{NAME}", "HEAD"))[2]["etag"]
    same = await get(f"{url}/images/seats/{NAME}", Range="bytes=10-", If_Range=etag)
    assert same[:2] == (206, CONTENT[10:])
    other = await get(f"{url}/images/seats/{NAME}", Range="bytes=10-", If_Range='"another"')
    assert other[:2] == (200, CONTENT)


@pytest.mark.parametrize(
    "path",
    [
        "/images/seats/" + "0" * 64,
        "/images/seats/.half",
        "/images",
        "/keys/online/director-targets.pem",
        "/image/../keys/online/director-targets.pem",
        "/image/%2e%2e/keys/online/director-targets.pem",
        "/director/W/timestamp.json",
        "/images/seats/..%2Fsecret",
        "/images/seats/../secret",
        "/images/seats/%2e%2e/secret",
        "/images/seats/..\\secret",
        "/images/seats/%2Fetc%2Fpasswd",
        f"/images/seats/{NAME}%00",
        "/images/seats/" + "a" * 5000,
        "/images/seats/",
        "/images/seats",
        "/",
        f"/{NAME}",
    ],
)
async def test_nothing_else_is_served(url: str, path: str) -> None:
    status, body, _ = await get(f"{url}{path}")
    assert status == 404
    assert b"secret" not in body


@pytest.mark.parametrize(
    "name",
    [
        "director/1.root.json",
        "director/V/1.root.json",
        "director/V/timestamp.json",
        "image/timestamp.json",
        "image/1.targets.json",
    ],
)
async def test_metadata_is_served_as_json(url: str, name: str) -> None:
    status, body, headers = await get(f"{url}/{name}")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert b"signatures" in body


async def test_a_repository_that_cannot_be_read_is_not_there_for_now_and_says_why(url: str, tmp_path: Path) -> None:
    (tmp_path / "repositories" / "image" / "timestamp.json").write_text("{", encoding="utf-8")
    status, body, _ = await get(f"{url}/image/timestamp.json")
    assert status == 503
    assert b"repository-broken" in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed(url: str, method: str) -> None:
    assert (await get(f"{url}/images/seats/{NAME}", method))[0] == 405
    assert (await get(f"{url}/images/seats/{NAME}"))[1] == CONTENT


async def test_the_agent_fetches_from_any_place_on(url: str) -> None:
    async with HttpFetcher() as fetcher:
        for offset in (0, 1, 262_144, 699_999):
            chunks = [chunk async for chunk in fetcher.fetch(f"{url}/images/seats/{NAME}", offset, len(CONTENT))]
            assert b"".join(chunks) == CONTENT[offset:]
        with pytest.raises(PeerError) as caught:
            [chunk async for chunk in fetcher.fetch(f"{url}/images/seats/{'0' * 64}", 0, len(CONTENT))]
        assert caught.value.code == "package-gone"
        with pytest.raises(PeerError) as caught:
            [chunk async for chunk in fetcher.fetch(f"{url}/images/seats/{NAME}", 0, len(CONTENT) + 1)]
        assert caught.value.code == "package-length"


async def test_the_server_listens_on_loopback_only(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.settimeout(5)
        # All of 127/8 is this machine: a socket bound to every address would answer here too.
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_a_short_answer_does_not_wait_for_its_head_to_be_acknowledged() -> None:
    with listening_socket("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(TransportError) as caught:
        listening_socket("127.0.0.1", taken.getsockname()[1])
    assert caught.value.code == "http-port-unusable"


def test_an_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(TransportError) as caught:
        listening_socket("192.0.2.1", 0)
    assert caught.value.code == "http-port-unusable"
