"""Scenarios that say more than single steps of one car, and what is wrong with them."""

from collections.abc import Callable

import pytest

from simulator.scenario.loader import LoadedScenario, ScenarioError, parse_scenario
from simulator.session import Outcome

RunVirtual = Callable[..., Outcome]
Steps = Callable[[str], LoadedScenario]
ONLINE = '- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n- expect: {session: open}\n'
TWO_CARS = """\
version: 1
title: Two cars
cars:
  first: {profile: taycan, country: JP}
  second: {profile: cayenne-gen3, country: DE, language: de}
steps:
  - do: {ignition: "on"}
  - {car: second, do: {charging_cable: connected}}
  - expect: {ignition: "on"}
  - {car: second, expect: {ignition: "off"}}
  - {car: second, do: {ignition: "on"}}
  - {car: second, do: {roaming: "on"}}
  - {car: second, expect: {shown: roaming-free}}
  - never: {shown: roaming-free}
    during: 1 s
"""


def faults(text: str, file: str = "test.pcm.yaml") -> list[tuple[int, str, str]]:
    """Line, key and message of all that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, file)
    return [(it.place.line if it.place else 0, it.key, it.message) for it in caught.value.problems]


def fails(outcome: Outcome) -> tuple[int, str, str]:
    """Line, expected and found of the only failure."""
    [failure] = [failure for verdict in outcome.verdicts for failure in verdict.failures]
    return failure.line, failure.expected, failure.found
