"""Mosquitto keeps what is retained, leaves nothing behind, and says why it does not start."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from pcm_agent.errors import TransportError
from simulator.broker import BrokerError, start_broker
from simulator.broker import mosquitto as mosquitto_module
from simulator.broker.address import free_port
from tests.simulator.brokers import (
    LIMIT_S,
    TOPIC,
    V5,
    V311,
    Notes,
    fake_mosquitto,
    is_alive,
    listening_on,
    publish,
    receive,
)
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio, os
from simulator.broker import start_broker

async def main():
    async with start_broker("mosquitto", log=lambda line: None) as broker:
        print(broker.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.live
async def test_mosquitto_keeps_retained_messages_over_a_restart_and_leaves_nothing_behind() -> None:
    notes = Notes()
    async with start_broker("mosquitto", log=notes) as broker:
        port, first_pid = broker.address.port, broker.pid
        assert broker.kind == "mosquitto"
        assert broker.supports_mqtt5
        assert notes == [f"mosquitto {broker.version} listens on 127.0.0.1, port {port}"]
        for version, name in ((V5, "five"), (V311, "three")):
            await publish(broker, b"online", version, f"{TOPIC}/{name}")
            message = await receive(broker, version, f"{TOPIC}/{name}")
            assert (message.payload, message.retain) == (b"online", True)

        await broker.restart()

        assert (broker.address.port, broker.pid != first_pid) == (port, True)
        assert (await receive(broker, V5, f"{TOPIC}/three")).payload == b"online"
        assert (await receive(broker, V311, f"{TOPIC}/five")).payload == b"online"
        pids = (first_pid, broker.pid)
    assert listening_on(port) == set()
    assert not any(pid is None or is_alive(pid) for pid in pids)


@pytest.mark.live
async def test_mosquitto_passes_a_message_that_the_agent_has_to_refuse() -> None:
    async with start_broker("mosquitto", log=Notes()) as broker:
        await publish(broker, bytes(300 * 1024), V5)
        assert len(bytes((await receive(broker, V5)).payload)) == 300 * 1024


@pytest.mark.live
async def test_mosquitto_ends_when_the_block_is_cancelled() -> None:
    started: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with start_broker("mosquitto", log=Notes()) as broker:
            started.set_result(broker.pid)
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    pid = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pid is not None
    assert not is_alive(pid)


@pytest.mark.live
async def test_mosquitto_that_does_not_listen_to_reason_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto_module, "STOP_LIMIT_S", 0.05)
    async with start_broker("mosquitto", log=Notes()) as broker:
        pid = broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # a stopped process doesn't act on SIGTERM
    assert not is_alive(pid)


@pytest.mark.live
async def test_mosquitto_that_was_killed_from_outside_can_be_restarted() -> None:
    async with start_broker("mosquitto", log=Notes()) as broker:
        pid = broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not is_alive(pid))
        await broker.restart()
        await publish(broker, b"back", V5)


@pytest.mark.live
async def test_mosquitto_ends_when_its_parent_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a killed parent leaves the folder behind
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        pid = int(await parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    await parent.communicate()
    await eventually(lambda: not is_alive(pid))


@pytest.mark.live
async def test_mosquitto_tries_another_port_when_the_chosen_one_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken_port = taken.getsockname()[1]
        choices = iter([taken_port, free_port("127.0.0.1")])
        monkeypatch.setattr(mosquitto_module, "free_port", lambda _host: next(choices))
        async with start_broker("mosquitto", log=Notes()) as broker:
            assert broker.address.port != taken_port
            await publish(broker, b"online", V5)


async def test_mosquitto_that_ends_at_once_is_reported_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_mosquitto(tmp_path, "echo 'Error: the moon is full' >&2; exit 1", monkeypatch)
    with pytest.raises(BrokerError, match=r"status 1: Error: the moon is full") as caught:
        async with start_broker("mosquitto", log=Notes()):
            pass
    assert caught.value.code == "broker-start-failed"
    assert isinstance(caught.value, TransportError)


async def test_mosquitto_that_never_gets_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_mosquitto(tmp_path, f'echo "$$" > {tmp_path}/pid; exec sleep 60', monkeypatch)
    monkeypatch.setattr(mosquitto_module, "START_LIMIT_S", 0.3)
    with pytest.raises(BrokerError, match=r"not ready within 0\.3 s: it said nothing"):
        async with start_broker("mosquitto", log=Notes()):
            pass
    assert not is_alive(int((tmp_path / "pid").read_text()))


async def test_mosquitto_that_is_no_program_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_mosquitto(tmp_path, "", monkeypatch)
    (tmp_path / "mosquitto").write_bytes(b"\x7fELF")
    with pytest.raises(BrokerError) as caught:
        async with start_broker("mosquitto", log=Notes()):
            pass
    assert caught.value.code == "broker-start-failed"


async def test_missing_mosquitto_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto_module, "MORE_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BrokerError, match="not installed") as caught:
        async with start_broker("mosquitto", log=Notes()):
            pass
    assert caught.value.code == "broker-not-installed"


@pytest.mark.live
async def test_mosquitto_works_where_processes_cannot_be_bound_to_their_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "setpriv").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "setpriv").chmod(0o755)
    for path in (f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "/nonexistent"):
        monkeypatch.setenv("PATH", path)
        async with start_broker("mosquitto", log=Notes()) as broker:
            await publish(broker, b"online", V5)
