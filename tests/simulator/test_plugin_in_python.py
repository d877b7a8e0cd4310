"""Tests in Python of the plugin's users, the page that tells of them, and what the plugin costs whoever has it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.trace import read_trace
from tests.simulator.plugin_project import IN_PYTHON, ONE_CAR, Run

pytest_plugins = ["pytester"]


def test_what_a_test_in_python_did_not_find_is_told_with_what_led_there(project: Run) -> None:
    test = """
def test_it(pcm_car):
    car = pcm_car("taycan", "JP")
    car.do(ignition="on")
    car.expect(ignition="off")
"""
    ended = project(test_mine__py=test)
    ended.assert_outcomes(failed=1)
    ended.stdout.fnmatch_lines(
        [
            '>       car.expect(ignition="off")',
            "E       AssertionError: expected ignition: off; found ignition: on",
            "E         ??:??:??  the PCM starts*",
            "E         again: pytest test_mine.py::test_it --pcm-mode virtual --pcm-seed 1",
            "test_mine.py:5: AssertionError",
        ]
    )
    assert "world.py" not in ended.stdout.str()


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_tests_in_python_have_cars_and_a_backend(mode: str, project: Run) -> None:
    project("-o", f"asyncio_mode={mode}", test_mine__py=IN_PYTHON, data__pcm__yaml=ONE_CAR).assert_outcomes(passed=4)


@pytest.mark.live
@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_both_kinds_of_tests_run_live(mode: str, project: Run, pytester: pytest.Pytester) -> None:
    live = ("--pcm-mode", "live", "--pcm-trace-dir", "traces", "-k", "scenario or test_a_car or two_cars")
    ended = project(*live, "-o", f"asyncio_mode={mode}", apart=True, data__pcm__yaml=ONE_CAR, test_mine__py=IN_PYTHON)
    ended.assert_outcomes(passed=3, deselected=1)
    assert {read_trace(path)[0].data["mode"] for path in (pytester.path / "traces").iterdir()} == {"live"}


@pytest.mark.live
def test_live_tests_may_use_another_broker(project: Run) -> None:
    other = 'import pytest\n\n@pytest.fixture\ndef pcm_live_broker():\n    return "mqtt://127.0.0.1:1"\n'
    ended = project("--pcm-mode", "live", "-k", "a_car", apart=True, conftest__py=other, test_mine__py=IN_PYTHON)
    ended.stdout.fnmatch_lines(["*127.0.0.1*1*"])
    ended.assert_outcomes(errors=1, deselected=2)


def test_the_page_about_it_holds(project: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
    (scenario,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    tests, _ = re.findall(r"```python\n(.*?)```", page, re.S)
    ended = project(road__pcm__yaml=scenario)
    ended.stdout.fnmatch_lines(["* 2 passed, 2 not applicable in *"])
    assert "2 passed, 2 not applicable\n" in page
    project("-k", "test_", test_page__py=tests).assert_outcomes(passed=2, deselected=4)
    for option in ("--pcm-mode", "--pcm-seed", "--pcm-trace-dir"):
        assert f"| `{option}` |" in page


def test_whoever_has_the_plugin_pays_little_for_it() -> None:
    code = (
        "import sys, simulator.pytest_plugin as plugin; "
        "heavy = {'textual', 'aiomqtt', 'aiohttp', 'msgspec', 'ruamel', 'sqlalchemy', 'tuf', 'pcm_agent'}; "
        "print(plugin.SUFFIX, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ".pcm.yaml []"


def test_a_run_in_virtual_time_has_no_use_for_sockets(project: Run) -> None:
    look = "import sys\n\ndef test_that():\n    assert not {'textual', 'aiomqtt'} & set(sys.modules)\n"
    project(apart=True, data__pcm__yaml=ONE_CAR, test_z__py=look).assert_outcomes(passed=2)
