"""Bugs that are planted in a copy of the program, as patches: the law that each of them breaks, and in which life."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent / "bugs"
PACKAGES = ("firmware_profiles", "pcm_agent", "simulator")
BREAKS = {
    "installed-while-somebody-sits-there": ("installation", 37),
    "a-report-that-waited-leaves-in-private-mode": ("private", 3),
    "reports-made-offline-are-lost": ("people", 22),
    "the-order-of-ways-is-not-followed": ("way", 6),
    "roaming-is-judged-by-the-car-and-not-by-the-sim": ("way", 25),
    "a-stored-pin-is-given-to-any-sim": ("pin", 6),
    "the-symbol-stays-as-it-was-at-first": ("symbol", 5),
    "the-month-after-the-last-one-is-billed": ("bill", 204),
    "notice-ends-a-month-late": ("term", 204),
    "nobody-watches-the-28-days": ("deadline", 33),
    "an-additional-user-needs-no-right": ("remote", 78),
    "a-login-without-an-answer-never-ends": ("stuck", 106),
}
"""By patch, without its ending: the law that it breaks, and the first life that finds it."""


def copy_with(bug: str, folder: Path) -> Path:
    """The program with a bug in it, in a folder of its own."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    patched = apply(bug, folder)
    assert patched.returncode == 0, patched.stdout + patched.stderr
    return folder


def apply(bug: str, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Apply a patch below a folder."""
    command = ["git", "apply", *options, str(FOLDER / f"{bug}.patch")]
    return subprocess.run(command, cwd=folder, env=_bare(), capture_output=True, text=True, check=False)


def pcm_sim(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command of that program."""
    program = "from simulator.cli import main; main()"
    environment = {**_bare(), "PYTHONPATH": str(folder), "PCM_SIM_COMMAND": "pcm-sim", "COLUMNS": "2000"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _bare() -> dict[str, str]:
    """No repository above the copy, and no coverage of it: it is not the program that is tested."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "GIT_", "COV_"))}
    return {**kept, "GIT_CEILING_DIRECTORIES": "/"}
