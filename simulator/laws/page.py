"""The page `docs/invariants.md`: all laws, with the rows behind them and who judges by them."""

from collections.abc import Iterator

from simulator.laws.table import LAWS, Judge
from simulator.markdown import table

_HEAD = """\
# What must hold in every life

Generated from `simulator/laws/table.py`; do not edit.

These are the invariants of the whole repository, in one list. `pcm-sim explore` lives random lives of random cars with
random faults, and judges them by those of the first column; so is every scenario with `invariants: on` in it. The
others are judged by tests, which see what a lab does not: the core at each of its events, a forged repository, a disk
on which the power is cut. A judge takes nothing from the tables of the core: it says once more what the requirements
say.

```sh
pcm-sim explore --seeds 2000                       # lives 1 to 2000, over all cores
pcm-sim explore --seed 2001 --seeds 2000 --jobs 1  # the next ones, in one process
pcm-sim run out/life-17.pcm.yaml --virtual --seed 17
```

The first life that breaks a law is made short and written as a scenario, with the command that runs it. The same seed
gives the same life and the same trace, byte for byte, however many processes there are: the digest at the end says so.
`--keep-going` lives all of them, and writes the first life for each law. Exit status: 0 no law was broken, 1 one was.
"""
_COLUMNS = (Judge.EXPLORE, Judge.CORE, Judge.ATTACKS, Judge.POWER_CUTS)


def page() -> str:
    """The page in Markdown, ready to be written."""
    return "\n".join([_HEAD, *_laws(), *_judges()])


def _laws() -> Iterator[str]:
    yield "## The laws\n"
    rows = [
        (f"`{law.name}`", law.sentence, ", ".join(law.rows), *("✓" * (judge in law.judges) for judge in _COLUMNS))
        for law in LAWS.values()
    ]
    yield from table(("law", "what holds", "rows", *_COLUMNS), rows)


def _judges() -> Iterator[str]:
    yield "## Who judges\n"
    yield from table(
        ("", "where", "when"),
        [
            (Judge.EXPLORE, "`simulator/laws`", "each event, each message, and whenever all is quiet"),
            (Judge.CORE, "`tests/pcm_agent/core/lives`", "each event of random lives of the core alone"),
            (Judge.ATTACKS, "`simulator/attacks`", "at the end of each attack on the repositories"),
            (Judge.POWER_CUTS, "`tests/powercut`", "whenever the power was cut, and at the end"),
        ],
    )
