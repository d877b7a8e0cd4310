"""What is wrong with a scenario is said in words of its writer's, with what belongs there and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.loader import LoadedScenario, ScenarioError, load_scenario
from tests.simulator.sound import fault

HEAD = "version: 1\ntitle: A test\ncar: {profile: taycan, country: JP}\nsteps:\n"
Steps = Callable[[str], LoadedScenario]


# --- YAML ---


@pytest.mark.parametrize(
    ("steps", "place", "message"),
    [
        ('  - do: {ignition: "on"\n', "5:9", "the bracket that is opened here is not closed: put } at its end"),
        ("  - do: {way_order: [hotspot}\n", "5:21", "the bracket that is opened here is not closed: put ] at its end"),
        ('  - do: {ignition: "on"}}\n', "5:25", "nothing was opened that this } could belong to"),
        ('   - do: {ignition: "on"}\n  - say: x\n', "6:3", "the indentation does not fit to what begins at line 1"),
        ("  - say: x\n   do: {wait: 1 s}\n", "6:4", "the indentation does not fit to what begins at line 5, column 3"),
        ("  - say: x\n\t- say: y\n", "6:1", "a tab stands here: indent with spaces"),
        ("  - say: The driver: he goes\n", "5:20", "a text with a colon in it needs quotes"),
        ("  - say: 'He goes\n", "5:10", "the quotation mark that is opened here is not closed"),
        ('  - say: "He" goes\n', "5:15", "put the whole text into one pair of quotes"),
        ("  - say: a\n    say: b\n", "6:5", "the key `say` stands here for the second time"),
        ("  - say: *car\n", "5:10", "a text that begins with * must stand in quotes"),
        ("  - say: @car\n", "5:10", "a text that begins with @ must stand in quotes"),
        ("  - say: !car x\n", "5:10", "a text that begins with ! must stand in quotes"),
        ('  - say: "C:\\car"\n', "5:14", "take single quotes"),
        ("  - say: a\n---\n  - say: b\n", "6:1", "a file has one, so take the line --- away"),
    ],
)
def test_a_file_that_yaml_cannot_read_is_explained(steps: str, place: str, message: str) -> None:
    error = fault(HEAD + steps)
    assert error.code == "scenario-syntax"
    assert str(error).startswith(f"test.pcm.yaml:{place}: ")
    assert message in str(error)
    assert "expected <" not in str(error)
    assert "found character" not in str(error)


# --- included files ---


@pytest.mark.parametrize(
    ("include", "place", "message"),
    [
        ("{scenario: logged-inn}", "5:15", "there is no file and no part 'logged-inn'; did you mean 'logged-in'?"),
        ("{scenario: parts/brake.pcm.yaml}", "5:15", "did you mean 'parts/brakes.pcm.yaml'?"),
        ("{scenario: parts/brakes.pcm.yaml, with: {psition: P}}", "5:55", "did you mean 'position'?; it has: position"),
        ("{scenario: parts/brakes.pcm.yaml, whit: {position: P}}", "5:48", "did you mean 'with'?"),
        ("{scenario: parts/lever.pcm.yaml, with: {position: P}}", "5:54", "has no parameter 'position'; it has none"),
    ],
)
def test_of_a_mistyped_include_the_nearest_is_named(include: str, place: str, message: str, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    part = "version: 1\ntitle: Brakes\nparameters: {position: N}\nsteps:\n  - do: {selector_lever: '${position}'}\n"
    (parts / "brakes.pcm.yaml").write_text(part, "utf-8")
    (parts / "lever.pcm.yaml").write_text("version: 1\ntitle: Lever\nsteps:\n  - do: {selector_lever: P}\n", "utf-8")
    path = tmp_path / "test.pcm.yaml"
    path.write_text(f"{HEAD}  - include: {include}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    assert str(caught.value).startswith(f"{path}:{place}: ")
    assert message in str(caught.value)


def test_of_a_mistyped_file_the_one_beside_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "journey.pcm.yaml").write_text("", "utf-8")
    with pytest.raises(ScenarioError, match=r"did you mean '.*/journey\.pcm\.yaml'"):
        load_scenario(str(tmp_path / "jurney.pcm.yaml"))


# --- functions, updates, services ---


@pytest.mark.parametrize(
    ("step", "place", "message"),
    [
        (
            "{do: {order: {function: power-sterring-plus}}}",
            "5:19: step 1: do.order.function",
            "nothing in docs/functions.md is called 'power-sterring-plus'; did you mean 'power-steering-plus'?; known "
            "are: intelligent-range-manager, active-lane-keeping, power-steering-plus, theft-tracking-plus; a function "
            "of your own is ordered with own: true",
        ),
        ("{do: {order: {function: voice-control}}}", "5:19: step 1: do.order.function", "take offer_update"),
        ("{do: {revoke: power-sterring}}", "5:11: step 1: do.revoke", "did you mean 'power-steering-plus'?"),
        ("{do: {offer_update: voice-controll}}", "5:11: step 1: do.offer_update", "did you mean 'voice-control'?"),
        ("{do: {cancel_service: remote-acess}}", "5:11: step 1: do.cancel_service", "did you mean 'remote-access'?"),
        (
            "{expect: {package: {function: lane-keeping, state: active}}}",
            "5:25: step 1: expect.package.function",
            "'active-lane-keeping'?",
        ),
        ("{expect: {attested: [x]}}", "5:26: step 1: expect.attested[0]", "is called 'x'; known are: "),
        (
            "{expect: {service: {service: trafic, state: ended}}}",
            "5:25: step 1: expect.service.service",
            "no service 'trafic'",
        ),
        ("{let: {bills: order.voice-contrl.bills}}", "5:12: step 1: let.bills", "did you mean 'voice-control'?"),
    ],
)
def test_a_name_that_nothing_has_is_an_error_with_its_place_and_the_nearest(
    step: str, place: str, message: str
) -> None:
    error = fault(f"{HEAD}  - {step}\n")
    assert str(error).startswith(f"test.pcm.yaml:{place}: ")
    assert message in str(error)


def test_a_function_of_ones_own_is_named_where_it_is_ordered(steps: Steps, run_virtual: Callable[..., Any]) -> None:
    text = """\
- do: {register: {porsche_id: max@example.com, password: alpenpass-1}}
- parallel:
    - - do: {order: {function: my-own, own: true, size: 1 MB}}
    - - expect: {order: {function: my-own, state: open}}
- let: {bills: order.my-own.bills, name: time}
- expect: {order: {function: my-own, state: open, bills: "${bills}"}}
"""
    loaded = steps(text)
    assert loaded.own_functions == {"my-own"}
    assert run_virtual(loaded).passed
    with pytest.raises(ScenarioError, match="is called 'my-own'"):
        steps(text.replace("own: true, ", ""))


def test_the_command_line_takes_no_order_of_a_mistyped_function(pcm_sim: Callable[..., Any]) -> None:
    ended = pcm_sim("do", "--vin", "WP0ZZZY1ZPSA00001", "order: {function: power-sterring-plus}")
    assert ended.status == 2
    assert "order.function: nothing in docs/functions.md is called 'power-sterring-plus'; did you mean" in ended.err
    assert "own: true" in ended.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("power-sterring-plus", "docs/functions.md is called so; did you mean 'power-steering-plus'?"),
        ("xyzzy", "nothing in docs/functions.md is called so\n"),
        ("power-steering-plus", ""),
    ],
)
def test_of_any_name_that_the_catalogue_lacks_a_note_is_made(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from simulator.cli.functions import note_unknown

    note_unknown(name)
    err = capsys.readouterr().err
    assert (said in err) if said else (err == "")
