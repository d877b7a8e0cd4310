import re

import pytest

from pcm_agent.core.diagram import mermaid
from pcm_agent.core.region import Region
from pcm_agent.core.regions import REGIONS, VEHICLE_REGIONS
from pcm_agent.core.regions.body import IGNITION

ARROW = re.compile(r"    (?P<source>\w+) --> (?P<target>\w+): (?P<label>.+)")


def test_a_small_diagram_in_full() -> None:
    assert mermaid(IGNITION) == (
        "%% ignition\n"
        "stateDiagram-v2\n"
        "    [*] --> off\n"
        "    off --> on: IgnitionTurnedOn\n"
        "    on --> off: IgnitionTurnedOff\n"
    )


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_a_diagram_shows_each_way_of_its_table_once(region: Region) -> None:
    lines = mermaid(region).splitlines()
    assert lines[:2] == [f"%% {region.name}", "stateDiagram-v2"]
    assert lines[2] == f"    [*] --> {region.initial.value.replace('-', '_')}"
    drawn = [ARROW.fullmatch(line) for line in lines[3:]]
    assert all(drawn)
    pairs = [(arrow["source"], arrow["target"]) for arrow in drawn if arrow]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {
        (source.value.replace("-", "_"), row.target.value.replace("-", "_"))
        for row in region.rows
        if row.target is not None
        for source in row.sources()
    }
    labels = [arrow["label"] for arrow in drawn if arrow]
    assert all("<lambda>" not in label and "  " not in label for label in labels)


def test_guards_stand_at_their_arrow() -> None:
    assert "pin_required --> puk_required: SimPinRejected [no tries left]" in mermaid(REGIONS["sim"])
    assert "waiting --> activating: TimerFired [settle due, nothing blocks]" in mermaid(REGIONS["package"])


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_every_state_can_be_reached(region: Region) -> None:
    reached, last = {region.initial}, set[object]()
    while reached != last:
        last = set(reached)
        for row in region.rows:
            if row.target is not None and reached.intersection(row.sources()):
                reached.add(row.target)
    assert reached == set(region.states)


def test_one_machine_each() -> None:
    assert tuple(REGIONS.values())[: len(VEHICLE_REGIONS)] == VEHICLE_REGIONS
    assert [name for name, region in REGIONS.items() if region.per_job] == ["package"]
    assert [name for name, region in REGIONS.items() if region.per_service] == ["service"]
