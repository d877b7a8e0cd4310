"""Laws on all that a package job can reach: no dead end, a way out, and nothing twice."""

from functools import cache

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core.jobs.job import BUSY
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.core.conftest import Driver
from tests.pcm_agent.core.paths import PEOPLE, WITHDRAWAL, Explorer, Paths

OVER = frozenset((PackageState.CANCELLED, PackageState.EXPIRED, PackageState.FAILED, PackageState.REMOVED))
RESTING = OVER | {PackageState.ACTIVE}
"""Where a job may stay for ever."""
PASSED_THROUGH = frozenset((PackageState.CONSENTED, PackageState.STAGED))
"""The rules lead on from here before anything else can happen."""
OF_TWO_JOBS = {("waiting", "failed", "TimerFired")}
"""A newer release came before: no way of one job alone."""
WORK = {
    PackageState.DOWNLOADING: do.StartDownload,
    PackageState.ACTIVATING: do.InstallPackage,
    PackageState.VERIFYING: do.VerifyPackage,
}


@cache
def explored(honest: bool) -> Paths:
    return Explorer(Driver("taycan", "JP"), honest=honest).explore()


@pytest.fixture(params=[True, False], ids=["asked", "any"])
def paths(request: pytest.FixtureRequest) -> Paths:
    """In a world that answers what it is asked, and in one where any answer may come at any time."""
    return explored(request.param)


@pytest.fixture
def honest() -> Paths:
    return explored(True)


def test_every_state_and_every_change_of_state_is_explored(paths: Paths) -> None:
    assert {node.state for node in paths.moves} == set(PackageState) - PASSED_THROUGH
    in_table = {
        (str(source), str(row.target), row.event.__name__)
        for row in PACKAGE.rows
        for source in row.sources()
        if row.target not in (None, source)
    }
    assert paths.steps <= in_table
    assert {source for source, _, _ in in_table - paths.steps - OF_TWO_JOBS} <= PASSED_THROUGH


@pytest.mark.requirement("FOD-04")
def test_from_wherever_a_job_is_there_is_a_way_to_an_end(paths: Paths) -> None:
    assert paths.away_from(RESTING) == []


def test_once_the_driver_agreed_nobody_has_to_do_anything_at_the_backend_for_it_to_end(honest: Paths) -> None:
    stuck = honest.away_from(RESTING, without=PEOPLE)
    assert [way for way in stuck if not way.startswith("offered")] == []


def test_who_waits_says_for_what_and_who_works_has_work(honest: Paths) -> None:
    for node in honest.moves:
        match node.state:
            case PackageState.OFFERED:
                sure = "expiry" in node.timers
            case PackageState.PAUSED:
                sure = bool(node.blocked_by) and "expiry" in node.timers
            case PackageState.WAITING:
                sure = bool(node.blocked_by) is not ("settle" in node.timers)
            case PackageState.REMOVING:
                sure = bool(node.blocked_by) or do.RemovePackage in node.asked or bool(node.timers)
            case PackageState.CANCELLING:
                sure = do.DiscardPackage in node.asked or "retry" in node.timers
            case PackageState.DOWNLOADING | PackageState.ACTIVATING | PackageState.VERIFYING:
                sure = WORK[node.state] in node.asked
            case _:
                sure = True
        assert sure, honest.way_to(node)


def test_what_is_over_stays_as_it_is_waits_for_nothing_and_asks_for_nothing(paths: Paths) -> None:
    for node, moves in paths.moves.items():
        if node.state in OVER:
            assert {after.state for after in moves.values()} == {node.state}
            assert all(after.asked <= node.asked for after in moves.values()), paths.way_to(node)
            assert not node.timers, paths.way_to(node)
            assert not node.blocked_by, paths.way_to(node)


@pytest.mark.requirement("FOD-09")
def test_no_way_installs_twice_or_reports_active_twice_or_changes_a_car_in_use(paths: Paths) -> None:
    assert paths.wrongs == []


@pytest.mark.requirement("FOD-06", "FOD-10")
def test_an_order_can_be_withdrawn_from_wherever_it_is_or_it_is_said_why_not(paths: Paths) -> None:
    for node, moves in paths.moves.items():
        after, code = moves[WITHDRAWAL], paths.refusals.get((node, WITHDRAWAL))
        if node.state in OVER or node.state is PackageState.CANCELLING:
            assert (after.state, code) == (node.state, None), paths.way_to(node)
        elif node.state in BUSY:
            assert (after, code) == (node, "installation-in-progress"), paths.way_to(node)
        elif node.state in (PackageState.ACTIVE, PackageState.REMOVING):
            assert (after, code) == (node, "already-active"), paths.way_to(node)
        else:
            assert (after.state, code) == (PackageState.CANCELLING, None), paths.way_to(node)


def test_what_was_withdrawn_ends_cancelled_and_is_never_installed(paths: Paths) -> None:
    withdrawn = {PackageState.CANCELLING, PackageState.CANCELLED}
    for node, moves in paths.moves.items():
        if node.state is PackageState.CANCELLING:
            assert {after.state for after in moves.values()} <= withdrawn, paths.way_to(node)
            assert not any(do.InstallPackage in after.asked - node.asked for after in moves.values())
    lost = paths.away_from([PackageState.CANCELLED], without=PEOPLE)
    assert [way for way in lost if way.startswith(PackageState.CANCELLING)] == []


def test_an_installation_that_could_not_be_withdrawn_can_be_once_it_has_failed(paths: Paths) -> None:
    lost = paths.away_from([PackageState.CANCELLED])
    assert [way for way in lost if way.startswith(tuple(BUSY))] == []
