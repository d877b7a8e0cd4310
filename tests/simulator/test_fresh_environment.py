"""The wheel in an environment of its own, with nothing else than what it asks for.

Fresh are the wheel, the environment, and the folder of the project that uses it. The packages that the wheel asks for
are not fetched again, which would need a network: those of this environment are linked into the new one, and no others,
so that whatever is not declared is missing there. pip itself installs the wheel and finds everything that it asks for.
"""

import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SCENARIO = """\
version: 1
title: Data on the road
car: {profile: taycan, country: JP}
steps:
  - do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {connection: connected}
"""
TEST = """\
import importlib.util
import sys

import simulator

def test_a_car(pcm_car):
    car = pcm_car("taycan", "JP")
    car.do(ignition="on")
    car.expect(ignition="on")

def test_that_nothing_else_is_here():
    assert simulator.__file__.startswith(sys.prefix)
    others = ("coverage", "hypothesis", "pytest_asyncio", "xdist")
    assert not [name for name in others if importlib.util.find_spec(name)]
"""


def run(*command: str | Path, folder: Path) -> str:
    """Run a command with nothing of this process's own environment; what it printed."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel(folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, folder=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def asked_for(packages: Iterable[Distribution]) -> dict[str, Distribution]:
    """What packages ask for, and what that asks for, and so on."""
    found: dict[str, Distribution] = {}
    left = [(requirement, "") for package in packages for requirement in package.requires or ()]
    while left:
        text, extra = left.pop()
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        package = distribution(requirement.name)
        if requirement.name not in found:
            left += [(more, wanted) for more in package.requires or () for wanted in ("", *requirement.extras)]
        found[requirement.name] = package
    return found


def link(packages: Iterable[Distribution], site: Path) -> None:
    """Have packages of this environment in another one."""
    tops = {(package, file.parts[0]) for package in packages for file in package.files or ()}
    for package, top in tops:
        if top not in ("..", "__pycache__") and not (site / top).exists():
            (site / top).symlink_to(Path(str(package.locate_file(top))))


@pytest.mark.slow
def test_a_plain_project_can_use_what_pip_installs(tmp_path: Path) -> None:
    built, fresh, project = (tmp_path / name for name in ("built", "fresh", "project"))
    project.mkdir()
    run(sys.executable, "-m", "venv", fresh, folder=tmp_path)
    (site,) = fresh.glob("lib/python*/site-packages")
    ours = wheel(built)
    link(asked_for(distributions(path=[str(ours)])).values(), site)
    run(fresh / "bin" / "pip", "install", "--no-index", "--disable-pip-version-check", ours, folder=project)

    assert "pytest" not in {path.name for path in site.iterdir()}, "nobody who runs scenarios needs pytest"
    ran = run(fresh / "bin" / "pcm-sim", "run", "cayenne-roaming", "--virtual", "--quiet", folder=project)
    assert "1 of 1 scenarios passed" in ran

    link([distribution("pytest"), *asked_for([distribution("pytest")]).values()], site)
    (project / "road.pcm.yaml").write_text(SCENARIO, "utf-8")
    (project / "test_mine.py").write_text(TEST, "utf-8")
    told = run(fresh / "bin" / "python", "-m", "pytest", "-v", "-W", "error", folder=project)
    assert "road.pcm.yaml::scenario PASSED" in told
    assert "test_mine.py::test_a_car PASSED" in told
    assert "3 passed" in told
