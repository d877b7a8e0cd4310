"""Lives of any car in any country, 200 steps each, judged from the requirements alone."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from firmware_profiles import Equipment, profile_names
from tests.pcm_agent.core.lives.life import Life
from tests.pcm_agent.core.lives.moves import COUNTRIES, MOVES, STEPS, Step, busy, live, nothing


def eventful(steps: list[Step]) -> list[Step]:
    """The steps without those that are nothing any more, so that a life that breaks a law reads short."""
    return [step for step in steps if step[0] is not nothing]


@pytest.mark.slow
@pytest.mark.requirement(
    "CON-01", "CON-03", "CON-05", "CON-08", "CON-12", "CON-15", "CON-16", "CON-27", "CON-29", "PRV-01", "PRV-02",
    "IDN-10", "IDN-13", "REM-01", "REM-03", "FOD-02", "FOD-04", "FOD-06",
)  # fmt: skip
@pytest.mark.parametrize("profile", profile_names())
@given(
    country=st.sampled_from(COUNTRIES),
    equipment=st.frozensets(st.sampled_from(Equipment)),
    embedded_sim=st.sampled_from((True, True, True, False)),
    steps=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 999)), min_size=STEPS, max_size=STEPS).map(
        eventful
    ),
)
@settings(
    max_examples=settings().max_examples // len(profile_names()) + 1,
    phases=set(Phase) - {Phase.explain},  # 200 steps take long to be explained, and what is left of them is plain
)
def test_any_life_of_any_car_keeps_all_laws(
    *, profile: str, country: str, equipment: frozenset[Equipment], embedded_sim: bool, steps: list[Step]
) -> None:
    live(Life(profile, country, equipment, embedded_sim=embedded_sim), steps)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("profile", profile_names())
def test_a_busy_life_keeps_all_laws(profile: str, seed: int) -> None:
    """Hypothesis likes simple lives and shrinks them well; bugs like busy ones."""
    busy(profile, seed)
