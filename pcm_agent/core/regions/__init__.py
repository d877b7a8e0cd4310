"""All regions of a vehicle, in the order in which an event reaches them."""

from pcm_agent.core.region import Region
from pcm_agent.core.regions.account import ACCOUNT
from pcm_agent.core.regions.app import APP
from pcm_agent.core.regions.body import (
    BATTERY,
    CHARGE,
    CHARGING,
    CLIMATE,
    IGNITION,
    LOCK,
    OCCUPANCY,
    PARKING_BRAKE,
    SELECTOR_LEVER,
)
from pcm_agent.core.regions.connection import CONNECTION
from pcm_agent.core.regions.maps import MAP_UPDATES
from pcm_agent.core.regions.metadata import METADATA
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.core.regions.personal import PERSONAL
from pcm_agent.core.regions.phone import BLUETOOTH, CALL, CARPLAY
from pcm_agent.core.regions.privacy import PRIVATE_MODE
from pcm_agent.core.regions.remote import REMOTE
from pcm_agent.core.regions.roaming import ROAMING
from pcm_agent.core.regions.security import ALARM, DRIVER_CARD, SERVICE_MODE
from pcm_agent.core.regions.service import SERVICE, TRAFFIC
from pcm_agent.core.regions.sharing import DATA_PACKAGE, SHARING
from pcm_agent.core.regions.sim import SIM

VEHICLE_REGIONS: tuple[Region, ...] = (
    IGNITION,
    SELECTOR_LEVER,
    PARKING_BRAKE,
    LOCK,
    OCCUPANCY,
    CHARGING,
    CHARGE,
    CLIMATE,
    BATTERY,
    SIM,
    ROAMING,
    CONNECTION,
    BLUETOOTH,
    CARPLAY,
    CALL,
    SHARING,
    DATA_PACKAGE,
    MAP_UPDATES,
    METADATA,
    PRIVATE_MODE,
    REMOTE,  # before the account: it asks who is there
    PERSONAL,
    ACCOUNT,
    TRAFFIC,
    APP,
    DRIVER_CARD,
    ALARM,
    SERVICE_MODE,
)
"""One machine each a vehicle."""

REGIONS: dict[str, Region] = {region.name: region for region in (*VEHICLE_REGIONS, PACKAGE, SERVICE)}
"""All by name; `package` has one machine a job, `service` one a service."""
