"""All moves of a life, and how often each comes: single events, and stretches to where much depends on them."""

from collections.abc import Callable, Iterable
from itertools import islice
from random import Random

from firmware_profiles import Equipment, load_countries
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from tests.pcm_agent.core.lives.company import (
    answer_link,
    change_driver,
    change_settings,
    command_from_afar,
    leave_the_profile,
    log_in,
    other_command,
    own,
    repeat_a_command,
    serve,
)
from tests.pcm_agent.core.lives.errands import (
    app,
    broken_repositories,
    decide,
    fail_and_stay,
    order,
    order_and_activate,
    order_and_fetch,
    passengers,
    repositories,
    theft,
    transfer,
    update_map,
    use_data,
    work_on_files,
)
from tests.pcm_agent.core.lives.life import Life
from tests.pcm_agent.core.lives.roads import (
    allow_roaming,
    body,
    call,
    call_over_sim,
    cell,
    cut_power,
    drive_off,
    fire_a_timer_early,
    go_private,
    go_public,
    hotspot,
    let_time_pass,
    network,
    park_and_leave,
    phone,
    prefer_sim,
    reset_to_factory,
    sim,
    surroundings,
    tap_anything,
    weeks_pass,
)
from tests.pcm_agent.core.test_table import samples

Move = Callable[[Life, Random], object]
OWN_MODULES = ("base", "internal", "backend", "repositories", "pcm", "menu", "service")
OWN = (on.BearerAttached, on.BearerRejected, on.DataPackageBooked, on.AlarmClosed)
"""Not to come astray, as those of the modules above: raised by the rules, said in commands, or a move of their own."""
STRAY = [
    event
    for kind in sorted(Event.__subclasses__(), key=str)
    if kind.__module__.rpartition(".")[2] not in OWN_MODULES and kind not in OWN
    for event in islice(samples(kind), 12)
] + [on.TrafficEnabled(), on.TrafficDisabled(), on.AppConnectionOpened(), on.UpdatesOpened()]
"""Every other event, wanted or not: what comes late, twice, or out of nowhere."""


def nothing(_life: Life, _dice: Random) -> None:
    """Where a life is made shorter, its steps become this."""


def stray(life: Life, dice: Random) -> None:
    life.feed(dice.choice(STRAY))


WEIGHTS: dict[Move, int] = {
    nothing: 1, stray: 10, body: 4, drive_off: 5, park_and_leave: 6, let_time_pass: 4, weeks_pass: 2, cut_power: 4,
    fire_a_timer_early: 1, network: 6, cell: 5, sim: 3, prefer_sim: 2, hotspot: 3, surroundings: 2,
    tap_anything: 10, go_private: 4, go_public: 3, allow_roaming: 2, reset_to_factory: 1, phone: 3, call: 4,
    call_over_sim: 3, passengers: 3, use_data: 4, update_map: 4, app: 2, theft: 1, order: 3, order_and_fetch: 3,
    order_and_activate: 3, fail_and_stay: 2, repositories: 6, broken_repositories: 2, transfer: 5, work_on_files: 6,
    decide: 3, log_in: 4, answer_link: 2, own: 5, serve: 1, command_from_afar: 8, repeat_a_command: 3,
    other_command: 1, change_driver: 6, leave_the_profile: 2, change_settings: 3,
}  # fmt: skip
"""How often each comes, beside the others."""
MOVES: tuple[Move, ...] = tuple(move for move, weight in WEIGHTS.items() for _ in range(weight))

# --- whole lives ---

STEPS = 200
COUNTRIES = sorted(load_countries())
Step = tuple[Move, int]
"""A move, and the seed of its dice."""


def live(life: Life, steps: Iterable[Step]) -> Life:
    """Go through the steps; the life, at its end."""
    for move, seed in steps:
        move(life, Random(seed))
    return life


def busy(profile: str, seed: int) -> Life:
    """A life that is the same each time."""
    dice = Random(f"{profile} {seed}")
    equipment = frozenset(option for option in Equipment if dice.random() < 0.5)
    life = Life(profile, dice.choice(COUNTRIES), equipment, embedded_sim=dice.random() < 0.8)
    return live(life, [(dice.choice(MOVES), dice.randrange(1000)) for _ in range(STEPS)])
