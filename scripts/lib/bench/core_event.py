"""`core-event`: one event through the whole core, beside one bare trigger of `transitions`."""

import time
from collections import Counter
from enum import StrEnum

from transitions import Machine

from scripts.lib.bench.figure import Aim, Figure, figure, side_by_side
from scripts.lib.bench.life import new_car, two_drives

AIM = Aim("ratio", "<=", 3.0)


class _Switch(StrEnum):
    OFF = "off"
    ON = "on"


class _Lamp:
    """The smallest model: one attribute, and the two triggers that `transitions` fills in."""

    def __init__(self) -> None:
        self.state = _Switch.OFF

    def turn_on(self) -> bool:
        """Is declared, for `model_override` fills in only what is."""
        raise AssertionError("`transitions` has not taken this place")

    def turn_off(self) -> bool:
        """As above."""
        raise AssertionError("`transitions` has not taken this place")


def core_event(*, quick: bool) -> Figure:
    """Mean time of an event of a car's life, and of a trigger that changes a state and does nothing else."""
    life = two_drives()
    lives = 5 if quick else 20
    rounds = 5 if quick else 15
    machine = Machine(
        model=None, states=_Switch, initial=_Switch.OFF, auto_transitions=False, model_override=True, send_event=False
    )
    machine.add_transition("turn_on", _Switch.OFF, _Switch.ON)
    machine.add_transition("turn_off", _Switch.ON, _Switch.OFF)
    lamp = _Lamp()
    machine.add_model(lamp)

    def events() -> float:
        cars = [new_car() for _ in range(lives)]
        start = time.perf_counter()
        for car in cars:
            for event, now in life:
                car.handle(event, now)
        return (time.perf_counter() - start) / (lives * len(life)) * 1e6

    def triggers() -> float:
        pairs = lives * len(life) // 2
        start = time.perf_counter()
        for _ in range(pairs):
            lamp.turn_on()
            lamp.turn_off()
        return (time.perf_counter() - start) / (2 * pairs) * 1e6

    kinds = Counter(type(event).__name__ for event, _ in life)
    conditions = {
        "ours": f"mean of Vehicle.handle over two drives, {len(life)} events of {len(kinds)} kinds",
        "reference": "mean of a trigger without guards and callbacks, shared Machine, model_override",
        "events": dict(kinds.most_common()),
    }
    return figure("core-event", side_by_side(events, triggers, rounds), "us", AIM, conditions)
