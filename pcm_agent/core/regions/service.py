"""One service of the car, from the order to the end of its term (CON-25, REM-03); the map's switch for one (CON-24)."""

from typing import cast

from pcm_agent.core.effects import Publish, Show
from pcm_agent.core.events import (
    FactoryResetConfirmed,
    ServiceCancelled,
    ServiceJudged,
    ServiceListed,
    ServiceProvided,
    TimerFired,
    TrafficDisabled,
    TrafficEnabled,
)
from pcm_agent.core.region import Action, Region, Row, Turn, refuse
from pcm_agent.core.report import service_report
from pcm_agent.core.state import Service
from pcm_agent.core.states import ServiceState as State
from pcm_agent.core.states import Traffic


def service_of(turn: Turn) -> Service:
    """The turn's service."""
    return cast("Service", turn.service)


def _timer(turn: Turn) -> str:
    return f"term:{service_of(turn).id}"


def term_over(turn: Turn) -> bool:
    """The term that the backend names is over already."""
    return cast("ServiceProvided", turn.event).until <= turn.now


def term_ends(turn: Turn) -> bool:
    """The end of the service's term has come."""
    return cast("TimerFired", turn.event).key == _timer(turn)


def nothing_blocks(turn: Turn) -> bool:
    """All that the service needs is there."""
    return not cast("ServiceJudged", turn.event).blocked_by


def tell(turn: Turn) -> None:
    """Tell the backend where the service stands."""
    turn.add(Publish(service_report(service_of(turn))))


def keep_term(turn: Turn) -> None:
    """Keep how long the service is paid for."""
    until = cast("ServiceProvided", turn.event).until
    service_of(turn).until = until
    turn.set_timer(_timer(turn), until)


def wait_for_restart(turn: Turn) -> None:
    """The command came over the internet, so the next restart shows the service (CON-25)."""
    service_of(turn).ordered_at_restart = turn.state.restarts
    service_of(turn).blocked_by = None


def keep_causes(turn: Turn) -> None:
    """Keep what stands against the service."""
    service_of(turn).blocked_by = cast("ServiceJudged", turn.event).blocked_by


def name_causes(turn: Turn) -> None:
    """Tell the driver why the service does not work."""
    service = service_of(turn)
    turn.add(Show("service-unavailable", {"service": service.id, "reasons": service.blocked_by or ()}))


def end(turn: Turn) -> None:
    """Nothing is to be judged any more."""
    service_of(turn).blocked_by = None
    turn.cancel_timer(_timer(turn))


def _tell_driver(text: str) -> Action:
    def show(turn: Turn) -> None:
        turn.add(Show(text, {"service": service_of(turn).id}))

    show.__name__ = f"show {text}"
    return show


IN_PCM = (State.UNAVAILABLE, State.AVAILABLE)
RUNNING = (State.ORDERED, *IN_PCM)
SERVICE = Region(
    "service",
    State,
    State.ENDED,
    (
        Row(ServiceProvided, tuple(State), None, (term_over,), (refuse("term-over", "REM-03"),)),
        Row(ServiceProvided, State.ENDED, State.ORDERED, (), (keep_term, wait_for_restart, tell)),
        Row(ServiceProvided, RUNNING, None, (), (keep_term, tell)),
        Row(ServiceListed, State.ORDERED, State.UNAVAILABLE, (), (_tell_driver("service-new"), tell)),
        Row(
            ServiceJudged,
            IN_PCM,
            State.AVAILABLE,
            (nothing_blocks,),
            (keep_causes, _tell_driver("service-available"), tell),
        ),
        Row(ServiceJudged, IN_PCM, State.UNAVAILABLE, (), (keep_causes, name_causes, tell)),
        Row(TimerFired, RUNNING, State.ENDED, (term_ends,), (end, _tell_driver("service-expired"), tell)),
        Row(ServiceCancelled, RUNNING, State.ENDED, (), (end, _tell_driver("service-cancelled"), tell)),
    ),
    field="state",
    otherwise={
        ServiceListed: "the rules raise this only for a service that waits for the restart",
        ServiceJudged: "the rules raise this only for a service that stands in the PCM",
        ServiceCancelled: "it has ended already",
        TimerFired: "another timer, or the service has ended",
    },
    per_service=True,
)

TRAFFIC = Region(
    "traffic",
    Traffic,
    Traffic.OFF,
    (
        Row(TrafficEnabled, Traffic.OFF, Traffic.ON),
        Row(TrafficDisabled, Traffic.ON, Traffic.OFF),
        Row(FactoryResetConfirmed, Traffic.ON, Traffic.OFF),
    ),
    field="traffic",
    otherwise=dict.fromkeys((TrafficEnabled, TrafficDisabled, FactoryResetConfirmed), "it is so already"),
)
