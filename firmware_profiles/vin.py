"""Vehicle identification numbers: their form (ISO 3779), and the check digit that some markets demand.

The check digit stands at position 9 and is computed after 49 CFR 565.15(c): each character has a value, each position a
weight, and the sum modulo 11 is the digit, with X for 10. Whether a market demands it is a column of its country.
"""

from firmware_profiles.errors import VinError
from firmware_profiles.reference import Country

VIN_LENGTH = 17
VIN_CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
"""All that ISO 3779 allows: no I, O and Q, which look like 1 and 0."""
CHECK_POSITION = 9
_DIGITS = "0123456789X"
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {character: int(character) for character in "0123456789"} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)


def check_vin(vin: str, country: Country | None = None) -> None:
    """Let a text pass that is a VIN.

    Args:
        vin: The text.
        country: The market of the car; without one, no check digit is asked for.

    Raises:
        VinError: `vin-invalid`, with the first position at fault.
    """
    if len(vin) != VIN_LENGTH:
        raise VinError(vin, None, f"expected {VIN_LENGTH} characters, got {len(vin)}")
    for position, character in enumerate(vin, start=1):
        if character not in VIN_CHARACTERS:
            raise VinError(vin, position, f"expected A to Z without I, O and Q, or 0 to 9, got {character!r}")
    if country is None or not country.vin_check_digit:
        return
    expected, found = _check_digit(vin), vin[CHECK_POSITION - 1]
    if found != expected:
        reason = f"expected the check digit {expected!r}, which {country.name.en} demands, got {found!r}"
        raise VinError(vin, CHECK_POSITION, reason)


def for_market(vin: str, country: Country) -> str:
    """Return a VIN that may be used in a country: with the right check digit where it demands one, else as it is."""
    if not country.vin_check_digit:
        return vin
    return vin[: CHECK_POSITION - 1] + _check_digit(vin) + vin[CHECK_POSITION:]


def _check_digit(vin: str) -> str:
    products = (_VALUES[character] * weight for character, weight in zip(vin, _WEIGHTS, strict=True))
    return _DIGITS[sum(products) % 11]
