"""What surrounds the PCM: radio cells, SIM cards, phones, body and driver. It only produces events."""

from simulator.world.world import World

__all__ = ["World"]
