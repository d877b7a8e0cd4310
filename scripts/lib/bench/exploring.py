"""`explore`: how many random lives a minute are lived and judged, over all cores."""

import time

from scripts.lib.bench.figure import Aim, Figure, Pair, figure
from simulator.explore.exploring import Findings, explore
from simulator.workers import cores

AIM = Aim("ours", ">=", 1000)
LIVES, QUICK = 600, 60


def exploring(*, quick: bool) -> Figure:
    """Seeds a minute with as many workers as cores, beside one worker; their start counts."""
    lives, jobs = QUICK if quick else LIVES, cores()
    pairs = [Pair(_rate(lives, jobs, first), _rate(lives, 1, first)) for first in ((1,) if quick else (1, 1001, 2001))]
    conditions = {
        "ours": f"{lives} lives with {jobs} workers, each life judged by all laws",
        "reference": "the same lives in one process",
    }
    return figure("explore", pairs, "seeds/min", AIM, conditions)


def _rate(lives: int, jobs: int, first: int) -> float:
    findings = Findings()
    start = time.perf_counter()
    explore(range(first, first + lives), jobs, findings, lambda _: None, go_on=True)
    assert findings.lives == lives
    return lives * 60 / (time.perf_counter() - start)
