"""Where a broker listens and how it is reached, and which addresses are refused."""

import socket

import pytest

from simulator.broker import BrokerAddress, BrokerError, start_broker
from simulator.broker.address import reached_from_here
from tests.simulator.brokers import V311, Notes, listening_on, publish

# --- addresses ---


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


# --- a broker that was started ---


@pytest.mark.parametrize("choice", [pytest.param("mosquitto", marks=pytest.mark.live), "amqtt"])
async def test_started_broker_listens_on_loopback_only(choice: str) -> None:
    async with start_broker(choice, log=Notes()) as broker:
        assert listening_on(broker.address.port) == {"0100007F"}


@pytest.mark.parametrize("choice", [pytest.param("mosquitto", marks=pytest.mark.live), "amqtt"])
async def test_broker_for_other_machines_is_reached_over_loopback_from_here(choice: str) -> None:
    async with start_broker(choice, host="0.0.0.0", log=Notes()) as broker:
        assert broker.address.host == "127.0.0.1"
        assert listening_on(broker.address.port) == {"00000000"}
        await publish(broker, b"online", V311)


@pytest.mark.parametrize("choice", [pytest.param("mosquitto", marks=pytest.mark.live), "amqtt"])
async def test_broker_says_when_the_wanted_port_is_taken(choice: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BrokerError, match="already in use") as caught:
        async with start_broker(choice, port=taken.getsockname()[1], log=Notes()):
            pass
    assert caught.value.code == "broker-port-unusable"


# --- a broker of the user's own ---


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
