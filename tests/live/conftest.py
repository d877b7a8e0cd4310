"""Programs that end with their test, and one broker and backend for many cars."""

import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.live.helpers import LIMIT_S, Bench, Programs, find_line, popen


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncGenerator[Programs]:
    programs = Programs(tmp_path)
    yield programs
    for program in reversed(programs.started):
        program.kill()
        await program.ended


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Generator[Bench]:
    home = tmp_path_factory.mktemp("bench")
    logs = [home / "broker.log", home / "backend.log"]
    broker = popen(home, logs[0], "broker", "--port", "0")
    backend = None
    try:
        url = find_line(logs[0], r"^ready: (mqtt://\S+)$")
        backend = popen(home, logs[1], "backend", "--broker", url)
        find_line(logs[1], r"^packages are served at (\S+)$")
        yield Bench(url, home)
    finally:
        for process in (backend, broker):
            if process is not None:
                process.terminate()
                process.wait(LIMIT_S)
        shutil.rmtree(home)
