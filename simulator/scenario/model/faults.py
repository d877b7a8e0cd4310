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
    """So much later comes the answer to a request; after 5 s a PCM takes it that there is none."""
    rate: Rate | None = None
    """So much comes through each way, at most."""
    loss: Annotated[int, Meta(ge=0, le=30, description="percent, 30 at most")] = 0
    """Packets that are lost; TCP sends them again, and is slow."""
