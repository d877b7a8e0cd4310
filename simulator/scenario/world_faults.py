"""Lets something that surrounds one car fail, or be well again."""

from firmware_profiles import Way
from pcm_agent.errors import LocalError
from simulator.faults.line import CLEAR, CUT, Line
from simulator.scenario.model import Link, bits_per_second, duration
from simulator.world import World


def let_world_fail(world: World, name: str, value: object) -> bool:
    """Let something fail, or be well again; whether `name` is such a thing.

    Args:
        world: the car's.
        name: key of `Do`.
        value: its value.

    Raises:
        LocalError: `link-not-here`: nothing of this car goes over lines that can fail.
    """
    match name, value:
        case "fail_next_installation", _:
            world.disk.installations += 1
        case "fail_next_health_check", _:
            world.functions_to_fail += 1
        case "corrupt_next_download", _:
            world.disk.downloads += 1
        case "disk", "well" | "full" | "slow":
            world.disk.state = value
        case "link", _:
            _change_lines(world, value)
        case _:
            return False
    return True


def _change_lines(world: World, value: object) -> None:
    if not world.lines.watched:
        raise LocalError("link-not-here", "an agent of its own reaches broker and repositories by the real network")
    if isinstance(value, Link):
        ways = tuple(Way) if value.way == "all" else (Way(value.way),)
        world.lines.change(ways, _line(value))
    else:
        world.lines.change(Way, CUT if value == "cut" else CLEAR)


def _line(link: Link) -> Line:
    latency = duration(link.latency).total_seconds() if link.latency else 0.0
    return Line(link.cut, latency, bits_per_second(link.rate) if link.rate else None, link.loss / 100)
