"""Carries out a `do` that lets something around the car, or the car itself, fail or be well again."""

from collections.abc import Awaitable, Callable, Mapping

from pcm_agent.errors import LocalError
from simulator.broker import BrokerError
from simulator.lab import Lab, LabCar
from simulator.scenario.model import TroubledMessages, WrongClock, duration

Tell = Callable[[], None]
"""Called as soon as it is sure that it will be done, before anything comes of it."""


async def let_fail(lab: Lab, car: LabCar, name: str, value: object, tell: Tell) -> bool:
    """Let something fail, or be well again; whether `name` is such a thing.

    Raises:
        LocalError: it can't fail now, as it has failed already, or can't be well again, as it is well; or the broker is
            somebody else's.
        TransportError: the broker can't be started again.
    """
    if name in OF_THE_LAB:
        await OF_THE_LAB[name][str(value)](lab, tell)
    elif name == "power":
        await _switch_power(lab, car, str(value), tell)
    elif isinstance(value, TroubledMessages):
        tell()
        _trouble(car, value)
    elif name == "clock":
        tell()
        _set_clock(car, value)
    else:
        return False
    return True


def _check_ours(lab: Lab) -> None:
    try:
        lab.means.check_broker()
    except BrokerError as error:
        raise LocalError(error.code, error.message) from error


async def _stop_broker(lab: Lab, tell: Tell) -> None:
    _check_ours(lab)
    if not lab.means.broker_runs:
        raise LocalError("broker-down", "the broker is down already")
    tell()
    await lab.means.stop_broker()


async def _start_broker(lab: Lab, tell: Tell) -> None:
    _check_ours(lab)
    if lab.means.broker_runs:
        raise LocalError("broker-up", "the broker runs")
    await lab.means.start_broker()
    tell()


async def _restart_broker(lab: Lab, tell: Tell) -> None:
    await _stop_broker(lab, tell)
    await lab.means.start_broker()


def _check_up(lab: Lab) -> None:
    if lab.task is None:
        raise LocalError("backend-down", "the backend has crashed already")


async def _crash_backend(lab: Lab, tell: Tell) -> None:
    _check_up(lab)
    tell()
    lab.crash_backend()
    await lab.over()


async def _crash_backend_soon(lab: Lab, tell: Tell) -> None:
    _check_up(lab)
    tell()
    lab.crash_at_next_message = True


async def _start_backend(lab: Lab, tell: Tell) -> None:
    """Also takes back a crash that has not come about."""
    if lab.task is not None and lab.crash_at_next_message:
        tell()
        lab.crash_at_next_message = False
        return
    if lab.task is not None:
        raise LocalError("backend-up", "the backend runs")
    tell()
    lab.start_backend()


OF_THE_LAB: Mapping[str, Mapping[str, Callable[[Lab, Tell], Awaitable[None]]]] = {
    "broker": {"down": _stop_broker, "up": _start_broker, "restarted": _restart_broker},
    "backend": {
        "crashed": _crash_backend,
        "crashes-at-next-message": _crash_backend_soon,
        "started": _start_backend,
    },
}
"""What is one for all cars: by name and word, what is done."""


async def _switch_power(lab: Lab, car: LabCar, value: str, tell: Tell) -> None:
    if value == "cut":
        if not car.powered:
            raise LocalError("pcm-without-power", "the PCM has no power already")
        tell()
        lab.cut_power(car)
        await lab.over()
    else:
        if car.powered:
            raise LocalError("pcm-has-power", "the PCM has power")
        tell()
        lab.restore_power(car)


def _trouble(car: LabCar, value: TroubledMessages) -> None:
    faults = car.to_car if value.to == "car" else car.to_backend
    faults.double(value.doubled)
    faults.delay(value.delayed, duration(value.by))
    faults.turn_round(value.reversed)


def _set_clock(car: LabCar, value: object) -> None:
    if not isinstance(value, WrongClock):
        car.clock.set_right()
        return
    if value.ahead or value.behind:
        car.clock.set_ahead(duration(value.ahead or "0 s") - duration(value.behind or "0 s"))
    if value.drift is not None:
        car.clock.let_drift(value.drift)
