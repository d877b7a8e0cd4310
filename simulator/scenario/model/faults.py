"""Parts of what is done to let something fail."""

from typing import Annotated

from msgspec import Meta

from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Latency, Rate, SomeWayName


class Link(Part, frozen=True, kw_only=True):
    """What a way to data is like from now on, besides what its cell gives; what is left out is well again."""

    way: SomeWayName = "all"
    cut: bool = False
    """Nothing comes through, and all connections break; the PCM does not know why."""
    latency: Latency | None = None
    """So much later comes the answer to a request."""
    rate: Rate | None = None
    """So much comes through each way, at most."""
    loss: Annotated[int, Meta(ge=0, le=50, description="percent")] = 0
    """Packets that are lost, in percent; TCP sends them again, and is slow."""
