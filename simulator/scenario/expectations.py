"""Judges `expect` and `never`: what was found, and whether it is what the scenario says."""

from collections.abc import Callable, Mapping
from typing import Any

from pcm_agent.core.report import status_symbol
from pcm_agent.core.sharing import in_the_wifi, route
from simulator.lab import Lab, LabCar
from simulator.scenario.model import Expect, ExpectDevice, ExpectOrder, ExpectPackage, ExpectUsed, given, size

_PARTS = (ExpectPackage, ExpectOrder, ExpectDevice, ExpectUsed)
"""Expectations that look at several details of one thing."""


class Judge:
    """Looks at one car, its backend and its trace.

    `since` is the trace's length when the last `do` was done: messages and refusals count from there.
    """

    def __init__(self, lab: Lab, car: LabCar) -> None:
        self._lab, self._car = lab, car
        self.since = 0
        self._looked = 0
        self._orders: dict[str, tuple[str, str | None, int] | None] = {}
        """By function, as the backend's database had them; asked for again when the backend or a step did something."""

    def holds(self, expect: Expect) -> bool:
        """Whether all of it is so."""
        return all(self._holds(name, value) for name, value in given(expect).items())

    def found(self, expect: Expect) -> str:
        """What is so instead, for each key that an expectation names."""
        return ", ".join(f"{name}: {_said(self._find(name, value))}" for name, value in given(expect).items())

    def _holds(self, name: str, wanted: object) -> bool:
        found = self._find(name, wanted)
        if isinstance(found, list):
            return wanted in found
        if isinstance(wanted, _PARTS):
            wants = given(wanted).items()
            return isinstance(found, Mapping) and all(_same(found[key], value) for key, value in wants)
        return bool(found == wanted)

    def _find(self, name: str, wanted: object) -> object:
        match wanted:
            case ExpectPackage(function=function):
                return self._package(function)
            case ExpectOrder(function=function):
                return self._order(function)
            case ExpectDevice(name=device):
                return self._device(device)
            case ExpectUsed():
                return self._used(wanted)
        state = self._car.agent.vehicle.state
        symbol = status_symbol(state, "")
        derived: Mapping[str, Callable[[], object]] = {
            "session": lambda: "open" if self._car.agent.online else "closed",
            "symbol": lambda: symbol.letter or ("wifi" if symbol.wifi else "none"),
            "share_data": lambda: state.sharing,
            "map_updates_over_mobile": lambda: "on" if state.map_over_mobile else "off",
            "shown": lambda: self._since("shown"),
            "refused": lambda: self._since("refusal"),
        }
        return derived[name]() if name in derived else getattr(state, name)

    def _since(self, kind: str) -> list[str]:
        """Names of the car's records of a kind since the last `do`."""
        records = self._lab.trace.records[self.since :]
        return [record.name for record in records if record.kind == kind and record.car == self._car.vin]

    def _package(self, function: str) -> Mapping[str, Any] | None:
        """The newest job of a function."""
        jobs = [job for job in self._car.agent.vehicle.state.jobs.values() if job.manifest.function == function]
        if not jobs:
            return None
        job = jobs[-1]
        return {
            "function": function,
            "state": job.state.value,
            "blocked_by": tuple(sorted(job.blocked_by or ())),
            "code": job.code,
        }

    def _device(self, name: str) -> Mapping[str, Any] | None:
        state = self._car.agent.vehicle.state
        device = state.devices.get(name)
        if device is None:
            return None
        return {"name": name, "route": route(state, device).value, "app_data": in_the_wifi(state, device)}

    def _used(self, wanted: ExpectUsed) -> Mapping[str, Any]:
        """What the meter counted of this kind; the size as wanted where it is so many bytes."""
        kind = {key: value for key, value in given(wanted).items() if key != "size"}
        uses = self._car.agent.vehicle.state.usage
        count = sum(use.bytes for use in uses if all(getattr(use, key) == value for key, value in kind.items()))
        as_wanted = count == (0 if wanted.size == "nothing" else size(wanted.size))
        return {"size": wanted.size if as_wanted else f"{count} B", **kind}

    def _order(self, function: str) -> Mapping[str, Any] | None:
        records = self._lab.trace.records
        if any(record.kind in ("backend", "step") for record in records[self._looked :]):
            self._orders.clear()
        self._looked = len(records)
        if function not in self._orders:
            self._orders[function] = self._lab.desk.order_of(self._car.vin, function)
        order = self._orders[function]
        if order is None:
            return None
        state, error, bills = order
        return {"function": function, "state": str(state), "bills": bills, "error": error}


def describe(expect: Expect) -> str:
    """An expectation in words."""
    return ", ".join(f"{name}: {_said(_plain(value))}" for name, value in given(expect).items())


def _plain(value: object) -> object:
    return given(value) if isinstance(value, _PARTS) else value


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_said(part)}" for key, part in value.items() if part is not None)
    if isinstance(value, (list, tuple)):
        return " + ".join(str(part) for part in value) or "nothing"
    return str(value)


def _same(found: object, wanted: object) -> bool:
    return bool(tuple(sorted(wanted)) == found if isinstance(wanted, tuple) else found == wanted)
