"""amqtt runs in this process, and stands in for a Mosquitto that is missing or does not start."""

import asyncio
import logging
import sys
from pathlib import Path

import aiomqtt
import pytest

from simulator.broker import BrokerError, start_broker
from simulator.broker import in_process as in_process_module
from simulator.broker import mosquitto as mosquitto_module
from tests.simulator.brokers import LIMIT_S, TOPIC, V311, Notes, client, fake_mosquitto, listening_on, publish, receive


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


@pytest.mark.live
async def test_auto_prefers_mosquitto() -> None:
    async with start_broker("auto", log=Notes()) as broker:
        assert broker.kind == "mosquitto"


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


async def test_amqtt_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqtt", None)
    with pytest.raises(BrokerError, match="not installed") as caught:
        async with start_broker("amqtt", log=Notes()):
            pass
    assert caught.value.code == "broker-not-installed"
