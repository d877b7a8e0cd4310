"""Makes attacks, and judges whether each was stopped where it must be and whether the car is well afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

from msgspec import Struct

from pcm_agent.errors import LocalError
from simulator.attacks.attack import Attack
from simulator.attacks.middle import Ground, live_ground, virtual_ground
from simulator.attacks.seen import Evidence
from simulator.attacks.stage import Stage
from simulator.clock import IdleLoop
from simulator.lab import running


class Result(Struct, frozen=True):
    """How an attack ended.

    Attributes:
        name: of the attack.
        tried: what was done, in one sentence.
        stopped_at: where it was stopped; empty: nowhere.
        code: with which code; empty: there was nothing to refuse, or it was not stopped.
        stopped: at the right place, with the right code, and nothing was installed or changed that should not.
        healed: once the attacker was gone, an honest package came through.
        problems: what was not as it should be, one sentence each.
    """

    name: str
    tried: str
    stopped_at: str
    code: str
    stopped: bool
    healed: bool
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return self.stopped and self.healed


class Conditions(Struct, frozen=True):
    """How attacks are made.

    Attributes:
        live: over a real broker and real HTTP; else in virtual time.
        seed: for everything that is drawn.
        broker: as `simulator.broker.start_broker` takes it, live only.
        log: takes one plain sentence about what was started.
    """

    live: bool = False
    seed: int = 1
    broker: str = "auto"
    log: Callable[[str], None] = lambda _: None


def make_all(attacks: Iterable[Attack], conditions: Conditions) -> Iterator[Result]:
    """Make attacks one after the other, each on a car, a backend and repositories of its own.

    Raises:
        TransportError: something outside failed: broker, port, disk.
    """
    for attack in attacks:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop if conditions.live else IdleLoop) as runner:
            yield runner.run(make(attack, conditions))


async def make(attack: Attack, conditions: Conditions) -> Result:
    """Make an attack; needs an `IdleLoop` unless it is live.

    Raises:
        TransportError: something outside failed.
    """
    async with _ground(conditions) as ground:
        stage = Stage(ground, conditions.seed)
        async with running(stage.lab):
            return await _make_on(stage, attack)


@asynccontextmanager
async def _ground(conditions: Conditions) -> AsyncIterator[Ground]:
    if not conditions.live:
        yield virtual_ground(conditions.seed)
        return
    async with live_ground(conditions.seed, conditions.broker, conditions.log) as ground:
        yield ground


async def _make_on(stage: Stage, attack: Attack) -> Result:
    await stage.equip()
    await attack.before(stage)
    stage.since = len(stage.lab.trace.records)
    before = stage.evidence()
    await attack.move(stage)
    if attack.seen:
        await stage.until(lambda: attack.code in stage.reported())
    problems = [*_wrong(stage, attack, before, stage.evidence())]
    await stage.leave()  # whatever the car was made to believe would be installed now
    problems += _changed(before, stage.evidence())
    await stage.come()
    where, code = _stopped(stage, attack)
    try:
        await attack.heal(stage)
        healed = await stage.comes_through()
    except LocalError as error:
        healed, problems = False, [*problems, f"the honest way is closed: {error}"]
    stopped = not problems
    if not healed:
        problems.append("an honest package did not come through afterwards")
    return Result(attack.name, attack.tried, where, code, stopped, healed, tuple(dict.fromkeys(problems)))


def _stopped(stage: Stage, attack: Attack) -> tuple[str, str]:
    """Where it was stopped, and with which code: as it must be, or else as it was first."""
    found, wanted = stage.stopped(), (attack.stopped_at, attack.code)
    return wanted if wanted in found else next(iter(found), ("", ""))


def _wrong(stage: Stage, attack: Attack, before: Evidence, after: Evidence) -> Iterator[str]:
    """What was not as it must be right after the attack."""
    found, wanted = stage.stopped(), (attack.stopped_at, attack.code)
    if wanted not in found:
        instead = _said(*found[0]) if found else "its end"
        yield f"it came to {instead}; it was to be stopped at {_said(*wanted)}"
    if attack.seen and attack.code not in stage.reported():
        yield f"the backend has no signed report of {attack.code}"
    if attack.seen and before.jobs != after.jobs:
        yield "the car has taken it up as a job"
    if not attack.authentic and before.floors != after.floors:
        yield "the car has kept versions of metadata that it should not believe"


def _said(place: str, code: str) -> str:
    return f"{place} [{code}]" if code else place


def _changed(before: Evidence, after: Evidence) -> Iterator[str]:
    """What became of the car, left alone with what it had made of the attack."""
    if before.files != after.files:
        yield f"its disk holds something else: {', '.join(sorted(_differing(before.files, after.files)))}"
    if (before.installed, before.counters) != (after.installed, after.counters):
        yield "it says that something else is installed"
    if before.told != after.told:
        yield "the backend believes that something else is installed"


def _differing(before: object, after: object) -> set[str]:
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
