"""Jobs that are put into a state by hand."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.pcm_agent.core.conftest import FOD

if TYPE_CHECKING:
    from pcm_agent.protocol.messages import PackageState
    from tests.pcm_agent.core.conftest import Driver

DAY = timedelta(days=1)


def put(car: "Driver", state: "PackageState", offer_id: str = FOD) -> None:
    """Put a job into a state."""
    car.job(offer_id).state = state
    car.reload()
