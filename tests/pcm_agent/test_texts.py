"""Every text that the core can show stands in every language, with the arguments that the core gives."""

import ast
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from fluent.syntax import FluentParser, visitor
from fluent.syntax import ast as ftl

import pcm_agent.core
from pcm_agent.core import rules
from pcm_agent.core.regions import REGIONS
from pcm_agent.core.regions.account import PAIRING_CODE_LENGTH
from pcm_agent.core.regions.connection import PASSWORD_LENGTH
from pcm_agent.core.state import RefusedOffer
from pcm_agent.core.updates import GONE
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import PackageState, RefuseLink
from pcm_agent.texts import LANGUAGES, render, text_ids
from simulator.backend.catalogue import load_catalogue
from simulator.errors import Who, meanings

CORE = Path(str(pcm_agent.core.__file__)).parent
TO_THE_BACKEND_ONLY = CORE / "commands.py"
"""What is refused here answers a command; no driver reads it."""

FUNCTIONS = {*load_catalogue().functions, *load_catalogue().updates}
"""What the store sells by name has one in each language."""
CAUSES = {
    *("disk-full", "disk-unwritable", "function-unhealthy", "package-changed", "package-gone", "package-hash"),
    *("package-length", "package-missing", "transfer-interrupted", "transfer-slow", "url-unusable", "unknown"),
    "release-rollback",
}
"""With what a download or an installation ends, and what stands for anything else."""
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


# --- what the core can show, read from its sources ------------------------------------------------------------------


def _calls(path: Path, *names: str) -> Iterator[ast.Call]:
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
    return {text for path in paths for call in _calls(path, *names) if (text := _literal(call)) is not None}


def _named_rows(verb: str) -> set[str]:
    """What the actions `refuse …` and `show …` in the regions' tables name."""
    names = {action.__name__ for region in REGIONS.values() for row in region.rows for action in row.then}
    return {name.removeprefix(verb).strip() for name in names if name.startswith(f"{verb} ")}


def _refusals() -> set[str]:
    return _literals("refuse", without=frozenset((TO_THE_BACKEND_ONLY,))) | _named_rows("refuse")


def _link_refusals() -> set[str]:
    return set(get_args(get_type_hints(RefuseLink)["reason"]))


def _shown() -> set[str]:
    texts = _literals("Show", "show", "show_function", "_tell_driver") | _named_rows("show")
    return texts | {f"account-{reason}" for reason in _link_refusals()} | {f"refused-{code}" for code in _refusals()}


def _conditions() -> set[str]:
    tables = rules.CONDITIONS.values()
    return _literals("Condition") | {condition.code for table in tables for condition in table}


def _explained() -> set[str]:
    """The refusals beyond the core that have a sentence for the driver: those that the list of all codes has."""
    refused = {f"refused-{it.code}" for it in meanings().values() if it.who is Who.DRIVER}
    return refused & text_ids("en") | {f"cause-{code}" for code in CAUSES}


def _given_arguments() -> dict[str, set[str]]:
    """The names of the arguments that the core gives to each text that it shows by itself."""
    given = {text: set[str]() for text in _shown()}
    given |= {text: {"function"} for text in _literals("show_function")}
    given |= {f"refused-{code}": {"function"} for code in get_args(get_type_hints(RefusedOffer)["code"])}
    given |= {text: {"service"} for text in _literals("_tell_driver")}
    for path in CORE.rglob("*.py"):
        for call in _calls(path, "Show"):
            text = _literal(call)
            if text is not None and len(call.args) > 1:
                assert isinstance(call.args[1], ast.Dict)
                given[text] = {str(ast.literal_eval(key)) for key in call.args[1].keys if key is not None}
    return given


# --- what the catalogue holds ---------------------------------------------------------------------------------------


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


# --- completeness ---------------------------------------------------------------------------------------------------


def test_the_search_finds_what_the_core_is_known_to_show() -> None:
    assert {"package-waiting", "package-ready", "roaming-costs", "account-login-rejected", "sim-blocked"} <= _shown()
    assert {"refused-offer-unknown", "refused-no-sim-slot"} <= _shown()
    assert {"charging-cable", "car-off", "network-rejected"} <= _conditions()


def test_texts_put_together_in_the_core_are_the_known_ones() -> None:
    shows = [call for path in CORE.rglob("*.py") for call in _calls(path, "Show")]
    composed = [call.args[0] for call in shows if isinstance(call.args[0], ast.JoinedStr)]
    assert {ast.literal_eval(text.values[0]) for text in composed} == {"account-", "refused-"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_without_use(language: str) -> None:
    expected = _shown() | {f"blocked-{code}" for code in _conditions()} | {f"function-{name}" for name in FUNCTIONS}
    assert text_ids(language) == expected | _explained()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_well_formed(language: str) -> None:
    assert [entry.content for entry in _entries(language) if isinstance(entry, ftl.Junk)] == []
    names = [message.id.name for message in _messages(language)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_exactly_what_the_core_gives(language: str) -> None:
    variables = _variables(language)
    assert {text: variables[text] for text in _shown()} == _given_arguments()


def test_all_languages_name_the_same_variables() -> None:
    assert _variables("ja") == _variables("en") == _variables("de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders(language: str) -> None:
    for text, names in _variables(language).items():
        said = render(language, text, {name: SAMPLES[name] for name in names})
        assert said == said.strip() != ""
        assert not {"{", "}", "$"} & set(said), text
        assert not [mark for mark in said if unicodedata.category(mark) == "Cf"], text


# --- wording --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Intelligent Range Manager waits: the charging cable is connected."),
        ("de", "Intelligent Range Manager wartet: Ladekabel angesteckt."),
        ("ja", "インテリジェント レンジ マネージャー は待機中です: 充電ケーブルが接続中。"),
    ],
)
def test_waiting_names_what_still_blocks(language: str, expected: str) -> None:
    arguments = {"function": "intelligent-range-manager", "reasons": ("charging-cable",)}
    assert render(language, "package-waiting", arguments) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "the car is still switched on, the car is not locked, and the charging cable is connected"),
        ("de", "Fahrzeug noch eingeschaltet, Fahrzeug nicht verriegelt und Ladekabel angesteckt"),
        ("ja", "車両が ON、車両が未ロック、充電ケーブルが接続中"),
    ],
)
def test_reasons_are_listed_as_the_language_does(language: str, expected: str) -> None:
    reasons = ("car-on", "car-unlocked", "charging-cable")
    assert expected in render(language, "package-waiting", {"function": "x", "reasons": reasons})


@pytest.mark.requirement("PRV-02")
@pytest.mark.parametrize(
    ("language", "expected"), [("en", "private mode is on"), ("de", "Privatmodus"), ("ja", "プライベート モード")]
)
def test_paused_says_why_nothing_is_downloaded(language: str, expected: str) -> None:
    assert expected in render(language, "package-paused", {"function": "x", "reasons": ("private-mode",)})


@pytest.mark.requirement("CON-11")
@pytest.mark.parametrize(
    ("language", "cost", "tariff", "country"),
    [
        ("en", "extra costs", "tariff", "country"),
        ("de", "Kosten", "Tarif", "land"),
        ("ja", "追加の費用", "料金", "訪問国"),
    ],
)
def test_roaming_warns_of_costs_by_tariff_and_country(language: str, cost: str, tariff: str, country: str) -> None:
    said = render(language, "roaming-costs", {})
    assert cost in said
    assert tariff in said
    assert country in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_lengths_are_those_of_the_rules(language: str) -> None:
    assert f" {PAIRING_CODE_LENGTH} " in render(language, "refused-pairing-code-malformed", {})
    assert f" {PASSWORD_LENGTH} " in render(language, "refused-password-too-short", {})


@pytest.mark.parametrize("text", ["sim-pin-wrong", "sim-puk-wrong"])
@pytest.mark.parametrize(
    ("language", "tries", "expected"),
    [
        ("en", 0, "No tries left."),
        ("en", 1, "1 try left."),
        ("en", 2, "2 tries left."),
        ("de", 0, "Kein Versuch mehr übrig."),
        ("de", 1, "Noch 1 Versuch."),
        ("de", 2, "Noch 2 Versuche."),
        ("ja", 0, "これ以上入力できません。"),
        ("ja", 1, "あと 1 回入力できます。"),
        ("ja", 2, "あと 2 回入力できます。"),
    ],
)
def test_tries_have_their_plural(text: str, language: str, tries: int, expected: str) -> None:
    assert render(language, text, {"tries": tries}).endswith(expected)


@pytest.mark.parametrize(
    ("language", "minutes", "expected"),
    [
        ("en", 1, "1 minute."),
        ("en", 10, "10 minutes."),
        ("de", 1, "1 Minute "),
        ("de", 10, "10 Minuten "),
        ("ja", 10, "10 分間"),
    ],
)
def test_minutes_have_their_plural(language: str, minutes: int, expected: str) -> None:
    assert expected in render(language, "package-settling", {"function": "x", "minutes": minutes})


@pytest.mark.requirement("CON-19")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_apn_is_told_from_other_rejections(language: str) -> None:
    unknown = render(language, "connection-rejected", {"reason": "apn-unknown"})
    assert "APN" in unknown
    assert "apn-unknown" not in unknown
    assert "(congestion)" in render(language, "connection-rejected", {"reason": "congestion"})


@pytest.mark.requirement("FOD-08")
@pytest.mark.parametrize(
    ("language", "displays", "dealer"),
    [
        ("en", ("PCM", "instrument cluster"), "Porsche dealer"),
        ("de", ("PCM", "Kombiinstrument"), "Porsche Partner"),
        ("ja", ("PCM", "インストルメント クラスター"), "ポルシェ正規販売店"),
    ],
)
def test_an_error_names_where_the_instructions_stand_and_the_dealer_last(
    language: str, displays: tuple[str, str], dealer: str
) -> None:
    said = render(language, "package-faulty", {"function": "x", "cause": "hash-mismatch", "code": "hash-mismatch"})
    places = [said.index(part) for part in (*displays, dealer)]
    assert places == sorted(places)


@pytest.mark.requirement("FOD-07")
@pytest.mark.parametrize(
    ("language", "steps"),
    [
        ("en", ("not charging", "power button", "lock", "10 minutes", "restart")),
        ("de", ("geladen", "Power-Taste", "verriegel", "10 Minuten", "neu")),
        ("ja", ("充電", "電源ボタン", "ロック", "10 分", "再始動")),
    ],
)
def test_a_failed_activation_says_what_to_do_in_order(language: str, steps: tuple[str, ...]) -> None:
    said = render(language, "package-failed", {"function": "x", "cause": "disk-full", "code": "disk-full"})
    places = [said.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.requirement("FOD-07", "FOD-08")
@pytest.mark.parametrize("code", sorted(CAUSES - {"unknown"}))
@pytest.mark.parametrize("text", ["package-failed", "package-faulty"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_failed_is_said_in_words_and_its_code_for_the_dealer(language: str, text: str, code: str) -> None:
    said = render(language, text, {"function": "x", "cause": code, "code": code})
    assert f"{render(language, f'cause-{code}', {})} ({code})" in said
    unknown = render(language, text, {"function": "x", "cause": "another", "code": "another"})
    assert f"{render(language, 'cause-unknown', {})} (another)" in unknown


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Real-time traffic"), ("de", "Echtzeit-Verkehr"), ("ja", "リアルタイム交通情報")]
)
def test_a_service_is_shown_by_its_name(language: str, name: str) -> None:
    assert name in render(language, "service-new", {"service": "real-time-traffic"})
    assert "my-own-service" in render(language, "service-new", {"service": "my-own-service"})


@pytest.mark.requirement("FOD-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_updates_page_tells_the_states_apart(language: str) -> None:
    shown = [state for state in PackageState if state not in GONE]
    said = {render(language, "updates-state", {"function": "x", "state": state.value}) for state in shown}
    assert len(said) == len(shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_function_without_a_name_is_shown_by_its_id(language: str) -> None:
    assert "night-drive" in render(language, "package-active", {"function": "night-drive"})


# --- errors ---------------------------------------------------------------------------------------------------------


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
