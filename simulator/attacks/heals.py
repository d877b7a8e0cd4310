"""What owners and victims do once an attacker is gone."""

from datetime import timedelta

from simulator.attacks.seen import HAS, WANTS
from simulator.attacks.stage import Move, Stage
from simulator.backend.records import OrderKind


async def nothing(stage: Stage) -> None:
    """Nothing is as usual."""


async def by_itself(stage: Stage) -> None:
    """Nobody does anything; the car tries again."""
    stage.middle.clear()


async def offered_again(stage: Stage) -> None:
    """The backend reads what the car has refused, and offers it once more."""
    stage.middle.clear()
    stage.lab.desk.offer_again(stage.vin, WANTS)
    stage.send()


async def told_at_last(stage: Stage) -> None:
    """The car hears of the order that was placed before."""
    stage.middle.clear()
    stage.send()


async def clock_right(stage: Stage) -> None:
    """The car's clock is right again."""
    stage.middle.clear()
    stage.set_clock_back(timedelta())


async def update_offered_again(stage: Stage) -> None:
    """The backend offers the update once more, and somebody orders besides."""
    stage.middle.clear()
    stage.lab.desk.offer_again(stage.vin, HAS)
    stage.order()
    stage.send()


async def ordered(stage: Stage) -> None:
    """Somebody orders as if nothing had been."""
    stage.middle.clear()
    stage.order()
    stage.send()


async def ordered_mended(stage: Stage) -> None:
    """Somebody orders the release that came after the bad one."""
    stage.middle.clear()
    stage.order(version="1.1")
    stage.send()


async def updated(stage: Stage) -> None:
    """Somebody orders an update of what the car has, which is for those only whose order is active."""
    stage.middle.clear()
    stage.order(version="1.1", kind=OrderKind.UPDATE)
    stage.send()


def rotated(*roles: str) -> Move:
    """The owner replaces the keys of some roles, and offers once more."""

    async def move(stage: Stage) -> None:
        stage.middle.clear()
        for role in roles:
            stage.middle.depot.repositories.rotate(role, stage.forger.now)
        await offered_again(stage)

    return move
