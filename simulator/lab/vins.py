"""Draws a car's VIN (ISO 3779)."""

import random
from collections.abc import Collection

from firmware_profiles import Country, for_market

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def drawn_vin(seed: int, role: str, market: Country, taken: Collection[str]) -> str:
    """A VIN that no car has yet, with a check digit where the market demands one.

    Seed and role say which: a scenario's car is the same one whatever else is run beside it.
    """
    rng = random.Random(f"{seed} {role}")
    while True:
        middle = "".join(rng.choice(_LETTERS) for _ in range(7))
        vin = for_market(f"WP0ZZZ{middle}{rng.randrange(10_000):04}", market)
        if vin not in taken:
            return vin
