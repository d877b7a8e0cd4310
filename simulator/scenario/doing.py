"""Carries out the `do` of a step, wherever it belongs: in the car, around it, or at the backend."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from pcm_agent.core import events as on
from pcm_agent.errors import LocalError
from simulator.lab import Lab, LabCar
from simulator.rig import BACKEND_ACTIONS
from simulator.scenario import actions, visits
from simulator.scenario.fault_words import fault_data
from simulator.scenario.lab_faults import OF_THE_LAB, let_fail
from simulator.scenario.menus import menu_event, read_way, way_of
from simulator.scenario.model import MenuTap, duration
from simulator.scenario.waits import Waiting

AROUND = frozenset((
    "ignition", "selector_lever", "parking_brake", "lock", "seats", "charging_cable", "battery", "radio", "insert_sim",
    "remove_sim", "open_hotspot", "close_hotspot", "driver_card", "move", "theft_sensor", "fail_next_installation",
    "fail_next_health_check", "corrupt_next_download", "disk", "link",
))  # fmt: skip
"""What can be done while the PCM has no power: it is told when it is back."""
UNKNOWN_PATH = "menu-path-unknown"
"""Code with which a PCM refuses a way that leaves its menus."""


@dataclass(frozen=True)
class Doing:
    """One `do` of one car.

    Attributes:
        lab: where.
        car: whose.
        waiting: how time passes.
        expected: whether the next step expects a word, such as the code of a refusal.
    """

    lab: Lab
    car: LabCar
    waiting: Waiting
    expected: Callable[[str], bool]

    async def carry_out(self, name: str, value: object) -> None:
        """Do it; what fails from now on, or is well again, is told to the trace.

        Args:
            name: key of `Do`.
            value: its value.

        Raises:
            LocalError: it can't be done.
        """
        lab, car = self.lab, self.car
        if await let_fail(lab, car, name, value, lambda: self._tell_fault(name, value)):
            return
        await self._carry_out(name, value)
        self._tell_fault(name, value)

    def _tell_fault(self, name: str, value: object) -> None:
        fault = fault_data(self.car, name, value)
        if fault is not None:
            vin = "" if name in OF_THE_LAB else self.car.vin  # whichever car's step it is
            self.lab.trace.add("fault", name, fault, vin, self.lab.cause)

    async def _carry_out(self, name: str, value: object) -> None:
        lab, car = self.lab, self.car
        if name == "wait":
            await self._pass(duration(str(value)))
            return
        if lab.task is None and name in BACKEND_ACTIONS:
            raise LocalError("backend-down", f"{name}: the backend has crashed, and was not started again")
        if visits.visit_my_porsche(lab.desk, car.vin, car.market.code, name, value):
            lab.backend.send_to(car.vin)
            return
        if not car.powered and name not in AROUND:
            raise LocalError("pcm-without-power", f"{name}: the PCM is without power")
        lab.wake(car)
        if name == "pairing_code":
            value = visits.shown_pairing_code(lab.desk, car.vin, str(value))
        if name == "agree_to":
            car.world.happens(on.PackageConsented(self._offer_of(str(value))))
        elif name == "menu":
            self._tap(cast("MenuTap", value))  # the model lets nothing else stand there
        elif not actions.change_world(car.world, car.market.code, name, value):
            car.world.happens(actions.body_event(name, value))

    async def _pass(self, span: timedelta) -> None:
        await self.waiting.wait(lambda: False, span, jumps=True)

    def _tap(self, tap: MenuTap) -> None:
        """Tap through the menus. A way that leaves them is refused by the PCM; the step fails unless that is expected.

        Raises:
            LocalError: `menu-path-unknown`, with the place where the way ended.
        """
        code = self.lab.desk.pairing_code(self.car.vin) if actions.types_shown_code(tap) else None
        self.car.world.happens(menu_event(self.car.profile, tap, code=code))
        problem = read_way(self.car.profile, way_of(tap)).problem
        if problem and not any(self.expected(word) for word in (UNKNOWN_PATH, f"refused-{UNKNOWN_PATH}")):
            raise LocalError(UNKNOWN_PATH, problem)

    def _offer_of(self, function: str) -> str:
        jobs = [job for job in self.car.agent.vehicle.state.jobs.values() if job.assignment.function == function]
        if not jobs:
            raise LocalError("package-unknown", f"{function} was not offered to the car")
        return jobs[-1].assignment.offer_id
