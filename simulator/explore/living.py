"""Lives a life in virtual time: which law it broke, if any, and the trace as one number."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from simulator.explore.lives import life
from simulator.scenario.loaded import LoadedScenario
from simulator.scenario.loader import only, read_cells
from simulator.scenario.places import Place, Source
from simulator.scenario.verdict import Failure
from simulator.session import Options, run
from simulator.trace import Record

_encoder = msgspec.json.Encoder()


class Lived(Struct, frozen=True):
    """What came of a life.

    Attributes:
        seed: from which all was drawn.
        steps: how many were done.
        digest: of the trace; the same seed gives the same bytes.
        law: name of the one that was broken; "": none was.
        seen: what was seen then.
        failure: where and how.
        declined: steps that could not be done, counted from 0, with the code.
    """

    seed: int
    steps: int
    digest: str
    law: str = ""
    seen: str = ""
    failure: Failure | None = None
    declined: Mapping[int, str] = {}


def live(seed: int) -> Lived:
    """Live the life of a seed."""
    return live_through(life(seed), seed)


def live_through(plain: Mapping[str, Any], seed: int) -> Lived:
    """Live a life that is written out."""
    hashed = hashlib.sha256()

    def take(record: Record) -> None:
        hashed.update(_encoder.encode(record))

    options = Options(live=False, seed=seed, takes_no=True)
    verdict = run([_loaded(plain)], options, [take]).verdicts[0]
    failure = next(iter(verdict.failures), None)
    return Lived(
        seed=seed,
        steps=failure.step if failure else len(plain["steps"]),
        digest=hashed.hexdigest(),
        law=failure.law if failure else "",
        seen=failure.found if failure else "",
        failure=failure,
        declined=verdict.declined,
    )


def _loaded(plain: Mapping[str, Any]) -> LoadedScenario:
    return only(read_cells(Source("life.pcm.yaml", plain, {"": Place("life.pcm.yaml", 1, 1)})))
