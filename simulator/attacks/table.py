"""The attacks on a running car: what is tried, where it must be stopped, and how the car heals."""

from collections.abc import Mapping

from pcm_agent.errors import LocalError
from simulator.attacks import betrayed, compared, spoken
from simulator.attacks.attack import Attack
from simulator.scenario.words import nearest

ATTACKS: Mapping[str, Attack] = {
    attack.name: attack
    for attack in (
        *betrayed.SIGNATURES,
        *betrayed.TIME,
        *betrayed.BUNDLES,
        *betrayed.SIZES,
        *compared.ADDRESSES,
        *compared.STOLEN,
        *compared.IMAGES,
        *spoken.IN_THE_CARS_NAME,
        *spoken.IN_THE_BACKENDS_NAME,
    )
}
"""All attacks by name, in the order of the steps that stop them."""


def attack_named(name: str) -> Attack:
    """The attack with a name.

    Raises:
        LocalError: `attack-unknown`, with the nearest one that there is.
    """
    if name not in ATTACKS:
        hint = nearest(name, (*ATTACKS, "all")) or "; `pcm-sim attack` lists all"
        raise LocalError("attack-unknown", f"there is no attack {name!r}{hint}")
    return ATTACKS[name]
