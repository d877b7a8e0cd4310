"""Parts of what is done to let something fail."""

from typing import Annotated, Literal

from msgspec import Meta

from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Duration, Latency, Rate, SomeWayName


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


_Count = Annotated[int, Meta(ge=0, le=100)]


class TroubledMessages(Part, frozen=True, kw_only=True):
    """What happens to the next messages to the car, or from it to the backend; each number is one of messages."""

    to: Literal["car", "backend"]
    doubled: _Count = 0
    """They come twice."""
    delayed: _Count = 0
    """They come later."""
    by: Duration = "5 s"
    """So much later."""
    reversed: _Count = 0
    """They come in the reverse of their order; within 5 s, however many there are then."""


class WrongClock(Part, frozen=True, kw_only=True):
    """The car's own clock is wrong from now on; whatever is left out stays as it is."""

    ahead: Duration | None = None
    """So much is it ahead."""
    behind: Duration | None = None
    """So much is it behind."""
    drift: Annotated[float, Meta(ge=-3600, le=3600, description="seconds a day")] | None = None
    """So much it gains a day, or loses."""
