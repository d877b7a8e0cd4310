"""Has work done, in this process or in several side by side; what comes of it, in the order of the work.

The processes are our own, and no executor's: each has one item at a time, so that nothing is begun for which nobody
waits; they are killed when nobody wants their work, hear no signal that is meant for their parent, and end by
themselves when it is gone.
"""

import gc
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Generic, NamedTuple, NoReturn, TypeVar

from pcm_agent.errors import TransportError

T = TypeVar("T")
R = TypeVar("R")

_FOR_THE_PARENT = (signal.SIGINT, signal.SIGTERM)
"""Signals that a terminal, or whoever runs us, sends to workers as well."""


def with_place(error: Exception) -> Exception:
    """An error with a note of where it was raised, which it would not take along to another process."""
    error.add_note("".join(traceback.format_exception(error)))
    return error


def cores() -> int:
    """How many processes can work at once on this machine."""
    return os.cpu_count() or 1


def in_order(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Generator[R]:
    """What comes of each item. Whoever stops listening ends what is under way.

    Args:
        work: a function of a module; item and result can be pickled, unless there is one process only.
        items: in the order in which the results come.
        jobs: how many processes; with one it is this one.

    Raises:
        TransportError: `worker-lost`: a process ended by itself; and whatever the work raises, with a note of where.
    """
    jobs = min(jobs, len(items))
    if jobs <= 1:
        with _lazy_collection():
            yield from map(work, items)
        return
    with _workers(work, jobs) as ends:
        yield from _collected(ends, items)


class _Gave(NamedTuple, Generic[R]):
    result: R

    def get(self) -> R:
        return self.result


class _Raised(NamedTuple):
    error: Exception

    def get(self) -> NoReturn:
        raise self.error


def _collected(ends: Sequence["Connection"], items: Sequence[T]) -> Iterator[R]:
    """Give each worker that has nothing to do the next item, and hand on what comes in the order of the items."""
    left, came = iter(enumerate(items)), dict[int, _Gave[R] | _Raised]()
    busy = list(ends)
    for end in ends:
        _give(end, next(left))
    for number in range(len(items)):
        while number not in came:
            for end in (end for end in wait(busy) if isinstance(end, Connection)):
                came.update([_taken(end)])
                item = next(left, None)
                if item is None:
                    busy.remove(end)
                else:
                    _give(end, item)
        yield came.pop(number).get()


def _give(end: Connection, item: tuple[int, T]) -> None:
    try:
        end.send(item)
    except OSError as error:
        raise _lost() from error


def _taken(end: Connection) -> "tuple[int, _Gave[R] | _Raised]":
    try:
        number, came = end.recv()
    except (EOFError, OSError) as error:
        raise _lost() from error
    return number, came


def _lost() -> TransportError:
    return TransportError("worker-lost", "a process that was at work was ended, or ended by itself")


@contextmanager
def _workers(work: Callable[[T], R], jobs: int) -> Iterator[list[Connection]]:
    """Processes that wait for items, each at the other end of a connection; gone when the block is left."""
    context = multiprocessing.get_context("spawn")
    ends, processes = list[Connection](), list[SpawnProcess]()
    resource_tracker.ensure_running()  # its start would let the signals through again
    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            ends.append(ours)
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _deaf():
                process.start()
            processes.append(process)
            theirs.close()
        yield ends
    except BaseException:
        for process in processes:
            process.kill()
        raise
    finally:
        for end in ends:
            end.close()  # who waits for work goes home
        for process in processes:
            process.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Signals wait until the block is left; a process that begins in it never hears them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(end: Connection, work: Callable[[T], R]) -> None:
    """Work on what comes, until nobody is at the other end."""
    _collect_lazily()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            number, item = end.recv()
            end.send((number, _done(work, item)))


def _done(work: Callable[[T], R], item: T) -> _Gave[R] | _Raised:
    try:
        return _Gave(work(item))
    except Exception as error:  # whoever asked for it has it
        return _Raised(with_place(error))


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
