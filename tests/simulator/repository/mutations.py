"""Random changes to files that a car reads; how many of them a car believes though they say something else.

.venv/bin/python -m tests.simulator.repository.mutations 100000 [SEED]
"""

import asyncio
import json
import random
import sys
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pcm_agent.errors import PeerError
from pcm_agent.trust.metadata import Verified
from pcm_agent.trust.refusals import REFUSALS
from tests.simulator.repository.bench import Bench

Mutation = Callable[[random.Random, bytes], bytes]
WORDS: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    2**31,
    2**63,
    1e308,
    "",
    "0",
    [],
    {},
    [[]],
    "\ud800",
    "2099-01-01T00:00:00Z",
)


def flipped(dice: random.Random, content: bytes) -> bytes:
    """One bit is another."""
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


def cut(dice: random.Random, content: bytes) -> bytes:
    """Some bytes are missing."""
    start, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[end:]


def doubled(dice: random.Random, content: bytes) -> bytes:
    """Some bytes stand there twice."""
    start, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:]


def rewritten(dice: random.Random, content: bytes) -> bytes:
    """One value of the JSON is another, is gone, or has another name; the whole has other white space."""
    document = json.loads(content)
    holder: Any = document
    while True:
        key = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if not isinstance(holder[key], dict | list) or not holder[key] or dice.random() < 0.1:
            break
        holder = holder[key]
    what = dice.randrange(4)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[f"{key}x"] = holder.pop(key)
    elif what == 2 and isinstance(holder[key], int):
        holder[key] += dice.choice((-1, 1))
    else:
        holder[key] = dice.choice(WORDS)
    return json.dumps(document, indent=dice.choice((None, 1))).encode()


MUTATIONS: tuple[Mutation, ...] = (flipped, cut, doubled, rewritten, rewritten, rewritten)


async def believed(count: int, seed: int) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Try so many changes.

    Returns:
        Those that the car took for something else than the honest state, which should be none, and all codes seen.
    """
    bench = Bench()
    bench.repositories.rotate("director/root", bench.now)
    bench.repositories.rotate("image/targets", bench.now)
    honest = _meaning(await bench.verify())
    names, dice = list(dict.fromkeys(bench.asked)), random.Random(seed)
    names = [name for name in names if bench.repositories.lookup(name) is not None]
    wrong, codes = [], set()
    for _ in range(count):
        name = dice.choice(names)
        changed = dice.choice(MUTATIONS)(dice, bench.file(name))
        bench.forged = {name: changed}
        try:
            if _meaning(await bench.verify()) != honest:
                wrong.append((name, changed))
        except PeerError as error:
            codes.add(error.code)
    assert codes <= REFUSALS.keys()
    return wrong, codes


def _meaning(verified: Verified) -> Verified:
    """What was read, without the bytes of the roots: white space and superfluous signatures mean nothing."""
    return Verified(replace(verified.director, root=b""), replace(verified.image, root=b""))


if __name__ == "__main__":
    found, refused = asyncio.run(believed(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
    sys.stdout.writelines(f"{file} {mutant!r}\n" for file, mutant in found)
    sys.stdout.write(f"{len(found)} believed; refused with {', '.join(sorted(refused))}\n")
    sys.exit(bool(found))
