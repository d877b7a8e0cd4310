"""Lives an act again and again, each time cut elsewhere. A program: it forks, so nothing else may run beside it.

    python -m tests.powercut.campaign TASKS

TASKS is a list of `Task` in JSON; a list of `Report` in JSON is printed.
"""

import gc
import os
import random
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.powercut.brittle import BRITTLE
from tests.powercut.line import Ear
from tests.powercut.story import Story

AT_ONCE = 4
"""They mostly wait for the disk, and for each other."""
MOST_DEATHS = 6
"""In one act, of those that come at random."""
EARLIER_ACTS: dict[str, tuple[str, ...]] = {
    "order": (),
    "update": ("order",),
    "end": ("order",),
    "withdraw": (),
    "come": (),
}
ROOT = Path(__file__).parents[2]
Plan = Callable[[Story], None]


class Task(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be tried.

    Attributes:
        folder: for the disks; on one that is real.
        act: which one.
        brittle: what the product is to do wrong; "": nothing.
        points: the fault points whose names this finds are tried, the last ones first;
        every: one in so many,
        skip: but for the first so many.
        moments: instead of points, so many moments at random.
        loses: so great a part of those power cuts takes what was not synced, besides the process.
        until: where this is found in what is wrong, nothing more is tried; "": all is.
    """

    folder: Path
    act: str
    brittle: str = ""
    points: str = ""
    every: int = 1
    skip: int = 0
    moments: int = 0
    loses: float = 0.5
    until: str = ""


class Run(Struct, frozen=True):
    """One time that the act was lived through.

    Attributes:
        deaths: where the agent died.
        wrong: which law was broken, and how; "": none.
    """

    deaths: tuple[str, ...]
    wrong: str = ""


class Report(Struct, frozen=True):
    """What came of a task.

    Attributes:
        points: the fault points of the act, as they are passed where nothing comes between.
        runs: one for each time that it was lived through.
        seconds: that it took.
    """

    points: tuple[str, ...]
    runs: tuple[Run, ...]
    seconds: float

    @property
    def deaths(self) -> int:
        return sum(len(run.deaths) for run in self.runs)

    @property
    def wrong(self) -> list[Run]:
        return [run for run in self.runs if run.wrong]


class Campaign:
    """One task in progress."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._began = time.monotonic()
        self._story = Story(task.folder / "car")
        for act in EARLIER_ACTS[task.act]:
            getattr(self._story, act)()
            assert self._story.live()
        getattr(self._story, task.act)()
        if task.brittle:
            BRITTLE[task.brittle].plant()
        gc.collect()
        gc.freeze()  # what is never looked at again need not be copied for each process
        gc.disable()

    def report(self) -> Report:
        began = time.monotonic()
        run, points = self._result(*self._fork(0, Story.complete))  # the reference: nothing comes between
        seconds = time.monotonic() - began
        plans = self._moments(len(points), seconds) if self._task.moments else self._points(points)
        runs = (run,) if run.wrong else tuple(self._runs(plans))
        return Report(points, runs, time.monotonic() - self._began)

    # --- what is tried ---

    def _points(self, points: tuple[str, ...]) -> Iterator[Plan]:
        """A plan for each point that is to be tried, at which the agent must die there and nowhere else."""
        numbers = [at for at, name in enumerate(points, start=1) if re.search(self._task.points, name)]
        for number in numbers[::-1][self._task.skip :: self._task.every]:
            yield partial(Story.die_at, number=number, name=points[number - 1])

    def _moments(self, points: int, seconds: float) -> Iterator[Plan]:
        """Plans without end: at some moments, perhaps also of the lives that follow, at a point or at any time."""
        for seed in count():
            yield partial(self._at_random, rng=random.Random(seed), points=points, seconds=seconds)

    def _at_random(self, story: Story, rng: random.Random, points: int, seconds: float) -> None:
        for _ in range(rng.randint(1, MOST_DEATHS)):
            at_point = rng.random() < 0.5
            dies_at = rng.randint(1, points) if at_point else None
            over = story.live(dies_at, None if at_point else rng.uniform(0, seconds))
            if over:
                break
            if rng.random() < self._task.loses:
                story.lose(rng)
            story.check()
        story.complete()

    # --- processes ---

    def _runs(self, plans: Iterable[Plan]) -> Iterator[Run]:
        """What came of the plans, some of which are carried out at once."""
        under_way: dict[Ear, int] = {}
        todo, deaths, found = enumerate(plans, start=1), 0, False
        while True:
            while len(under_way) < AT_ONCE and not found and not 0 < self._task.moments <= deaths:
                number, plan = next(todo, (0, None))
                if plan is None:
                    break
                pipe, process = self._fork(number, plan)
                under_way[pipe] = process
            if not under_way:
                return
            for ended in wait(list(under_way)):
                assert isinstance(ended, Connection)
                run, _ = self._result(ended, under_way.pop(ended))
                deaths += len(run.deaths)
                found |= bool(self._task.until and re.search(self._task.until, run.wrong))
                yield run

    def _fork(self, number: int, plan: Plan) -> tuple[Ear, int]:
        """Carry out a plan in a process of its own, on a disk of its own; the pipe gives its result."""
        here, there = Pipe()
        process = os.fork()
        if process == 0:
            here.close()
            there.send(self._carried_out(self._task.folder / f"run-{number}", plan))
            os._exit(0)
        there.close()
        return here, process

    def _result(self, pipe: Ear, process: int) -> tuple[Run, tuple[str, ...]]:
        """What came of a plan, and the points of its last life."""
        result: tuple[Run, tuple[str, ...]] = pipe.recv()
        pipe.close()
        os.waitpid(process, 0)
        return result

    def _carried_out(self, folder: Path, plan: Plan) -> tuple[Run, tuple[str, ...]]:
        story, wrong = self._story, ""
        shutil.copytree(self._task.folder / "car", folder, symlinks=True)
        story.use(folder)
        try:
            plan(story)
        except AssertionError as error:
            wrong = str(error) or traceback.format_exc()
        except Exception:
            wrong = traceback.format_exc()
        return Run(tuple(story.died), wrong), tuple(story.points)


def campaign(*tasks: Task) -> list[Report]:
    """Have tasks carried out one by one, by a program of its own that no thread of this one can disturb."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.powercut.campaign", msgspec.json.encode(tasks, enc_hook=str)],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=list[Report])


def carried_out(task: Task) -> Report:
    """Carry out a task in a process of its own, which it may make mistakes in."""
    here, there = Pipe()
    process = os.fork()
    if process == 0:
        here.close()
        try:
            there.send(Campaign(task).report())
        finally:
            os._exit(0)  # nothing is to be tidied up that others were forked from
    there.close()
    report: Report = here.recv()
    os.waitpid(process, 0)
    return report


def main(text: str) -> None:
    """Carry out all tasks."""
    tasks = msgspec.json.decode(text, type=list[Task], dec_hook=lambda kind, value: kind(value))
    sys.stdout.buffer.write(msgspec.json.encode([carried_out(task) for task in tasks]))


if __name__ == "__main__":
    main(sys.argv[1])
