"""A car in a trace: the record that says what it is, so that a replay can have the same one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from firmware_profiles import Equipment, load_profile
from pcm_agent.core.region import Car
from pcm_agent.core.state import VehicleState
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import LocalError
from pcm_agent.protocol.envelope import readable
from simulator.choice import market_of
from simulator.trace import Record, Trace
from simulator.traces.inputs import Restored


def present(trace: Trace, vehicle: Vehicle, language: str, *, lived: bool) -> int:
    """Write down what a car is; with `lived` its state too, which then is not that of a new one. Secrets are masked."""
    profile, vin = vehicle.car.profile, vehicle.state.vin
    data: dict[str, Any] = {
        "profile": profile.name,
        "model": profile.car.line,
        "country": vehicle.car.market.code,
        "language": language,
        "equipment": sorted(vehicle.car.equipment),
    }
    data |= {"file": profile.file} if profile.file else {}
    data |= {"assume": dict(profile.assumed)} if profile.assumed else {}
    data |= {"state": readable(vehicle.state)} if lived else {}
    return trace.add("car", profile.name, data, vin)


def vehicle_of(record: Record, restored: Restored) -> Vehicle:
    """The car of such a record, with what the profile says of it today.

    Args:
        record: of kind `car`.
        restored: decoding hook for secrets, which are masked in the record.

    Raises:
        LocalError: `trace-car-unusable`: the record does not say what is needed.
        ProfileError: there is no such profile any more.
    """
    try:
        wanted = msgspec.convert(record.data, _Wanted)
    except msgspec.ValidationError as error:
        raise LocalError("trace-car-unusable", f"record {record.seq}: {error}") from error
    profile = load_profile(wanted.file or wanted.profile, wanted.assume)
    car = Car(profile, market_of(wanted.country), wanted.equipment)
    if wanted.state is None:
        return Vehicle.new(record.car, *car)
    try:
        return Vehicle(car, msgspec.convert(wanted.state, VehicleState, dec_hook=restored))
    except msgspec.ValidationError as error:
        raise LocalError("trace-car-unusable", f"record {record.seq}: state: {error}") from error


class _Wanted(msgspec.Struct, frozen=True):
    """What a replay reads of the record."""

    profile: str
    country: str
    file: str | None = None
    assume: Mapping[str, str] = {}
    equipment: frozenset[Equipment] = frozenset()
    state: dict[str, Any] | None = None
