"""How an event reaches the tables: the vehicle's regions, the job or the service that it names."""

from pcm_agent.core.events import Event, IgnitionTurnedOn, ServiceProvided, TimerFired
from pcm_agent.core.region import Region, Turn
from pcm_agent.core.regions import REGIONS, VEHICLE_REGIONS
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.core.regions.service import SERVICE
from pcm_agent.core.rules.services import CATALOGUE
from pcm_agent.core.state import Service
from pcm_agent.core.states import ServiceState

REGIONS_OF: dict[type[Event], tuple[Region, ...]] = {
    event: tuple(region for region in VEHICLE_REGIONS if event in region.events)
    for region in REGIONS.values()
    for event in region.events
}
"""The regions of the vehicle that know an event, in their order."""


def fire(turn: Turn, event: Event) -> bool:
    """Fire an event into every region that knows it, the vehicle's and the named job's; whether any answered."""
    turn.event = event
    taken = False
    for region in REGIONS_OF.get(event.__class__, ()):
        taken |= region.fire(turn)
    if event.__class__ in PACKAGE.events:
        taken |= fire_all_jobs(turn) if isinstance(event, IgnitionTurnedOn) else _fire_job(turn, event)
    if event.__class__ in SERVICE.events:
        taken |= _fire_service(turn, event)
    return taken


def fire_all_jobs(turn: Turn) -> bool:
    """Fire an event that names no job into each of them."""
    taken = False
    for job in turn.state.jobs.values():
        turn.job = job
        taken |= PACKAGE.fire(turn)
    return taken


def _fire_service(turn: Turn, event: Event) -> bool:
    """Fire an event into the service that it names; one that is provided for the first time is kept unless refused."""
    services = turn.state.services
    service_id = event.key.partition(":")[2] if isinstance(event, TimerFired) else str(getattr(event, "service", ""))
    service = services.get(service_id) or (Service(id=service_id) if isinstance(event, ServiceProvided) else None)
    if isinstance(event, ServiceProvided) and service_id not in CATALOGUE:
        service = None
    if service is None:
        if not isinstance(event, TimerFired):
            turn.refuse("service-unknown", "REM-03")
        return False
    turn.service = service
    taken = SERVICE.fire(turn)
    if service.state is not ServiceState.ENDED:
        services[service_id] = service
    return taken


def _fire_job(turn: Turn, event: Event) -> bool:
    offer_id = _offer_named_by(event)
    job = turn.state.jobs.get(offer_id)
    if job is None:
        if offer_id and not isinstance(event, TimerFired):
            turn.refuse("offer-unknown", "FOD-02")
        return False
    turn.job = job
    return PACKAGE.fire(turn)


def _offer_named_by(event: Event) -> str:
    if isinstance(event, TimerFired):
        return event.key.partition(":")[2]
    return str(getattr(event, "offer_id", ""))
