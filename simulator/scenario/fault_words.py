"""What fails from now on, for the trace: its name, what it is like, and whether that is over."""

from collections.abc import Mapping
from typing import Any

from simulator.faults.line import CLEAR, Line
from simulator.lab import LabCar
from simulator.scenario import actions
from simulator.scenario.model import TroubledMessages, WrongClock, given

_STATES: Mapping[str, Mapping[str, str]] = {
    "broker": {"down": "down", "up": ""},
    "backend": {"crashed": "crashed", "crashes-at-next-message": "crashes at next message", "started": ""},
    "power": {"cut": "no power", "back": ""},
    "disk": {"full": "full", "slow": "slow", "well": ""},
    "clock": {"right": ""},
    "link": {},
}
"""What lasts, until it is said to be over: its states by the word of the scenario; "" is well."""
_MOMENTS: Mapping[str, str] = {
    "broker": "restarted",
    "messages": "troubled",
    "corrupt_next_download": "bit turned over",
    "fail_next_installation": "disk refuses it",
    "fail_next_health_check": "it will not come up",
}
"""What is done with at once, or waits for what comes next."""


def fault_data(car: LabCar, name: str, value: object) -> dict[str, Any] | None:
    """What the trace says of a fault that has just begun or ended; None of anything else that is done.

    Returns: `text`, as an engineer would say it; `state`, "" where it is well again; `moment`: it does not last.
    """
    if name not in _STATES and name not in _MOMENTS:
        return None
    text = actions.in_words(name, value)
    if name == "link":
        return {"text": text, "state": _lines(car)}
    known = _STATES.get(name, {})
    if isinstance(value, str) and value in known:
        return {"text": text, "state": known[value]}
    if isinstance(value, WrongClock):
        return {"text": text, "state": ", ".join(f"{key} {it}" for key, it in given(value).items())}
    told = text.partition(": ")[2] if isinstance(value, TroubledMessages) else _MOMENTS[name]
    return {"text": text, "state": told, "moment": True}


def _lines(car: LabCar) -> str:
    """What all ways to data that are not well are like, once where all are alike."""
    faulty = car.world.lines.faulty
    kinds = {_line(line) for line in faulty.values()}
    if len(kinds) == 1 and len(faulty) == len(car.world.lines.ways):
        return kinds.pop()
    return ", ".join(f"{way.removesuffix('-sim')} {_line(line)}" for way, line in faulty.items())


def _line(line: Line) -> str:
    if line.cut:
        return "cut"
    well = {"late": CLEAR.latency, "slow": CLEAR.bits_per_second, "lossy": CLEAR.loss}
    now = {"late": line.latency, "slow": line.bits_per_second, "lossy": line.loss}
    return " and ".join(name for name in now if now[name] != well[name])
