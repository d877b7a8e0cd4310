"""The verdicts as JUnit XML, which every CI service reads: a test suite with one test case a scenario."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from simulator.files import write_atomically
from simulator.report.endings import Ending, Untold, not_run
from simulator.report.figures import printable
from simulator.report.story import Scenario, run_data, scenarios_of
from simulator.report.words import place_words
from simulator.trace import Record

PROPERTIES = ("seed", "mode", "profile", "country", "vin")
"""What is taken from a scenario's record, or else from the run's."""
SUFFIX = ".pcm.yaml"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_junit(path: Path, records: Sequence[Record], *, again: Sequence[str] = ()) -> None:
    """Write the verdicts of a run. Durations are in seconds of virtual time.

    Args:
        path: where; what stood there is replaced once the new file is whole.
        records: the run's trace.
        again: for each scenario the command that gives the same once more.

    Raises:
        TransportError: `report-unwritable`.
    """
    root = _document(records, again)
    ET.indent(root)
    write_atomically(path, f"{HEAD}{ET.tostring(root, encoding='unicode')}\n")


def _document(records: Sequence[Record], again: Sequence[str]) -> ET.Element:
    scenarios = scenarios_of(records, again)
    run = run_data(records)
    untold = not_run(run, len(scenarios))
    root = ET.Element("testsuites", _counts(scenarios, len(untold)))
    for scenario in scenarios:
        _suite(root, scenario, {**run, **scenario.data})
    for ending in (Ending.NOT_BEGUN, Ending.NOT_APPLICABLE):
        _not_run(root, ending, [item for item in untold if item.ending is ending])
    return root


def _not_run(root: ET.Element, ending: Ending, items: Sequence[Untold]) -> None:
    """The cells that were not run, of one kind in one suite, so that each kind is counted on its own."""
    if not items:
        return
    suite = ET.SubElement(root, "testsuite", {"name": str(ending), **_counts([], len(items))})
    for item in items:
        name = printable(item.name)
        case = ET.SubElement(suite, "testcase", {"name": name, "classname": _dotted(name), "time": "0.000"})
        ET.SubElement(case, "skipped", {"message": printable(f"{ending}: {item.why}")})


def _counts(scenarios: Sequence[Scenario], skipped: int = 0) -> dict[str, str]:
    return {
        "tests": str(len(scenarios) + skipped),
        "failures": str(sum(bool(scenario.failures) for scenario in scenarios)),
        "errors": "0",
        "skipped": str(skipped),
        "time": f"{sum(scenario.duration.total_seconds() for scenario in scenarios):.3f}",
    }


def _suite(root: ET.Element, scenario: Scenario, data: dict[str, object]) -> None:
    name = printable(scenario.title)
    begun = f"{scenario.begun:%Y-%m-%dT%H:%M:%S}"
    suite = ET.SubElement(root, "testsuite", {"name": name, "timestamp": begun, **_counts([scenario])})
    properties = ET.SubElement(suite, "properties")
    known = [(key, data[key]) for key in PROPERTIES if key in data]
    for key, value in [*known, *[("requirement", item) for item in scenario.data.get("requirements", ())]]:
        ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
    seconds = f"{scenario.duration.total_seconds():.3f}"
    case = ET.SubElement(suite, "testcase", {"name": name, "classname": _dotted(scenario.file), "time": seconds})
    if scenario.failures:
        _failure(case, scenario)


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
    return f"{printable(place_words(data))}: {printable(data['text'])}\n    found: {printable(data.get('found', ''))}"
