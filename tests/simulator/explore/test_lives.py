"""Lives: the same seed gives the same life and the same trace, and what is written of one is that life."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from simulator.explore.errands import ERRANDS, THEMES
from simulator.explore.exploring import Findings, explore
from simulator.explore.faults import FAULTS
from simulator.explore.lives import life
from simulator.explore.living import Lived, live, live_through
from simulator.explore.moves import MOVES
from simulator.explore.writing import written
from simulator.scenario.loader import parse_scenario
from simulator.scenario.model import Do
from simulator.scenario.runner import ENOUGH
from simulator.session import Options, run
from simulator.workers import in_order

SEEDS = range(40)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_life_and_the_same_trace(seed: int) -> None:
    assert life(seed) == life(seed)
    assert live(seed) == live(seed)
    assert live(seed).digest != live(seed + 10).digest


def test_a_life_reads_the_same_when_it_is_written_down() -> None:
    for seed in SEEDS:
        plain = life(seed)
        loaded = parse_scenario(written(plain), "life.pcm.yaml")
        assert loaded.scenario.invariants == "on"
        assert [step.do is not None for step in loaded.scenario.steps] == [True] * len(plain["steps"])


def test_a_life_that_was_written_down_has_the_same_trace() -> None:
    plain = life(3)
    of_file = run([parse_scenario(written(plain), "life.pcm.yaml")], Options(live=False, seed=3, takes_no=True))
    of_life = run([parse_scenario(written(life(3)), "life.pcm.yaml")], Options(live=False, seed=3, takes_no=True))
    assert of_file.records == of_life.records


def test_lives_are_the_same_with_one_worker_and_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def spy(work: Callable[[int], Lived], seeds: Sequence[int], jobs: int) -> Iterator[Lived]:
        asked.append(jobs)
        return in_order(work, seeds, jobs)

    monkeypatch.setattr("simulator.explore.exploring.in_order", spy)
    alone, together = Findings(), Findings()
    explore(SEEDS[:6], 1, alone, lambda _: None)
    explore(SEEDS[:6], 2, together, lambda _: None)
    assert asked == [1, 2]
    assert alone.lives == together.lives == 6
    assert alone.digest == together.digest


def test_whoever_has_found_a_breach_lives_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    one = live_through(life(1), 1)
    broken = type(one)(seed=1, steps=1, digest="", law="data")
    monkeypatch.setattr("simulator.explore.exploring.in_order", lambda work, seeds, jobs: iter([one, broken, one]))
    findings = Findings()
    explore(SEEDS, 1, findings, lambda _: None)
    assert (findings.lives, findings.broken) == (2, [broken])
    everything = Findings()
    explore(SEEDS, 1, everything, lambda _: None, go_on=True)
    assert (everything.lives, everything.broken) == (3, [broken])


def test_each_move_and_each_fault_is_a_key_of_do() -> None:
    keys = set(Do.__struct_fields__)
    assert {move.name for move in MOVES} <= keys
    assert {fault.name for fault in FAULTS} <= keys
    assert {fault.heals[0] for fault in FAULTS if fault.heals is not None} <= keys


def test_lives_come_to_all_that_can_be_done() -> None:
    """Nothing is left out by mistake: who adds a key of `do` says here, or in a move, whether lives have it."""
    done = {name for seed in range(1500) for step in life(seed)["steps"] for name in step["do"]}
    left_out = {"menu", "car_built"}
    assert set(Do.__struct_fields__) - done == left_out


def test_each_errand_has_a_theme() -> None:
    assert len({errand for _, errand in ERRANDS}) == len(ERRANDS)
    assert {errand for _, theme in THEMES for _, errand in theme} == {errand for _, errand in ERRANDS}


def test_a_life_that_goes_on_for_too_long_is_left() -> None:
    """Or one that is made short, and so is online for months, would keep whoever looks waiting for minutes."""
    steps = [{"do": {"ignition": "on"}}, {"do": {"radio": {"access": "lte"}}}, {"do": {"wait": "95 d"}}]
    head = {"version": 1, "title": "Months", "invariants": "on", "car": {"profile": "taycan", "country": "DE"}}
    text = written({**head, "steps": steps})
    outcome = run([parse_scenario(text, "life.pcm.yaml")], Options(live=False, takes_no=True))
    assert outcome.passed
    assert ENOUGH < len(outcome.records) < ENOUGH + 100
