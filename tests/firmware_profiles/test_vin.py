import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_profiles import Country, VinError, check_vin, for_market, load_countries
from firmware_profiles.vin import VIN_CHARACTERS

GERMANY, CANADA, UNITED_STATES = (load_countries()[code] for code in ("DE", "CA", "US"))
vins = st.text(VIN_CHARACTERS, min_size=17, max_size=17)
markets = st.sampled_from(list(load_countries().values()))

# Published examples of the check digit: the first one is the test VIN of ones, the others stand in many textbooks.
KNOWN = ["11111111111111111", "1M8GDM9AXKP042788", "5GZCZ43D13S812715", "1HGCM82633A004352"]


def fault(vin: str, country: Country | None = None) -> VinError:
    with pytest.raises(VinError) as caught:
        check_vin(vin, country)
    assert caught.value.vin == vin
    assert caught.value.code == "vin-invalid"
    return caught.value


@pytest.mark.parametrize("vin", KNOWN)
def test_known_vins_carry_the_check_digit_that_north_america_demands(vin: str) -> None:
    for country in (None, GERMANY, CANADA, UNITED_STATES):
        check_vin(vin, country)


@pytest.mark.parametrize("vin", ["", "WP0", "WP0ZZZ99ZTS39212", "WP0ZZZ99ZTS3921240"])
def test_a_vin_has_17_characters(vin: str) -> None:
    assert (fault(vin).position, fault(vin).reason) == (None, f"expected 17 characters, got {len(vin)}")


@pytest.mark.parametrize("letter", ["I", "O", "Q", "w", "ß", "-", " ", "\uff21", "\u0663"])
@pytest.mark.parametrize("position", [1, 9, 17])
def test_a_character_that_no_vin_has_is_named_with_its_position(letter: str, position: int) -> None:
    sound = "WP0ZZZ99ZTS392124"
    error = fault(f"{sound[: position - 1]}{letter}{sound[position:]}")

    assert error.position == position
    assert error.reason == f"expected A to Z without I, O and Q, or 0 to 9, got {letter!r}"


def test_an_european_vin_needs_no_check_digit() -> None:
    check_vin("WP0ZZZ99ZTS392124")
    check_vin("WP0ZZZ99ZTS392124", GERMANY)


def test_a_wrong_check_digit_is_named_with_the_right_one_and_the_country() -> None:
    error = fault("1M8GDM9A1KP042788", UNITED_STATES)

    assert str(error) == (
        "'1M8GDM9A1KP042788' is no VIN: position 9: expected the check digit 'X' that VINs in US carry, got '1' "
        "[vin-invalid]"
    )
    assert str(fault("WP0")) == "'WP0' is no VIN: expected 17 characters, got 3 [vin-invalid]"


@given(vins, markets)
def test_a_vin_made_for_a_market_is_one_there(vin: str, market: Country) -> None:
    made = for_market(vin, market)

    check_vin(made, market)
    assert (made[:8], made[9:]) == (vin[:8], vin[9:])
    assert market.vin_check_digit or made == vin


@given(vins, st.sampled_from(sorted(set(range(17)) - {8})), st.sampled_from("0123456789"))
def test_a_digit_in_place_of_another_is_found_out(vin: str, place: int, digit: str) -> None:
    made = for_market(vin[:place] + "5" + vin[place + 1 :], UNITED_STATES)
    wrong = made[:place] + digit + made[place + 1 :]

    if wrong != made:
        assert fault(wrong, UNITED_STATES).position == 9
