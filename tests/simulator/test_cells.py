"""The matrix of a scenario: its cells, those that cannot exist, and how one is asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.library import load_library
from simulator.scenario.loader import (
    LoadedScenario,
    ScenarioError,
    load_all,
    load_scenario,
    load_scenarios,
    read_cells,
)
from simulator.scenario.places import read_yaml
from simulator.session import Outcome
from simulator.trace import read_trace

PcmSim = Callable[..., Any]
MATRIX = """\
version: 1
title: ${profile} in ${country} at ${access}
requirements: [CON-01]
tags: [data, cells]
parameters: {access: lte}
matrix:
  profile: [taycan, cayenne-gen3]
  country: [JP, DE]
  way: [embedded-sim, inserted-sim]
car: {}
steps:
  - {do: {ignition: "on"}, say: "Over ${way}"}
  - do: {radio: {access: "${access}", country: "${country}"}}
  - expect: {connection: connected}
    requirements: [CON-02]
"""
CELLS = [
    "profile=taycan,country=JP,way=embedded-sim",
    "profile=taycan,country=DE,way=embedded-sim",
    "profile=cayenne-gen3,country=JP,way=embedded-sim",
    "profile=cayenne-gen3,country=JP,way=inserted-sim",
    "profile=cayenne-gen3,country=DE,way=embedded-sim",
    "profile=cayenne-gen3,country=DE,way=inserted-sim",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trip.pcm.yaml"
    path.write_text(MATRIX, "utf-8")
    return path


def fault(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        read_cells(read_yaml(text, "test.pcm.yaml"))
    return caught.value


# --- cells ---


def test_there_is_a_cell_for_each_combination_that_can_exist(file: Path) -> None:
    cells = load_scenarios(str(file))
    assert [cell.cell for cell in cells.there] == CELLS
    assert cells.absent == (
        ("profile=taycan,country=JP,way=inserted-sim", "this car has no way to data over inserted-sim"),
        ("profile=taycan,country=DE,way=inserted-sim", "this car has no way to data over inserted-sim"),
    )


def test_a_cell_has_its_values_in_car_title_and_steps(file: Path) -> None:
    cell = load_scenario(f"{file}[{CELLS[4]}]")
    assert cell.name == f"{file}[{CELLS[4]}]"
    assert cell.scenario.title == "cayenne-gen3 in DE at lte"
    assert (cell.car.profile, cell.car.country) == ("cayenne-gen3", "DE")
    second = cell.scenario.steps[1].do
    assert second is not None
    assert second.radio is not None
    assert second.radio.country == "DE"


def test_cells_share_their_steps_where_these_are_the_same(file: Path) -> None:
    """A file has many cells, and to look at its steps takes longest."""
    japan, germany, japan_again, *_ = load_scenarios(str(file)).there
    assert japan.plan is japan_again.plan
    assert japan.plan != germany.plan


def test_every_cell_runs_with_a_car_of_its_own(file: Path, run_virtual: Callable[..., Outcome]) -> None:
    outcome = run_virtual(*load_scenarios(str(file)).there)
    assert [verdict.failures for verdict in outcome.verdicts] == [[]] * 6
    heads = [record.data for record in outcome.records if record.kind == "scenario"]
    assert [(head["profile"], head["country"]) for head in heads] == [
        ("taycan", "JP"), ("taycan", "DE"), *[("cayenne-gen3", "JP")] * 2, *[("cayenne-gen3", "DE")] * 2,
    ]  # fmt: skip
    assert [head["cell"] for head in heads] == CELLS
    assert len({head["vin"] for head in heads}) == 6


def test_the_car_of_a_cell_is_the_same_whatever_else_is_run(file: Path, run_virtual: Callable[..., Outcome]) -> None:
    def vins(*cells: LoadedScenario) -> list[str]:
        return [record.car for record in run_virtual(*cells).records if record.kind == "scenario"]

    assert vins(*load_scenarios(str(file)).there)[3:4] == vins(load_scenario(f"{file}[{CELLS[3]}]"))


def test_what_the_car_says_itself_outweighs_the_matrix() -> None:
    cells = read_cells(read_yaml(MATRIX.replace("car: {}", "car: {country: FR}"), "t.pcm.yaml"))
    assert {cell.car.country for cell in cells.there} == {"FR"}


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("inserted-sim]", "insreted-sim]", 9, "matrix.way[1]", "'insreted-sim'; did you mean 'inserted-sim'?; there"),
        (', say: "Over ${way}"', "", 9, "matrix.way", "no step uses ${way}, so all of these cells would be the same"),
    ],
)
def test_a_matrix_that_would_not_do_what_it_says_is_an_error(
    old: str, new: str, line: int, key: str, message: str
) -> None:
    (problem,) = fault(MATRIX.replace(old, new)).problems
    assert problem.place is not None
    assert (problem.place.line, problem.key) == (line, key)
    assert message in problem.message


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("country: [JP, DE]", "country: [JP, AQ]", "nothing is known of cars in AQ"),
        ("car: {}", "car: {equipment: [wireless-carplay]}", "can't be ordered for this car"),
        (
            "way: [embedded-sim, inserted-sim]",
            "way: [hotspot, embedded-sim]",
            "this car has no way to data over hotspot",
        ),
    ],
)
def test_cells_that_cannot_exist_say_why(old: str, new: str, why: str) -> None:
    text = MATRIX.replace(old, new).replace(
        "cayenne-gen3", "macan-pre-facelift" if "equipment" in new else "cayenne-gen3"
    )
    cells = read_cells(read_yaml(text, "t.pcm.yaml"))
    assert cells.there
    assert any(why in absent.why for absent in cells.absent)


# --- asked for by name ---


def test_some_values_ask_for_all_cells_that_have_them(file: Path) -> None:
    cells = load_scenarios(f"{file}[way=inserted-sim]")
    assert [cell.cell for cell in cells.there] == [CELLS[3], CELLS[5]]
    assert len(cells.absent) == 2


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("profile=taycan,country=JP,way=inserted-sim", "this car has no way to data over inserted-sim"),
        ("way=inserted-sim,profile=taycan", "this car has no way to data over inserted-sim"),
        ("profile=taycan,country=JP,way=embeded-sim", f"did you mean '{CELLS[0]}'?"),
        ("", "known are: "),
    ],
)
def test_a_cell_that_is_not_there_is_an_error_if_it_is_asked_for(file: Path, cell: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenarios(f"{file}[{cell}]")
    assert caught.value.code == "scenario-cell-unknown"
    assert message in caught.value.message


def test_who_wants_one_cell_has_to_say_which(file: Path) -> None:
    with pytest.raises(ScenarioError, match="it has 6 cells; name one of them: profile=taycan"):
        load_scenario(str(file))


def test_a_scenario_without_a_matrix_has_no_named_cell() -> None:
    assert [cell.cell for cell in load_scenarios("cayenne-roaming").there] == [""]
    with pytest.raises(ScenarioError, match="it has no matrix"):
        load_scenarios("cayenne-roaming[country=DE]")


# --- what is wrong ---


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("  way:", "  wai:", 9, "matrix.wai", "did you mean 'way'?"),
        ("  way: [embedded-sim, inserted-sim]", "  way: []", 6, "matrix", "at least 1 item must stand here"),
        ("[taycan, ", "[tycan, ", 7, "matrix.profile", "no such profile"),
        ("[JP, DE]", "[JP, QQ]", 8, "matrix.country", "unknown country"),
        ("[JP, DE]", "[JP, 7]", 8, "matrix.country", "expected here: ISO 3166-1"),
        ("[JP, DE]", "[JP, JP]", 6, "matrix", "two cells have the same name"),
        ("parameters: {access: lte}", "parameters: {Access: lte}", 5, "parameters", "small letters"),
        ("car: {}", "car: {profil: taycan}", 10, "car.profil", "did you mean 'profile'?"),
        ("access: lte", "access: ltee", 13, "steps[1].do.radio.access", "none of lte"),
    ],
)
def test_what_is_wrong_with_a_matrix_is_told_once(old: str, new: str, line: int, key: str, message: str) -> None:
    problems = fault(MATRIX.replace(old, new)).problems
    found = [(it.place.line if it.place else 0, it.key) for it in problems if message in it.message]
    assert found[:1] == [(line, key)]
    assert len(set(found)) == len(found)


def test_too_many_cells_are_refused() -> None:
    many = "[" + ", ".join(map(str, range(80))) + "]"
    text = MATRIX.replace("parameters: {access: lte}", "parameters: {access: lte, a: 1, b: 1}")
    assert "more than 5000 cells" in fault(text.replace("  way:", f"  a: {many}\n  b: {many}\n  way:")).message


def test_all_that_is_wrong_with_all_files_is_told(tmp_path: Path) -> None:
    names = [tmp_path / "a.pcm.yaml", tmp_path / "b.pcm.yaml"]
    for path in names:
        path.write_text(MATRIX.replace("  way:", "  wai:"), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_all([*map(str, names), "nowhere"])
    assert [*dict.fromkeys(problem.file for problem in caught.value.problems)] == [*map(str, names), "nowhere"]


# --- the commands ---


def test_the_run_counts_what_is_not_applicable(pcm_sim: PcmSim, file: Path) -> None:
    ended = pcm_sim("run", f"{file}[country=JP]", "--virtual", "--quiet", "--verbose")
    assert ended.status == 0
    assert "3 of 3 scenarios passed" in ended.out
    assert "  not applicable: 1 cell\n" in ended.out
    assert f"    {file}[profile=taycan,country=JP,way=inserted-sim]: this car has no way to data" in ended.out


def test_trace_report_and_verdicts_name_the_cells_that_cannot_exist(
    pcm_sim: PcmSim, file: Path, tmp_path: Path
) -> None:
    places = {name: tmp_path / name for name in ("trace", "report", "junit")}
    options = [argument for name, path in places.items() for argument in (f"--{name}", path)]
    ended = pcm_sim("run", f"{file}[country=JP]", "--virtual", "--quiet", *options)
    assert ended.status == 0
    name, why = f"{file}[profile=taycan,country=JP,way=inserted-sim]", "this car has no way to data over inserted-sim"
    assert read_trace(places["trace"])[0].data["not_applicable"] == {name: why}
    assert f'message="not applicable: {why}"' in places["junit"].read_text("utf-8")
    report = places["report"].read_text("utf-8")
    assert f"<code>{name}</code>: {why}" in report
    assert "<strong>1</strong> – not applicable" in report


def test_timeline_report_and_verdicts_tell_cells_apart(pcm_sim: PcmSim, file: Path, tmp_path: Path) -> None:
    junit, report = tmp_path / "junit.xml", tmp_path / "report.html"
    out = pcm_sim("run", f"{file}[way=inserted-sim]", "--virtual", "--junit", junit, "--report", report).out
    for number, cell in enumerate((CELLS[3], CELLS[5]), start=1):
        assert f"· {number} of 2 · {cell}\n" in out
        assert f" [{cell}]" in junit.read_text("utf-8")
        assert f" [{cell}]" in report.read_text("utf-8")


def test_nothing_runs_for_a_cell_that_cannot_exist(pcm_sim: PcmSim, file: Path) -> None:
    ended = pcm_sim("run", f"{file}[profile=taycan,way=inserted-sim]", "--virtual")
    assert (ended.status, ended.out) == (2, "")
    assert "[scenario-cell-unknown]" in ended.err


def test_scenarios_are_run_by_tag(pcm_sim: PcmSim, file: Path) -> None:
    ended = pcm_sim("run", file, "cayenne-roaming", "--tag", "cells", "--virtual", "--quiet")
    assert "6 of 6 scenarios passed" in ended.out
    ended = pcm_sim("run", "--tag", "data-package", "--virtual", "--quiet")
    assert "scenarios passed" in ended.out
    ended = pcm_sim("run", "--tag", "roming", "--virtual", "--quiet")
    assert ended.status == 2
    assert "did you mean 'roaming'?" in ended.err
    assert pcm_sim("run", "--virtual").status == 2


def test_scenarios_are_listed(pcm_sim: PcmSim, file: Path) -> None:
    out = pcm_sim("scenarios").out
    assert "cayenne-roaming" in out
    assert "CON-08 CON-12" in out
    out = pcm_sim("scenarios", file).out
    assert "6 (+2 n/a)" in out
    assert "data, cells" in out
    assert "CON-01 CON-02" in out
    assert "cayenne-roaming" not in pcm_sim("scenarios", "--tag", "private-mode").out


def test_shipped_scenarios_are_listed_topic_by_topic(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = pcm_sim("scenarios").out
    headings = [out.index(f"{heading}\n") for heading in load_library().topics.values()]
    assert headings == sorted(headings)
    assert max(map(len, out.splitlines())) <= 80
    assert {row["topic"] for row in json.loads(pcm_sim("scenarios", "--format", "json").out)} == set(
        load_library().topics
    )


def test_all_that_is_shipped_is_run_only_where_that_is_said(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("run", "cayenne-roaming", "--all", "--virtual")
    assert (ended.status, ended.out) == (2, "")
    ended = pcm_sim("run", "--all", "--tag", "updates", "--virtual", "--quiet")
    assert "6 of 6 scenarios passed" in ended.out


def test_scenarios_are_listed_for_a_program(pcm_sim: PcmSim, file: Path) -> None:
    [row] = json.loads(pcm_sim("scenarios", file, "--format", "json").out)
    assert row["cells"] == CELLS
    assert len(row["not_applicable"]) == 2
    assert (row["name"], row["tags"], row["requirements"]) == (str(file), ["data", "cells"], ["CON-01", "CON-02"])


def test_a_name_in_a_title_is_listed_in_a_readable_way(pcm_sim: Callable[..., Any]) -> None:
    out = pcm_sim("scenarios", "ways-to-data").out
    assert "<profile> in Germany has data over <way>" in out
    assert "${" not in pcm_sim("scenarios").out


@pytest.mark.parametrize(
    "option", [("--profile", "taycan"), ("--line", "Taycan", "--model-year", "2024"), ("--country", "FR")]
)
def test_no_other_car_can_be_chosen_for_a_cell(pcm_sim: PcmSim, file: Path, option: tuple[str, ...]) -> None:
    """Else its name would not be true, and it could be one that cannot exist."""
    ended = pcm_sim("run", file, "--virtual", *option)
    assert (ended.status, ended.out) == (2, "")
    assert f"{file} has a matrix, which says what its cars are; name its cells, as in '{file}[{CELLS[0]}]'" in ended.err
    assert "[options-exclude]" in ended.err
