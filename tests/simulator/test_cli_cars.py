"""What the command says of cars, machines and schemas."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_profiles import load_disputes, load_profile, profile_names
from pcm_agent import __version__
from pcm_agent.core.regions import REGIONS

PcmSim = Callable[..., Any]
ROOT = Path(__file__).parents[2]


# --- what is there ---


def test_the_version(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("--version")
    assert (ended.status, ended.out, ended.err) == (0, f"pcm-sim {__version__}\n", "")


def test_the_profiles(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("profiles")
    assert ended.status == 0
    rows = {line.split()[0]: line for line in ended.out.splitlines() if line.strip()}
    assert set(profile_names()) <= set(rows)
    assert "all three" in rows["cayenne-gen3"]
    assert "embedded SIM" in rows["taycan"]
    assert "porsche-id" in rows["taycan"]
    assert "where the sources disagree" in ended.out
    for point, dispute in load_disputes().items():
        assert dispute.question in ended.out
        for reading in dispute.readings:
            assert (f"--assume {point}={reading} " in ended.out) is (reading != dispute.default)


def test_the_list_of_profiles_is_whole_at_eighty_columns(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    head, *rows = [line.rstrip() for line in pcm_sim("profiles").out.partition("all three: ")[0].splitlines()]
    assert head.split()[:2] == ["profile", "car"]
    assert [row.split()[0] for row in rows] == list(profile_names()), "one line each"
    assert max(map(len, rows)) <= 80


@pytest.mark.parametrize("columns", [60, 80])
def test_a_name_of_a_profile_is_whole_on_any_terminal(
    pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = pcm_sim("profiles").out
    assert set(profile_names()) <= {line.split()[0] for line in out.splitlines() if line.strip()}
    assert "…" not in out.partition("where the")[0]


def test_the_profiles_as_a_page(pcm_sim: PcmSim) -> None:
    assert pcm_sim("profiles", "--format", "markdown").out == (ROOT / "docs" / "profiles.md").read_text("utf-8")


# --- one car ---


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_is_shown_with_its_menus_and_sources(pcm_sim: PcmSim, name: str) -> None:
    ended = pcm_sim("profile", name)
    profile = load_profile(name)
    assert (ended.status, ended.err) == (0, "")
    rows = {line.partition("  ")[0].strip(): line for line in ended.out.splitlines()}
    assert all(menu in rows for menu in profile.menus)
    assert ", ".join(profile.data.ways) in rows["ways to data"]
    assert ", ".join(profile.sources["data.ways"].seeds) in rows["ways to data"]
    assert profile.status.symbol_corner in rows["status symbol"]
    assert "assumed: " in rows["CarPlay"]
    assert ("pairing code seen in" in rows) is (profile.account.linking == "pairing-code")


@pytest.mark.parametrize(
    ("language", "path"),
    [
        ("en", "PHONE > OPT > Phone settings > Roaming"),
        ("de", "PHONE > OPT > Telefoneinstellungen > Roaming"),
        ("ja", "PHONE > OPT > PHONE 設定 > ローミング"),
    ],
)
def test_menus_are_written_in_the_language_that_is_asked_for(pcm_sim: PcmSim, language: str, path: str) -> None:
    assert path in pcm_sim("profile", "718", "--language", language).out


def test_another_side_of_a_dispute_is_named_where_it_matters(pcm_sim: PcmSim) -> None:
    out = pcm_sim("profile", "cayenne-gen3").out
    assert re.search(r"or 2020 +A221, A225; with --assume my2021=porsche-id", out)
    assert re.search(r"or Devices > Device manager > .* > Save PIN +A210, B115", out)


def test_a_car_is_chosen_by_line_and_model_year(pcm_sim: PcmSim) -> None:
    arguments = ("profile", "--line", "cayenne", "--model-year", "2021")
    assert "Cayenne gen. 3, model years 2017–2021  cayenne-gen3\n" in pcm_sim(*arguments).out
    other = pcm_sim(*arguments, "--assume", "my2021=porsche-id").out
    assert "Cayenne gen. 3, model years from 2021  cayenne-gen3-2022\n" in other
    assert re.search(r"or 2022 +A119, A122, A164, A170\n", re.sub(" +\n", "\n", other))


def test_a_profile_for_a_program(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("profile", "taycan", "--format", "json", "--language", "de", "--assume", "my2021=porsche-id")
    shown = json.loads(ended.out)
    assert shown["name"] == "taycan"
    assert shown["data"]["ways"] == ["embedded-sim"]
    assert shown["sources"]["data.ways"]["seeds"] == ["A176", "B75"]
    assert shown["menus"]["link-account"] == ["settings", "account", "account-settings"]
    assert shown["menus_read"]["link-account"] == ["Einstellungen", "Account", "Account-Einstellungen"]
    assert (shown["assumed"], shown["language"]) == ({"my2021": "porsche-id"}, "de")


@pytest.mark.parametrize("region", REGIONS)
def test_the_diagram_of_a_region(pcm_sim: PcmSim, region: str) -> None:
    ended = pcm_sim("diagram", region)
    assert ended.status == 0
    assert "stateDiagram-v2" in ended.out
    assert ended.out.count("stateDiagram-v2") == 1


def test_all_diagrams(pcm_sim: PcmSim) -> None:
    assert pcm_sim("diagram").out.count("stateDiagram-v2") == len(REGIONS)


def test_the_table_of_a_region(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("diagram", "--table", "roaming")
    assert ended.out.startswith("### roaming\n\n| event | `home` | `barred` | `roaming` |\n")
    assert "⊘ no-such-setting [automatic]<br>stays" in ended.out


def test_of_an_unknown_region_the_known_ones_are_named(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("diagram", "gearbox")
    assert (ended.status, ended.out) == (2, "")
    assert all(region in ended.err for region in REGIONS)


def test_the_schemas(pcm_sim: PcmSim) -> None:
    scenario = pcm_sim("schema")
    assert json.loads(scenario.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert pcm_sim("schema", "scenario").out == scenario.out
    assert json.loads(pcm_sim("schema", "asyncapi").out)["asyncapi"].startswith("3.")
