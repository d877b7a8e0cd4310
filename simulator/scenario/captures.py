"""Finds what `let` gives a name to."""

from datetime import datetime

import msgspec

from pcm_agent.errors import LocalError
from simulator.lab import Lab, LabCar
from simulator.scenario.capturable import PAIRING_CODE, PLAIN, TIME
from simulator.scenario.expectations import Judge


def capture(lab: Lab, car: LabCar, judge: Judge, what: str) -> object:
    """What is found now, as plain values.

    Raises:
        LocalError: `nothing-captured`: there is nothing.
    """
    found = _found(lab, car, judge, what)
    if isinstance(found, list):  # of what was shown or refused, the last
        found = found[-1] if found else None
    if found is None:
        raise LocalError("nothing-captured", f"there is no {what} now")
    plain: object = msgspec.to_builtins(found)
    return plain


def _found(lab: Lab, car: LabCar, judge: Judge, what: str) -> object:
    if what == TIME:
        return _iso(lab.clock.now())
    if what == PAIRING_CODE:
        return lab.desk.pairing_code(car.vin)
    if what in PLAIN:
        return judge.value(what)
    part, _, rest = what.partition(".")
    name, _, detail = rest.rpartition(".")
    return (judge.detail(part, name) or {}).get(detail)


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
