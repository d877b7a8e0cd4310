from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pcm_agent.errors import TransportError
from simulator.junit import write_junit
from simulator.scenario.verdict import Taken
from simulator.trace import Kind, Record

START = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
HOSTILE = "<&\"'>]]>\x1b\x00\nnext"


def record(kind: Kind, name: str, seconds: float = 0, **data: object) -> Record:
    return Record(seq=0, time=START + timedelta(seconds=seconds), car="V1", kind=kind, name=name, data=data)


def scenario(title: str, *, file: str = "stories/order.pcm.yaml") -> Record:
    requirements = ["FOD-01", "PRV-02"]
    return record(
        "scenario", title, title=title, file=file, profile="taycan", country="JP", vin="V1", requirements=requirements
    )


def failed(text: str, found: str = "off", seconds: float = 5) -> Record:
    return record("failed", "1", seconds, text=text, found=found, file="stories/order.pcm.yaml", line=7)


RUN = record("run", "run", seed=42, mode="virtual", version="0.1.0", format=1, scenarios=["a"])
HELD = record("held", "1", 2.5, text="it is on", found="on", file="stories/order.pcm.yaml", line=3)


def written(path: Path, *records: Record) -> ET.Element:
    write_junit(path, records)
    return ET.fromstring(path.read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "junit.xml"


def test_one_suite_with_one_case_a_scenario(path: Path) -> None:
    root = written(path, RUN, scenario("An order"), HELD, scenario("A border", file="border.pcm.yaml"))
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == ["An order", "A border"]
    cases = root.findall("testsuite/testcase")
    assert [(case.get("name"), case.get("classname")) for case in cases] == [
        ("An order", "stories.order"),
        ("A border", "border"),
    ]
    assert root.findall(".//failure") == []
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "0")


def test_times_are_real_and_those_of_the_scenario_are_properties(path: Path) -> None:
    taken = Taken(datetime(2027, 5, 6, 7, 8, 9, tzinfo=UTC), 0.25)
    write_junit(path, [RUN, scenario("An order"), HELD, scenario("Broken off")], taken=[taken])
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    first, second = root
    assert (first.get("timestamp"), second.get("timestamp")) == ("2027-05-06T07:08:09", None)
    assert [it.get("time") for it in (root, first, first[1], second)] == ["0.250", "0.250", "0.250", "0.000"]
    found = {item.get("name"): item.get("value") for item in first.iter("property")}
    assert (found["begins"], found["lasts"]) == ("2026-01-15T08:30:00Z", "2.500")


def test_properties_come_from_the_scenario_and_the_run(path: Path) -> None:
    root = written(path, RUN, scenario("An order"), HELD)
    found = [(item.get("name"), item.get("value")) for item in root.iter("property")]
    assert found == [
        ("seed", "42"),
        ("mode", "virtual"),
        ("profile", "taycan"),
        ("country", "JP"),
        ("vin", "V1"),
        ("begins", "2026-01-15T08:30:00Z"),
        ("lasts", "2.500"),
        ("requirement", "FOD-01"),
        ("requirement", "PRV-02"),
    ]


def test_a_failure_says_what_was_found_and_where(path: Path) -> None:
    root = written(path, RUN, scenario("An order"), HELD, failed("it is on"), scenario("Other"))
    first, second = root
    (failure,) = first.iter("failure")
    assert failure.get("message") == "it is on"
    assert failure.get("type") == "expectation"
    assert failure.text == "stories/order.pcm.yaml:7: it is on\n    found: off"
    assert (first.get("failures"), second.get("failures"), root.get("failures")) == ("1", "0", "1")


def test_several_failures_are_one_element_that_names_all(path: Path) -> None:
    root = written(path, RUN, scenario("An order"), failed("one"), failed("two", "three"))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "one (and 1 more)"
    assert "two\n    found: three" in (failure.text or "")
    assert root.get("failures") == "1"


def test_hostile_text_stays_text(path: Path) -> None:
    root = written(path, RUN, scenario(f"A{HOSTILE}"), failed(HOSTILE, HOSTILE))
    (failure,) = root.iter("failure")
    assert (failure.get("message") or "").startswith("<&\"'>]]>")
    assert root[0].get("name") == "A<&\"'>]]>\ufffd\ufffd\ufffdnext"


def test_a_scenario_that_was_never_begun_is_skipped(path: Path) -> None:
    root = written(path, RUN)
    assert (root.get("tests"), root.get("skipped"), root.get("failures")) == ("1", "1", "0")
    assert [case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None] == ["a"]


def test_what_was_not_run_is_counted_apart_with_the_reason(path: Path) -> None:
    cells = {"trip.pcm.yaml[way=b]": "no <slot>", "trip.pcm.yaml[way=c]": "no data"}
    run = record("run", "run", scenarios=["order.pcm.yaml", "later.pcm.yaml"], not_applicable=cells)
    root = written(path, run, scenario("An order"), HELD)
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "4", "failures": "0", "skipped": "3",
    }  # fmt: skip
    assert [(suite.get("name"), suite.get("tests"), suite.get("skipped")) for suite in root[1:]] == [
        ("not begun", "1", "1"),
        ("not applicable", "2", "2"),
    ]
    found = [(case.get("name"), *(skip.get("message") for skip in case)) for case in root.findall("*[@name]/testcase")]
    assert found[1:] == [
        ("later.pcm.yaml", "not begun: the run was broken off before"),
        ("trip.pcm.yaml[way=b]", "not applicable: no <slot>"),
        ("trip.pcm.yaml[way=c]", "not applicable: no data"),
    ]


def test_a_failure_names_the_command_that_gives_it_again(path: Path) -> None:
    write_junit(path, [RUN, scenario("Good"), HELD, scenario("Bad"), failed("it is on")], again=["one", "two --seed 5"])
    (failure,) = ET.fromstring(path.read_text(encoding="utf-8")).iter("failure")
    assert (failure.text or "").splitlines()[-1] == "again: two --seed 5"


def test_an_unwritable_path_is_a_clear_error(path: Path) -> None:
    with pytest.raises(TransportError) as caught:
        write_junit(path / "deeper.xml", [RUN])
    assert caught.value.code == "report-unwritable"
