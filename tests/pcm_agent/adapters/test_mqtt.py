"""The broker port against real brokers: Mosquitto with MQTT 5 and 3.1.1, and amqtt."""

import asyncio
import gc
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import aiomqtt
import pytest

from pcm_agent.adapters.mqtt import MqttBroker, MqttSession
from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import CONTENT_TYPE
from pcm_agent.transport import Incoming, Outgoing
from simulator.broker import RunningBroker, mosquitto, start_broker
from tests.waiting import one_turn

V5, V311 = aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311
LIMIT_S = 20.0
TOPIC = "pcm/v1/V/command/report-state"
PRESENCE = "pcm/v1/V/presence"

pytestmark = pytest.mark.live


def message(payload: bytes = b"{}", topic: str = TOPIC, *, retain: bool = False) -> Outgoing:
    return Outgoing(topic=topic, payload=payload, id="m-1", retain=retain)


WILL = message(b"offline by will", PRESENCE, retain=True)


@pytest.fixture(params=["mosquitto-5", "mosquitto-3.1.1", "amqtt"])
async def place(request: pytest.FixtureRequest) -> AsyncGenerator[tuple[RunningBroker, aiomqtt.ProtocolVersion]]:
    kind, _, version = str(request.param).partition("-")
    async with start_broker(kind, log=lambda _: None) as broker:
        yield broker, V5 if version == "5" else V311


Place = tuple[RunningBroker, aiomqtt.ProtocolVersion]


@pytest.fixture
async def broker() -> AsyncGenerator[RunningBroker]:
    async with start_broker("mosquitto", log=lambda _: None) as broker:
        yield broker


def client(broker: RunningBroker, name: str, version: aiomqtt.ProtocolVersion | None = None) -> MqttBroker:
    return MqttBroker(broker.address.host, broker.address.port, name, version=version)


class Ear:
    """Reads one session's messages, so that a test can wait for one."""

    def __init__(self, session: MqttSession) -> None:
        self._messages = session.messages()

    async def next(self) -> Incoming:
        async with asyncio.timeout(LIMIT_S):
            return await anext(self._messages)


@asynccontextmanager
async def ear(place: Place, *topics: str) -> AsyncIterator[Ear]:
    broker, version = place
    async with client(broker, "ear", version).connect(None, topics) as session:
        yield Ear(session)


def connection(session: MqttSession) -> socket.socket:
    found = session._client._client.socket()
    assert isinstance(found, socket.socket)
    return found


async def test_a_connection_that_ends_with_an_error_while_it_is_closed_complains_to_nobody(
    broker: RunningBroker,
) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    async with client(broker, "pcm").connect(None, []) as session:
        session._client._disconnected.set_exception(aiomqtt.MqttError("the broker stopped too"))
        connection(session).shutdown(socket.SHUT_RDWR)
    del session
    gc.collect()
    assert complaints == []


@pytest.mark.parametrize("name", ["_connected", "_disconnected"])
async def test_a_client_that_is_given_up_while_it_connects_complains_to_nobody(name: str) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    given_up = MqttBroker("127.0.0.1", 1, "pcm")._client(V5, None)
    getattr(given_up, name).set_exception(aiomqtt.MqttError("the broker stopped too"))
    await one_turn()
    del given_up
    gc.collect()
    assert complaints == []


async def test_small_messages_do_not_wait_for_each_other(place: Place) -> None:
    async with client(place[0], "pcm", place[1]).connect(None, []) as session:
        assert connection(session).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def test_message_arrives_as_it_was_sent_and_in_order(place: Place) -> None:
    async with ear(place, "pcm/v1/+/command/+") as heard:
        async with client(place[0], "pcm", place[1]).connect(WILL, []) as session:
            for number in range(50):
                await session.publish(message(b"%d" % number))
            await session.publish(message(bytes(300_000)))
        assert [(await heard.next()).payload for _ in range(50)] == [b"%d" % number for number in range(50)]
        large = await heard.next()
        assert (large.topic, large.payload, large.correlation) == (TOPIC, bytes(300_000), None)


async def test_retained_presence_is_there_for_whoever_comes_later(place: Place) -> None:
    async with client(place[0], "pcm", place[1]).connect(WILL, []) as session:
        await session.publish(message(b"online", PRESENCE, retain=True))
        async with ear(place, PRESENCE) as heard:
            assert (await heard.next()).payload == b"online"


async def test_connection_that_is_cut_lets_the_will_speak(place: Place) -> None:
    async with ear(place, PRESENCE) as heard:
        async with client(place[0], "pcm", place[1]).connect(WILL, [TOPIC]) as session:
            await session.publish(message(b"online", PRESENCE, retain=True))
            assert (await heard.next()).payload == b"online"
            session.cut()
            with pytest.raises(TransportError) as caught:
                await session.publish(message())
            assert caught.value.code == "session-lost"
            with pytest.raises(TransportError):
                await Ear(session).next()
            session.cut()  # a second time, by somebody who did not know
        assert (await heard.next()).payload == WILL.payload
    async with ear(place, PRESENCE) as heard:
        assert (await heard.next()).payload == WILL.payload


async def test_farewell_leaves_the_will_unread(place: Place) -> None:
    async with ear(place, PRESENCE, TOPIC) as heard:
        async with client(place[0], "pcm", place[1]).connect(WILL, []) as session:
            await session.publish(message(b"offline by farewell", PRESENCE, retain=True))
        assert (await heard.next()).payload == b"offline by farewell"
        async with client(place[0], "other", place[1]).connect(None, []) as session:
            await session.publish(message(b"afterwards"))
        assert (await heard.next()).payload == b"afterwards"


async def test_client_that_comes_back_gets_what_it_subscribed_to_and_nothing_else(place: Place) -> None:
    async with ear(place, PRESENCE), client(place[0], "pcm", place[1]).connect(WILL, []) as session:
        await session.publish(message(b"online", PRESENCE, retain=True))
        for _ in range(2):
            async with client(place[0], "rig", place[1]).connect(None, [TOPIC]) as back:
                await session.publish(message(b"for the rig"))
                assert (await Ear(back).next()).payload == b"for the rig"


async def test_cut_of_a_connection_that_the_broker_has_reset_already_is_no_error() -> None:
    class Reset:
        """What paho still holds when the reset has come and was not read yet."""

        def __init__(self) -> None:
            self._client = self
            self.connection = socket.socket()

        def socket(self) -> socket.socket:
            return self.connection

    reset = Reset()
    with reset.connection:
        session = MqttSession(cast("aiomqtt.Client", reset), V5)  # has all that is asked for
        session.cut()
    with pytest.raises(TransportError):
        await session.publish(message())


async def test_broker_that_goes_away_ends_the_session(place: Place) -> None:
    async def listen() -> None:
        async with client(place[0], "pcm", place[1]).connect(WILL, [TOPIC]) as session:
            listening = asyncio.ensure_future(Ear(session).next())
            await place[0].restart()
            await listening

    with pytest.raises(TransportError) as caught:
        await listen()
    assert caught.value.code == "session-lost"
    async with client(place[0], "pcm", place[1]).connect(WILL, [TOPIC]) as session:
        await session.publish(message())


def lasting(broker: RunningBroker, version: aiomqtt.ProtocolVersion = V5) -> MqttBroker:
    return MqttBroker(broker.address.host, broker.address.port, "back", version=version, lasting=True)


async def test_a_lasting_session_has_what_came_while_its_client_was_away(broker: RunningBroker) -> None:
    async with client(broker, "pcm").connect(WILL, []) as session:
        async with lasting(broker).connect(None, [TOPIC]):
            pass
        for number in range(20):
            await session.publish(message(b"%d" % number))
        async with lasting(broker).connect(None, [TOPIC]) as back:
            ear = Ear(back)
            assert [int((await ear.next()).payload) for _ in range(20)] == list(range(20))


async def test_what_a_lasting_session_has_not_worked_on_comes_again_and_nothing_else_does(
    broker: RunningBroker,
) -> None:
    async with client(broker, "pcm").connect(WILL, []) as session:
        async with lasting(broker).connect(None, [TOPIC]) as back:
            for payload in (b"done", b"under way", b"not seen yet"):
                await session.publish(message(payload))
            ear = Ear(back)
            assert [(await ear.next()).payload for _ in range(2)] == [b"done", b"under way"]
            back.cut()
        async with lasting(broker).connect(None, [TOPIC]) as back:
            ear = Ear(back)
            assert [(await ear.next()).payload for _ in range(2)] == [b"under way", b"not seen yet"]


async def test_without_an_expiry_no_session_lasts(place: Place) -> None:
    """MQTT 3.1.1: what came while the client was away is gone, and what comes then is acknowledged at once."""
    broker, _ = place
    async with client(broker, "pcm", V311).connect(WILL, []) as session:
        async with lasting(broker, V311).connect(None, [TOPIC]):
            pass
        await session.publish(message(b"lost"))
        async with lasting(broker, V311).connect(None, [TOPIC]) as back:
            await session.publish(message(b"heard"))
            assert (await Ear(back).next()).payload == b"heard"


async def test_a_lasting_session_outlives_its_broker(broker: RunningBroker) -> None:
    async with lasting(broker).connect(None, [TOPIC]):
        pass
    async with client(broker, "pcm").connect(WILL, []) as session:
        await session.publish(message(b"kept"))
    await broker.restart()
    async with lasting(broker).connect(None, [TOPIC]) as back:
        assert (await Ear(back).next()).payload == b"kept"


async def test_newer_session_of_a_client_takes_over(broker: RunningBroker) -> None:
    async with client(broker, "pcm", V5).connect(WILL, [TOPIC]) as older:
        async with client(broker, "pcm", V5).connect(WILL, [TOPIC]) as newer:
            with pytest.raises(TransportError):
                await Ear(older).next()
            await newer.publish(message())
            assert (await Ear(newer).next()).payload == b"{}"
        older.cut()


# --- MQTT 5 ---------------------------------------------------------------------------------------------------------


async def test_envelope_is_mirrored_in_mqtt5_properties(broker: RunningBroker) -> None:
    async with aiomqtt.Client(broker.address.host, broker.address.port, protocol=V5) as tool:
        await tool.subscribe("#", qos=1)
        sent = Outgoing(
            topic=TOPIC, payload=b"{}", id="m", correlation="c-7", reply_to="pcm/v1/V/reply/report-state", lifetime=9.2
        )
        async with client(broker, "pcm").connect(None, [TOPIC]) as session:
            assert session.version is V5
            await session.publish(sent)
            assert (await Ear(session).next()).correlation == "c-7"
        async with asyncio.timeout(LIMIT_S):
            properties: Any = (await anext(aiter(tool.messages))).properties  # paho sets what came as attributes
    assert properties.ContentType == CONTENT_TYPE
    assert properties.CorrelationData == b"c-7"
    assert properties.ResponseTopic == "pcm/v1/V/reply/report-state"
    assert 0 < properties.MessageExpiryInterval <= 10


async def test_plain_message_has_only_its_content_type(broker: RunningBroker) -> None:
    async with aiomqtt.Client(broker.address.host, broker.address.port, protocol=V5) as tool:
        await tool.subscribe("#", qos=1)
        async with client(broker, "pcm").connect(None, []) as session:
            await session.publish(message())
        async with asyncio.timeout(LIMIT_S):
            properties: Any = (await anext(aiter(tool.messages))).properties  # paho sets what came as attributes
    assert properties.json() == {"ContentType": CONTENT_TYPE}


async def test_mqtt5_is_tried_first_and_then_3_1_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcm_agent.adapters.mqtt.CONNECT_TIMEOUT", 1.0)  # amqtt leaves MQTT 5 without an answer
    async with start_broker("amqtt", log=lambda _: None) as broker:
        pcm = client(broker, "pcm")
        for _ in range(2):  # what worked is remembered
            async with pcm.connect(WILL, [TOPIC]) as session:
                assert session.version is V311
                await session.publish(message())
                assert (await Ear(session).next()).payload == b"{}"
        assert pcm._found is V311


# --- no way in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, V5, V311], ids=["any", "5", "3.1.1"])
async def test_wrong_credentials_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: aiomqtt.ProtocolVersion | None
) -> None:
    closed = mosquitto.CONFIGURATION.replace("allow_anonymous true", "allow_anonymous false")
    monkeypatch.setattr(mosquitto, "CONFIGURATION", closed)
    async with start_broker("mosquitto", log=lambda _: None) as broker:
        address = broker.address
        stranger = MqttBroker(address.host, address.port, "pcm", username="anna", password="s3cret", version=version)
        with pytest.raises(TransportError) as caught:
            async with stranger.connect(WILL, []):
                pass
    assert caught.value.code == "broker-refused"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("version", [None, V5, V311], ids=["any", "5", "3.1.1"])
async def test_nobody_there_is_unreachable(version: aiomqtt.ProtocolVersion | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TransportError) as caught:
        async with MqttBroker("127.0.0.1", port, "pcm", version=version).connect(WILL, []):
            pass
    assert caught.value.code == "broker-unreachable"
    assert str(port) in caught.value.message
    assert "Errno" not in caught.value.message


async def test_somebody_who_speaks_no_mqtt_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcm_agent.adapters.mqtt.CONNECT_TIMEOUT", 0.2)

    async def web(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TransportError) as caught:
            async with MqttBroker("127.0.0.1", port, "pcm").connect(WILL, []):
                pass
    assert caught.value.code in ("broker-unreachable", "broker-refused")


async def test_whoever_hangs_up_before_he_has_answered_is_unreachable_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcm_agent.adapters.mqtt.CONNECT_TIMEOUT", 1e6)  # nobody waits for it

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with server, asyncio.timeout(LIMIT_S):
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TransportError) as caught:
            async with MqttBroker("127.0.0.1", port, "pcm").connect(WILL, []):
                pass
    assert caught.value.code == "broker-unreachable"


async def test_unknown_host_is_unreachable() -> None:
    with pytest.raises(TransportError) as caught:
        async with MqttBroker("no-such-host.invalid", 1883, "pcm").connect(WILL, []):
            pass
    assert caught.value.code == "broker-unreachable"
