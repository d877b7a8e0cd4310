"""What is said in each language: who, what, why and what to do, in good grammar."""

import pytest

from pcm_agent.core.regions.account import PAIRING_CODE_LENGTH
from pcm_agent.core.regions.connection import PASSWORD_LENGTH
from pcm_agent.core.updates import GONE
from pcm_agent.protocol.messages import PackageState
from pcm_agent.texts import LANGUAGES, render
from tests.pcm_agent.shown import CAUSES


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


@pytest.mark.requirement("FOD-08")
@pytest.mark.parametrize("text", ["package-failed", "package-faulty"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_failed_for_a_reason_without_words_has_its_code_all_the_same(language: str, text: str) -> None:
    said = render(language, text, {"function": "x", "cause": "another", "code": "another"})
    assert f"{render(language, 'cause-unknown', {})} (another)" in said


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
