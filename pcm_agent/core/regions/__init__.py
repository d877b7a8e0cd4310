"""All regions of a vehicle, in the order in which an event reaches them."""

from pcm_agent.core.region import Region
from pcm_agent.core.regions.account import ACCOUNT
from pcm_agent.core.regions.body import BATTERY, CHARGING, IGNITION, LOCK, OCCUPANCY, PARKING_BRAKE, SELECTOR_LEVER
from pcm_agent.core.regions.connection import CONNECTION
from pcm_agent.core.regions.maps import MAP_UPDATES
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.core.regions.privacy import PRIVATE_MODE
from pcm_agent.core.regions.roaming import ROAMING
from pcm_agent.core.regions.sharing import DATA_PACKAGE, SHARING
from pcm_agent.core.regions.sim import SIM

VEHICLE_REGIONS: tuple[Region, ...] = (
    IGNITION,
    SELECTOR_LEVER,
    PARKING_BRAKE,
    LOCK,
    OCCUPANCY,
    CHARGING,
    BATTERY,
    SIM,
    ROAMING,
    CONNECTION,
    SHARING,
    DATA_PACKAGE,
    MAP_UPDATES,
    PRIVATE_MODE,
    ACCOUNT,
)
"""One machine each a vehicle."""

REGIONS: dict[str, Region] = {region.name: region for region in (*VEHICLE_REGIONS, PACKAGE)}
"""All by name; `package` has one machine a job."""
