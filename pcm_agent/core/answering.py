"""What the PCM makes of one event before the rules: of a timer, a command, a restart, a tap on a menu, a plain fact."""

from datetime import datetime, timedelta

from pcm_agent.core import assignments, commands, menu
from pcm_agent.core.effects import Answer, Publish, SetTimer, Show, TakeAs
from pcm_agent.core.events import CommandReceived, MenuTapped, MetadataAccepted, PcmStarted, TimerFired, UpdatesOpened
from pcm_agent.core.firing import REGIONS_OF, fire, fire_all_jobs
from pcm_agent.core.region import Turn
from pcm_agent.core.regions import account, connection, security
from pcm_agent.core.regions.metadata import CONFIRM
from pcm_agent.core.report import status_symbol
from pcm_agent.core.rules.metadata import PAUSE
from pcm_agent.core.updates import show_updates
from pcm_agent.protocol.messages import Heartbeat, RefusalReported, Reply, ReportState

ANSWERS_KEPT = 256
"""So many of the backend's commands are remembered, to answer a repeated one without doing it again."""
HEARTBEAT = commands.HEARTBEAT
SPANS = frozenset((HEARTBEAT, PAUSE, CONFIRM, "retry", "settle", connection.RETRY_TIMER, account.TIMER, security.TIMER))
"""Timers, by their key up to the colon, that mean a span, and no date: a clock that is set back makes none longer."""


def answer(turn: Turn) -> None:
    """Let the event reach whoever knows it."""
    event = turn.event
    match event:
        case TimerFired():
            _timer_fired(turn, event)
        case CommandReceived():
            _obey(turn, event)
        case PcmStarted():
            _start(turn)
        case MetadataAccepted():
            if fire(turn, event):
                assignments.follow(turn, event)
        case UpdatesOpened():
            show_updates(turn)
        case MenuTapped():
            _tap(turn, event)
        case _:
            fire(turn, event)
            _tell_refusals(turn)


def _tap(turn: Turn, tapped: MenuTapped) -> None:
    """Let happen what a way through the menus means."""
    event = menu.meaning(turn, tapped)
    if event is None:
        _tell_refusals(turn)
        return
    turn.add(TakeAs(event))
    turn.event = event
    answer(turn)


def _tell_refusals(turn: Turn) -> None:
    """A refused tap is shown to the driver and told to the backend."""
    for refusal in turn.refusals:
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


def _timer_fired(turn: Turn, event: TimerFired) -> None:
    """A timer that was cancelled has no effect, however late its old firing comes.

    One that fires too early, since the car's clock was set back, is set again where it means a date. One that means a
    span has run for it, however far off its date is by the new clock.
    """
    at = turn.state.timers.get(event.key)
    if at is None:
        return
    if at > turn.now and not _means_a_span(event.key):
        turn.add(SetTimer(event.key, at))
        return
    del turn.state.timers[event.key]
    if event.key == HEARTBEAT:
        _beat(turn)
        return
    turn.changed = True
    fire(turn, event)


def _beat(turn: Turn) -> None:
    """Say that the PCM is there; changes nothing that must outlast a power cut."""
    turn.add(Publish(Heartbeat(state_version=turn.state.version), durable=False))
    turn.set_timer(HEARTBEAT, turn.now + timedelta(seconds=turn.state.heartbeat_seconds))


def _start(turn: Turn) -> None:
    """Boot: unfinished steps are taken up, timers set again."""
    turn.state.timers.pop(HEARTBEAT, None)
    for key, at in list(turn.state.timers.items()):
        turn.set_timer(key, _after_what_is_left(turn, at) if _means_a_span(key) else at)
    turn.state.symbol = status_symbol(turn.state, "")
    turn.state.restarts += 1
    for region in REGIONS_OF[PcmStarted]:
        region.fire(turn)
    fire_all_jobs(turn)
    turn.changed = True


def _means_a_span(key: str) -> bool:
    """Whether a timer is to fire some time after something happened, and not at a date."""
    return key.partition(":")[0] in SPANS


def _after_what_is_left(turn: Turn, at: datetime) -> datetime:
    """When a span is over of which nobody saw the last part: if the clock was set back, what was left then is left."""
    latest = turn.state.clock or turn.now
    return min(at, turn.now + max(at - latest, timedelta(0)))


def _obey(turn: Turn, command: CommandReceived) -> None:
    """Answer a command in two steps: received, then done or refused; a repeated one is answered as before."""
    _answer(turn, command, Reply(stage="received"), durable=False)
    known = turn.state.answered.get(command.id)
    lasting = not isinstance(command.body, ReportState)
    if known is None:
        known = _carry_out(turn, command)
        if lasting:
            _remember(turn, command.id, known)
    _answer(turn, command, known, durable=lasting)


def _answer(turn: Turn, command: CommandReceived, reply: Reply, *, durable: bool) -> None:
    """Answer the way that the command came (REM-03)."""
    turn.add(Answer(command.id, command.kind, reply, durable and not command.over_app, command.over_app))


def _carry_out(turn: Turn, command: CommandReceived) -> Reply:
    if command.expires is not None and turn.now >= command.expires:
        return Reply(stage="refused", code="command-expired")
    event = commands.interpret(command.body, turn)
    if event is not None:
        fire(turn, event)
    for refusal in turn.refusals:
        return Reply(stage="refused", code=refusal.code, requirement=refusal.requirement, blocked_by=refusal.blocked_by)
    return Reply(stage="done")


def _remember(turn: Turn, command_id: str, reply: Reply) -> None:
    turn.state.answered[command_id] = reply
    turn.changed = True
    while len(turn.state.answered) > ANSWERS_KEPT:
        del turn.state.answered[next(iter(turn.state.answered))]
