"""Scenarios in Python mean the same as in YAML."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.scenario.builder import Steps, Story
from simulator.scenario.examples import STORY
from simulator.scenario.loader import LoadedScenario, ScenarioError, load_scenario, parse_scenario
from simulator.scenario.model import (
    CarPart,
    Do,
    Expect,
    ExpectMessage,
    ExpectPackage,
    NewAccount,
    Order,
    Radio,
)
from simulator.session import Outcome

CAR = CarPart(profile="taycan", country="JP", language="ja")
YAML_STORY = """\
version: 1
title: In two languages
requirements: [CON-01]
tags: [both]
parameters: {user: hanako@example.com}
cars: {one: {profile: taycan, country: JP, language: ja}, two: {line: Cayenne, model_year: 2020, country: DE}}
steps:
  - say: The driver sets off.
    do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {connection: connected}
    within: 1 min
    requirements: [CON-02]
  - let: {since: time}
  - do: {create_account: {porsche_id: "${user}", password: x}}
  - repeat:
      times: 2
      steps:
        - {car: two, do: {lock: unlocked}}
        - do: {wait: 1 s}
  - parallel:
      - - do: {order: {function: power-steering-plus, size: 5 MB}}
      - - never: {package: {function: power-steering-plus, state: active}}
          while: {ignition: "on"}
          within: 10 s
        - expect: {message: {topic: state, count: 0, body: {version: 3}}}
          until: {lock: locked}
  - never: {lock: unlocked}
    during: 1 s
  - say: Since ${since}.
"""


def built() -> LoadedScenario:
    two = CarPart(line="Cayenne", model_year=2020, country="DE")
    story = Story(
        "In two languages", cars={"one": CAR, "two": two}, requirements=["CON-01"], tags=["both"],
        parameters={"user": "hanako@example.com"},
    )  # fmt: skip
    (
        story.do(Do(ignition="on"), say="The driver sets off.")
        .do(Do(radio=Radio(access="lte")))
        .expect(Expect(connection="connected"), within="1 min", requirements=["CON-02"])
        .let(since="time")
        .do(Do(create_account=NewAccount(porsche_id="${user}", password="x")))
        .repeat(2, Steps().do(Do(lock="unlocked"), car="two").wait("1 s"))
    )
    active = Expect(package=ExpectPackage(function="power-steering-plus", state="active"))
    message = Expect(message=ExpectMessage(topic="state", count=0, body={"version": 3}))
    story.parallel(
        Steps().do(Do(order=Order(function="power-steering-plus", size="5 MB"))),
        Steps()
        .never(active, meanwhile=Expect(ignition="on"), within="10 s")
        .expect(message, until=Expect(lock="locked")),
    )
    return story.never(Expect(lock="unlocked"), during="1 s").say("Since ${since}.").build()


def test_the_same_story_is_the_same_model() -> None:
    written, made = parse_scenario(YAML_STORY, "t.pcm.yaml"), built()
    assert made.scenario == written.scenario
    assert [step.late is None for step in made.plan] == [step.late is None for step in written.plan]
    assert made.cars == written.cars


def test_every_shipped_scenario_can_be_made_of_its_parts() -> None:
    written = load_scenario("taycan-function-on-demand")
    scenario = written.scenario
    story = Story(
        scenario.title, car=scenario.car, description=scenario.description, requirements=scenario.requirements,
        tags=scenario.tags,
    )  # fmt: skip
    for step in scenario.steps:
        story._add(step)
    assert story.build().scenario == scenario


def test_each_step_has_its_line_of_python() -> None:
    source, first = inspect.getsourcelines(built)
    lines = {text: first + number for number, line in enumerate(source) for text in [line.strip()]}
    plan = built().plan
    assert {step.file for step in plan} == {__file__}
    assert plan[1].line == lines['.do(Do(radio=Radio(access="lte")))']
    assert plan[2].line == lines['.expect(Expect(connection="connected"), within="1 min", requirements=["CON-02"])']
    assert plan[5].line == plan[7].line == lines['.repeat(2, Steps().do(Do(lock="unlocked"), car="two").wait("1 s"))']
    [lane, _] = plan[9].lanes
    assert lane[0].line == lines['Steps().do(Do(order=Order(function="power-steering-plus", size="5 MB"))),']


def test_what_is_wrong_is_named_with_its_line_of_python() -> None:
    story = Story("Wrong", car=CarPart(profile="tycan", country="JP"))
    story.do(Do(create_account=NewAccount(porsche_id="max", password="x")))
    line = sys._getframe().f_lineno - 1
    story.expect(Expect(shown="private-mod-on"))
    with pytest.raises(ScenarioError) as caught:
        story.build()
    assert [(it.place.line if it.place else 0, it.key) for it in caught.value.problems] == [
        (line - 1, "car.profile"),
        (line, "steps[0].do.create_account.porsche_id"),
        (line + 2, "steps[1].expect.shown"),
    ]


def test_a_story_of_python_runs_and_fails_at_its_line(run_virtual: Callable[..., Outcome]) -> None:
    story = Story("Fails", car=CAR).do(Do(ignition="on"))
    story.expect(Expect(ignition="off"), within="1 s")
    [failure] = run_virtual(story.build()).verdicts[0].failures
    assert Path(failure.file) == Path(__file__)
    assert (
        inspect.getsource(inspect.getmodule(built) or built)
        .splitlines()[failure.line - 1]
        .strip()
        .startswith("story.exp")
    )


def test_the_story_on_the_page_runs(run_virtual: Callable[..., Outcome]) -> None:
    names: dict[str, LoadedScenario] = {}
    exec(STORY, names)
    outcome = run_virtual(names["loaded"])
    assert outcome.passed
    assert outcome.verdicts[0].held == 1


def test_a_story_may_have_a_matrix_and_includes(tmp_path: Path) -> None:
    part = tmp_path / "part.pcm.yaml"
    with part.open("w", encoding="utf-8") as file:
        YAML().dump({"version": 1, "title": "p", "parameters": {"n": 1}, "steps": [{"do": {"battery": "${n}"}}]}, file)
    story = Story("Cells", car=CarPart(country="JP"), matrix={"profile": ["taycan", "cayenne-gen3"], "n": [1, 2]},
                  parameters={"n": 0})  # fmt: skip
    cells = story.include(str(part), {"n": "${n}"}).cells()
    assert [cell.cell for cell in cells.there][-1] == "profile=cayenne-gen3,n=2"
    assert [cell.scenario.steps[0].do for cell in cells.there] == [Do(battery=1), Do(battery=2)] * 2
