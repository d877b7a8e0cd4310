"""`pcm-sim explore` as it is typed: what it says, what it writes, and its exit status."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.explore.exploring import Findings

PcmSim = Callable[..., Any]
FAULTY = "simulator.laws.radio.RadioJudge._judge_symbol"


def never_true(patch: pytest.MonkeyPatch) -> None:
    """A judge to whom no symbol is true."""
    patch.setattr(FAULTY, lambda self: self._facts.hold("symbol", False, "not what it should be"))


def test_lives_that_break_nothing_are_told_in_a_line(pcm_sim: PcmSim, tmp_path: Path) -> None:
    ended = pcm_sim("explore", "--seeds", "3", "--jobs", "1", "--out", str(tmp_path / "out"))
    assert ended.status == 0
    assert ended.out.startswith("0 of 3 lives broke a law, ")
    assert not (tmp_path / "out").exists()


def test_the_same_seeds_say_the_same(pcm_sim: PcmSim) -> None:
    first, second, other = (pcm_sim("explore", "--seeds", "2", "--jobs", "1", "--seed", seed) for seed in "558")
    assert first.out == second.out != other.out


def test_a_breach_is_written_as_a_scenario_that_breaks_the_same_law(
    pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    never_true(monkeypatch)
    ended = pcm_sim("explore", "--seeds", "5", "--jobs", "1", "--out", str(tmp_path))
    assert ended.status == 1
    assert "life 1 breaks the law symbol" in ended.out
    assert ended.out.splitlines()[-1].startswith("1 of 1 lives broke a law")
    (again,) = (line for line in ended.out.splitlines() if line.strip().startswith("again:"))
    repeated = pcm_sim(*shlex.split(again)[2:], "--quiet")
    assert repeated.status == 1
    assert "expected that the symbol is true" in repeated.out


def test_all_are_lived_with_keep_going_and_one_is_written_for_each_law(
    pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    never_true(monkeypatch)
    ended = pcm_sim("explore", "--seeds", "3", "--jobs", "1", "--keep-going", "--out", str(tmp_path))
    assert ended.status == 1
    assert "3 of 3 lives broke a law" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["life-1.pcm.yaml"]


def test_an_interrupted_exploration_tells_what_it_has(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.explore.exploring.explore", interrupted)
    ended = pcm_sim("explore", "--seeds", "3")
    assert ended.status == 130
    assert "0 of 0 lives broke a law" in ended.out


@pytest.mark.parametrize("arguments", [("--seeds", "0"), ("--jobs", "-1"), ("--seed", "-1"), ("another",)])
def test_wrong_use_ends_with_2(pcm_sim: PcmSim, arguments: tuple[str, ...]) -> None:
    assert pcm_sim("explore", *arguments).status == 2


def test_nothing_that_was_lived_has_a_digest_of_its_own() -> None:
    assert Findings().digest == Findings().digest
