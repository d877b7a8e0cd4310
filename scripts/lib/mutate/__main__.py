"""`scripts/mutate`: a JSON line a mutant on standard output; a table, and whoever lives, on standard error.

Exit status 1: fewer than 95 % died, one lives without an explanation in `survivors.toml`, or one explained there does
not live. 2: wrong use, or the tests fail by themselves.
"""

import argparse
import json
import os
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.lib.mutate.mutants import Mutant, all_mutants
from scripts.lib.mutate.runner import Result, run_mutants

ENOUGH = 0.95
EXPLAINED = Path(__file__).with_name("survivors.toml")


def main() -> int:
    """Try the mutants that are asked for."""
    mutants = all_mutants()
    topics = list(dict.fromkeys(mutant.topic for mutant in mutants))
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument("--only", metavar="TOPIC", choices=topics, help=f"one of {', '.join(topics)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many processes at once")
    options = parser.parse_args()
    chosen = [mutant for mutant in mutants if options.only in (None, mutant.topic)]
    since = time.monotonic()
    runner = run_mutants(chosen, max(1, options.jobs), _tell)
    if runner.problem:
        print(f"scripts/mutate: {runner.problem}", file=sys.stderr)
        return 2
    return _conclude(runner.results, chosen, time.monotonic() - since)


def _tell(result: Result) -> None:
    """One line as soon as it is known."""
    line = {
        "mutant": result.mutant.name,
        "killed": result.killer is not None,
        "killer": result.killer,
        "seconds": round(result.seconds, 2),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _conclude(results: Sequence[Result], chosen: Sequence[Mutant], seconds: float) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    living = {result.mutant.name for result in results if result.killer is None}
    console.print(_table(results, chosen))
    for name in sorted(living):
        console.print(f"lives: {name}\n       {explained.get(name, 'not explained')}", markup=False)
    known = {mutant.name for mutant in all_mutants()}
    tried = {mutant.name for mutant in chosen}
    stale = {name for name in explained if name not in known or (name in tried and name not in living)}
    for name in sorted(stale):
        console.print(f"explained in {EXPLAINED.name}, but does not live: {name}", markup=False)
    share = 1 - len(living) / len(results)
    console.print(f"{len(results) - len(living)} of {len(results)} mutants died: {share:.1%}, in {seconds:.0f} s")
    return int(share < ENOUGH or bool(living - set(explained)) or bool(stale))


def _table(results: Sequence[Result], chosen: Sequence[Mutant]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("topic", "killed", "survived"):
        table.add_column(column, justify="left" if column == "topic" else "right")
    for topic in dict.fromkeys(mutant.topic for mutant in chosen):
        alive = [result.killer is None for result in results if result.mutant.topic == topic]
        table.add_row(topic, str(alive.count(False)), str(alive.count(True)))
    return table


if __name__ == "__main__":
    sys.exit(main())
