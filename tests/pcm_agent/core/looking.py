"""A car that looks at the repositories, and what it is answered."""

from typing import TYPE_CHECKING

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Access, Metadata
from pcm_agent.trust.floors import Floor, Floors
from pcm_agent.trust.metadata import TrustedRoots
from tests.pcm_agent.core.conftest import FAR

if TYPE_CHECKING:
    from pcm_agent.core.state import VehicleState
    from tests.pcm_agent.core.conftest import Driver


FLOORS = Floors({"director/root": Floor(3, "keys")})
ROOTS = TrustedRoots(b"director", b"image")
DATA = (on.CellChanged("JP", Access.LTE), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
ACCEPTED = on.MetadataAccepted((), FLOORS, FAR)


def looks(car: "Driver") -> int:
    """How often the last events had the car look."""
    return len(car.of(do.CheckMetadata))


def looking(car: "Driver") -> None:
    car.go_online()
    car.feed(on.LookOrdered())
    assert car.at("metadata") is Metadata.CHECKING


def trust(state: "VehicleState") -> tuple[object, ...]:
    """All that decides what the car will believe, and what it makes of what it believed."""
    return state.floors, state.roots, state.counters, state.installed, state.jobs
