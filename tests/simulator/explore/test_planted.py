"""Each planted bug is found within 2,000 lives and made short; what is written breaks the same law again.

It is looked for from the first life that finds it: those before it would only be found sound. Where lives have become
others, so that this one finds it no more, one that follows it does; then `planted.py` is to have that one.
"""

import shlex
from pathlib import Path

import pytest

from simulator.scenario.loader import parse_scenario
from tests.simulator.explore.planted import BREAKS, FOLDER, ROOT, apply, copy_with, pcm_sim

LAST, MOST_STEPS = 2000, 10


def test_there_is_a_patch_for_each_bug_and_at_least_ten() -> None:
    assert {path.stem for path in FOLDER.glob("*.patch")} == set(BREAKS)
    assert len(BREAKS) >= 10


@pytest.mark.parametrize("bug", BREAKS)
def test_each_patch_fits_the_program_as_it_is(bug: str, tmp_path: Path) -> None:
    """A patch that fits no longer is to be made anew, not to be taken out."""
    for line in (FOLDER / f"{bug}.patch").read_text(encoding="utf-8").splitlines():
        if line.startswith("--- a/"):
            name = line.removeprefix("--- a/")
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    checked = apply(bug, tmp_path, "--check")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
@pytest.mark.parametrize("bug", BREAKS)
def test_a_planted_bug_is_found_and_made_short(bug: str, tmp_path: Path) -> None:
    (law, first), program = BREAKS[bug], copy_with(bug, tmp_path / "program")
    seeds = ("--seed", str(first), "--seeds", str(LAST - first + 1))
    found = pcm_sim(program, "explore", *seeds, "--jobs", "1", "--out", "out")
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"breaks the law {law}" in found.stdout, found.stdout
    (file,) = (program / "out").glob("*.pcm.yaml")
    short = parse_scenario(file.read_text(encoding="utf-8"), str(file))
    assert len(short.scenario.steps) <= MOST_STEPS, file.read_text(encoding="utf-8")
    (again,) = (line for line in found.stdout.splitlines() if line.strip().startswith("again:"))
    repeated = pcm_sim(program, *shlex.split(again)[2:], "--quiet")
    assert repeated.returncode == 1, repeated.stdout + repeated.stderr
    (expected,) = (line for line in found.stdout.splitlines() if ": expected that " in line)
    assert expected.strip() in repeated.stdout
