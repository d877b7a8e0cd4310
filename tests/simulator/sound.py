"""A scenario without a fault, and what is wrong with it after one change."""

import pytest

from simulator.scenario.loader import ScenarioError, parse_scenario

# The tests count lines in this text: line 1 is `version`.
SOUND = """\
version: 1
title: A test
car:
  profile: taycan
  country: JP
steps:
  - say: First.
    do: {ignition: "on"}
  - expect:
      ignition: "on"
    within: 10 s
  - never: {connection: connected}
    during: 1 min
"""


def fault(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "test.pcm.yaml")
    return caught.value


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} must name one place"
    return SOUND.replace(old, new)


def with_step(step: str) -> str:
    """The sound scenario with one more step, in line 14."""
    return f"{SOUND}  - {step}\n"
