"""Finds scenario files: shipped ones by name, others by path."""

from importlib import resources
from pathlib import Path

from simulator.scenario.places import Problem, ScenarioError, Source, read_yaml
from simulator.scenario.words import nearest

SUFFIX = ".pcm.yaml"


def shipped_scenarios() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    folder = resources.files("simulator") / "scenarios"
    return tuple(sorted(item.name.removesuffix(SUFFIX) for item in folder.iterdir() if item.name.endswith(SUFFIX)))


def read_source(name_or_path: str) -> Source:
    """A shipped scenario by name, or one of the user's by path.

    Raises:
        ScenarioError: `scenario-unknown`, `scenario-unreadable`, `scenario-syntax`.
    """
    if name_or_path in shipped_scenarios():
        text = (resources.files("simulator") / "scenarios" / f"{name_or_path}{SUFFIX}").read_text("utf-8")
        return read_yaml(text, f"{name_or_path}{SUFFIX}")
    path = Path(name_or_path)
    if not path.exists():
        hint, known = nearest(name_or_path, shipped_scenarios()), ", ".join(shipped_scenarios())
        message = f"no such file{hint}; shipped are: {known}"
        raise ScenarioError([Problem(code="scenario-unknown", file=name_or_path, place=None, key="", message=message)])
    try:
        return read_yaml(path.read_text("utf-8"), name_or_path)
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(code="scenario-unreadable", file=name_or_path, place=None, key="", message=str(error))
        raise ScenarioError([problem]) from error
