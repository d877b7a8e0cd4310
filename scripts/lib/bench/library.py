"""`library`: every cell of every shipped scenario, from its file to its verdict, in virtual time."""

import time

from scripts.lib.bench.figure import Aim, Figure, figure, side_by_side
from simulator.scenario.loader import LoadedScenario, load_all, shipped_scenarios
from simulator.session import Options, run

AIM = Aim("ours", "<=", 20.0)
JOBS = 2
"""The aim is for two cores."""


def library(*, quick: bool) -> Figure:
    """Real seconds for the whole library, and for reading it alone."""
    pairs = side_by_side(_ran, lambda: _timed(run_them=False), 1 if quick else 3)
    cells = _cells()
    conditions = {
        "ours": f"as `pcm-sim run --all --virtual --quiet --jobs {JOBS}`, in a process that has begun",
        "reference": "the same files read and checked, and not run",
        "counts": {"scenarios": len(shipped_scenarios()), "cells": len(cells)},
    }
    return figure("library", pairs, "s", AIM, conditions)


def _ran() -> float:
    return _timed(run_them=True)


def _timed(*, run_them: bool) -> float:
    start = time.perf_counter()
    cells = _cells()
    if run_them and not run(cells, Options(live=False, jobs=JOBS)).passed:
        raise RuntimeError("a shipped scenario does not hold")
    return time.perf_counter() - start


def _cells() -> list[LoadedScenario]:
    return [cell for found in load_all(shipped_scenarios()) for cell in found.there]
