"""What tests of cars tell besides passed and failed: properties for JUnit, traces, and cells that cannot exist."""

import hashlib
import os
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

NOT_APPLICABLE = "not applicable"
"""How cells that cannot exist are counted, and how the reason of their skipping begins."""
LONGEST = 150
"""Bytes of a trace's name that are taken from the test's; file systems allow 255."""


def is_live(config: pytest.Config) -> bool:
    """Whether cars run live; else in virtual time."""
    return bool(config.getoption("--pcm-mode") == "live")


def seed_of(config: pytest.Config) -> int:
    """For all that is drawn."""
    return int(config.getoption("--pcm-seed"))


def note(item: pytest.Item, **properties: Sequence[object]) -> None:
    """Let JUnit have properties of a test; one that it has already is not told twice."""
    for name, values in properties.items():
        item.user_properties += [(name, it) for it in map(str, values) if (name, it) not in item.user_properties]


def again(item: pytest.Item) -> str:
    """The command that runs a test again, as it can be typed where pytest was called."""
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    node, options = f"{file}::{item.nodeid.partition('::')[2]}", item.config.option
    return shlex.join(["pytest", node, "--pcm-mode", options.pcm_mode, "--pcm-seed", str(options.pcm_seed)])


def trace_of(item: pytest.Item) -> Path | None:
    """The file for a test's trace, where one is wanted; the same in every run, and another one for each test.

    Its folder is made; where that can't be, whoever writes there says so.
    """
    folder: Path | None = item.config.getoption("--pcm-trace-dir")
    if folder is None:
        return None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{file_name(item.nodeid)}.jsonl"


def file_name(node: str) -> str:
    """The id of a node as the name of a file; with a hash where the id can't be told by what is left of it."""
    name = node.replace("::", ".").replace("/", ".").replace("[", ".").removesuffix("]")
    plain = re.sub(r"[^\w.,=@+-]", "-", name).encode()
    if plain == name.encode() and len(plain) <= LONGEST:
        return name
    return f"{plain[:LONGEST].decode(errors='ignore')}-{hashlib.sha256(node.encode()).hexdigest()[:8]}"


def why_not_applicable(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a cell cannot exist; "" of any other report."""
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return ""
    mark, _, why = report.longrepr[2].removeprefix("Skipped: ").partition(": ")
    return why if mark == NOT_APPLICABLE else ""
