"""The verdicts as JUnit XML, which every CI service reads: a test suite with one test case a scenario."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from simulator.files import write_atomically
from simulator.report.endings import Ending, Untold, not_run
from simulator.report.figures import printable
from simulator.report.story import Scenario, run_data, scenarios_of
from simulator.scenario.verdict import Taken, place_of
from simulator.trace import Record

PROPERTIES = ("seed", "mode", "profile", "country", "vin")
"""What is taken from a scenario's record, or else from the run's."""
SUFFIX = ".pcm.yaml"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_junit(
    path: Path, records: Sequence[Record], *, again: Sequence[str] = (), taken: Sequence[Taken | None] = ()
) -> None:
    """Write the verdicts of a run. Times are real, as of any other test: CI services look for slow ones by them.

    When a scenario begins by its own clock, and how many seconds it lasts, are properties.

    Args:
        path: where; what stood there is replaced once the new file is whole.
        records: the run's trace.
        again: for each scenario the command that gives the same once more.
        taken: for each scenario the real time that it took, as far as it is known.

    Raises:
        TransportError: `report-unwritable`.
    """
    root = _document(records, again, taken)
    ET.indent(root)
    write_atomically(path, f"{HEAD}{ET.tostring(root, encoding='unicode')}\n")


def _document(records: Sequence[Record], again: Sequence[str], taken: Sequence[Taken | None]) -> ET.Element:
    scenarios = scenarios_of(records, again)
    times = [*taken, *[None] * len(scenarios)][: len(scenarios)]
    run = run_data(records)
    untold = not_run(run, len(scenarios))
    root = ET.Element("testsuites", _counts(scenarios, times, len(untold)))
    for scenario, took in zip(scenarios, times, strict=True):
        _suite(root, scenario, {**run, **scenario.data}, took)
    for ending in (Ending.NOT_BEGUN, Ending.NOT_APPLICABLE):
        _not_run(root, ending, [item for item in untold if item.ending is ending])
    return root


def _not_run(root: ET.Element, ending: Ending, items: Sequence[Untold]) -> None:
    """The cells that were not run, of one kind in one suite, so that each kind is counted on its own."""
    if not items:
        return
    suite = ET.SubElement(root, "testsuite", {"name": str(ending), **_counts([], [], len(items))})
    for item in items:
        name = printable(item.name)
        case = ET.SubElement(suite, "testcase", {"name": name, "classname": _dotted(name), "time": "0.000"})
        ET.SubElement(case, "skipped", {"message": printable(f"{ending}: {item.why}")})


def _counts(scenarios: Sequence[Scenario], times: Sequence[Taken | None], skipped: int = 0) -> dict[str, str]:
    return {
        "tests": str(len(scenarios) + skipped),
        "failures": str(sum(bool(scenario.failures) for scenario in scenarios)),
        "errors": "0",
        "skipped": str(skipped),
        "time": f"{sum(it.seconds for it in times if it is not None):.3f}",
    }


def _suite(root: ET.Element, scenario: Scenario, data: dict[str, object], taken: Taken | None) -> None:
    name, counts = printable(scenario.title), _counts([scenario], [taken])
    begun = {"timestamp": f"{taken.begun:%Y-%m-%dT%H:%M:%S}"} if taken is not None else {}
    suite = ET.SubElement(root, "testsuite", {"name": name, **begun, **counts})
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(scenario, data):
        ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
    classname = _dotted(scenario.file)
    case = ET.SubElement(suite, "testcase", {"name": name, "classname": classname, "time": counts["time"]})
    if scenario.failures:
        _failure(case, scenario)


def _properties(scenario: Scenario, data: dict[str, object]) -> list[tuple[str, object]]:
    """What is needed to run it again, how long it is by its own clock, and what it proves."""
    known = [(key, data[key]) for key in PROPERTIES if key in data]
    clock = [("begins", f"{scenario.begun:%Y-%m-%dT%H:%M:%SZ}"), ("lasts", f"{scenario.duration.total_seconds():.3f}")]
    return [*known, *clock, *[("requirement", item) for item in scenario.data.get("requirements", ())]]


def _dotted(file: str) -> str:
    """A scenario's file as a dotted name."""
    file = file.partition("[")[0].removesuffix(SUFFIX).strip("./")
    return printable(file).replace("/", ".") or "scenario"


def _failure(case: ET.Element, scenario: Scenario) -> None:
    """One element for all that did not hold: many readers show only the first."""
    failures, again = scenario.failures, scenario.again
    message = printable(failures[0].data["text"])
    if len(failures) > 1:
        message += f" (and {len(failures) - 1} more)"
    element = ET.SubElement(case, "failure", {"type": "expectation", "message": message})
    command = [f"again: {printable(again)}"] if again else []
    element.text = "\n".join([*(_failed(record) for record in failures), *command])


def _failed(record: Record) -> str:
    data = record.data
    return f"{printable(place_of(data))}: {printable(data['text'])}\n    found: {printable(data.get('found', ''))}"
