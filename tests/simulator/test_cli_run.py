"""`pcm-sim run`, as a person at a terminal or a rig sees it."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from firmware_profiles import check_vin, load_countries
from simulator import rig
from simulator.cli import running
from simulator.scenario.model import Do
from simulator.trace import Trace, read_trace

PcmSim = Callable[..., Any]
ROOT = Path(__file__).parents[2]
VIN = re.compile(r"\bWP0ZZZ[A-Z0-9]{11}\b")
FAILING = """\
version: 1
title: This cannot hold
car: {profile: taycan, country: JP}
steps:
  - do: {ignition: "on"}
  - expect: {connection: connected}
    within: 1 min
"""


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.pcm.yaml"
    path.write_text(FAILING, encoding="utf-8")
    return path


def test_a_run_that_passes(pcm_sim: PcmSim, tmp_path: Path) -> None:
    places = {name: tmp_path / f"{name}.out" for name in ("trace", "report", "junit")}
    options = [argument for name, path in places.items() for argument in (f"--{name}", path)]
    ended = pcm_sim("run", "cayenne-roaming", "--virtual", *options)
    assert (ended.status, ended.err) == (0, "")
    assert "1 of 1 scenarios passed" in ended.out
    assert "The car crosses the border into Switzerland" in ended.out
    assert [line for line in ended.out.splitlines() if line.startswith("written: ")] == [
        f"written: {path}" for path in places.values()
    ]
    assert read_trace(places["trace"])[0].data["mode"] == "virtual"
    assert places["report"].read_text(encoding="utf-8").startswith("<!doctype html>")
    suite = ET.fromstring(places["junit"].read_text(encoding="utf-8"))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")


@pytest.mark.parametrize(("option", "code"), [("--report", "report"), ("--junit", "report"), ("--trace", "trace")])
def test_a_folder_that_is_not_there_is_an_error_before_anything_is_run(
    pcm_sim: PcmSim, tmp_path: Path, option: str, code: str
) -> None:
    path = tmp_path / "nowhere" / "file"
    ended = pcm_sim("run", "cayenne-roaming", "--virtual", option, path)
    assert (ended.status, ended.out) == (3, "")
    reason = f"the folder {path.parent} does not exist; make it first, or name another [{code}-unwritable]"
    assert ended.err == f"pcm-sim: {path}: {reason}\n"
    assert not path.parent.exists()


def test_two_files_at_one_place_are_refused_before_anything_starts(pcm_sim: PcmSim, tmp_path: Path) -> None:
    place = tmp_path / "out"
    ended = pcm_sim("run", "cayenne-roaming", "--virtual", "--trace", place, "--report", tmp_path / "." / "out")
    assert (ended.status, ended.out, place.exists()) == (2, "", False)
    assert "--trace and --report both name" in ended.err
    assert "[options-exclude]" in ended.err


def test_a_quiet_run_gives_the_verdict_only(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("run", "cayenne-roaming", "--virtual", "--quiet")
    assert ended.status == 0
    assert ended.out.strip().startswith("1 of 1 scenarios passed")
    assert len(ended.out.strip().splitlines()) == 1


def test_a_run_in_which_something_does_not_hold(pcm_sim: PcmSim, failing: Path, tmp_path: Path) -> None:
    report, junit = tmp_path / "report.html", tmp_path / "junit.xml"
    ended = pcm_sim("run", "cayenne-roaming", failing, "--virtual", "--seed", 5, "--report", report, "--junit", junit)
    assert ended.status == 1
    assert "1 of 2 scenarios passed" in ended.out
    assert f"{failing}:6: expected connection: connected; found connection: disconnected" in ended.out
    assert "--virtual --seed 5" in ended.out
    suites = ET.fromstring(junit.read_text(encoding="utf-8"))
    assert [suite.get("failures") for suite in suites] == ["0", "1"]
    told = report.read_text(encoding="utf-8")
    assert f"<code>{failing}:6</code>" in told
    assert f"run {failing} --virtual --seed 5</code>" in told


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--profile", "cayenne-gen3", "--country", "AT"),
        ("--line", "Cayenne", "--model-year", "2021", "--assume", "my2021=porsche-id", "--country", "US"),
    ],
)
def test_the_same_command_again_gives_the_same_run(pcm_sim: PcmSim, failing: Path, more: tuple[str, ...]) -> None:
    spaced = failing.with_name("it fails.pcm.yaml")
    failing.rename(spaced)
    first = pcm_sim("run", spaced, "--virtual", "--seed", "5", *more)
    command, *arguments = again_in(first.out)
    assert command == "pcm-sim"
    assert pcm_sim(*arguments) == first


def again_in(out: str) -> list[str]:
    (again,) = [line for line in out.splitlines() if line.strip().startswith("again: ")]
    return shlex.split(again.partition("again: ")[2])


def test_only_what_failed_is_run_again_with_the_same_car(
    pcm_sim: PcmSim, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pcm_sim("run", "cayenne-roaming", failing, "--virtual")
    _, *arguments = again_in(first.out)
    assert [argument for argument in arguments if not argument.startswith("-")] == ["run", str(failing), "1"]
    assert VIN.findall(pcm_sim(*arguments).out) == VIN.findall(first.out)[-1:]
    monkeypatch.setenv("PCM_SIM_COMMAND", "../scripts/run")
    assert again_in(pcm_sim(*arguments).out) == ["../scripts/run", *arguments]


@pytest.mark.parametrize(("found", "called"), [("/usr/bin/pcm-sim", "pcm-sim"), (None, ".venv/bin/pcm-sim")])
def test_the_command_is_called_by_its_path_where_its_name_does_not_do(
    monkeypatch: pytest.MonkeyPatch, found: str | None, called: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: found)
    monkeypatch.setattr(sys, "argv", [".venv/bin/pcm-sim", "run"])
    assert running.command() == [called]


def test_refusals_that_no_step_expected_are_told_and_no_failure(pcm_sim: PcmSim, tmp_path: Path) -> None:
    path = tmp_path / "refused.pcm.yaml"
    no_sim = "  - do: {sim_pin: {pin: '1234'}}\n"
    steps = ["  - do: {guest: now}\n", no_sim, "  - expect: {refused: no-sim-slot}\n", no_sim, no_sim]
    path.write_text(FAILING.partition("  - do")[0] + "".join(steps), encoding="utf-8")
    ended = pcm_sim("run", path, "--virtual", "--quiet")
    assert ended.status == 0
    assert ended.out.splitlines()[-3:] == [
        "  2 refusals that nothing expected:",
        f"    {path}:8: no-sim-slot",
        f"    {path}:9: no-sim-slot",
    ]


@pytest.mark.parametrize("expected", ["refused: no-sim-slot", "shown: refused-no-sim-slot"])
def test_a_refusal_may_be_expected_by_its_code_or_by_its_message(
    pcm_sim: PcmSim, tmp_path: Path, expected: str
) -> None:
    path = tmp_path / "refused.pcm.yaml"
    steps = f"  - do: {{sim_pin: {{pin: '1234'}}}}\n  - expect: {{{expected}}}\n"
    path.write_text(FAILING.partition("  - do")[0] + steps, encoding="utf-8")
    assert "nothing expected" not in pcm_sim("run", path, "--virtual").out


def test_another_car_in_another_country(pcm_sim: PcmSim, failing: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    ended = pcm_sim(
        "run", failing, "--virtual", "--profile", "cayenne-gen3", "--country", "AT", "--trace", trace, "--verbose"
    )
    assert ended.status == 1
    (scenario,) = [record for record in read_trace(trace) if record.kind == "scenario"]
    assert (scenario.data["profile"], scenario.data["country"]) == ("cayenne-gen3", "AT")
    assert "Cayenne · Austria" in ended.out


def test_another_car_by_line_and_model_year(pcm_sim: PcmSim, failing: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    other = ("--line", "718", "--model-year", "2018", "--country", "US", "--assume", "my2021=porsche-id")
    pcm_sim("run", failing, "--virtual", *other, "--trace", trace)
    assert read_trace(trace)[0].data["assume"] == {"my2021": "porsche-id"}
    (scenario,) = [record for record in read_trace(trace) if record.kind == "scenario"]
    assert (scenario.data["profile"], scenario.data["model"]) == ("718", "718")
    check_vin(scenario.data["vin"], load_countries()["US"])


def test_a_country_may_be_typed_in_small_letters(
    pcm_sim: PcmSim, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Taycan · Austria" in pcm_sim("run", failing, "--virtual", "--country", "at").out
    asked: list[Do] = []

    async def ask(_broker: object, _vin: str, do: Do) -> rig.Answer:
        asked.append(do)
        return rig.Answer(done=True)

    monkeypatch.setattr(rig, "ask", ask)
    assert pcm_sim("do", "radio: {access: lte, country: jp}", "--vin", "WP0ZZZY1ZPSA00001").status == 0
    assert [do.radio.country for do in asked if do.radio] == ["JP"]


def test_a_misspelt_scenario_is_answered_with_the_nearest_one(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("run", "cayene-roming")
    assert ended.status == 2
    assert "no such file; did you mean 'cayenne-roaming'?" in ended.err


def test_a_vin_of_a_scenario_must_suit_the_country_that_is_asked_for(pcm_sim: PcmSim, tmp_path: Path) -> None:
    path = tmp_path / "vin.pcm.yaml"
    path.write_text(FAILING.replace("country: JP", "country: JP, vin: WP0ZZZY1ZPSA00001"), encoding="utf-8")
    ended = pcm_sim("run", path, "--virtual", "--country", "US")
    assert (ended.status, ended.out) == (2, "")
    assert "position 9" in ended.err
    assert "[vin-invalid]" in ended.err


def test_a_car_of_ones_own(pcm_sim: PcmSim, failing: Path) -> None:
    profile = ROOT / "tests" / "simulator" / "scenarios" / "roadster.toml"
    ended = pcm_sim("run", failing, "--virtual", "--profile", profile)
    assert ended.status == 1
    assert "Roadster · Japan" in ended.out


def test_an_action_that_cannot_be_done_is_status_1_with_all_reports(pcm_sim: PcmSim, tmp_path: Path) -> None:
    path, report, junit = tmp_path / "bad.pcm.yaml", tmp_path / "report.html", tmp_path / "junit.xml"
    path.write_text(
        FAILING.replace("- expect: {connection: connected}\n    within: 1 min", "- do: {cancel_order: voice-control}")
    )
    ended = pcm_sim("run", path, "--virtual", "--report", report, "--junit", junit)
    assert (ended.status, ended.err) == (1, "")
    assert "0 of 1 scenarios passed" in ended.out
    assert "✗ cancel order: voice-control\n" in ended.out
    assert "found: not done: nobody ordered voice-control" in ended.out
    assert f"  {path}:6" in ended.out
    assert "[order-unknown]" in junit.read_text("utf-8")
    assert "order-unknown" in report.read_text("utf-8")


@pytest.mark.parametrize("option", ["--trace", "--report", "--junit"])
def test_a_place_that_cannot_be_written_is_status_3_at_the_beginning(
    pcm_sim: PcmSim, tmp_path: Path, option: str
) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for place in (tmp_path / "file" / "out", tmp_path):
        ended = pcm_sim("run", "cayenne-roaming", "--virtual", "--quiet", option, place)
        assert ended.status == 3
        assert str(place) in ended.err
        assert "unwritable]" in ended.err
        assert ended.out == ""
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_broker_that_is_not_there_is_status_3(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("run", "cayenne-roaming", "--live", "--broker", "mqtt://user:hunter2@127.0.0.1:1")
    assert ended.status == 3
    assert "[broker-unreachable]" in ended.err
    assert "hunter2" not in ended.err


def test_do_without_a_broker_is_status_3(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("do", 'ignition: "on"', "--vin", "WP0ZZZY1ZPSA00001", "--broker", "mqtt://127.0.0.1:1")
    assert ended.status == 3
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("number", "status", "at_first"),
    [
        (signal.SIGINT, 130, signal.default_int_handler),
        (signal.SIGTERM, 143, signal.default_int_handler),
        pytest.param(signal.SIGTERM, 143, signal.SIG_IGN, id="in the background of a shell"),
    ],
)
def test_a_run_that_is_broken_off_says_so_everywhere(
    pcm_sim: PcmSim,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    number: signal.Signals,
    status: int,
    at_first: signal.Handlers,
) -> None:
    add: Callable[..., int] = Trace.add

    def broken_off_in_the_third(trace: Trace, kind: str, name: str, *more: object, **others: object) -> int:
        if (kind, name) == ("step", "3"):
            signal.raise_signal(number)
        return add(trace, kind, name, *more, **others)

    before = signal.getsignal(signal.SIGTERM), signal.signal(signal.SIGINT, at_first)
    monkeypatch.setattr(Trace, "add", broken_off_in_the_third)
    report, junit = tmp_path / "report.html", tmp_path / "junit.xml"
    stories = ("cayenne-roaming", "taycan-function-on-demand")
    try:
        ended = pcm_sim("run", *stories, "--virtual", "--report", report, "--junit", junit)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert ended.status == status
    assert "0 of 2 scenarios passed" in ended.out
    assert "broken off at step 3 of" in ended.out
    assert f"written: {report}" in ended.out
    assert "broken off at step 3 of" in report.read_text()
    for counted in ("<strong>1</strong> ! broken off", "<strong>1</strong> … not begun"):
        assert counted in report.read_text()
    root = ET.fromstring(junit.read_text())
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "2", "failures": "1", "skipped": "1",
    }  # fmt: skip


@pytest.mark.parametrize("arguments", [("profiles",), ("schema",), ("run", "cayenne-roaming", "--virtual")])
def test_a_reader_who_has_enough_ends_the_command_quietly(arguments: tuple[str, ...], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = f"import sys; from simulator.cli import main; sys.argv = ['pcm-sim', *{arguments}]; main()"
    process = subprocess.run(
        [sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (141, b"")
