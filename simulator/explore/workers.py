"""Has many lives lived, in this process or in several side by side; what came of them, in the order of the seeds."""

import gc
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from simulator.explore.living import Lived, live

AT_ONCE = 4
"""So many lives a worker is given at a time."""


def lived(seeds: Sequence[int], jobs: int) -> Iterator[Lived]:
    """What came of the life of each seed. Whoever stops listening ends the workers.

    Args:
        seeds: in the order in which the results come.
        jobs: how many processes; with one it is this one.
    """
    if jobs <= 1:
        with _lazy_collection():
            yield from map(live, seeds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(jobs, len(seeds)), _begin) as pool:
        yield from pool.imap(live, seeds, AT_ONCE)


def _begin() -> None:
    """An interruption is for the parent to hear, who ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _collect_lazily()


def _collect_lazily() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@contextmanager
def _lazy_collection() -> Iterator[None]:
    """A life leaves few circles: looking for them seldom saves time."""
    before = gc.get_threshold()
    _collect_lazily()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
