"""Runs scenarios in several processes at once; verdicts and trace are as if they had run one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from simulator.clock import SimClock
from simulator.lab import START
from simulator.scenario.verdict import Failure, Happened, Verdict
from simulator.session.here import run_here
from simulator.session.options import Options
from simulator.session.planned import Planned
from simulator.trace import Record, Trace
from simulator.workers import in_order


class _Ran(NamedTuple):
    """What came of one scenario, as far as it got.

    Attributes:
        verdicts: its one, none where it did not begin; its failures tell of records by their number in this run of one.
        records: numbered from 0.
        error: what ended the run; None: it came to its end.
    """

    verdicts: Sequence[Verdict]
    records: Sequence[Record]
    error: Exception | None


def run_side_by_side(plan: Sequence[Planned], options: Options, trace: Trace, verdicts: list[Verdict]) -> None:
    """Run scenarios, `options.jobs` at a time; what comes of them is added to trace and verdicts in their order.

    Raises:
        TransportError: `worker-lost`.
    """
    for ran in in_order(partial(_ran, options=replace(options, trace=None)), plan, options.jobs):
        verdicts += _taken_in(ran, trace)
        if ran.error is not None:
            raise ran.error


def _ran(one: Planned, options: Options) -> _Ran:
    """One scenario in a trace of its own, which is given back as it is."""
    trace, verdicts = Trace(SimClock(START)), list[Verdict]()
    error = None
    try:
        run_here([one], options, trace, verdicts)
    except Exception as found:  # the caller's, who has what came before it as well
        error = found
    return _Ran(verdicts, trace.records, error)


def _taken_in(ran: _Ran, trace: Trace) -> list[Verdict]:
    """Add a run of one to the trace; its verdicts, which tell of records as they are numbered there."""
    first = len(trace.records)
    for record in ran.records:
        trace.adopt(record, None if record.cause is None else first + record.cause)
    taken_in = trace.records[first:]
    return [
        replace(verdict, failures=[_of_these(failure, taken_in) for failure in verdict.failures])
        for verdict in ran.verdicts
    ]


def _of_these(failure: Failure, records: Sequence[Record]) -> Failure:
    def told(happened: Happened) -> Happened:
        return Happened(records[happened.record.seq], tuple(records[cause.seq] for cause in happened.causes))

    return replace(failure, story=tuple(map(told, failure.story)))
