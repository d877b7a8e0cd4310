"""Every text that the core can show stands in every language, with the arguments that the core gives."""

import ast
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

import pytest
from fluent.syntax import FluentParser, visitor
from fluent.syntax import ast as ftl

from pcm_agent.errors import LocalError
from pcm_agent.texts import LANGUAGES, render, text_ids
from simulator.backend.catalogue import load_catalogue
from tests.pcm_agent.shown import CORE, calls, conditions, explained, given_arguments, shown

FUNCTIONS = {*load_catalogue().functions, *load_catalogue().updates}
"""What the store sells by name has one in each language."""
SAMPLES: Mapping[str, str | int | Sequence[str]] = {
    "percent": 25,
    "cause": "package-hash",
    "code": "hash-mismatch",
    "entries": ("roaming", "off"),
    "function": "intelligent-range-manager",
    "menu": "mobile-data",
    "minutes": 10,
    "porsche_id": "ayumi@example.com",
    "reason": "congestion",
    "reasons": ("charging-cable", "car-unlocked", "battery-low"),
    "networks": "Ayumi's phone, Cafe",
    "service": "real-time-traffic",
    "ssid": "Ayumi's phone",
    "state": "waiting",
    "tries": 2,
}


def _entries(language: str) -> list[ftl.EntryType]:
    source = files("pcm_agent.texts").joinpath(f"{language}.ftl").read_text(encoding="utf-8")
    return list(FluentParser().parse(source).body)


def _messages(language: str) -> list[ftl.Message]:
    return [entry for entry in _entries(language) if isinstance(entry, ftl.Message)]


class _Variables(visitor.Visitor):
    """Collects the variables under a node."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def generic_visit(self, node: ftl.BaseNode) -> None:
        if isinstance(node, ftl.VariableReference):
            self.names.add(node.id.name)
        super().generic_visit(node)


def _variables(language: str) -> dict[str, set[str]]:
    found = {}
    for message in _messages(language):
        variables = _Variables()
        variables.visit(message)
        found[message.id.name] = variables.names
    return found


# --- completeness ---


def test_the_search_finds_what_the_core_is_known_to_show() -> None:
    assert {"package-waiting", "package-ready", "roaming-costs", "account-login-rejected", "sim-blocked"} <= shown()
    assert {"refused-offer-unknown", "refused-no-sim-slot"} <= shown()
    assert {"charging-cable", "car-off", "network-rejected"} <= conditions()


def test_texts_put_together_in_the_core_are_the_known_ones() -> None:
    shows = [call for path in CORE.rglob("*.py") for call in calls(path, "Show")]
    composed = [call.args[0] for call in shows if isinstance(call.args[0], ast.JoinedStr)]
    assert {ast.literal_eval(text.values[0]) for text in composed} == {"account-", "refused-"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_without_use(language: str) -> None:
    expected = shown() | {f"blocked-{code}" for code in conditions()} | {f"function-{name}" for name in FUNCTIONS}
    assert text_ids(language) == expected | explained()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_well_formed(language: str) -> None:
    assert [entry.content for entry in _entries(language) if isinstance(entry, ftl.Junk)] == []
    names = [message.id.name for message in _messages(language)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_exactly_what_the_core_gives(language: str) -> None:
    variables = _variables(language)
    assert {text: variables[text] for text in shown()} == given_arguments()


def test_all_languages_name_the_same_variables() -> None:
    assert _variables("ja") == _variables("en") == _variables("de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders(language: str) -> None:
    for text, names in _variables(language).items():
        said = render(language, text, {name: SAMPLES[name] for name in names})
        assert said == said.strip() != ""
        assert not {"{", "}", "$"} & set(said), text
        assert not [mark for mark in said if unicodedata.category(mark) == "Cf"], text


# --- errors ---


@pytest.mark.parametrize(
    ("text", "arguments", "named"),
    [
        pytest.param("no-such-text", {}, "no-such-text", id="text"),
        pytest.param("package-active", {}, "function", id="argument"),
        pytest.param("package-waiting", {"function": "x", "reasons": ("rain",)}, "blocked-rain", id="condition"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_is_named(
    language: str, text: str, arguments: Mapping[str, str | Sequence[str]], named: str
) -> None:
    with pytest.raises(LocalError, match=named) as caught:
        render(language, text, arguments)
    assert caught.value.code == "text-missing"


@pytest.mark.parametrize("ask", [lambda: render("fr", "sim-blocked", {}), lambda: text_ids("fr")])
def test_an_unknown_language_names_the_known(ask: Callable[[], object]) -> None:
    with pytest.raises(LocalError, match="'fr' is none of the languages ja, en, de") as caught:
        ask()
    assert caught.value.code == "language-unknown"


def test_importing_the_texts_loads_no_heavy_library() -> None:
    ask = "import sys, pcm_agent.texts; print(sorted({'babel', 'fluent'} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, check=True, text=True, cwd=CORE.parents[1]
    )
    assert answer.stdout.strip() == "[]"
