"""The plugin in projects of its users; what needs no process of its own is run in this one."""

import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pcm_agent.errors import TransportError
from simulator.pytest_plugin.telling import file_name
from simulator.pytest_plugin.world import opened
from simulator.trace import Record, read_trace
from tests.simulator.plugin_project import IN_PYTHON, ONE_CAR, PLUGINS, SCENARIO, Run

pytest_plugins = ["pytester"]
WAYS = ONE_CAR.replace("tags: [smoke]", "matrix: {way: [embedded-sim, inserted-sim]}").replace(
    "symbol: LTE", "way: '${way}'"
)
WRONG = ONE_CAR.replace("ignition", "ignitoin").replace("connection:", "connektion:")
PART = 'version: 1\ntitle: Getting in\nsteps:\n  - do: {ignition: "on"}\n'


def properties(junit: Path) -> list[list[tuple[str | None, str | None]]]:
    """Of each test."""
    cases = ET.parse(junit).iter("testcase")
    return [[(item.get("name"), item.get("value")) for item in case.iter("property")] for case in cases]


# --- cells ---


def test_this_projects_own_scenarios_are_tests(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("pcm-sim"), "the environment was made before the plugin was"


def test_a_file_is_a_test_for_each_cell(project: Run) -> None:
    ended = project("-v", data__pcm__yaml=SCENARIO, plain__pcm__yaml=ONE_CAR)
    ended.assert_outcomes(passed=5)
    ended.stdout.fnmatch_lines(["data.pcm.yaml::scenario[[]profile=taycan,country=JP[]] PASSED*"])
    ended.stdout.fnmatch_lines(["plain.pcm.yaml::scenario PASSED*"])


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["data.pcm.yaml::scenario"], 4),
        (["data.pcm.yaml::scenario[profile=taycan,country=DE]"], 1),
        (["-k", "JP"], 2),
        (["-k", "taycan and not JP"], 1),
        (["-k", "smoke"], 4),
        (["-m", "requirement"], 4),
    ],
)
def test_tests_are_chosen_as_pytest_does(arguments: list[str], count: int, project: Run) -> None:
    test = "def test_nothing():\n    pass\n"
    files = {"data__pcm__yaml": SCENARIO, "test_other__py": test}
    assert project(*arguments, **files).parseoutcomes()["passed"] == count


def test_a_cell_that_cannot_exist_is_counted_as_not_applicable(project: Run) -> None:
    ended = project("-rs", "--junit-xml", "junit.xml", ways__pcm__yaml=WAYS)
    assert ended.ret == 0
    ended.stdout.fnmatch_lines(
        [
            "*= not applicable =*",
            "ways.pcm.yaml::scenario[[]way=inserted-sim[]]: this car has no way to data over inserted-sim",
            "*= 1 passed, 1 not applicable in *",
        ]
    )
    assert "skipped" not in ended.stdout.str()
    (suite,) = ET.parse("junit.xml").iter("testsuite")
    assert (suite.get("tests"), suite.get("skipped")) == ("2", "1")


def test_no_word_is_said_of_it_where_nobody_asks(project: Run) -> None:
    assert "inserted-sim" not in project(ways__pcm__yaml=WAYS).stdout.str()


def test_a_cell_that_cannot_exist_is_an_error_if_it_is_asked_for(project: Run) -> None:
    ended = project("ways.pcm.yaml::scenario[way=inserted-sim]", ways__pcm__yaml=WAYS)
    assert ended.ret == pytest.ExitCode.USAGE_ERROR
    ended.assert_outcomes(errors=1)
    ended.stdout.fnmatch_lines(["ways.pcm.yaml: there is no cell way=inserted-sim: this car has no way to data over *"])


def test_a_mistyped_cell_is_an_error_that_names_the_nearest(project: Run) -> None:
    ended = project("ways.pcm.yaml::scenario[way=embeded-sim]", ways__pcm__yaml=WAYS)
    assert ended.ret == pytest.ExitCode.USAGE_ERROR
    near = "did you mean 'scenario[[]way=embedded-sim]'?; known are: *"
    ended.stdout.fnmatch_lines([f"ways.pcm.yaml: there is no test scenario[[]way=embeded-sim]; {near}"])


def test_a_cell_that_cannot_exist_is_not_suggested(project: Run) -> None:
    ended = project("ways.pcm.yaml::scenario[way=inserted-si]", ways__pcm__yaml=WAYS)
    near = "did you mean 'scenario[[]way=embedded-sim]'?; known are: scenario[[]way=embedded-sim]"
    ended.stdout.fnmatch_lines([f"ways.pcm.yaml: there is no test scenario[[]way=inserted-si]; {near}"])


def test_who_asks_for_the_whole_file_asks_for_no_cell(project: Run) -> None:
    ended = project("ways.pcm.yaml::scenario", ways__pcm__yaml=WAYS)
    assert ended.parseoutcomes() == {"passed": 1, "not": 1}


def test_a_file_without_a_car_is_no_test(project: Run) -> None:
    project(data__pcm__yaml=ONE_CAR, part__pcm__yaml=PART).assert_outcomes(passed=1)


# --- what does not hold, and what is wrong ---


def test_a_scenario_that_does_not_hold_says_why_and_how_to_repeat_it(project: Run) -> None:
    wrong = SCENARIO.replace("symbol: LTE", "symbol: 3G")
    ended = project("-k", "taycan and JP", "--pcm-seed", "3", "--pcm-trace-dir", "out", data__pcm__yaml=wrong)
    assert ended.ret == 1
    ended.assert_outcomes(failed=1, deselected=3)
    ended.stdout.fnmatch_lines(
        [
            "*_ data.pcm.yaml: scenario[[]profile=taycan,country=JP[]] _*",
            "data.pcm.yaml:10 [[]profile=*,country=JP[]]: expected connection: connected, symbol: 3G; found *LTE",
            "      ??:??:??  *connecting → connected*",
            "  again: pytest 'data.pcm.yaml::scenario[[]profile=taycan,country=JP[]]' --pcm-mode virtual --pcm-seed 3",
            "  trace: out/data.pcm.yaml.scenario.profile=taycan,country=JP.jsonl",
        ]
    )
    assert "rror" not in ended.stdout.str()
    assert "Traceback" not in ended.stdout.str()


def test_what_it_says_to_repeat_it_holds_where_it_is_read(project: Run, pytester: pytest.Pytester) -> None:
    below = pytester.mkdir("below")
    project(data__pcm__yaml=ONE_CAR.replace("LTE", "3G"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(below)
        ended = pytester.runpytest_inprocess(*PLUGINS, "..")
    ended.stdout.fnmatch_lines(["  again: pytest ../data.pcm.yaml::scenario *"])


def test_all_that_is_wrong_with_a_file_is_told_and_others_are_run(project: Run) -> None:
    ended = project(a__pcm__yaml=WRONG, b__pcm__yaml=ONE_CAR, c__pcm__yaml="version: [")
    assert ended.ret == 1
    ended.assert_outcomes(passed=1, errors=2)
    ended.stdout.fnmatch_lines(
        [
            "a.pcm.yaml:7:10: step 1: do.ignitoin: unknown key; did you mean 'ignition'?*",
            "a.pcm.yaml:9:14: step 3: expect.connektion: unknown key; did you mean 'connection'?*",
            "c.pcm.yaml:1:*",
        ]
    )
    assert "Traceback" not in ended.stdout.str()


def test_what_is_wrong_is_told_to_whoever_asks_for_a_cell_or_only_looks(project: Run) -> None:
    for argument in ("a.pcm.yaml::scenario[country=JP]", "--collect-only"):
        ended = project(argument, a__pcm__yaml=WRONG)
        assert ended.ret != 0
        ended.stdout.fnmatch_lines(["a.pcm.yaml:9:14: *did you mean 'connection'?*"])


def test_a_car_whose_key_is_mistyped_makes_no_part_of_a_scenario(project: Run) -> None:
    ended = project(data__pcm__yaml=ONE_CAR.replace("car:", "cra:"))
    ended.assert_outcomes(errors=1)
    ended.stdout.fnmatch_lines(["data.pcm.yaml:5:1: cra: unknown key*"])


def test_a_trace_that_cannot_be_written_is_no_riddle(project: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile("", taken="")
    ended = project("--pcm-trace-dir", "taken", data__pcm__yaml=ONE_CAR)
    ended.assert_outcomes(failed=1)
    ended.stdout.fnmatch_lines(["taken/*: * [[]trace-unwritable[]]"])
    assert "Traceback" not in ended.stdout.str()


def test_a_trace_that_cannot_be_written_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(TransportError, match="trace-unwritable"), opened("a test", 7, trace=tmp_path):
        pass
    assert set(threading.enumerate()) <= before


# --- what a run leaves ---


def test_junit_says_what_is_needed_to_run_it_again(project: Run, pytester: pytest.Pytester) -> None:
    options = ("-k", "taycan and JP", "--pcm-seed", 7, "--pcm-trace-dir", "traces", "--junit-xml", "junit.xml")
    assert project(*options, data__pcm__yaml=SCENARIO).ret == 0
    (told,) = properties(pytester.path / "junit.xml")
    (trace,) = (pytester.path / "traces").iterdir()
    assert told == [
        ("seed", "7"), ("mode", "virtual"), ("profile", "taycan"), ("country", "JP"),
        ("requirement", "CON-01"), ("requirement", "CON-15"), ("trace", f"traces/{trace.name}"),
    ]  # fmt: skip
    assert read_trace(trace)[0].data["seed"] == 7


def test_a_test_in_python_leaves_the_same(project: Run, pytester: pytest.Pytester) -> None:
    options = ("-k", "two_cars", "--pcm-seed", 7, "--pcm-trace-dir", "traces", "--junit-xml", "junit.xml")
    assert project(*options, test_mine__py=IN_PYTHON).ret == 0
    (told,) = properties(pytester.path / "junit.xml")
    trace = "traces/test_mine.py.test_two_cars_in_a_coroutine.jsonl"
    assert told == [
        ("seed", "7"), ("mode", "virtual"), ("requirement", "CON-01"), ("trace", trace),
        ("profile", "taycan"), ("country", "JP"), ("profile", "cayenne-gen3"), ("country", "DE"),
    ]  # fmt: skip
    first, *others = read_trace(pytester.path / trace)
    assert first.data["scenarios"] == ["test_mine.py::test_two_cars_in_a_coroutine"]
    assert {record.car for record in others if record.kind == "car"} == cars(others)
    assert len(cars(others)) == 2


def cars(records: list[Record]) -> set[str]:
    return {record.car for record in records if record.car}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_verdicts_and_traces_with_one_worker_or_two(
    project: Run, pytester: pytest.Pytester
) -> None:
    files = {
        "data__pcm__yaml": SCENARIO,
        "fails__pcm__yaml": ONE_CAR.replace("LTE", "3G"),
        "ways__pcm__yaml": WAYS,
        "wrong__pcm__yaml": WRONG,
        "test_mine__py": IN_PYTHON,
    }
    counted = []
    for folder, workers in (("one", 1), ("two", 2)):
        ended = project("-n", workers, "--pcm-trace-dir", folder, apart=True, **files)
        counted.append(ended.parseoutcomes())
    assert counted[0] == counted[1] == {"failed": 1, "passed": 8, "not": 1, "errors": 1}
    one, two = ({path.name: path.read_bytes() for path in (pytester.path / it).iterdir()} for it in ("one", "two"))
    assert len(one) == 9
    assert one == two


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ("tests/a.pcm.yaml::scenario[country=JP]", "tests.a.pcm.yaml.scenario.country=JP"),
        ("tests/a.pcm.yaml::scenario", "tests.a.pcm.yaml.scenario"),
        ("test_a.py::test_b[x y]", "test_a.py.test_b.x-y-141e4569"),
        ("test_a.py::test_b[x/../y]", "test_a.py.test_b.x....y"),
    ],
)
def test_a_trace_has_a_name_that_any_disk_takes(node: str, name: str) -> None:
    assert file_name(node) == name


def test_long_names_stay_apart() -> None:
    one, two = (file_name(f"a.pcm.yaml::scenario[what={'車' * 100}{end}]") for end in "ab")
    assert one != two
    assert all(len(name.encode()) < 200 for name in (one, two))
