"""What goes wrong in a file that another one includes names both, with their lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.loader import ScenarioError, load_scenario

PART = """\
version: 1
title: A part
parameters: {symbol: none}
steps:
  - do: {ignition: "on"}
  - expect: {symbol: "${symbol}"}
    within: 1 s
"""
MIDDLE = "version: 1\ntitle: The middle\nsteps:\n  - include: {scenario: inner.pcm.yaml}\n"
TRIP = """\
version: 1
title: A trip
car: {profile: taycan, country: JP}
steps:
  - say: It begins.
  - include: {scenario: parts/middle.pcm.yaml}
"""
PcmSim = Callable[..., Any]


@pytest.fixture
def trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("parts").mkdir()
    Path("parts/inner.pcm.yaml").write_text(PART, "utf-8")
    Path("parts/middle.pcm.yaml").write_text(MIDDLE, "utf-8")
    Path("trip.pcm.yaml").write_text(TRIP, "utf-8")
    return tmp_path


VIA = "(included from parts/middle.pcm.yaml:4, from trip.pcm.yaml:6)"


def test_what_does_not_hold_in_it_is_told_everywhere_with_the_way_there(trip: Path, pcm_sim: PcmSim) -> None:
    Path("parts/inner.pcm.yaml").write_text(PART.replace("symbol: none", "symbol: LTE"), "utf-8")
    ended = pcm_sim("run", "trip.pcm.yaml", "--virtual", "--report", "r.html", "--junit", "j.xml")
    assert ended.status == 1
    place = f"parts/inner.pcm.yaml:6 {VIA}"
    assert ended.out.count(place) == 2, "in the timeline, and at the end"
    assert f"{place}: symbol: LTE\n    found: " in Path("j.xml").read_text("utf-8")
    page = Path("r.html").read_text("utf-8")
    assert f"<code>{place}</code>" in page
    assert ">inner.pcm.yaml:6</td>" in page
    assert '<td class="n optional soft">5</td>' in page, "a line of the scenario itself is only its number"


def test_what_is_wrong_with_it_is_told_with_the_way_there(trip: Path) -> None:
    Path("parts/inner.pcm.yaml").write_text(PART.replace("ignition", "ignitoin"), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("trip.pcm.yaml")
    assert str(caught.value).startswith("parts/inner.pcm.yaml:5:10: step 1: do.ignitoin: unknown key")
    assert VIA in str(caught.value)


def test_a_law_that_is_broken_in_it_names_it_with_the_way_there(
    trip: Path, run_virtual: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulator.laws import Watch

    Path("trip.pcm.yaml").write_text(TRIP.replace("car:", 'invariants: "on"\ncar:'), "utf-8")
    monkeypatch.setattr(Watch, "quiet", lambda watch: watch.break_law("alive", "", "it was broken"))
    (failure,) = run_virtual(load_scenario("trip.pcm.yaml")).verdicts[0].failures
    assert failure.law == "alive"
    assert failure.place == f"parts/inner.pcm.yaml:5 {VIA.replace(':6', ':7')}"


def test_an_unexpected_refusal_is_told_with_scenario_and_line(trip: Path, pcm_sim: PcmSim) -> None:
    Path("parts/inner.pcm.yaml").write_text(PART.replace('ignition: "on"', "remove_sim: now"), "utf-8")
    Path("trip.pcm.yaml").write_text(f"{TRIP}  - do: {{remove_sim: now}}\n  - do: {{remove_sim: now}}\n", "utf-8")
    ended = pcm_sim("run", "trip.pcm.yaml", "--virtual", "--quiet")
    assert ended.status == 0
    told = ended.out.partition("3 refusals that nothing expected:\n")[2].splitlines()
    assert told[0] == f"    parts/inner.pcm.yaml:5 {VIA}: no-sim-slot"
    assert told[1:3] == ["    trip.pcm.yaml:7: no-sim-slot", "    trip.pcm.yaml:8: no-sim-slot"]
