"""An agent that is killed at any moment of the story and started again still activates once, and is billed once."""

import asyncio
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pcm_agent.protocol.messages import PackageState
from tests.live.helpers import Bench, Ear, Home, Program, Programs, first_of
from tests.waiting import eventually

ROUNDS = 50
CHUNKS = 5
AT_ONCE = 2
SEED = 20260302
SPEED = "4"
"""Seconds of a car's clock in a real one: the download of 1 MB over 3G lasts a quarter of a second."""
FUNCTION = "intelligent-range-manager"
SIZE = "1000 kB"
OTHER_FUNCTION = "active-lane-keeping"
EARLIER = b"an earlier version" * 50_000
INSTALLED: tuple[tuple[str, ...], ...] = ((), (FUNCTION,), (FUNCTION, OTHER_FUNCTION), (OTHER_FUNCTION,))
"""The functions that have the earlier version when the story begins; one round in four each."""
LATE = 0.3
"""So great a part of the kills, at most, may come when the story is over already."""


class Stage(NamedTuple):
    """One part of the story.

    Attributes:
        facts: what is so from now on, by key of `do`; said again to an agent that was started again.
        asks: what is done, and done again if the agent was killed before the stage was over.
        over: whether it is, judged by what the car says.
        rounds: so many of the kills are in it.
        span: real seconds after its beginning in which they are.
    """

    name: str
    facts: dict[str, str]
    asks: tuple[str, ...]
    over: Callable[[Ear], bool]
    rounds: int
    span: float


def _connected(ear: Ear) -> bool:
    state = ear.state
    return state is not None and state.ignition == "on" and state.connection.access == "3g"


def _linked(ear: Ear) -> bool:
    return ear.state is not None and ear.state.account == "linked"


def _downloaded(ear: Ear) -> bool:
    return ear.package is not None and ear.package.state is PackageState.WAITING


def _left_alone(ear: Ear) -> bool:
    return ear.package is not None and not ear.package.blocked_by


def _active(ear: Ear) -> bool:
    return ear.package is not None and ear.package.state is PackageState.ACTIVE


STORY = (
    Stage("boot", {"radio": "{access: 3g}", "ignition": '"on"'}, (), _connected, 10, 1.5),
    Stage("login", {}, ("log_in: {porsche_id: hanako@example.com, password: sakura-2026}",), _linked, 6, 0.08),
    Stage("order", {}, (f"order: {{function: {FUNCTION}, size: {SIZE}}}",), _downloaded, 14, 0.5),
    Stage(
        "park",
        {
            "selector_lever": "P",
            "parking_brake": "applied",
            "ignition": '"off"',
            "seats": "vacant",
            "lock": "locked",
        },
        (),
        _left_alone,
        6,
        0.1,
    ),
    Stage("wait", {}, ("wait: 10 min",), _active, 14, 0.015),
)
ONCE_ONLY = "order"


class Kill(NamedTuple):
    """When an agent is killed: so many seconds after a stage has begun."""

    vin: str
    stage: str
    after: float
    installed: tuple[str, ...]


def plan() -> list[Kill]:
    """The same for the same seed; spread over the whole story."""
    rng = random.Random(SEED)
    stages = [stage for stage in STORY for _ in range(stage.rounds)]
    rng.shuffle(stages)
    return [
        Kill(f"WP0ZZZY1ZSA{number:06}", stage.name, rng.uniform(0, stage.span), INSTALLED[number % len(INSTALLED)])
        for number, stage in enumerate(stages)
    ]


class Disk:
    """The packages of one car."""

    def __init__(self, folder: Path) -> None:
        self._active, self._versions, self._parts = (folder / name for name in ("active", "versions", "parts"))

    def plant(self, functions: tuple[str, ...]) -> None:
        """Let functions have the earlier version; with one more that nobody needs, as a power cut may leave it."""
        for folder in (self._active, self._versions):
            folder.mkdir(parents=True)
        for version in (EARLIER, b"left behind"):
            (self._versions / hashlib.sha256(version).hexdigest()).write_bytes(version)
        for function in functions:
            (self._active / function).symlink_to(Path("..", "versions", hashlib.sha256(EARLIER).hexdigest()))

    def check(self, functions: tuple[str, ...]) -> None:
        """These functions are there, and each is a version that is whole."""
        for function in functions:
            pointer = self._active / function
            assert hashlib.sha256(pointer.read_bytes()).hexdigest() == pointer.readlink().name

    def check_end(self, functions: tuple[str, ...], home: Home) -> None:
        """These functions, and no other, are there; one is new, and nothing is kept that none of them needs."""
        self.check(functions)
        assert {path.name for path in self._active.iterdir()} == set(functions)
        version = (self._active / FUNCTION).readlink().name
        assert (self._active / FUNCTION).read_bytes() == home.image(FUNCTION, version)
        others = [function for function in functions if function != FUNCTION]
        assert all((self._active / function).read_bytes() == EARLIER for function in others)
        used = {(self._active / function).readlink().name for function in functions}
        assert {path.name for path in self._versions.iterdir()} == used
        assert list(self._parts.iterdir()) == []


class Round:
    """The story of one car, whose agent dies on the way."""

    def __init__(self, bench: Bench, programs: Programs, kill: Kill) -> None:
        self._bench, self._programs, self._kill = bench, programs, kill
        self._facts: dict[str, str] = {}
        self._agent: Program | None = None
        self._doomed: asyncio.TimerHandle | None = None
        self._ordered = False
        self._home = Home(bench.home)
        self._disk = Disk(self._home.packages(kill.vin))
        self.late = False
        """The kill came when the story was over."""

    async def play(self) -> None:
        home = self._home
        self._disk.plant(self._kill.installed)
        async with Ear(self._bench.url, self._kill.vin).open() as ear:
            await ear.ask("register: {porsche_id: hanako@example.com, password: sakura-2026}")
            for stage in STORY:
                while not await self._reached(ear, stage):
                    await self._start_again(ear)
            assert self._agent is not None
            if self._agent.running and len(ear.sessions) == 1:
                self.late = True  # let it be now
                self._agent.kill()
                await self._start_again(ear)
            ledger = await eventually(
                lambda: home.ledger(self._kill.vin) if home.ledger(self._kill.vin).bills else None
            )
            assert await self._agent.terminate() == 0
            await ear.until(lambda: not ear.online)
            assert len(ear.activations) == 1
            ledger = home.ledger(self._kill.vin)
            assert (ledger.orders, ledger.bills) == (["active"], 1)
            self._disk.check_end(tuple({*self._kill.installed, FUNCTION}), home)

    async def _reached(self, ear: Ear, stage: Stage) -> bool:
        """Go through a stage; False if the agent died on the way."""
        if self._agent is None:
            self._agent = await self._start()
        if stage.name == self._kill.stage and self._doomed is None:
            self._doomed = asyncio.get_running_loop().call_later(self._kill.after, self._agent.kill)
        self._facts.update(stage.facts)
        return await first_of(self._through(ear, stage), self._agent.ended) is not None

    async def _through(self, ear: Ear, stage: Stage) -> bool:
        await ear.until(lambda: ear.online)
        await self._announce(ear, stage.facts)
        for text in stage.asks:
            if stage.name != ONCE_ONLY or not self._ordered:
                self._ordered |= stage.name == ONCE_ONLY
                await ear.ask(text)
        await ear.until(lambda: stage.over(ear))
        return True

    async def _announce(self, ear: Ear, facts: dict[str, str]) -> None:
        for name, value in facts.items():
            await ear.ask(f"{name}: {value}")

    async def _start(self) -> Program:
        return await self._programs.agent(self._kill.vin, self._bench.url, "--speed", SPEED)

    async def _start_again(self, ear: Ear) -> None:
        assert self._agent is not None
        assert await self._agent.ended != 0, self._agent.said
        self._disk.check(self._kill.installed)
        await ear.until(lambda: not ear.online)
        self._agent = await self._start()
        await ear.until(lambda: ear.online)
        await self._announce(ear, self._facts)


def test_kills_are_spread_over_the_whole_story() -> None:
    assert len(plan()) == ROUNDS
    assert {kill.stage for kill in plan()} == {stage.name for stage in STORY}


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.requirement("FOD-04", "FOD-09")
@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_one_activation_and_one_bill_whenever_the_agent_is_killed(bench: Bench, chunk: int) -> None:
    programs = Programs(bench.home)
    gate = asyncio.Semaphore(AT_ONCE)

    async def play(kill: Kill) -> bool:
        round_ = Round(bench, programs, kill)
        async with gate:
            try:
                await round_.play()
            except Exception as error:
                said = "\n".join(program.said for program in programs.started if kill.vin in program.log.name)
                error.add_note(f"{kill}\n{said}")
                raise
        return round_.late

    try:
        async with asyncio.TaskGroup() as group:
            late = [group.create_task(play(kill)) for kill in plan()[chunk::CHUNKS]]
    finally:
        for program in programs.started:
            program.kill()
            await program.ended
    assert sum(kill.result() for kill in late) <= LATE * len(late)
