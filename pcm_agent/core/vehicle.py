"""The vehicle: `handle(event, now) -> effects`, `snapshot` and `restore`.

Two rules hold for every event. It first reaches the regions whose tables know it; then, if it changed anything, the
rules between regions are applied until they raise nothing more. And it always has an answer: transitions, a refusal,
or visibly nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from firmware_profiles import Country, Equipment, Profile
from pcm_agent.core import commands, menu
from pcm_agent.core.effects import (
    Answer,
    Effect,
    Persist,
    Publish,
    Refuse,
    ReportState,
    SetTimer,
    Show,
    ShowSymbol,
    TakeAs,
)
from pcm_agent.core.events import (
    CommandReceived,
    Event,
    IgnitionTurnedOn,
    MenuTapped,
    PackageOffered,
    PcmStarted,
    ServiceProvided,
    TimerFired,
    UpdatesOpened,
)
from pcm_agent.core.region import Car, Region, Turn
from pcm_agent.core.regions import REGIONS, VEHICLE_REGIONS
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.core.regions.service import SERVICE
from pcm_agent.core.report import fingerprint, status_symbol
from pcm_agent.core.rules import JOB_RULES, SERVICE_RULES, VEHICLE_RULES
from pcm_agent.core.rules.rule import Rule
from pcm_agent.core.state import Service, VehicleState
from pcm_agent.core.states import Connection, PrivateMode, ServiceState
from pcm_agent.core.updates import show_updates
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import Heartbeat, RefusalReported, Reply
from pcm_agent.protocol.messages import ReportState as ReportStateCommand
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from pcm_agent.protocol.secret import restored, revealed

ANSWERS_KEPT = 256
"""So many of the backend's commands are remembered, to answer a repeated one without doing it again."""
HEARTBEAT = commands.HEARTBEAT

_REGIONS_OF: dict[type[Event], tuple[Region, ...]] = {
    event: tuple(region for region in VEHICLE_REGIONS if event in region.events)
    for region in REGIONS.values()
    for event in region.events
}
_encoder = msgspec.json.Encoder(enc_hook=revealed)
_decoder = msgspec.json.Decoder(VehicleState, dec_hook=restored)


class Vehicle:
    """One car's head unit.

    Feed it every event with the time at which it happened; perform the effects that it returns, in their order. The
    time must be aware and should not go back. The same events at the same times give the same effects.
    """

    def __init__(self, car: Car, state: VehicleState) -> None:
        self.car = car
        self.state = state
        self._reported = fingerprint(state)

    @classmethod
    def new(
        cls,
        vin: str,
        profile: Profile,
        market: Country,
        trusted_key: bytes,
        equipment: frozenset[Equipment] = frozenset(),
    ) -> "Vehicle":
        """A car as it left the factory.

        Args:
            vin: vehicle identification number (ISO 3779).
            profile: what this kind of car has.
            market: the country that it was sold in.
            trusted_key: raw Ed25519 public key (32 bytes) of those who may sign packages.
            equipment: what was ordered beyond what every such car has.
        """
        return cls(
            Car(profile, market, trusted_key, equipment),
            VehicleState(vin=vin, profile=profile.name, market=market.code),
        )

    @classmethod
    def restore(
        cls,
        snapshot: bytes,
        profile: Profile,
        market: Country,
        trusted_key: bytes,
        equipment: frozenset[Equipment] = frozenset(),
    ) -> "Vehicle":
        """The car as `snapshot` kept it.

        Raises:
            LocalError: `snapshot-unreadable`.
        """
        try:
            return cls(Car(profile, market, trusted_key, equipment), _decoder.decode(snapshot))
        except msgspec.DecodeError as error:
            raise LocalError("snapshot-unreadable", f"not a vehicle's state: {error}") from error

    def snapshot(self) -> bytes:
        """The whole state as JSON, secrets included: for the journal, never for people."""
        return _encoder.encode(self.state)

    def handle(self, event: Event, now: datetime) -> list[Effect]:
        """Let one event happen.

        Args:
            event: what happened.
            now: when (aware, UTC).

        Returns:
            What is to be done, in order. `Persist` comes last, where the change must outlast a power cut; then state
            and messages are to be committed before anything else is performed.

        Raises:
            LocalError: `time-naive`.
        """
        if now.tzinfo is None:
            raise LocalError("time-naive", "the core takes aware times only")
        turn = Turn(self.car, self.state, event, now)
        self.state.clock = now
        _answer(turn)
        if turn.changed:
            _apply_rules(turn)
            _conclude(turn)
            self._number(turn)
            turn.add(Persist())
        if self.state.private_mode is PrivateMode.ON:
            return [effect for effect in turn.effects if not _personal(effect)]
        return turn.effects

    def _number(self, turn: Turn) -> None:
        """Give the reported state a new number where it is another one."""
        reported = fingerprint(self.state)
        if reported != self._reported:
            self._reported = reported
            self.state.version += 1
            turn.add(ReportState())


def _answer(turn: Turn) -> None:
    """Let the event reach whoever knows it."""
    event = turn.event
    match event:
        case TimerFired():
            _timer_fired(turn, event)
        case CommandReceived():
            _obey(turn, event)
        case PcmStarted():
            _start(turn)
        case UpdatesOpened():
            show_updates(turn)
        case MenuTapped():
            _tap(turn, event)
        case _:
            _fire(turn, event)
            _tell_refusals(turn)


def _personal(effect: Effect) -> bool:
    """Whether private mode withholds it (PRV-01)."""
    return isinstance(effect, Publish) and type(effect.body) in PERSONAL_REPORTS


def _tap(turn: Turn, tapped: MenuTapped) -> None:
    """Let happen what a way through the menus means."""
    event = menu.meaning(turn, tapped)
    if event is None:
        _tell_refusals(turn)
        return
    turn.add(TakeAs(event))
    turn.event = event
    _answer(turn)


def _fire(turn: Turn, event: Event) -> bool:
    """Fire an event into every region that knows it, the vehicle's and the named job's; whether any answered."""
    turn.event = event
    taken = False
    for region in _REGIONS_OF.get(event.__class__, ()):
        taken |= region.fire(turn)
    if event.__class__ in PACKAGE.events:
        taken |= _fire_all_jobs(turn) if isinstance(event, IgnitionTurnedOn) else _fire_job(turn, event)
    if event.__class__ in SERVICE.events:
        taken |= _fire_service(turn, event)
    return taken


def _fire_all_jobs(turn: Turn) -> bool:
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


def _tell_refusals(turn: Turn) -> None:
    """A refused tap is shown to the driver and told to the backend."""
    for refusal in _refusals(turn.effects):
        turn.add(Show(f"refused-{refusal.code}"))
        turn.add(
            Publish(
                RefusalReported(
                    event=refusal.event,
                    code=refusal.code,
                    requirement=refusal.requirement,
                    blocked_by=refusal.blocked_by,
                )
            )
        )
        turn.changed = True


def _refusals(effects: Iterable[Effect]) -> list[Refuse]:
    return [effect for effect in effects if isinstance(effect, Refuse)]


def _timer_fired(turn: Turn, event: TimerFired) -> None:
    """A timer that was cancelled or set anew has no effect, however late its old firing comes."""
    at = turn.state.timers.get(event.key)
    if at is None or at > turn.now:
        return
    del turn.state.timers[event.key]
    if event.key == HEARTBEAT:
        _beat(turn)
        return
    turn.changed = True
    _fire(turn, event)


def _beat(turn: Turn) -> None:
    """Say that the PCM is there; changes nothing that must outlast a power cut."""
    turn.add(Publish(Heartbeat(state_version=turn.state.version), durable=False))
    turn.set_timer(HEARTBEAT, turn.now + timedelta(seconds=turn.state.heartbeat_seconds))


def _start(turn: Turn) -> None:
    """Boot: unfinished steps are taken up, timers set again."""
    turn.state.timers.pop(HEARTBEAT, None)
    for key, at in turn.state.timers.items():
        turn.add(SetTimer(key, at))
    turn.state.symbol = status_symbol(turn.state, "")
    turn.state.restarts += 1
    for region in _REGIONS_OF[PcmStarted]:
        region.fire(turn)
    _fire_all_jobs(turn)
    turn.changed = True


def _obey(turn: Turn, command: CommandReceived) -> None:
    """Answer a command in two steps: received, then done or refused; a repeated one is answered as before."""
    turn.add(Answer(command.id, command.kind, Reply(stage="received"), durable=False))
    known = turn.state.answered.get(command.id)
    lasting = not isinstance(command.body, ReportStateCommand)
    if known is None:
        known = _carry_out(turn, command)
        if lasting:
            _remember(turn, command.id, known)
    turn.add(Answer(command.id, command.kind, known, lasting))


def _carry_out(turn: Turn, command: CommandReceived) -> Reply:
    if command.expires is not None and turn.now >= command.expires:
        return Reply(stage="refused", code="command-expired")
    event = commands.interpret(command.body, turn)
    if isinstance(event, PackageOffered):
        turn.event = event
        event = commands.open_job(turn, event.offer)
    if event is not None:
        _fire(turn, event)
    for refusal in _refusals(turn.effects):
        return Reply(stage="refused", code=refusal.code, requirement=refusal.requirement, blocked_by=refusal.blocked_by)
    return Reply(stage="done")


def _remember(turn: Turn, command_id: str, reply: Reply) -> None:
    turn.state.answered[command_id] = reply
    turn.changed = True
    while len(turn.state.answered) > ANSWERS_KEPT:
        del turn.state.answered[next(iter(turn.state.answered))]


def _apply_rules(turn: Turn) -> None:
    """Apply the rules until none raises anything; every one of them makes its own cause go away."""
    turn.job = None
    while _raise_first(turn, VEHICLE_RULES):
        pass
    for service in turn.state.services.values():
        turn.service = service
        while _raise_first(turn, SERVICE_RULES):
            pass
    for job in turn.state.jobs.values():
        turn.job = job
        while _raise_first(turn, JOB_RULES):
            pass
    turn.job = None


def _raise_first(turn: Turn, rules: tuple[Rule, ...]) -> bool:
    for rule in rules:
        event = rule.raises(turn)
        if event is not None and _fire(turn, event):
            return True
    return False


def _conclude(turn: Turn) -> None:
    """Keep the symbol true, and the heartbeat going while there is data."""
    state = turn.state
    symbol = status_symbol(state, turn.car.profile.status.symbol_corner)
    if symbol != state.symbol:
        state.symbol = symbol
        turn.add(ShowSymbol(symbol))
    connected = state.connection is Connection.CONNECTED
    if connected is not (HEARTBEAT in state.timers):
        if connected:
            turn.set_timer(HEARTBEAT, turn.now + timedelta(seconds=state.heartbeat_seconds))
        else:
            turn.cancel_timer(HEARTBEAT)
