"""Prints a digest of each of some traces, for two Pythons to be compared; needs nothing but the program.

python digests.py LIVES
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

import simulator
from simulator.explore.living import live
from simulator.scenario.loader import load_scenarios
from simulator.session import Options, run
from simulator.trace import Record

STORIES = Path(simulator.__file__).parent / "scenarios"


def digests(lives: int) -> Iterator[str]:
    """A line a trace, of so many lives and of stories: what it is of, and its digest."""
    for seed in range(1, lives + 1):
        yield f"life {seed} {live(seed).digest}"
    for path in stories():
        yield f"{path.stem} {_story(path)}"


def stories() -> list[Path]:
    """The first shipped scenario of each folder that has any of its own."""
    folders = [folder for folder in sorted(STORIES.iterdir()) if folder.is_dir() and folder.name != "parts"]
    return [min(found) for folder in folders if (found := list(folder.glob("*.pcm.yaml")))]


def _story(path: Path) -> str:
    hashed = hashlib.sha256()

    def take(record: Record) -> None:
        hashed.update(msgspec.json.encode(record))

    run(load_scenarios(str(path)).there, Options(live=False, seed=1), [take])
    return hashed.hexdigest()


if __name__ == "__main__":
    for line in digests(int(sys.argv[1])):
        sys.stdout.write(f"{line}\n")
