"""How far a life came: what it reached, so that no law holds of nothing."""

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import CallLine
from pcm_agent.protocol.sharing import DataUsageReported
from tests.pcm_agent.core.lives.package import Step
from tests.pcm_agent.core.lives.packages import Packages
from tests.pcm_agent.core.lives.people import People
from tests.pcm_agent.core.lives.world import World


def reached(world: World, people: People, packages: Packages, event: Event, effects: list[do.Effect]) -> list[str]:
    """What holds after an event, or came of it, by the names that the tests ask for."""
    came = {
        **_of_data(world, packages, effects),
        **_of_packages(world, packages, effects),
        **_of_people(world, people, event, effects),
    }
    return [name for name, came_true in came.items() if came_true]


def _of_data(world: World, packages: Packages, effects: list[do.Effect]) -> dict[str, bool]:
    way = world.bearer if world.session else None
    over_sim = world.call is not None and world.call.line is CallLine.INSERTED_SIM
    bodies = [effect.body for effect in effects if isinstance(effect, do.Publish)]
    return {
        "a call over the inserted SIM": over_sim,
        "data beside a call over the inserted SIM": over_sim and way is not None,
        "data over the hotspot": way is Way.HOTSPOT,
        "data over the inserted SIM": way is Way.INSERTED_SIM,
        "roaming": way is not None and world.abroad(way),
        "a charge for roaming": any(charged for _, _, charged in packages.meter.uses),
        "data for passengers": packages.shared() and bool(packages.devices),
        "a month's end": any(isinstance(body, DataUsageReported) for body in bodies),
    }


def _of_packages(world: World, packages: Packages, effects: list[do.Effect]) -> dict[str, bool]:
    kinds = {type(effect) for effect in effects}
    steps = {package.step for package in packages.packages.values()}
    looks = packages.looks
    told = [effect.body for effect in effects if isinstance(effect, do.Publish)]
    unlisted = [it for offer_id, it in packages.packages.items() if offer_id not in looks.listed]
    return {
        "a look": looks.reading,
        "a look refused": looks.refused is not None,
        "a look given up": looks.given_up,
        "withdrawn by a list": any(it.step is Step.CANCELLING for it in unlisted),
        "active and no longer listed": any(it.step is Step.ACTIVE for it in unlisted),
        "to be confirmed": any("confirmation-due" in getattr(body, "blocked_by", ()) for body in told),
        "an older version refused": any(getattr(body, "code", None) == "release-rollback" for body in told),
        "a download begun": do.StartDownload in kinds,
        "a delta": any(it.delta is not None and it.step is Step.FETCHED for it in packages.packages.values()),
        "a delta of no use": any(it.whole and it.assignment.deltas for it in packages.packages.values()),
        "a download completed": Step.FETCHED in steps,
        "an installation": do.InstallPackage in kinds,
        "a demand blocks": any("battery-below-80" in getattr(body, "blocked_by", ()) for body in told),
        "a demand is unknown": any("precondition-unknown" in getattr(body, "blocked_by", ()) for body in told),
        "an installation on demand": any(
            it.step is Step.VERIFYING and it.assignment.preconditions for it in packages.packages.values()
        ),
        "an activation": Step.ACTIVE in steps,
        "a removal": do.RemovePackage in kinds,
        "a map loaded": packages.map is not None and packages.map_loaded,
        "private mode over a package": world.private and Step.WANTED in steps,
    }


def _of_people(world: World, people: People, event: Event, effects: list[do.Effect]) -> dict[str, bool]:
    kinds = {type(effect) for effect in effects}
    codes = {code for effect in effects if isinstance(effect, do.Answer) for code in effect.reply.blocked_by}
    meant = effects[0].event if effects and isinstance(effects[0], do.TakeAs) else event
    return {
        "a link": people.driver is not None,
        "two users": len(people.users) > 1,
        "done from afar": do.Operate in kinds,
        "a guest refused": bool(codes & {"guest-mode", "not-linked"}),
        "no right": bool(codes & {"not-a-user", "right-missing", "main-user-only"}),
        "private mode": world.private,
        "private mode while linked": world.private and people.driver is not None,
        "a factory reset": isinstance(meant, on.FactoryResetConfirmed),
        "a tap in the menus": do.TakeAs in kinds,
    }
