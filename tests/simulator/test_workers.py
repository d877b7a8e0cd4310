"""Work in several processes: the results in the order of the work, and no process that is missed or waited for."""

import os
import pickle
from collections.abc import Callable

import pytest

from firmware_profiles import ProfileError
from pcm_agent.errors import LocalError, PeerError, TransportError
from simulator.broker.address import BrokerError
from simulator.scenario.loader import ScenarioError, parse_scenario
from simulator.workers import in_order

NUMBERS = range(11)


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


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_work(jobs: int) -> None:
    assert list(in_order(doubled, NUMBERS, jobs)) == [doubled(number) for number in NUMBERS]
    assert list(in_order(doubled, [], jobs)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_comes_after_the_results_before_it(jobs: int) -> None:
    came: list[int] = []
    with pytest.raises(PeerError, match=r"it is five \[five\]"):
        came.extend(in_order(refused_at_five, NUMBERS, jobs))
    assert came == list(NUMBERS[: 4 if jobs > 1 else 5])  # several processes give results back four by four


def test_a_process_that_dies_is_an_error_and_is_not_waited_for() -> None:
    with pytest.raises(TransportError) as caught:
        list(in_order(dead_at_five, NUMBERS, 2))
    assert caught.value.code == "worker-lost"


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
def test_an_error_comes_out_of_another_process_as_it_was(made: Callable[[], Exception]) -> None:
    error = made()
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other)) == (type(error), str(error))
    assert vars(other) == vars(error)
