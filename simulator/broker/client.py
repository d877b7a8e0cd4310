"""A client of a broker at an address."""

import aiomqtt

from pcm_agent.adapters.mqtt import MqttBroker
from simulator.broker.address import BrokerAddress


def client_at(
    address: BrokerAddress,
    client_id: str,
    version: aiomqtt.ProtocolVersion | None = None,
    *,
    lasting: bool = False,
) -> MqttBroker:
    """The broker port for one client, at an address."""
    return MqttBroker(
        address.host,
        address.port,
        client_id,
        username=address.username,
        password=address.password,
        version=version,
        lasting=lasting,
    )
