import asyncio
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from pcm_agent.errors import TransportError
from simulator.broker import BrokerAddress, BrokerError, RunningBroker, start_broker
from simulator.broker import in_process as in_process_module
from simulator.broker import mosquitto as mosquitto_module
from simulator.broker.address import free_port, reached_from_here
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
LIMIT_S = 10.0
V311 = aiomqtt.ProtocolVersion.V311
V5 = aiomqtt.ProtocolVersion.V5
TOPIC = "pcm/v1/WP0TEST/presence"
LISTEN = "0A"

PARENT = """
import asyncio, os
from simulator.broker import start_broker

async def main():
    async with start_broker("mosquitto", log=lambda line: None) as broker:
        print(broker.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


class Notes(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@asynccontextmanager
async def client(broker: RunningBroker, version: aiomqtt.ProtocolVersion) -> AsyncIterator[aiomqtt.Client]:
    async with asyncio.timeout(LIMIT_S):
        async with aiomqtt.Client(broker.address.host, broker.address.port, protocol=version, timeout=LIMIT_S) as it:
            yield it


async def publish(broker: RunningBroker, payload: bytes, version: aiomqtt.ProtocolVersion, topic: str = TOPIC) -> None:
    async with client(broker, version) as it:
        await it.publish(topic, payload, qos=1, retain=True)


async def receive(broker: RunningBroker, version: aiomqtt.ProtocolVersion, topic: str = TOPIC) -> aiomqtt.Message:
    async with client(broker, version) as it:
        await it.subscribe(topic, qos=1)
        return await anext(aiter(it.messages))


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # ended, and nobody has asked for its status yet


def listening_on(port: int) -> set[str]:
    tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
    places = [row[1].split(":") for row in rows if row[3] == LISTEN]
    return {host for host, number in places if int(number, 16) == port}


def fake_mosquitto(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "mosquitto"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://bench", BrokerAddress("bench", 1883)),
        ("mqtt://bench:18830/", BrokerAddress("bench", 18830)),
        ("MQTT://127.0.0.1:1", BrokerAddress("127.0.0.1", 1)),
        ("mqtt://[::1]:1884", BrokerAddress("::1", 1884)),
        ("mqtt://anna@bench", BrokerAddress("bench", 1883, "anna")),
        ("mqtt://an%40na:p%2Fw%3A@bench:99", BrokerAddress("bench", 99, "an@na", "p/w:")),
    ],
)
def test_address_is_read(url: str, expected: BrokerAddress) -> None:
    assert BrokerAddress.parse(url) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("bench:1883", "must look like mqtt://host:1883"),
        ("", "must look like mqtt://host:1883"),
        ("mqtts://bench", "'mqtts'"),
        ("mqtt://", "host is missing"),
        ("mqtt://anna:s3cret@:1883", "host is missing"),
        ("mqtt://[::1", "host is malformed"),
        ("mqtt://be nch", "space"),
        ("mqtt://anna:s3cret@a..b", "empty part"),
        (f"mqtt://{'a' * 64}", "63 characters"),
        ("mqtt://bench:0", "port"),
        ("mqtt://bench:65536", "port"),
        ("mqtt://bench:http", "port"),
        ("mqtt://bench/topic", "nothing may follow the port"),
        ("mqtt://bench?x=1", "nothing may follow the port"),
        ("mqtt://anna:s3/cret@bench", "nothing may follow the port"),
        ("mqtt://anna:s3cret@bench:s3cret", "port"),
        ("anna:s3cret@bench", "must look like mqtt://host:1883"),
    ],
)
def test_unusable_address_is_refused_without_quoting_a_secret(url: str, reason: str) -> None:
    with pytest.raises(BrokerError, match=reason) as caught:
        BrokerAddress.parse(url)
    assert caught.value.code == "broker-url-invalid"
    assert "s3" not in str(caught.value)
    assert "cret" not in str(caught.value)


def test_address_never_shows_its_password() -> None:
    address = BrokerAddress.parse("mqtt://anna:s3cret@[::1]:1884")
    assert address.password == "s3cret"
    assert str(address) == "mqtt://[::1]:1884"
    assert "s3cret" not in repr(address)
    assert "anna" in repr(address)


@pytest.mark.parametrize(
    ("listening", "reached"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "::1"),
        ("0:0:0:0:0:0:0:0", "::1"),
        ("127.0.0.2", "127.0.0.2"),
        ("::1", "::1"),
        ("bench", "bench"),
    ],
)
def test_what_listens_on_all_addresses_is_reached_over_loopback(listening: str, reached: str) -> None:
    assert reached_from_here(listening) == reached


# ---------------------------------------------------------------- Mosquitto


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
@pytest.mark.parametrize("choice", ["mosquitto", "amqtt"])
async def test_started_broker_listens_on_loopback_only(choice: str) -> None:
    async with start_broker(choice, log=Notes()) as broker:
        assert listening_on(broker.address.port) == {"0100007F"}


@pytest.mark.live
@pytest.mark.parametrize("choice", ["mosquitto", "amqtt"])
async def test_broker_for_other_machines_is_reached_over_loopback_from_here(choice: str) -> None:
    async with start_broker(choice, host="0.0.0.0", log=Notes()) as broker:
        assert broker.address.host == "127.0.0.1"
        assert listening_on(broker.address.port) == {"00000000"}
        await publish(broker, b"online", V311)


@pytest.mark.live
async def test_auto_prefers_mosquitto() -> None:
    async with start_broker("auto", log=Notes()) as broker:
        assert broker.kind == "mosquitto"


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
async def test_mosquitto_says_when_the_wanted_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BrokerError, match="already in use") as caught:
        async with start_broker("mosquitto", port=taken.getsockname()[1], log=Notes()):
            pass
    assert caught.value.code == "broker-port-unusable"


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


# ---------------------------------------------------------------- amqtt


async def test_amqtt_keeps_retained_messages_over_a_restart_and_closes_its_port(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with start_broker("amqtt", log=Notes()) as broker:
        port = broker.address.port
        assert (broker.kind, broker.supports_mqtt5, broker.pid) == ("amqtt", False, None)
        await publish(broker, b"online", V311)
        assert (await receive(broker, V311)).payload == b"online"

        await broker.restart()

        assert broker.address.port == port
        message = await receive(broker, V311)
        assert (message.payload, message.retain) == (b"online", True)
    assert listening_on(port) == set()
    assert [record.name for record in caplog.records if record.name.startswith("amqtt")] == []
    assert capfd.readouterr() == ("", "")


async def test_amqtt_stops_while_clients_are_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_process_module, "STOP_LIMIT_S", 0.2)
    async with start_broker("amqtt", log=Notes()) as broker:
        port = broker.address.port
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        held = client(broker, V311)
        it = await held.__aenter__()
        await it.subscribe(TOPIC)
    assert listening_on(port) == set()
    with pytest.raises(aiomqtt.MqttError):
        async with asyncio.timeout(LIMIT_S):
            await anext(aiter(it.messages))
    silent.close()


async def test_auto_uses_amqtt_where_there_is_no_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto_module, "MORE_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    notes = Notes()
    async with start_broker("auto", log=notes) as broker:
        assert broker.kind == "amqtt"
    assert notes[0] == "mosquitto is not installed; amqtt is used instead, which speaks MQTT 3.1.1 only"


async def test_auto_says_why_it_does_not_use_the_installed_mosquitto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_mosquitto(tmp_path, "echo 'Error: Permission denied' >&2; exit 13", monkeypatch)
    notes = Notes()
    async with start_broker("auto", log=notes) as broker:
        assert broker.kind == "amqtt"
        await publish(broker, b"online", V311)
    assert "status 13: Error: Permission denied; amqtt is used instead" in notes[0]


async def test_amqtt_says_when_the_wanted_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BrokerError, match="in use") as caught:
        async with start_broker("amqtt", port=taken.getsockname()[1], log=Notes()):
            pass
    assert caught.value.code == "broker-port-unusable"


async def test_amqtt_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqtt", None)
    with pytest.raises(BrokerError, match="not installed") as caught:
        async with start_broker("amqtt", log=Notes()):
            pass
    assert caught.value.code == "broker-not-installed"


# ---------------------------------------------------------------- a broker of the user's own


async def test_broker_of_the_users_own_is_used_and_left_alone() -> None:
    async with start_broker("amqtt", log=Notes()) as own:
        notes = Notes()
        url = f"mqtt://anna:s3cret@127.0.0.1:{own.address.port}"
        async with start_broker(url, log=notes) as broker:
            assert (broker.kind, broker.supports_mqtt5, broker.pid) == ("external", None, None)
            assert broker.address == BrokerAddress("127.0.0.1", own.address.port, "anna", "s3cret")
            with pytest.raises(BrokerError, match="not started here"):
                await broker.restart()
        assert notes == [f"a broker answers at mqtt://127.0.0.1:{own.address.port}"]
        await publish(own, b"still here", V311)


async def test_unreachable_broker_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(BrokerError, match=f"no broker answers at mqtt://127.0.0.1:{port}") as caught:
        async with start_broker(f"mqtt://anna:s3cret@127.0.0.1:{port}", log=Notes()):
            pass
    assert caught.value.code == "broker-unreachable"
    assert "s3cret" not in str(caught.value)


async def test_unknown_choice_names_the_known_ones() -> None:
    with pytest.raises(BrokerError, match="auto, mosquitto, amqtt or a URL") as caught:
        async with start_broker("rabbit", log=Notes()):
            pass
    assert caught.value.code == "broker-url-invalid"
