"""The command: wrong use, help and completion."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcm_agent import __version__
from simulator.scenario.loader import shipped_scenarios

PcmSim = Callable[..., Any]
COMMANDS = ("run", "profiles", "profile", "diagram", "schema", "packages", "broker", "backend", "agent", "do")
HEAVY = ("aiomqtt", "aiohttp", "sqlalchemy", "uvicorn", "starlette", "amqtt", "jinja2", "tuf")


# --- wrong use ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("schema", "poem"),
        ("unheard-of",),
        ("run",),
        ("run", "cayenne-roaming", "--sped", "2"),
        ("run", "cayenne-roaming", "--seed", "one"),
        ("run", "cayenne-roaming", "--speed", "0"),
        ("--unheard-of",),
        ("agent",),
        ("profile", "718", "--format", "poem"),
    ],
)
def test_wrong_use_is_status_2(pcm_sim: PcmSim, arguments: tuple[str, ...]) -> None:
    ended = pcm_sim(*arguments)
    assert ended.status == 2
    assert ended.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "none"), "scenario-unknown"),
        (("run", "cayenne-roaming", "--profile", "tricycle"), "profile-unknown"),
        (("run", "cayenne-roaming", "--country", "XX"), "country-unknown"),
        (("run", "cayenne-roaming", "--live", "--broker", "http://localhost"), "broker-url-invalid"),
        (("run", "cayenne-roaming", "--live", "--broker", "localhost"), "broker-url-invalid"),
        (("run", "cayenne-roaming", "--assume", "my2021=fax"), "assumption-unknown"),
        (("run", "cayenne-roaming", "--line", "Macan"), "car-incomplete"),
        (("run", "cayenne-roaming", "--line", "Macan", "--model-year", "2018"), "profile-ambiguous"),
        (("run", "cayenne-roaming", "--profile", "718", "--line", "718", "--model-year", "2018"), "car-incomplete"),
        (("profile",), "car-incomplete"),
        (("profile", "tricycle"), "profile-unknown"),
        (("profile", "--line", "Carrera", "--model-year", "2020"), "profile-unknown"),
        (("profile", "--line", "911", "--model-year", "2019"), "profile-ambiguous"),
        (("profile", "718", "--language", "fr"), "language-unknown"),
        (("profile", "718", "--assume", "my2021"), "assumption-unknown"),
        (("profile", "718", "--assume", "colour=red"), "assumption-unknown"),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001"), "car-incomplete"),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "718", "--country", "US"), "vin-invalid"),
        (("agent", "--vin", "wp0zzzy1zpsa00001", "--profile", "718"), "vin-invalid"),
        (("broker", "--kind", "pigeon"), "broker-kind-unknown"),
        (("agent", "--vin", "WP0", "--profile", "taycan"), "vin-invalid"),
        (
            ("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "718", "--equipment", "wireless-carplay"),
            "equipment-unknown",
        ),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "tricycle"), "profile-unknown"),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "taycan", "--language", "fr"), "language-unknown"),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "taycan", "--country", "XX"), "country-unknown"),
        (("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "taycan", "--broker", "x://y"), "broker-url-invalid"),
        (("backend", "--broker", "x://y"), "broker-url-invalid"),
        (("do", "ignition: start", "--vin", "WP0ZZZY1ZPSA00001"), "action-invalid"),
        (("do", "[", "--vin", "WP0ZZZY1ZPSA00001"), "action-invalid"),
        (("do", "{}", "--vin", "WP0ZZZY1ZPSA00001"), "action-invalid"),
        (("run", "cayenne-roaming", "--virtual", "--speed", "2"), "option-without-use"),
        (("run", "cayenne-roaming", "--virtual", "--broker", "amqtt"), "option-without-use"),
        (("do", 'ignition: "on"', "--vin", "WP0"), "vin-invalid"),
    ],
)
def test_what_cannot_be_used_is_named_and_status_2(
    pcm_sim: PcmSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    ended = pcm_sim(*arguments)
    assert ended.status == 2
    assert ended.err.startswith("pcm-sim: ")
    assert f"[{code}]" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("speed", ["inf", "nan", "1e300"])
def test_an_agent_whose_clock_would_leave_the_calendar_is_not_started(
    pcm_sim: PcmSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    ended = pcm_sim("agent", "--vin", "WP0ZZZY1ZPSA00001", "--profile", "taycan", "--speed", speed)
    assert (ended.status, [*tmp_path.iterdir()]) == (2, [])
    assert "Invalid value for '--speed'" in ended.err


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("ignition: sideways", "ignition: 'sideways' is none of on, off"),
        ("ignitoin: on", "ignitoin: unknown key; did you mean 'ignition'?; docs/scenarios.md lists the"),
        ("parking_break: applied", "parking_break: unknown key; did you mean 'parking_brake'?; docs"),
        ("xyzzy: 1", "xyzzy: unknown key; docs/scenarios.md lists the"),
        ("wait: soon", "wait: not of the form that is expected here: such as 500 ms, 30 s"),
        ("log_in: {passwort: geheim-1, password: geheim-2}", "log_in.passwort: unknown key"),
        ("log_in: {porsche_id: max@example.com, password: [geheim-1}", "line 1, column"),
        ("menu: {path: [Updates], pin: geheim-1}", "menu.pin: unknown key; allowed here are: path, enter"),
        ("menu: []", "menu"),
    ],
)
def test_an_action_that_cannot_be_done_is_explained_without_its_secrets(
    pcm_sim: PcmSim, action: str, said: str
) -> None:
    ended = pcm_sim("do", action, "--vin", "WP0ZZZY1ZPSA00001")
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert "geheim" not in ended.err


# --- help and completion ---


@pytest.mark.parametrize("command", [(), *[(name,) for name in COMMANDS]])
def test_every_command_has_help(pcm_sim: PcmSim, command: tuple[str, ...]) -> None:
    ended = pcm_sim(*command, "--help")
    assert ended.status == 0
    assert "Usage: pcm-sim" in ended.out


@pytest.mark.parametrize("command", ["run", "scenarios"])
def test_the_help_shows_how_cells_are_named(pcm_sim: PcmSim, command: str) -> None:
    """What stands in brackets is words here, no style."""
    assert "[name=value,...]" in pcm_sim(command, "--help").out


def test_without_a_command_there_is_help(pcm_sim: PcmSim) -> None:
    assert "Usage: pcm-sim" in pcm_sim().out


def run_python(code: str, **environment: str) -> str:
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_help_loads_nothing_heavy() -> None:
    code = f"""
import sys
from simulator.cli import app
try:
    app(["--help"], prog_name="pcm-sim")
except SystemExit:
    pass
print("loaded:", *[name for name in {HEAVY} if name in sys.modules])
"""
    assert run_python(code).splitlines()[-1] == "loaded:"


def test_what_an_agent_is_run_by_loads_nothing_of_a_backend() -> None:
    code = """
import sys
import simulator.processes.agent
print("loaded:", *[name for name in ("sqlalchemy", "simulator.backend.desk", "simulator.lab") if name in sys.modules])
"""
    assert run_python(code).splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown(shell: str) -> None:
    code = f"from simulator.cli import main; import sys; sys.argv = ['pcm-sim', '--show-completion', {shell!r}]; main()"
    assert "_PCM_SIM_COMPLETE" in run_python(code, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")


def test_commands_and_shipped_scenarios_are_completed() -> None:
    code = "from simulator.cli import app; app(prog_name='pcm-sim')"

    def completed(words: str) -> list[str]:
        return run_python(
            code, _PCM_SIM_COMPLETE="complete_bash", COMP_WORDS=f"pcm-sim {words}", COMP_CWORD=str(len(words.split()))
        ).split()

    assert set(completed("d")) == {"diagram", "do"}
    assert completed("run taycan") == [name for name in shipped_scenarios() if name.startswith("taycan")]


def test_the_installed_command_is_this_one() -> None:
    command = Path(sys.executable).with_name("pcm-sim")
    printed = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert printed.stdout == f"pcm-sim {__version__}\n"
