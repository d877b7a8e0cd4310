"""A run: its trace, and who hears of it."""

from collections.abc import Callable, Sequence
from functools import partial

from simulator.clock import SimClock
from simulator.lab import START
from simulator.scenario.loader import LoadedScenario
from simulator.session.here import run_here
from simulator.session.options import Options, Outcome, header
from simulator.session.planned import planned
from simulator.session.side_by_side import run_side_by_side
from simulator.trace import Record, Trace
from simulator.traces.writing import opened


def run(
    scenarios: Sequence[LoadedScenario],
    options: Options,
    listeners: Sequence[Callable[[Record], None]] = (),
    log: Callable[[str], None] = lambda _: None,
    outcome: Outcome | None = None,
) -> Outcome:
    """Run scenarios, each in a lab of its own: what comes of one is nothing to the next.

    Args:
        scenarios: what to run.
        options: how.
        listeners: have every record of the trace as it comes.
        log: takes one plain sentence about what was started.
        outcome: filled as the run goes on, so that the caller has something when it is interrupted.

    Raises:
        ProfileError: no such car.
        TransportError: something outside failed: broker, port, disk, a process that was at work.
    """
    outcome = outcome or Outcome([], [])
    with opened(options.trace) as file:
        trace = Trace(SimClock(START), file)
        outcome.records = trace.records
        for listener in listeners:
            trace.listen(listener)
        plan = planned(scenarios, options)
        head = header([loaded.name for loaded in scenarios], options)
        if options.jobs > 1 and len(plan) > 1 and not options.live:
            trace.add("run", "run", head)
            run_side_by_side(plan, options, trace, outcome.verdicts)
        else:
            ready = partial(trace.add, "run", "run", head)
            run_here(plan, options, trace, outcome.verdicts, log=log, ready=ready)
    return outcome
