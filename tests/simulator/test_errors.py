"""Every stable code of the source is explained, and nothing else is."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from firmware_profiles.errors import ProfileErrorCode
from pcm_agent.protocol.messages import LinkRefusal
from pcm_agent.texts import LANGUAGES
from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS
from simulator.backend.following import NOT_ENDED
from simulator.errors import Who, meanings

PcmSim = Callable[..., Any]
ROOT = Path(__file__).parents[2]
PACKAGES = ("firmware_profiles", "pcm_agent", "simulator")
CODE = re.compile("[a-z0-9]+(-[a-z0-9]+)+")
TAKE_A_CODE = {"Condition", "Reason", "Refuse", "refuse", "_refuse", "noted", "_error", "_errors", "_tell"}
"""What is called with a code besides every class of errors; and whatever takes it as `code=`."""
TABLES = {*REFUSALS, *MANIFEST_REFUSALS, *get_args(LinkRefusal), *ProfileErrorCode, NOT_ENDED}


# --- what the source holds ---


def _codes_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
            yield part.value


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _places(tree: ast.Module) -> Iterator[ast.AST]:
    """Where a code is written: an argument of such a call, or the value of something named `code`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call() if _called(node) in TAKE_A_CODE or _called(node).endswith("Error"):
                yield from (*node.args, *node.keywords)
            case ast.keyword(arg="code") | ast.Assign(targets=[ast.Name(id="code")]):
                yield node.value
            case ast.arguments():
                yield from (default for name, default in _defaults(node) if name == "code")


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    taken = [*arguments.posonlyargs, *arguments.args]
    by_place = zip(reversed(taken), reversed(arguments.defaults), strict=False)
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    yield from ((name.arg, default) for name, default in (*by_place, *by_name) if default is not None)


def _trees(*folders: str) -> Iterator[ast.Module]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def in_the_source() -> set[str]:
    return TABLES | {code for tree in _trees(*PACKAGES) for place in _places(tree) for code in _codes_in(place)}


def rows_of_the_core() -> set[tuple[str, str]]:
    """Each code with the row of the requirements with which the core refuses, or judges."""
    calls = [node for tree in _trees("pcm_agent/core") for node in ast.walk(tree) if isinstance(node, ast.Call)]
    pairs = [call.args[:2] for call in calls if _called(call) in ("refuse", "Condition")]
    return {
        (str(code.value), str(row.value))
        for code, row in pairs
        if isinstance(code, ast.Constant) and isinstance(row, ast.Constant)
    }


# --- the data ---


def test_every_code_of_the_source_is_explained_and_nothing_else() -> None:
    found, explained = in_the_source(), set(meanings())
    assert sorted(found - explained) == [], "give each a line in simulator/errors/errors.toml"
    assert sorted(explained - found) == [], "no source has it any more; remove its line, and its sentences"


def test_the_rows_are_those_that_the_core_names_and_exist() -> None:
    explained = {(it.code, row) for it in meanings().values() for row in it.rule}
    assert rows_of_the_core() <= explained
    areas = YAML(typ="safe", pure=True).load((ROOT / "docs" / "requirements.yaml").read_text("utf-8"))
    known = {row["id"] for area in areas.values() for row in area}
    assert {row for _, row in explained if not row.startswith(("Uptane ", "ISO "))} <= known


def test_the_driver_reads_each_code_that_is_the_drivers_in_every_language_and_no_other() -> None:
    for language in LANGUAGES:
        said = {code for code, it in meanings().items() if it.sentences(language)}
        assert said == {code for code, it in meanings().items() if it.who is Who.DRIVER}, language


def test_the_driver_can_be_told_why_packages_are_refused() -> None:
    assert all(meanings()[code].who is Who.DRIVER for code in REFUSALS)


def test_refusals_mean_the_same_in_the_rules_and_in_the_data() -> None:
    for code, refusal in {**REFUSALS, **MANIFEST_REFUSALS}.items():
        assert meanings()[code].means == refusal.meaning


def test_what_is_written_is_sentences() -> None:
    for it in meanings().values():
        for sentence in (it.means, it.do):
            assert re.fullmatch(r"[A-Z`].*\.", sentence), it.code


def test_no_group_stands_twice() -> None:
    titles = re.findall('^title = "(.*)"$', (ROOT / "simulator/errors/errors.toml").read_text("utf-8"), re.MULTILINE)
    assert titles == list(dict.fromkeys(it.group for it in meanings().values()))


# --- pcm-sim errors ---


def test_a_code_is_shown_with_meaning_remedy_and_sentences(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("errors", "metadata-expired")
    assert (ended.status, ended.err) == (0, "")
    it = meanings()["metadata-expired"]
    for text in (it.code, it.means, it.do, *it.rule, *(it.sentences(language)[0] for language in LANGUAGES)):
        assert text in ended.out


def test_a_code_for_a_program(pcm_sim: PcmSim) -> None:
    told = json.loads(pcm_sim("errors", "security-code-wrong", "--format", "json").out)
    assert (told["code"], told["who"], told["rule"]) == ("security-code-wrong", "driver", ["IDN-07"])
    assert [len(told["sentences"][language]) for language in ("ja", "en", "de")] == [2, 2, 2]
    assert json.loads(pcm_sim("errors", "no-answer", "--format", "json").out)["sentences"] == {}


def test_all_codes_are_listed(pcm_sim: PcmSim) -> None:
    out = pcm_sim("errors").out
    assert set(meanings()) <= {line.split()[0] for line in out.splitlines() if line}
    assert [it["code"] for it in json.loads(pcm_sim("errors", "--format", "json").out)] == list(meanings())


@pytest.mark.parametrize(
    ("code", "hint"),
    [("metadata-expird", "did you mean 'metadata-expired'?"), ("xyz", "`pcm-sim errors` lists all")],
)
def test_an_unknown_code_names_the_nearest(pcm_sim: PcmSim, code: str, hint: str) -> None:
    ended = pcm_sim("errors", code)
    assert (ended.status, ended.out) == (2, "")
    assert f"there is no code {code!r}; {hint} [code-unknown]" in ended.err


def test_on_a_narrow_terminal_nothing_is_left_out(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = "".join(line[19:] for line in pcm_sim("errors", "disk-full").out.splitlines())
    assert "".join(meanings()["disk-full"].sentences("ja")[0].split()) in "".join(out.split())
