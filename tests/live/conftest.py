"""Programs that end with their test, and one broker and backend for many cars."""

import shutil
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.live.helpers import Bench, Programs, address_in, popen
from tests.waiting import LIMIT_S, eventually


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncGenerator[Programs]:
    programs = Programs(tmp_path)
    yield programs
    for program in reversed(programs.started):
        program.kill()
        await program.ended


@pytest.fixture
def nobody() -> str:
    """The URL of a place where no broker is."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"mqtt://127.0.0.1:{closed.getsockname()[1]}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bench]:
    home = tmp_path_factory.mktemp("bench")
    logs = [home / "broker.log", home / "backend.log"]
    broker = popen(home, logs[0], "broker", "--port", "0")
    backend = None
    try:
        url = await eventually(lambda: address_in(logs[0].read_text("utf-8")))
        backend = popen(home, logs[1], "backend", "--broker", url)
        await eventually(lambda: "the repositories are served at" in logs[1].read_text("utf-8"))
        yield Bench(url, home)
    finally:
        for process in (backend, broker):
            if process is not None:
                process.terminate()
                process.wait(LIMIT_S)
        shutil.rmtree(home)
