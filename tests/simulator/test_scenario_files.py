"""What is no scenario at all, or cannot be read, is refused with its place, and nothing is started."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.loader import ScenarioError, load_scenario, parse_scenario
from tests.simulator.sound import SOUND, changed, fault


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (changed("title: A test", "title: [A test"), 2),
        (changed("  country: JP", "\tcountry: JP"), 5),
        (changed("title: A test", "title: A test\ntitle: Another"), 3),
        (changed("title: A test", "title: *nobody"), 2),
        (changed("title: A test", "title: !!python/object:os.system x"), 2),
        (f"{SOUND}---\n{SOUND}", 14),
    ],
)
def test_yaml_that_cannot_be_read_is_named_with_its_line(text: str, line: int) -> None:
    error = fault(text)
    assert error.code == "scenario-syntax"
    assert error.line == line
    assert str(error).startswith(f"test.pcm.yaml:{line}:{error.column}: ")


@pytest.mark.parametrize("text", ["\x00", "title: \x07", "a: &a [*a]", "&a {b: *a}", "[" * 1200, "- " * 1200])
def test_hostile_yaml_is_refused(text: str) -> None:
    assert fault(text).code in ("scenario-syntax", "scenario-invalid")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "just words\n", "7\n", "steps: []\n"])
def test_a_file_without_a_scenario_is_refused(text: str) -> None:
    error = fault(text)
    assert error.code == "scenario-invalid"
    assert str(error).startswith("test.pcm.yaml:1:1: ")


@given(st.text(max_size=60))
def test_no_text_breaks_the_loader(text: str) -> None:
    with pytest.raises(ScenarioError):
        parse_scenario(text, "test.pcm.yaml")


def test_a_part_alone_is_told_that_it_can_only_be_included() -> None:
    text = "version: 1\ntitle: A part\nsteps:\n- do: {lock: locked}\n"
    assert "a file without one can only be included" in fault(text).message


def test_of_a_missing_file_it_is_said_where_the_shipped_ones_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(tmp_path / "none.pcm.yaml"))
    assert caught.value.code == "scenario-unknown"
    assert "shipped ones: pcm-sim scenarios" in str(caught.value)


def test_of_a_folder_it_is_said_what_to_name_instead(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(tmp_path))
    assert caught.value.code == "scenario-unreadable"
    assert "this is a folder; name scenario files one by one, or shipped scenarios by tag" in str(caught.value)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(tmp_path))
    assert caught.value.code == "scenario-unreadable"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.pcm.yaml"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    assert caught.value.code == "scenario-unreadable"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (changed("during: 1 min", "during: soon"), ":13:5: step 3: during: "),
        (changed("title: A test", "title: [A test"), ":2:8: "),
        ("", ":1:1: "),
        (None, ": "),
    ],
)
def test_nothing_is_started_with_a_bad_scenario(
    pcm_sim: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, place: str
) -> None:
    def start(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr("simulator.session.run", start)
    path = tmp_path / "bad.pcm.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    for mode in ("--live", "--virtual"):
        ended = pcm_sim("run", "cayenne-roaming", path, mode, "--trace", tmp_path / "trace.jsonl")
        assert ended.status == 2
        assert ended.err.startswith(f"pcm-sim: {path}{place}")
        assert ended.out == ""
    assert not (tmp_path / "trace.jsonl").exists()
