"""What was used of the data connection, as it should be counted."""

from datetime import datetime

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core.states import Purpose
from pcm_agent.protocol.sharing import DataUsageReported
from tests.pcm_agent.core.lives.laws import Law, hold
from tests.pcm_agent.core.lives.world import World

Use = dict[tuple[str, str, bool], int]
"""Bytes by purpose, way, and whether they carry a roaming charge."""


class Meter:
    """What was used this month (UTC), by purpose, way, and whether it is charged (CON-12, CON-29)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.month: str | None = None
        self.uses: Use = {}
        self.due: tuple[str, Use] | None = None
        """The month that the car is to report now, at its end."""

    def count(self, purpose: Purpose, size: int, now: datetime) -> None:
        """Bytes were used; without a session there are none."""
        way = self.world.bearer
        if size <= 0 or way is None or not self.world.session:
            return
        month = f"{now:%Y-%m}"
        if self.month != month:
            self.due = (self.month, self.uses) if self.month else None
            self.uses, self.month = {}, month
        key = purpose.value, way.value, way is Way.INSERTED_SIM and self.world.abroad(way)
        self.uses[key] = self.uses.get(key, 0) + size

    def follow(self, effect: do.Effect) -> None:
        """Judge the report at a month's end."""
        if isinstance(effect, do.Publish) and isinstance(effect.body, DataUsageReported):
            hold(Law.METER, self.due == (effect.body.month, used(effect.body)), effect)
            self.due = None


def used(report: DataUsageReported) -> Use:
    """What the car says was used."""
    return {(use.purpose, use.way, use.charged): use.bytes for use in report.uses}
