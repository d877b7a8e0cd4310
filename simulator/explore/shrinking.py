"""Makes a life that breaks a law short: less and less of it, as long as what is left breaks the same law.

The same life gives the same short one: nothing is drawn here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from simulator.explore.living import Lived, live_through
from simulator.explore.moves import AWAY, LONG, SHORT
from simulator.scenario.places import ScenarioError

Plain = Mapping[str, Any]
MOST_RUNS = 400
"""So many lives are tried at most."""
SPANS = (*SHORT, *LONG, *AWAY)
"""From the shortest to the longest."""
USUAL_CAR: Mapping[str, Any] = {"language": "en", "country": "DE"}


class Shrunk(Struct, frozen=True):
    """A life made short.

    Attributes:
        plain: what stands in its scenario file.
        lived: what came of it.
        runs: how many lives were tried.
    """

    plain: dict[str, Any]
    lived: Lived
    runs: int


class Shrinker:
    """Shrinks one life.

    Args:
        plain: the life.
        lived: what came of it: a law was broken.
        try_life: lives a life of a seed.
    """

    def __init__(self, plain: Plain, lived: Lived, try_life: Callable[[Plain, int], Lived] = live_through) -> None:
        self._plain, self._lived, self._try_life = dict(plain), lived, try_life
        self._runs = 0

    def shrunk(self) -> Shrunk:
        """The life, as short as it gets."""
        self._take(self._steps[: self._lived.steps])
        self._take([step for number, step in enumerate(self._steps) if number not in self._lived.declined])
        self._drop_steps()
        self._simplify()
        self._join_waits()
        self._drop_single_steps()
        return Shrunk(self._plain, self._lived, self._runs)

    @property
    def _steps(self) -> list[Any]:
        steps: list[Any] = self._plain["steps"]
        return steps

    def _take(self, steps: list[Any]) -> bool:
        """Go on with these steps, if they break the law as well; whether they do."""
        return bool(steps) and steps != self._steps and self._takes({**self._plain, "steps": steps})

    def _takes(self, plain: dict[str, Any]) -> bool:
        if self._runs >= MOST_RUNS:
            return False
        self._runs += 1
        try:
            lived = self._try_life(plain, self._lived.seed)
        except ScenarioError:  # what is left names a function of its own that nothing orders any more
            return False
        if lived.law != self._lived.law:
            return False
        self._plain, self._lived = plain, lived
        return True

    def _drop_steps(self) -> None:
        """Leave out parts, halves first and single steps last (Zeller's delta debugging)."""
        size = len(self._steps) // 2
        while size >= 1:
            at = len(self._steps)
            while at > 0:
                at = min(at, len(self._steps))
                self._take(self._steps[: max(0, at - size)] + self._steps[at:])
                at -= size
            size //= 2
        self._drop_single_steps()

    def _drop_single_steps(self) -> None:
        """Leave out single steps, until each is needed."""
        dropped = True
        while dropped:
            dropped = False
            for at in reversed(range(len(self._steps))):
                dropped |= at < len(self._steps) and self._take(self._steps[:at] + self._steps[at + 1 :])

    def _join_waits(self) -> None:
        """Let one wait do what two did: the other is left out, and it lasts longer."""
        number = 0
        while number + 1 < len(waits := [at for at, step in enumerate(self._steps) if _span(step) in SPANS]):
            pair = waits[number : number + 2]
            longer = SPANS[min(len(SPANS) - 1, max(SPANS.index(_span(self._steps[at])) for at in pair) + 1)]
            if not any(self._joins(kept, gone, longer) for kept, gone in (pair, pair[::-1])):
                number += 1

    def _joins(self, kept: int, gone: int, span: str) -> bool:
        steps = [*self._steps]
        steps[kept] = {"do": {"wait": span}}
        return self._take(steps[:gone] + steps[gone + 1 :])

    def _simplify(self) -> None:
        """A plainer car, shorter times, and values with less in them."""
        car = self._plain["car"]
        for simpler in ({name: value for name, value in car.items() if name != "equipment"}, USUAL_CAR):
            changed = {**self._plain["car"], **simpler} if simpler is USUAL_CAR else dict(simpler)
            if changed != self._plain["car"]:
                self._takes({**self._plain, "car": changed})
        for at in range(len(self._steps)):
            for simpler_step in simpler_steps(self._steps[at]):
                if self._take([*self._steps[:at], simpler_step, *self._steps[at + 1 :]]):
                    break


def simpler_steps(step: Plain) -> Iterator[dict[str, Any]]:
    """What could stand in place of a step, the simplest first."""
    ((name, value),) = step["do"].items()
    if name == "wait" and value in SPANS:
        yield from ({"do": {"wait": span}} for span in SPANS[: SPANS.index(value)])
    elif isinstance(value, Mapping):
        for key in value:
            if key in ("security_code", "kind", "consent", "keeps_data", "price", "days", "renewal"):
                yield {"do": {name: {other: part for other, part in value.items() if other != key}}}


def _span(step: Plain) -> str:
    """How long a step waits; "" where it does something else."""
    return str(step["do"].get("wait", ""))
