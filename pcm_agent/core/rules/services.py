"""What must hold for a service to work, and what follows for it (CON-07, CON-24, CON-25, IDN-06, REM-03).

What a service needs is told by the catalogue of services; which of them a country lacks, by the country.
"""

from collections.abc import Callable, Mapping

from firmware_profiles import Menu, load_services
from pcm_agent.core.events import Event, ServiceJudged, ServiceListed
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition, Rule, blocking
from pcm_agent.core.state import Service
from pcm_agent.core.states import Account, App, Connection, PrivateMode, ServiceState, Traffic

CATALOGUE = load_services()
"""All services that there are, by id."""
ALWAYS_ON = frozenset(("car-security-package",))
"""What no switch turns off, private mode included (SEC-04)."""
SWITCHES: Mapping[Menu, Callable[[Turn], bool]] = {Menu.TRAFFIC: lambda turn: turn.state.traffic is Traffic.ON}
"""The switches that a service may have besides, each with whether it is on."""


def _service(turn: Turn) -> Service:
    assert turn.service is not None
    return turn.service


def under_contract(turn: Turn, service: Service) -> bool:
    """The service was provided, and its term is not over."""
    return service.state is not ServiceState.ENDED and service.until is not None and service.until > turn.now


def has_internet(turn: Turn) -> bool:
    """The car is online, or the phone with the app is (REM-03)."""
    state = turn.state
    return state.connection is Connection.CONNECTED or (state.app is App.CONNECTED and state.app_online)


def _exists(turn: Turn, service: Service) -> bool:
    """It is a service, and the country does not lack it."""
    return service.id in CATALOGUE and service.id not in turn.car.market.services_unavailable


def _linked(turn: Turn) -> bool:
    facts = CATALOGUE.get(_service(turn).id)
    return turn.state.account is Account.LINKED or (facts is not None and not facts.needs_link)


def _data(turn: Turn) -> bool:
    facts = CATALOGUE.get(_service(turn).id)
    if facts is None or facts.needs_data:
        remote = facts is not None and facts.remote
        return has_internet(turn) if remote else turn.state.connection is Connection.CONNECTED
    return True


def _not_private(turn: Turn) -> bool:
    return turn.state.private_mode is PrivateMode.OFF or _service(turn).id in ALWAYS_ON


def _switched_on(turn: Turn) -> bool:
    facts = CATALOGUE.get(_service(turn).id)
    return facts is None or facts.switch is None or SWITCHES[facts.switch](turn)


SERVICE = (
    Condition("not-in-country", "CON-07", lambda turn: _exists(turn, _service(turn))),
    Condition("no-contract", "REM-03", lambda turn: under_contract(turn, _service(turn))),
    Condition("restart-needed", "CON-25", lambda turn: _service(turn).state is not ServiceState.ORDERED),
    Condition("not-linked", "IDN-06", _linked),
    Condition("no-data", "REM-03", _data),
    Condition("private-mode", "CON-14", _not_private),
    Condition("switched-off", "CON-24", _switched_on),
)
"""What must hold while a service works."""

CAR_CONNECT = (
    Condition(
        "no-contract",
        "REM-03",
        lambda turn: any(
            _exists(turn, service) and CATALOGUE[service.id].remote and under_contract(turn, service)
            for service in turn.state.services.values()
        ),
    ),
    Condition("no-data", "REM-03", has_internet),
)
"""What Car Connect services need at all: a contract for one that reaches the car from outside here, and data."""


def service_status(turn: Turn, service_id: str) -> tuple[str, ...]:
    """What stands against a service now, by code; nothing if it works. One that was never ordered has no contract."""
    before = turn.service
    turn.service = turn.state.services.get(service_id) or Service(id=service_id)
    blocked_by = blocking(turn, SERVICE)
    turn.service = before
    return blocked_by


def _listed(turn: Turn) -> Event | None:
    service = _service(turn)
    restarted = service.state is ServiceState.ORDERED and turn.state.restarts > service.ordered_at_restart
    return ServiceListed(service.id) if restarted else None


_IN_PCM = frozenset((ServiceState.UNAVAILABLE, ServiceState.AVAILABLE))


def _judged(turn: Turn) -> Event | None:
    service = _service(turn)
    if service.state not in _IN_PCM:
        return None
    blocked_by = blocking(turn, SERVICE)
    return None if service.blocked_by == blocked_by else ServiceJudged(service.id, blocked_by)


SERVICE_RULES = (
    Rule("an ordered service appears at the next restart", "CON-25", _listed),
    Rule("a service works where nothing blocks it", "REM-03", _judged),
)
