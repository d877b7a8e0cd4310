"""Has work done, in this process or in several side by side; what comes of it, in the order of the work."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from pcm_agent.errors import TransportError

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 4
"""So many items a worker is given at a time."""


def cores() -> int:
    """How many processes can work at once on this machine."""
    return os.cpu_count() or 1


def in_order(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R]:
    """What comes of each item. Whoever stops listening has no more of them begun.

    Args:
        work: a function of a module; item and result can be pickled, unless there is one process only.
        items: in the order in which the results come.
        jobs: how many processes; with one it is this one.

    Raises:
        TransportError: `worker-lost`: a process ended by itself; and whatever the work raises.
    """
    if min(jobs, len(items)) <= 1:
        with _lazy_collection():
            yield from map(work, items)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(items)), context, _begin)
    try:
        yield from pool.map(work, items, chunksize=AT_ONCE)
    except BrokenProcessPool as error:
        raise TransportError("worker-lost", "a process that was at work was ended, or ended by itself") from error
    finally:
        pool.shutdown(cancel_futures=True)


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
    """A run of virtual time leaves few circles: looking for them seldom saves time."""
    before = gc.get_threshold()
    _collect_lazily()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
