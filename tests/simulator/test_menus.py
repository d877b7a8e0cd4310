"""Ways through the menus as a scenario writes them: in any of the languages, for any of the cars."""

from collections.abc import Callable
from typing import get_args

import pytest
from msgspec.structs import replace

from firmware_profiles import Menu, Profile, load_labels, load_profile, profile_names
from pcm_agent.core.events import MenuTapped
from pcm_agent.core.settings import SETTINGS
from pcm_agent.protocol.secret import Secret
from pcm_agent.texts import LANGUAGES
from simulator.report.words import way_through
from simulator.scenario.loader import LoadedScenario, parse_scenario
from simulator.scenario.menus import menu_event, read_way
from simulator.scenario.model import CarPart, MenuEntry
from simulator.session import Outcome
from simulator.trace import Record

PROFILES = [load_profile(name) for name in profile_names()]
CAYENNE = load_profile("cayenne-gen3")
WIDE_OPTIONS = "options".translate({code: code + 0xFEE0 for code in range(33, 127)})
ROAMING = ("settings", "device-manager", "options", "mobile-data", "roaming")


def named(records: list[Record], kind: str) -> list[str]:
    return [record.name for record in records if record.kind == kind]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_setting_of_every_car_is_found_in_every_language(profile: Profile, language: str) -> None:
    labels = load_labels()
    for menu in set(profile.menus) & set(SETTINGS):
        path = profile.menus[menu]
        words = tuple(labels[label].in_(language) for label in path)
        assert read_way(profile, words) == (path, "")


def test_the_languages_are_those_of_the_car() -> None:
    assert set(get_args(CarPart.__annotations__["language"])) == set(LANGUAGES)


@pytest.mark.parametrize(
    "words",
    [
        ("Settings", "Device manager", "Options", "Mobile data", "Roaming"),
        ("設定", "デバイス マネージャー", "オプション", "モバイル データ", "ローミング"),
        ("Einstellungen", "Gerätemanager", "Optionen", "Mobile Daten", "Roaming"),
        ("SETTINGS", " device  manager", WIDE_OPTIONS, "mobile daten", "ﾛｰﾐﾝｸﾞ"),
        ROAMING,
    ],
)
def test_capitals_widths_spaces_and_mixed_languages_make_no_difference(words: tuple[str, ...]) -> None:
    assert read_way(CAYENNE, words) == (ROAMING, "")


@pytest.mark.parametrize(
    ("words", "path", "problem"),
    [
        (
            ("Einstellungen", "Gerätemanager", "Optionen", "Telefon", "Roaming"),
            ("settings", "device-manager", "options", "phone", "roaming"),
            "there is no 'Roaming' under Einstellungen > Gerätemanager > Optionen > Telefon; there is: SIM-Karte",
        ),
        (
            ("設定", "Device manager", "Options", "Phone", "Fax"),
            ("settings", "device-manager", "options", "phone", "Fax"),
            "there is no 'Fax' under Settings > Device manager > Options > Phone; there is: SIM card",
        ),
        (
            ("設定", "デバイス マネージャー", "オプション", "電話", "Fax", "PIN"),
            ("settings", "device-manager", "options", "phone", "Fax", "PIN"),
            "there is no 'Fax' under 設定 > デバイス マネージャー > オプション > 電話; there is: SIM カード",
        ),
        (
            ("Settings", "Device manager", "Options", "Mobile data", "Roaming", "Off"),
            (*ROAMING, "off"),
            "there is no 'Off' under Settings > Device manager > Options > Mobile data > Roaming; the way ends there",
        ),
    ],
)
def test_a_wrong_way_says_where_it_ended_and_what_there_is(
    words: tuple[str, ...], path: tuple[str, ...], problem: str
) -> None:
    assert read_way(CAYENNE, words) == (path, problem)


def test_a_way_that_does_not_even_begin_says_what_there_is_at_the_top() -> None:
    way = read_way(CAYENNE, ("Nowhere",))
    assert way.path == ("Nowhere",)
    assert way.problem.startswith("there is no 'Nowhere' at the top of the menus; there is: ")
    assert "Settings" in way.problem


@pytest.mark.parametrize(
    ("enter", "code", "entry"),
    [
        ("4711", None, (Secret("4711"),)),
        (("phone", "12345678"), None, (Secret("phone"), Secret("12345678"))),
        ("from-my-porsche", "87654321", (Secret("87654321"),)),
    ],
)
def test_what_is_entered_goes_with_the_tap(
    enter: str | tuple[str, ...], code: str | None, entry: tuple[Secret, ...]
) -> None:
    path = ("Settings", "Device manager", "Options", "Phone", "SIM card", "Save PIN")
    tap = MenuEntry(path=path, enter=enter)
    assert menu_event(CAYENNE, tap, code=code) == MenuTapped(CAYENNE.menus[Menu.SIM_PIN], entry)
    assert menu_event(CAYENNE, path) == MenuTapped(CAYENNE.menus[Menu.SIM_PIN])


def test_a_way_is_told_in_english_and_words_that_are_no_label_as_they_are() -> None:
    assert way_through(["settings", "device-manager", "Fax"]) == "Settings > Device manager > Fax"


# --- in scenarios ---

STORY = """\
version: 1
title: Taps
car: {profile: cayenne-gen3, country: DE}
steps:
  - do: {ignition: "on"}
  - do:
      menu: [Settings, Device manager, Options, Mobile data, Roaming]
  - expect: {shown: roaming-free}
"""


@pytest.fixture
def story() -> LoadedScenario:
    return parse_scenario(STORY, "taps.pcm.yaml")


@pytest.mark.parametrize("menu", ["[Settings, Fax]", "{path: [Settings, Fax], enter: '1'}"])
def test_a_wrong_way_fails_its_step_and_says_where_it_ended(menu: str, run_virtual: Callable[..., Outcome]) -> None:
    text = STORY.replace("[Settings, Device manager, Options, Mobile data, Roaming]", menu)
    outcome = run_virtual(parse_scenario(text, "t.pcm.yaml"))
    (failure,) = outcome.verdicts[0].failures
    assert (failure.line, failure.expected) == (6, "menu: Settings > Fax")
    assert failure.found.startswith("not done: there is no 'Fax' under Settings; there is: ")
    assert named(outcome.records, "refusal") == ["menu-path-unknown"]
    assert named(outcome.records, "failed") == ["2"]


@pytest.mark.parametrize("expected", ["{refused: menu-path-unknown}", "{shown: refused-menu-path-unknown}"])
def test_a_scenario_may_expect_that_a_way_is_refused(expected: str, run_virtual: Callable[..., Outcome]) -> None:
    text = STORY.replace("Mobile data, Roaming", "Fax").replace("{shown: roaming-free}", expected)
    assert run_virtual(parse_scenario(text, "t.pcm.yaml")).passed


@pytest.mark.requirement("CON-09")
def test_a_tap_and_what_it_means_stand_in_the_trace(story: LoadedScenario, run_virtual: Callable[..., Outcome]) -> None:
    outcome = run_virtual(story)
    assert outcome.passed
    events = named(outcome.records, "event")
    assert events[events.index("MenuTapped") + 1] == "RoamingEnabled"


@pytest.mark.requirement("CON-09")
def test_on_another_car_the_same_way_is_refused(story: LoadedScenario, run_virtual: Callable[..., Outcome]) -> None:
    another = replace(story.scenario, car=replace(story.car, profile="911-gen7"))
    outcome = run_virtual(replace(story, scenario=another))
    assert not outcome.passed
    assert named(outcome.records, "refusal") == ["menu-path-unknown"]
    assert named(outcome.records, "shown")[-1] == "refused-menu-path-unknown"
