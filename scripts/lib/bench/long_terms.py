"""`long-terms`: 28 days to the end of an order, 60 days out of reach, three months of a subscription."""

import time
from collections.abc import Callable

from scripts.lib.bench.figure import Aim, Figure, figure, side_by_side
from simulator.scenario.loader import LoadedScenario, load_scenario, parse_scenario
from simulator.session import Options, run

AIM = Aim("ours", "<=", 1.0)
STORIES = ("never-downloaded", "billed-after-sixty-days", "monthly-subscription")
NOTHING = "version: 1\ntitle: A car\ncar: {profile: taycan, country: DE}\nsteps: [{do: {ignition: 'on'}}]\n"


def long_terms(*, quick: bool) -> Figure:
    """Real seconds of the slowest of the stories, and of a scenario in which no time passes."""
    stories, nothing = [load_scenario(name) for name in STORIES], parse_scenario(NOTHING, "nothing.pcm.yaml")
    pairs = side_by_side(_slowest(*stories), _slowest(nothing), 3 if quick else 9)
    conditions = {
        "ours": f"the slowest of {', '.join(STORIES)}, in virtual time",
        "reference": "a lab with one car that is begun and ended",
    }
    return figure("long-terms", pairs, "s", AIM, conditions)


def _slowest(*stories: LoadedScenario) -> Callable[[], float]:
    return lambda: max(map(_taken, stories))


def _taken(story: LoadedScenario) -> float:
    start = time.perf_counter()
    if not run([story], Options(live=False)).passed:
        raise RuntimeError(f"{story.name} does not hold")
    return time.perf_counter() - start
