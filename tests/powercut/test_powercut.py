"""The power is cut at every fault point, and at random: always the old or the new version, told and billed once.

The agent is a process that is killed without any cleanup, on a real disk with its real journal; the backend, the
broker and the packages' server survive it. What must hold after each cut, and in the end, stands in `story.py`.
"""

import re
from pathlib import Path

import pytest

from tests.powercut.brittle import BRITTLE
from tests.powercut.campaign import Task, campaign

TURNS = 3
"""So many tests share what takes long."""
MOMENTS = {"order": 80, "update": 60, "end": 30, "withdraw": 30, "come": 30}
KINDS = (
    "rename",
    "symlink",
    "unlink",
    "fsync",
    "half a write",
    "sql BEGIN",
    "sql COMMIT",
    "half a COMMIT",
    "ask publish",
)
"""Points that there must be where a function is downloaded and installed."""


def cut_at_points(task: Task) -> tuple[str, ...]:
    """Cut once at each of the points, and find nothing wrong; all points of the act."""
    (report,) = campaign(task)
    assert report.wrong == []
    wanted = report.points[::-1][task.skip :: task.every]
    assert sorted(run.deaths for run in report.runs) == sorted((point,) for point in wanted)
    return report.points


@pytest.mark.requirement("FOD-04")
def test_an_update_outlasts_power_cuts_at_every_twentieth_fault_point(tmp_path: Path) -> None:
    """Which points there are is told whether or not the power is cut there."""
    points = cut_at_points(Task(folder=tmp_path, act="update", every=20))
    assert all(any(point.startswith(kind) for point in points) for kind in KINDS)


@pytest.mark.slow
@pytest.mark.requirement("FOD-04", "FOD-09")
@pytest.mark.parametrize("act", ["order", "update"])
@pytest.mark.parametrize("turn", range(TURNS))
def test_a_download_and_an_installation_are_cut_once_at_each_fault_point(tmp_path: Path, act: str, turn: int) -> None:
    cut_at_points(Task(folder=tmp_path, act=act, every=TURNS, skip=turn))


@pytest.mark.slow
@pytest.mark.requirement("FOD-06", "FOD-07")
@pytest.mark.parametrize("turn", range(TURNS))
def test_an_installation_to_which_somebody_comes_is_cut_once_at_each_fault_point(tmp_path: Path, turn: int) -> None:
    points = cut_at_points(Task(folder=tmp_path, act="come", every=TURNS, skip=turn))
    assert any("packages/active" in point for point in points)


@pytest.mark.slow
@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("turn", range(TURNS))
def test_a_removal_is_cut_once_at_each_fault_point(tmp_path: Path, turn: int) -> None:
    cut_at_points(Task(folder=tmp_path, act="end", every=TURNS, skip=turn))


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(TURNS))
def test_a_withdrawal_in_the_middle_of_a_download_is_cut_once_at_each_fault_point(tmp_path: Path, turn: int) -> None:
    cut_at_points(Task(folder=tmp_path, act="withdraw", every=TURNS, skip=turn))


@pytest.mark.slow
@pytest.mark.requirement("FOD-04", "FOD-09", "FOD-13")
@pytest.mark.parametrize("act", MOMENTS)
def test_the_power_is_cut_at_random_moments_and_takes_what_was_not_synced(tmp_path: Path, act: str) -> None:
    (report,) = campaign(Task(folder=tmp_path, act=act, moments=MOMENTS[act]))
    assert report.wrong == []
    deaths = [death for run in report.runs for death in run.deaths]
    assert len(deaths) >= MOMENTS[act]
    assert 0 < deaths.count("any moment") < len(deaths)


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(TURNS))
def test_the_mistakes_that_the_product_could_have_made_are_noticed(tmp_path: Path, turn: int) -> None:
    mistakes = list(BRITTLE.items())[turn::TURNS]
    tasks = [
        Task(
            folder=tmp_path / str(number),
            act=mistake.act,
            brittle=name,
            points=mistake.points,
            moments=0 if mistake.points else 60,
            loses=1.0,
            until=mistake.noticed,
        )
        for number, (name, mistake) in enumerate(mistakes)
    ]
    for (name, mistake), report in zip(mistakes, campaign(*tasks), strict=True):
        assert any(re.search(mistake.noticed, run.wrong) for run in report.wrong), f"{name}: {report.runs}"
