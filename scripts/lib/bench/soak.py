"""`scripts/bench --soak`: 100,000 random changes of metadata and images, none of which a car may believe."""

import asyncio
import sys
import time

import msgspec

from simulator.workers import cores, in_order
from tests.simulator.repository.mutations import Tried, tried

CHANGES, QUICK_CHANGES = 100_000, 2_000
BLOCK = 500
"""Changes that one seed gives; the seeds are 0, 1, 2, ..."""


def soak(*, quick: bool) -> bool:
    """Try them on all cores, print one JSON line, and show those that were believed; whether there was none."""
    blocks, start = (QUICK_CHANGES if quick else CHANGES) // BLOCK, time.perf_counter()
    result = Tried()
    for done, block in enumerate(in_order(_block, range(blocks), cores()), 1):
        result.add(block)
        _show(done * BLOCK, blocks * BLOCK, len(result.believed))
    print(_line(result, blocks, time.perf_counter() - start), flush=True)
    for name, content in result.believed:
        print(f"{name} {content!r}", file=sys.stderr)
    return not result.believed


def _block(seed: int) -> Tried:
    return asyncio.run(tried(BLOCK, seed))


def _show(done: int, whole: int, accepted: int) -> None:
    """Progress, where somebody sees it."""
    if sys.stderr.isatty():
        end = "\n" if done == whole else ""
        print(f"\r{done:,} of {whole:,} changes, {accepted} accepted", end=end, file=sys.stderr, flush=True)


def _line(result: Tried, blocks: int, seconds: float) -> str:
    line = {
        "name": "soak",
        "tried": result.metadata + result.images,
        "accepted": len(result.believed),
        "metadata": result.metadata,
        "images": result.images,
        "said_the_same": result.harmless,
        "refused": dict(result.refused.most_common()),
        "seeds": f"0 to {blocks - 1}, {BLOCK} changes each",
        "seconds": round(seconds),
    }
    return msgspec.json.encode(line).decode()
