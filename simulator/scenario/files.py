"""Finds scenario files: shipped ones by name, others by path."""

from functools import cache
from pathlib import Path

from simulator.scenario.library import SUFFIX, shipped_scenarios, shipped_text
from simulator.scenario.places import Problem, ScenarioError, Source, read_yaml
from simulator.scenario.words import nearest


def read_source(name_or_path: str) -> Source:
    """A shipped scenario or part by name, or one of the user's by path.

    Raises:
        ScenarioError: `scenario-unknown`, `scenario-unreadable`, `scenario-syntax`.
    """
    shipped = _shipped(name_or_path)
    if shipped is not None:
        return shipped
    path = Path(name_or_path)
    if not path.exists():
        near = nearest(name_or_path, [*shipped_scenarios(), *beside(name_or_path)])
        message = f"no such file{near}; shipped ones: pcm-sim scenarios"
        raise ScenarioError([Problem(code="scenario-unknown", file=name_or_path, place=None, key="", message=message)])
    if path.is_dir():
        message = "this is a folder; name scenario files one by one, or shipped scenarios by tag: --tag TAG"
        problem = Problem(code="scenario-unreadable", file=name_or_path, place=None, key="", message=message)
        raise ScenarioError([problem])
    try:
        return read_yaml(path.read_text("utf-8"), name_or_path)
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(code="scenario-unreadable", file=name_or_path, place=None, key="", message=str(error))
        raise ScenarioError([problem]) from error


def beside(name: str, folder: Path = Path()) -> list[str]:
    """The scenario files in the folder where one was looked for, each written as that one is.

    Args:
        name: as it was written.
        folder: as seen from which.
    """
    there = (folder / name).parent
    try:
        return sorted(str(Path(name).parent / file.name) for file in there.glob(f"*{SUFFIX}"))
    except OSError:
        return []


@cache
def _shipped(name: str) -> Source | None:
    """Read once: the parts are included again and again."""
    text = shipped_text(name)
    return None if text is None else read_yaml(text, f"{name}{SUFFIX}")
