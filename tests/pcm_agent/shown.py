"""What the core can show, read from its sources."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pcm_agent.core
from pcm_agent.core import rules
from pcm_agent.core.regions import REGIONS
from pcm_agent.core.state import RefusedOffer
from pcm_agent.protocol.messages import RefuseLink
from pcm_agent.texts import text_ids
from simulator.errors import Who, meanings

CORE = Path(str(pcm_agent.core.__file__)).parent
TO_THE_BACKEND_ONLY = CORE / "commands.py"
"""What is refused here answers a command; no driver reads it."""
CAUSES = {
    *("disk-full", "disk-unwritable", "function-unhealthy", "package-changed", "package-gone", "package-hash"),
    *("package-length", "package-missing", "transfer-interrupted", "transfer-slow", "url-unusable", "unknown"),
    "release-rollback",
}
"""With what a download or an installation ends, and what stands for anything else."""


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Calls of functions, classes or methods of these names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def _literal(call: ast.Call) -> str | None:
    value = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
    return value if isinstance(value, str) else None


def _literals(*names: str, without: frozenset[Path] = frozenset()) -> set[str]:
    """The first arguments of such calls in the core, where they are written out."""
    paths = set(CORE.rglob("*.py")) - without
    return {text for path in paths for call in calls(path, *names) if (text := _literal(call)) is not None}


def _named_rows(verb: str) -> set[str]:
    """What the actions `refuse …` and `show …` in the regions' tables name."""
    names = {action.__name__ for region in REGIONS.values() for row in region.rows for action in row.then}
    return {name.removeprefix(verb).strip() for name in names if name.startswith(f"{verb} ")}


def _refusals() -> set[str]:
    return _literals("refuse", without=frozenset((TO_THE_BACKEND_ONLY,))) | _named_rows("refuse")


def _link_refusals() -> set[str]:
    return set(get_args(get_type_hints(RefuseLink)["reason"]))


def shown() -> set[str]:
    texts = _literals("Show", "show", "show_function", "_tell_driver") | _named_rows("show")
    return texts | {f"account-{reason}" for reason in _link_refusals()} | {f"refused-{code}" for code in _refusals()}


def conditions() -> set[str]:
    tables = rules.CONDITIONS.values()
    return _literals("Condition") | {condition.code for table in tables for condition in table}


def explained() -> set[str]:
    """The refusals beyond the core that have a sentence for the driver: those that the list of all codes has."""
    refused = {f"refused-{it.code}" for it in meanings().values() if it.who is Who.DRIVER}
    return refused & text_ids("en") | {f"cause-{code}" for code in CAUSES}


def given_arguments() -> dict[str, set[str]]:
    """The names of the arguments that the core gives to each text that it shows by itself."""
    given = {text: set[str]() for text in shown()}
    given |= {text: {"function"} for text in _literals("show_function")}
    given |= {f"refused-{code}": {"function"} for code in get_args(get_type_hints(RefusedOffer)["code"])}
    given |= {text: {"service"} for text in _literals("_tell_driver")}
    for path in CORE.rglob("*.py"):
        for call in calls(path, "Show"):
            text = _literal(call)
            if text is not None and len(call.args) > 1:
                assert isinstance(call.args[1], ast.Dict)
                given[text] = {str(ast.literal_eval(key)) for key in call.args[1].keys if key is not None}
    return given
