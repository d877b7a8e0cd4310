"""Work in several processes: the results in the order of the work, and no process that is missed or waited for."""

import asyncio
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from firmware_profiles import ProfileError
from pcm_agent.errors import LocalError, PeerError, TransportError
from simulator.broker.address import BrokerError
from simulator.scenario.loader import ScenarioError, parse_scenario
from simulator.workers import in_order
from tests.waiting import LIMIT_S, eventually

NUMBERS = range(11)
HERE = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def is_there(process: int) -> bool:
    """Whether it runs, and is not merely waiting for somebody to take note of its end."""
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text("utf-8")


def children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()]


def doubled(number: int) -> int:
    return 2 * number


def refused_at_five(number: int) -> int:
    if number == 5:
        raise PeerError("five", "it is five")
    return number


def dead_at_five(number: int) -> int:
    if number == 5:
        os._exit(3)
    return number


def with_its_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def waits_from_two_on(number: int) -> int:
    if number >= 2:
        signal.pause()
    return number


def held_back(_: int) -> set[signal.Signals]:
    return {signal.Signals(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())}


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_work(jobs: int) -> None:
    assert list(in_order(doubled, NUMBERS, jobs)) == [doubled(number) for number in NUMBERS]
    assert list(in_order(doubled, [], jobs)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_comes_after_the_results_before_it(jobs: int) -> None:
    came: list[int] = []
    with pytest.raises(PeerError, match=r"it is five \[five\]"):
        came.extend(in_order(refused_at_five, NUMBERS, jobs))
    assert came == list(NUMBERS[:5])


def test_a_process_that_dies_is_an_error_and_is_not_waited_for() -> None:
    with pytest.raises(TransportError) as caught:
        list(in_order(dead_at_five, NUMBERS, 2))
    assert caught.value.code == "worker-lost"


def test_work_that_raised_says_where() -> None:
    with pytest.raises(PeerError) as caught:
        list(in_order(refused_at_five, NUMBERS, 2))
    assert "refused_at_five" in caught.value.__notes__[0]


def test_each_process_has_work_as_long_as_there_is_any() -> None:
    processes = {process for _, process in in_order(with_its_process, range(4), 4)}
    assert len(processes) == 4
    assert os.getpid() not in processes


def test_whoever_stops_listening_waits_for_nothing() -> None:
    results = in_order(waits_from_two_on, range(9), 2)
    assert (next(results), next(results)) == (0, 1)
    results.close()
    assert multiprocessing.active_children() == []


def test_signals_are_for_the_parent_to_hear() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    for held in in_order(held_back, range(3), 2):
        assert held >= {signal.SIGINT, signal.SIGTERM}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


PARENT = """\
import signal
from simulator.workers import in_order
from tests.simulator.test_workers import with_its_process

if __name__ == "__main__":
    results = in_order(with_its_process, range(9), 2)
    print(next(results)[1], next(results)[1], flush=True)
    signal.pause()
"""


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "parent.py"
    path.write_text(PARENT, "utf-8")
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, env=HERE) as parent:
        assert parent.stdout is not None
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert all(map(is_there, workers))
        parent.kill()
    asyncio.run(eventually(lambda: not any(map(is_there, workers))))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_of_a_run_ends_it_in_order(sent: signal.Signals) -> None:
    command = [
        sys.executable,
        "-c",
        "from simulator.cli import main; main()",
        "run",
        "--all",
        "--virtual",
        "--quiet",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=HERE, start_new_session=True) as run:
        try:
            asyncio.run(eventually(lambda: len(children(run.pid)) >= 2))  # they have only begun to begin
            os.killpg(run.pid, sent)
            _, said = run.communicate(timeout=LIMIT_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 128 + sent
    assert b"Traceback" not in said


def scenario_error() -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario("version: 1\ntitle: 7\n", "bad.pcm.yaml")
    return caught.value


def profile_error() -> ProfileError:
    from firmware_profiles import load_profile

    with pytest.raises(ProfileError) as caught:
        load_profile("no-such-car")
    return caught.value


@pytest.mark.parametrize(
    "made",
    [
        lambda: LocalError("code", "why"),
        lambda: TransportError("code", "why"),
        lambda: BrokerError("code", "why"),
        scenario_error,
        profile_error,
    ],
    ids=["local", "transport", "broker", "scenario", "profile"],
)
def test_an_error_is_the_same_once_it_was_pickled(made: Callable[[], Exception]) -> None:
    error = made()
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other)) == (type(error), str(error))
    assert vars(other) == vars(error)
