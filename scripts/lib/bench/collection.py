"""`collection`: 1,000 cells of scenarios collected by pytest, beside as many tests of a Python module."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from firmware_profiles import load_countries, profile_names
from scripts.lib.bench.figure import Aim, Figure, figure, rounded, side_by_side
from simulator.scenario.files import read_source
from simulator.scenario.library import SUFFIX

AIM = Aim("ours", "<=", 3)
FILES, PROFILES, COUNTRIES = 5, 10, 20
CELLS = FILES * PROFILES * COUNTRIES
STORY = "taycan-function-on-demand"
"""Whose steps the files have."""


def collection(*, quick: bool) -> Figure:
    """From the start of pytest to its end, in a process of its own, in a project that has nothing else."""
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as folder:
        scenarios, module = Path(folder, "scenarios"), Path(folder, "module")
        steps = _write_scenarios(scenarios)
        _write_module(module)
        pairs = side_by_side(lambda: _seconds(scenarios), lambda: _seconds(module), 2 if quick else 5)
        before = _processor_seconds()
        _seconds(scenarios)
        processor = _processor_seconds() - before
    conditions = {
        "ours": f"pytest --collect-only of {FILES} files with {CELLS // FILES} cells of {steps} steps each",
        "reference": f"pytest --collect-only of a module with {CELLS} parametrized tests",
        "processor_s": rounded(processor),
    }
    return figure("collection", pairs, "s", AIM, conditions)


def _write_scenarios(folder: Path) -> int:
    """Files with a cell for each car and country; how many steps each has."""
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    scenario = dict(read_source(STORY).plain)
    scenario["car"] = {"language": "en"}
    scenario["matrix"] = {
        "profile": list(profile_names())[:PROFILES],
        "country": list(load_countries())[:COUNTRIES],
    }
    for number in range(FILES):
        _write_yaml(folder / f"story-{number}{SUFFIX}", scenario)
    return len(scenario["steps"])


def _write_yaml(path: Path, plain: object) -> None:
    from ruamel.yaml import YAML

    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(plain, file)


def _write_module(folder: Path) -> None:
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    test = f'import pytest\n\n@pytest.mark.parametrize("number", range({CELLS}))\ndef test_it(number):\n    pass\n'
    (folder / "test_all.py").write_text(test, "utf-8")


def _processor_seconds() -> float:
    """Of all processes that were started here and have ended; how busy the machine is does not change it much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds(folder: Path) -> float:
    """What a pytest takes that has only our plugin.

    Raises:
        RuntimeError: it did not collect all of them.
    """
    plugins = ("-p", "no:pcm-sim", "-p", "simulator.pytest_plugin", "-p", "no:cacheprovider")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "--disable-plugin-autoload", *plugins, str(folder)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if f"{CELLS} tests collected" not in done.stdout:
        raise RuntimeError(done.stdout[-1000:] + done.stderr)
    return seconds
