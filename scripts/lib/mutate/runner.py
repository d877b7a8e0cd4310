"""Runs the tests of the core against each mutant, in a forked process each: everything is imported and collected once.

The tests that killed mutants of the same topic come first, then those whose file is named like the topic, then the
quick ones; the first that fails ends the process.
"""

import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from scripts.lib.mutate.mutants import Mutant

TESTS = "tests/pcm_agent/core"
LEFT_OUT = ("test_diagram.py", "test_tables.py", "test_judge.py")
"""They look at the tables themselves, or change them: they would notice any change and prove nothing."""
SECONDS = 900
"""A mutant that runs so long goes round in circles, which is noticed too."""
MEMORY = 4 << 30
"""Bytes of address space, for the same reason."""


class Result(NamedTuple):
    """What became of a mutant; `killer` is the test that failed, or how its process ended, None where it lives."""

    mutant: Mutant
    killer: str | None
    seconds: float


class _Running(NamedTuple):
    mutant: Mutant
    pipe: int
    since: float


class Runner:
    """A pytest plugin that takes the place of the loop over the tests.

    Args:
        mutants: what to try.
        jobs: so many processes at once.
        tell: is given each result as it comes.
    """

    def __init__(self, mutants: Sequence[Mutant], jobs: int, tell: Callable[[Result], None]) -> None:
        self.results: list[Result] = []
        self.problem = ""
        self._waiting = list(mutants)[::-1]
        self._jobs = jobs
        self._tell = tell
        self._seconds: dict[str, float] = {}
        self._killers: dict[str, list[str]] = defaultdict(list)
        self._running: dict[int, _Running] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants, if the tests pass without any."""
        if session.testsfailed:
            self.problem = "the tests cannot be collected"
            return True
        status, said = _in_a_fork(lambda: _timed(session))
        if status != 0:
            self.problem = f"the tests fail without any mutant: {said or status}"
            return True
        self._seconds = json.loads(said)
        while self._waiting or self._running:
            while self._waiting and len(self._running) < self._jobs:
                self._start(session, self._waiting.pop())
            self._take_one()
        return True

    def _start(self, session: pytest.Session, mutant: Mutant) -> None:
        items = self._ordered(session.items, mutant.topic)

        def work() -> tuple[int, str]:
            mutant.apply()
            return _first_failure(session, items)

        pid, pipe = _fork(work)
        self._running[pid] = _Running(mutant, pipe, time.monotonic())

    def _take_one(self) -> None:
        pid, status = os.wait()
        mutant, pipe, since = self._running.pop(pid)
        said = _read(pipe)
        code = os.waitstatus_to_exitcode(status)
        killer = None if code == 0 else said or f"ended with {code}"
        if said:
            killers = self._killers[mutant.topic]
            killers[:] = [said, *(other for other in killers if other != said)]
        result = Result(mutant, killer, time.monotonic() - since)
        self.results.append(result)
        self._tell(result)

    def _ordered(self, items: Sequence[pytest.Item], topic: str) -> list[pytest.Item]:
        killers = self._killers[topic]

        def rank(item: pytest.Item) -> tuple[int, bool, float]:
            name = item.nodeid
            known = killers.index(name) if name in killers else len(killers)
            return known, topic.partition("_")[0] not in item.path.name, self._seconds.get(name, 0.0)

        return sorted(items, key=rank)


def run_mutants(mutants: Sequence[Mutant], jobs: int, tell: Callable[[Result], None]) -> Runner:
    """Collect the tests and try the mutants; the runner with its results, or its problem."""
    runner = Runner(mutants, jobs, tell)
    options = ["--capture=no", "--hypothesis-profile=ci", "-p", "no:terminal", "-p", "no:cacheprovider"]
    pytest.main([TESTS, *options, *(f"--ignore={TESTS}/{name}" for name in LEFT_OUT)], plugins=[runner])
    if not runner.results and not runner.problem:
        runner.problem = "the tests cannot be collected"
    return runner


def _timed(session: pytest.Session) -> tuple[int, str]:
    """Run all tests; how long each took."""
    seconds: dict[str, float] = {}
    for item, following in _pairs(session.items):
        since = time.monotonic()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds[item.nodeid] = time.monotonic() - since
        if session.testsfailed:
            return 1, item.nodeid
    return 0, json.dumps(seconds)


def _first_failure(session: pytest.Session, items: Sequence[pytest.Item]) -> tuple[int, str]:
    for item, following in _pairs(items):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1, item.nodeid
    return 0, ""


def _pairs(items: Sequence[pytest.Item]) -> list[tuple[pytest.Item, pytest.Item | None]]:
    return list(zip(items, [*items[1:], None], strict=True))


# --- processes ------------------------------------------------------------------------------------------------------


def _fork(work: Callable[[], tuple[int, str]]) -> tuple[int, int]:
    """Do something in a process of its own; its id, and the pipe on which it says what it has to say."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status, said = 70, ""
    try:
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        status, said = work()
    finally:
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.write(said)
        os._exit(status)


def _in_a_fork(work: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    pid, pipe = _fork(work)
    said = _read(pipe)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def _read(pipe: int) -> str:
    with os.fdopen(pipe, encoding="utf-8") as file:
        return file.read()
