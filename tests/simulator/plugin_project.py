"""Projects of the plugin's users: what stands in their files, and how pytest is run in them."""

from collections.abc import Callable

import pytest

LATE = ("amqtt.broker", "babel.lists", "fluent.runtime", "fluent.syntax.ast", "jinja2")
"""What the program imports where it needs it."""
PLUGINS = ("-p", "no:pcm-sim", "-p", "simulator.pytest_plugin", "-p", "no:cacheprovider")
INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers --strict-config -W error
"""
SCENARIO = """\
version: 1
title: Data on the road
requirements: [CON-01, CON-15]
tags: [smoke]
matrix: {profile: [taycan, cayenne-gen3], country: [JP, DE]}
car: {language: en}
steps:
  - do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {connection: connected, symbol: LTE}
"""
ONE_CAR = SCENARIO.replace("matrix: {profile: [taycan, cayenne-gen3], country: [JP, DE]}\n", "").replace(
    "{language: en}", "{profile: taycan, country: JP}"
)
IN_PYTHON = """
import pytest

def test_a_car(pcm_car, pcm_world):
    car = pcm_car("taycan", "JP", language="ja")
    car.do(ignition="on")
    car.do(radio={"access": "lte"})
    car.expect(connection="connected", session="open")
    car.never(connection="disconnected", during="1 h")
    assert car.state.ignition == "on"
    assert [record.name for record in pcm_world.records if record.car == car.vin]

@pytest.mark.asyncio
@pytest.mark.requirement("CON-01")
async def test_two_cars_in_a_coroutine(pcm_car, pcm_backend):
    first, second = pcm_car("taycan", "JP"), pcm_car("cayenne-gen3", "DE")
    pcm_backend.do(first, register={"porsche_id": "a@example.com", "password": "sakura-2026"})
    second.do(ignition="on")
    assert (first.state.ignition, second.state.ignition) == ("off", "on")
    assert first.vin != second.vin
    assert pcm_backend.ask(lambda desk: desk.order_of(first.vin, "nothing")) is None

def test_what_is_not_so(pcm_car, pcm_world):
    car, before = pcm_car("taycan", "JP"), pcm_world.now
    with pytest.raises(AssertionError, match="expected connection: connected; found connection: disconnected"):
        car.expect(connection="connected", within="1 s")
    with pytest.raises(TypeError, match="ignitoin"):
        car.do(ignitoin="on")
    with pytest.raises(TypeError, match="exactly one"):
        car.do(ignition="on", lock="locked")
    with pytest.raises(TypeError, match="shown: .*did you mean 'private-mode-on'"):
        car.expect(shown="private-mode-no")
    with pytest.raises(TypeError, match="within: "):
        car.expect(ignition="on", within="soon")
    with pytest.raises(AssertionError, match="never"):
        car.never(connection="disconnected", during="1 s")
    pcm_world.wait("1 d")
    assert (pcm_world.now - before).days == 1
"""

Run = Callable[..., pytest.RunResult]
"""Runs pytest in a project that has nothing but these files; `apart` in a process of its own."""
