"""Explores: lives of many seeds, the first that breaks a law made short, and written down."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pcm_agent.errors import TransportError
from simulator.explore.lives import life
from simulator.explore.living import Lived, live
from simulator.explore.shrinking import Shrinker, Shrunk
from simulator.explore.writing import written
from simulator.laws import sentence
from simulator.scenario.loader import SUFFIX, parse_scenario
from simulator.scenario.verdict import Verdict
from simulator.session import Options, run
from simulator.workers import in_order

Told = Callable[[Lived], None]


@dataclass
class Findings:
    """What an exploration has come to, as far as it is.

    Attributes:
        lives: how many were lived.
        steps: how many steps they had in all.
        broken: the lives that broke a law, in the order of their seeds.
    """

    lives: int = 0
    steps: int = 0
    broken: list[Lived] = field(default_factory=list)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, one: Lived) -> None:
        """Count a life."""
        self.lives += 1
        self.steps += one.steps
        self._digest.update(one.digest.encode())
        if one.law or one.failure:
            self.broken.append(one)

    @property
    def digest(self) -> str:
        """Of all traces, in the order of the seeds: the same lives have the same one, with one worker or several."""
        return self._digest.hexdigest()[:16]


def explore(seeds: Sequence[int], jobs: int, findings: Findings, told: Told, *, go_on: bool = False) -> None:
    """Live the lives of some seeds, up to the first that breaks a law.

    Args:
        seeds: of the lives.
        jobs: how many processes live them.
        findings: filled as it goes on.
        told: has each life as it comes.
        go_on: live all of them, whatever is found.
    """
    for one in in_order(live, seeds, jobs):
        findings.add(one)
        told(one)
        if findings.broken and not go_on:
            return


def firsts(findings: Findings) -> Iterator[Lived]:
    """The first life that broke each law."""
    laws: set[str] = set()
    for one in findings.broken:
        if one.law not in laws:
            laws.add(one.law)
            yield one


def shrunk(one: Lived) -> Shrunk:
    """A life that broke a law, made short."""
    return Shrinker(life(one.seed), one).shrunk()


def text_of(short: Shrunk) -> str:
    """The scenario file of a short life: what was declined in it is expected to be."""
    steps = []
    for number, step in enumerate(short.plain["steps"]):
        steps.append(step)
        if number in short.lived.declined:
            steps.append({"expect": {"declined": short.lived.declined[number]}})
    law = short.lived.law
    said = f"It breaks the law {law}: {sentence(law)}." if law else ""
    return written({**short.plain, "steps": steps}, said)


def write(short: Shrunk, folder: Path) -> Path:
    """Write a short life down as a scenario file; where.

    Raises:
        TransportError: `scenario-unwritable`.
    """
    path = folder / f"life-{short.lived.seed}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(short), encoding="utf-8")
    except OSError as error:
        raise TransportError("scenario-unwritable", f"{path}: {error.strerror}") from error
    return path


def lived_again(path: Path, seed: int) -> Verdict:
    """What comes of a life that was written down."""
    loaded = parse_scenario(path.read_text(encoding="utf-8"), str(path))
    return run([loaded], Options(live=False, seed=seed)).verdicts[0]
