"""What must hold between the values of one profile, beyond the type of each.

Each check yields the key path at fault and a sentence; `contradictions` runs them all. They are rules of
the form, not of a car: what a car has and lacks is said by its file alone.
"""

from collections.abc import Collection, Iterator, Sequence

from firmware_profiles.menu_checks import Contradiction, menu_contradictions
from firmware_profiles.schema import Profile
from firmware_profiles.vocabulary import Equipment, Linking, Way


def contradictions(profile: Profile, labels: Collection[str]) -> Iterator[Contradiction]:
    """Yield what contradicts itself in a profile.

    Args:
        profile: A profile whose values have the right types.
        labels: The label ids that menus may use.
    """
    yield from _model_years(profile)
    yield from _ways(profile)
    yield from _sim_pin(profile)
    yield from _code_places(profile)
    yield from _equipment(profile)
    yield from menu_contradictions(profile, labels)


def _model_years(profile: Profile) -> Iterator[Contradiction]:
    years = profile.car.model_years
    if years.last is not None and years.last < years.first:
        yield Contradiction(("car", "model_years", "last"), f"{years.last} is before the first, {years.first}")


def _ways(profile: Profile) -> Iterator[Contradiction]:
    yield from _twice("ways", profile.data.ways)
    yield from _twice("parked_ways", profile.data.parked_ways)
    for way in profile.data.parked_ways:
        if way not in profile.data.ways:
            yield Contradiction(("data", "parked_ways"), f"'{way}' is not among data.ways")


def _twice(key: str, ways: Sequence[Way]) -> Iterator[Contradiction]:
    for place, way in enumerate(ways):
        if way in ways[:place]:
            yield Contradiction(("data", key), f"'{way}' stands there twice")


def _sim_pin(profile: Profile) -> Iterator[Contradiction]:
    if profile.data.sim_pin and Way.INSERTED_SIM not in profile.data.ways:
        yield Contradiction(("data", "sim_pin"), "there is no 'inserted-sim' among data.ways that could ask for a PIN")


def _code_places(profile: Profile) -> Iterator[Contradiction]:
    has_code = profile.account.linking is Linking.PAIRING_CODE
    if has_code and not profile.account.code_places:
        yield Contradiction(("account", "code_places"), "missing key: account.linking says that there is a code")
    if not has_code and profile.account.code_places:
        yield Contradiction(("account", "code_places"), "account.linking says that there is no code")


def _equipment(profile: Profile) -> Iterator[Contradiction]:
    options, card = profile.equipment.options, profile.security.driver_card
    if profile.phone.wireless_carplay and not profile.phone.carplay:
        yield Contradiction(("phone", "wireless_carplay"), "phone.carplay says that there is none")
    if profile.phone.wireless_carplay is not (Equipment.WIRELESS_CARPLAY in options):
        yield Contradiction(("equipment", "options"), "phone.wireless_carplay says otherwise about 'wireless-carplay'")
    if card is not None and card not in options:
        yield Contradiction(("security", "driver_card"), f"'{card}' is not among equipment.options")
