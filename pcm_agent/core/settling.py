"""The rules between regions: applied until nothing more follows, then not again before they could see anything new."""

from operator import attrgetter

from pcm_agent.core.firing import fire
from pcm_agent.core.region import Turn
from pcm_agent.core.rules import JOB_RULES, SERVICE_RULES, VEHICLE_FACTS, VEHICLE_RULES, VEHICLE_TIMER
from pcm_agent.core.rules.packages import JOB_FACTS
from pcm_agent.core.rules.rule import Rule
from pcm_agent.core.state import PackageJob

_of_vehicle = attrgetter(*VEHICLE_FACTS)


class Settler:
    """Applies the rules of one vehicle.

    It keeps what the rules looked at when they last raised nothing: a rule is a function of these facts, so while they
    are the same nothing can follow. Services are always judged, since their terms end with time alone.
    """

    def __init__(self) -> None:
        self._vehicle: tuple[object, ...] = ()
        self._jobs: dict[str, tuple[object, ...]] = {}

    def settle(self, turn: Turn) -> None:
        """Apply the rules until none raises anything; every one of them makes its own cause go away."""
        turn.job = None
        facts = _vehicle_facts(turn)
        if facts != self._vehicle:
            self._vehicle = _vehicle_facts(turn) if _exhaust(turn, VEHICLE_RULES) else facts
        for service in turn.state.services.values():
            turn.service = service
            _exhaust(turn, SERVICE_RULES)
        while self._settle_jobs(turn):
            pass
        turn.job = None

    def _settle_jobs(self, turn: Turn) -> bool:
        """Apply the rules to each job once; whether any raised something, which may matter to another job."""
        before, self._jobs = self._jobs, {}
        raised = False
        for offer_id, job in turn.state.jobs.items():
            if job.state in JOB_FACTS:
                turn.job = job
                facts = _job_facts(turn, job)
                if facts != before.get(offer_id) and _exhaust(turn, JOB_RULES):
                    raised, facts = True, _job_facts(turn, job)
                self._jobs[offer_id] = facts
        return raised


def _vehicle_facts(turn: Turn) -> tuple[object, ...]:
    state = turn.state
    return (*_of_vehicle(state), VEHICLE_TIMER in state.timers, *state.rejected_ways)


def _job_facts(turn: Turn, job: PackageJob) -> tuple[object, ...]:
    facts = JOB_FACTS.get(job.state)
    return (job.state, job.blocked_by, facts(turn)) if facts else ()


def _exhaust(turn: Turn, rules: tuple[Rule, ...]) -> bool:
    """Apply rules until none raises anything; whether any did."""
    raised = False
    while _raise_first(turn, rules):
        raised = True
    return raised


def _raise_first(turn: Turn, rules: tuple[Rule, ...]) -> bool:
    for rule in rules:
        event = rule.raises(turn)
        if event is not None and fire(turn, event):
            return True
    return False
