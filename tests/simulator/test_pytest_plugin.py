"""The plugin in projects of its users, each run by a pytest of its own."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from simulator.trace import read_trace

INI = """\
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers -W error
"""
SCENARIO = """\
version: 1
title: Data on the road
requirements: [CON-01, CON-15]
tags: [smoke]
matrix: {profile: [taycan, cayenne-gen3], country: [JP, DE]}
car: {language: en}
steps:
  - do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {connection: connected, symbol: LTE}
"""
BROKEN = """\
version: 1
title: Two typos
car: {profile: taycan, country: JP}
steps:
  - do: {ignitoin: "on"}
  - expect: {conection: connected}
"""
IN_PYTHON = """
import pytest

def test_a_car(pcm_car, pcm_world):
    car = pcm_car("taycan", "JP", language="ja")
    car.do(ignition="on")
    car.do(radio={"access": "lte"})
    car.expect(connection="connected", session="open")
    car.never(connection="disconnected", during="1 h")
    assert car.state.ignition == "on"
    assert [record.name for record in pcm_world.records if record.car == car.vin]

async def test_two_cars_in_a_coroutine(pcm_car, pcm_backend):
    first, second = pcm_car("taycan", "JP"), pcm_car("cayenne-gen3", "DE")
    pcm_backend.do(first, register={"porsche_id": "a@example.com", "password": "sakura-2026"})
    second.do(ignition="on")
    assert (first.state.ignition, second.state.ignition) == ("off", "on")
    assert first.vin != second.vin

def test_what_is_not_so(pcm_car):
    car = pcm_car("taycan", "JP")
    with pytest.raises(AssertionError, match="expected connection: connected; found connection: disconnected"):
        car.expect(connection="connected", within="1 s")
    with pytest.raises(TypeError, match="ignitoin"):
        car.do(ignitoin="on")
    with pytest.raises(TypeError, match="exactly one"):
        car.do(ignition="on", lock="locked")
    with pytest.raises(AssertionError, match="never"):
        car.never(connection="disconnected", during="1 s")
"""


def project(folder: Path, *arguments: object, **files: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a project that has nothing but these files."""
    (folder / "pytest.ini").write_text(INI)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    plugins = ("-p", "no:pcm-sim", "-p", "simulator.pytest_plugin", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *plugins, "-q", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_a_file_is_a_test_for_each_cell(tmp_path: Path) -> None:
    ended = project(tmp_path, "-vv", data__pcm__yaml=SCENARIO)
    assert ended.returncode == 0, ended.stdout
    assert "data.pcm.yaml::profile=taycan,country=JP PASSED" in ended.stdout
    assert "4 passed" in ended.stdout


def test_junit_says_what_is_needed_to_run_it_again(tmp_path: Path) -> None:
    options = ("-k", "taycan and JP", "--pcm-seed", 7, "--pcm-trace-dir", "traces", "--junit-xml", "junit.xml")
    assert project(tmp_path, *options, data__pcm__yaml=SCENARIO).returncode == 0
    (case,) = ET.parse(tmp_path / "junit.xml").iter("testcase")
    told = [(item.get("name"), item.get("value")) for item in case.iter("property")]
    (trace,) = (tmp_path / "traces").iterdir()
    assert told == [
        ("seed", "7"), ("mode", "virtual"), ("profile", "taycan"), ("country", "JP"),
        ("requirement", "CON-01"), ("requirement", "CON-15"), ("trace", f"traces/{trace.name}"),
    ]  # fmt: skip
    assert read_trace(trace)[0].data["seed"] == 7


def test_the_same_seed_writes_the_same_trace_with_one_worker_or_two(tmp_path: Path) -> None:
    for folder, workers in (("one", "1"), ("two", "2")):
        ended = project(tmp_path, "-n", workers, "--pcm-trace-dir", folder, data__pcm__yaml=SCENARIO)
        assert ended.returncode == 0, ended.stdout
    traces = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert len(traces) == 4
    assert traces == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}


def test_a_scenario_that_does_not_hold_says_why_and_how_to_repeat_it(tmp_path: Path) -> None:
    wrong = SCENARIO.replace("symbol: LTE", "symbol: 3G")
    ended = project(tmp_path, "-k", "taycan and JP", "--pcm-seed", "3", data__pcm__yaml=wrong)
    assert ended.returncode == 1
    assert "data.pcm.yaml:10 [profile=taycan,country=JP]: expected connection: connected, symbol: 3G" in ended.stdout
    assert "again: pytest data.pcm.yaml::profile=taycan,country=JP --pcm-mode virtual --pcm-seed 3" in ended.stdout
    assert "Traceback" not in ended.stdout


def test_all_that_is_wrong_with_a_file_is_told_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    ended = project(tmp_path, broken__pcm__yaml=BROKEN)
    assert ended.returncode == 2
    assert "broken.pcm.yaml:5:10" in ended.stdout
    assert "broken.pcm.yaml:6:14" in ended.stdout
    assert "passed" not in ended.stdout


def test_a_cell_that_cannot_exist_is_skipped(tmp_path: Path) -> None:
    text = SCENARIO.replace(
        "{profile: [taycan, cayenne-gen3], country: [JP, DE]}", "{way: [embedded-sim, inserted-sim]}"
    )
    text = text.replace("car: {language: en}", "car: {profile: taycan, country: JP}")
    ended = project(tmp_path, "-rs", data__pcm__yaml=text)
    assert ended.returncode == 0, ended.stdout
    assert "1 passed, 1 skipped" in ended.stdout
    assert "not applicable" in ended.stdout


def test_a_file_without_a_car_is_no_test(tmp_path: Path) -> None:
    part = 'version: 1\ntitle: Getting in\nsteps:\n  - do: {ignition: "on"}\n'
    ended = project(tmp_path, data__pcm__yaml=SCENARIO, part__pcm__yaml=part)
    assert ended.returncode == 0, ended.stdout
    assert "4 passed" in ended.stdout


def test_tests_in_python_have_cars_and_a_backend(tmp_path: Path) -> None:
    ended = project(tmp_path, test_mine__py=IN_PYTHON)
    assert ended.returncode == 0, ended.stdout
    assert "3 passed" in ended.stdout


@pytest.mark.live
def test_both_kinds_of_tests_run_live(tmp_path: Path) -> None:
    live = ("--pcm-mode", "live", "-k", "(taycan and JP) or test_a_car or two_cars")
    ended = project(tmp_path, *live, data__pcm__yaml=SCENARIO, test_mine__py=IN_PYTHON)
    assert ended.returncode == 0, ended.stdout
    assert "3 passed" in ended.stdout


def test_whoever_has_the_plugin_pays_little_for_it() -> None:
    code = (
        "import sys, simulator.pytest_plugin as plugin; "
        "heavy = {'textual', 'aiomqtt', 'sqlalchemy', 'aiohttp', 'tuf', 'simulator.lab'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
