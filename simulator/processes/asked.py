"""What a rig asks of an agent's process: something in the world around the car."""

from collections.abc import Callable
from typing import Any, cast

from pcm_agent.core import events as on
from pcm_agent.errors import LocalError
from pcm_agent.runtime import Agent
from simulator.clock import SimClock, later
from simulator.scenario import actions
from simulator.scenario.menus import menu_event, read_way, way_of
from simulator.scenario.model import MenuTap, duration
from simulator.trace import Trace
from simulator.world import World

Answer = dict[str, Any]


def with_refusal(trace: Trace, perform: Callable[[], None]) -> Answer:
    """Do something, and say with which code the car refused it at once, if it did."""
    refused: list[str] = []
    forget = trace.listen(lambda record: refused.append(record.name) if record.kind == "refusal" else None)
    try:
        perform()
    finally:
        forget()
    return {"refused": refused[0]} if refused else {}


def do_in_world(world: World, agent: Agent, clock: SimClock, name: str, value: object) -> None:
    """Do what a rig asks of the world around the car.

    Raises:
        LocalError: it can't be done; `action-invalid`, `menu-path-unknown` and what `actions` raise.
    """
    if actions.shown_code_in(name, value) is not None:
        raise LocalError("action-invalid", "the car does not know what My Porsche shows; type the digits")
    if name == "wait":
        clock.jump(later(clock.now(), duration(str(value))))
    elif name == "agree_to":
        jobs = agent.vehicle.state.jobs.values()
        for offer_id in [job.assignment.offer_id for job in jobs if job.assignment.function == value]:
            world.happens(on.PackageConsented(offer_id))
    elif name == "menu":
        _tap(world, agent, cast("MenuTap", value))  # the model lets nothing else stand at `menu`
    elif not actions.change_world(world, agent.vehicle.state.market, name, value):
        world.happens(actions.body_event(name, value))


def _tap(world: World, agent: Agent, tap: MenuTap) -> None:
    """Tap through the menus; whoever asked is told more of a wrong way than the PCM shows."""
    profile = agent.vehicle.car.profile
    world.happens(menu_event(profile, tap))
    problem = read_way(profile, way_of(tap)).problem
    if problem:
        raise LocalError("menu-path-unknown", problem)
