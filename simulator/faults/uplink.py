"""All that a car has of the world over its ways to data: the broker and the repositories."""

from collections.abc import Callable
from dataclasses import dataclass

from pcm_agent.ports import Fetcher, MetadataSource
from pcm_agent.transport import Broker


def never() -> bool:
    """Nothing waits for the clock."""
    return False


@dataclass(frozen=True)
class Uplink:
    """One car's.

    Attributes:
        broker: for its agent; the app on a phone has a way of its own.
        fetcher: gets packages.
        source: gets metadata.
        base_url: of the repositories, as the car reaches them.
        waits: whether what is under way waits for nothing but the clock.
    """

    broker: Broker
    fetcher: Fetcher
    source: MetadataSource
    base_url: str
    waits: Callable[[], bool] = never
