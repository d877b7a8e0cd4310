"""`scripts/bench [NAME ...] [--quick]`: one JSON line a figure. Exit status 0, or 3 if one could not be taken.

`scripts/bench --soak` tries forged metadata and images instead; exit status 0, or 1 if a car believed any.
"""

import argparse
import os
import platform
import sys
import traceback
from collections.abc import Mapping
from typing import Protocol

import msgspec

from scripts.lib.bench.collection import collection
from scripts.lib.bench.commands import durable_command, state_command
from scripts.lib.bench.core_event import core_event
from scripts.lib.bench.download import download
from scripts.lib.bench.exploring import exploring
from scripts.lib.bench.figure import Figure
from scripts.lib.bench.library import library
from scripts.lib.bench.long_terms import long_terms
from scripts.lib.bench.metadata_check import metadata_check
from scripts.lib.bench.thirty_days import thirty_days

BELIEVED, BROKEN = 1, 3


class Benchmark(Protocol):
    """Takes one figure."""

    def __call__(self, *, quick: bool) -> Figure:
        """The figure; with `quick` of fewer rounds."""


BENCHMARKS: Mapping[str, Benchmark] = {
    "core-event": core_event,
    "thirty-days": thirty_days,
    "long-terms": long_terms,
    "library": library,
    "state-command": state_command,
    "durable-command": durable_command,
    "download": download,
    "metadata-check": metadata_check,
    "collection": collection,
    "explore": exploring,
}


def main() -> int:
    """Take the figures that were asked for, all where none was; whether one is as it should be is for the reader."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Print figures, one JSON line each.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}; all where none is")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument(
        "--soak", action="store_true", help="try 100,000 forged files instead; status 1 if one is believed"
    )
    options = parser.parse_args()
    if options.soak:
        from scripts.lib.bench.soak import soak  # needs what the tests need

        return 0 if soak(quick=options.quick) else BELIEVED
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no such figure: {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    results = [_printed(name, quick=options.quick) for name in options.names or BENCHMARKS]
    return 0 if all(results) else BROKEN


def _printed(name: str, *, quick: bool) -> bool:
    """Take one figure and print it; whether that could be done."""
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}
    try:
        taken = BENCHMARKS[name](quick=quick)
    except Exception:  # the other figures can still be taken
        traceback.print_exc()
        return False
    line = msgspec.structs.replace(taken, conditions=taken.conditions | machine)
    print(msgspec.json.encode(line).decode(), flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
