"""A car by model line and model year, and the sides that can be taken where the seeds disagree."""

from pathlib import Path

import msgspec
import pytest

from firmware_profiles import (
    CodePlace,
    ProfileError,
    ProfileErrorCode,
    Reading,
    assumptions,
    load_profile,
    profile_for,
    profile_names,
)

LINES = ("718", "911", "Cayenne", "Macan", "Panamera", "Taycan")


def fault(line: str, year: int, assume: dict[str, str] | None = None) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        profile_for(line, year, assume or {})
    return caught.value


@pytest.mark.parametrize(
    ("line", "year", "name"),
    [
        ("718", 2030, "718"),
        ("911", 2018, "911-gen7"),
        ("911", 2020, "911-gen8"),
        ("911", 2021, "911-gen8"),
        ("911", 2022, "911-gen8-2022"),
        ("Macan", 2017, "macan-pre-facelift"),
        ("Macan", 2019, "macan-facelift"),
        ("macan", 2019, "macan-facelift"),
        ("Cayenne", 2016, "cayenne-gen2"),
        ("Cayenne", 2018, "cayenne-gen3"),
        ("Cayenne", 2021, "cayenne-gen3"),
        ("Panamera", 2017, "panamera-gen2-2017"),
        ("Panamera", 2019, "panamera-gen2-2017"),
        ("Panamera", 2020, "panamera-gen2-2020"),
        ("PANAMERA", 2022, "panamera-gen2-2022"),
        ("Taycan", 2021, "taycan"),
    ],
)
def test_line_and_model_year_choose_a_profile(line: str, year: int, name: str) -> None:
    assert profile_for(line, year) is load_profile(name)


@pytest.mark.parametrize(
    ("line", "year", "candidates"),
    [
        ("Macan", 2018, ["macan-facelift", "macan-pre-facelift"]),
        ("911", 2019, ["911-gen7", "911-gen8"]),
        ("Cayenne", 2017, ["cayenne-gen2", "cayenne-gen3"]),
    ],
)
def test_where_several_profiles_fit_the_error_names_them(line: str, year: int, candidates: list[str]) -> None:
    error = fault(line, year)

    assert error.code is ProfileErrorCode.AMBIGUOUS
    assert error.file == f"{line} {year}"
    assert [name for name in profile_names() if f"{name} (" in error.message] == candidates


@pytest.mark.parametrize(
    ("line", "year", "settling"),
    [
        ("911", 2019, "--assume 911-gen7-end=my2018 (911-gen8)"),
        (
            "Macan",
            2018,
            "--assume macan-my2018=classic (macan-pre-facelift), or with --assume macan-my2018=modern (macan-facelift)",
        ),
        (
            "Cayenne",
            2017,
            "--assume pairing-start=my2018 (cayenne-gen2), "
            "or with --assume cayenne-my2017=generation-2 (cayenne-gen2), "
            "or with --assume cayenne-my2017=generation-3 (cayenne-gen3)",
        ),
    ],
)
def test_where_an_assumption_settles_it_the_error_says_which(line: str, year: int, settling: str) -> None:
    assert fault(line, year).message.endswith(f": choose by profile, or with {settling}")


def test_an_assumption_that_was_made_already_is_not_proposed_again() -> None:
    with pytest.raises(ProfileError) as caught:
        profile_for("Cayenne", 2017, {"pairing-start": "my2017"})
    assert "pairing-start" not in caught.value.message
    assert "--assume cayenne-my2017=generation-2" in caught.value.message


def test_these_three_are_the_only_ones_that_are_ambiguous() -> None:
    ambiguous = []
    for line in LINES:
        for year in range(2000, 2040):
            try:
                assert year in profile_for(line, year).car.model_years
            except ProfileError as error:
                if error.code is ProfileErrorCode.AMBIGUOUS:
                    ambiguous.append((line, year))

    assert ambiguous == [("911", 2019), ("Cayenne", 2017), ("Macan", 2018)]


def test_an_unknown_line_is_answered_with_the_known_ones() -> None:
    assert str(fault("Caynne", 2020)) == (
        f"Caynne: no such model line, known are {', '.join(LINES)}; did you mean Cayenne? [profile-unknown]"
    )


def test_a_year_outside_of_all_spans_is_answered_with_the_spans() -> None:
    assert str(fault("taycan", 2019)) == (
        "Taycan 2019: no profile for that model year, there are taycan (2020 to now) [profile-unknown]"
    )


# --- taking a side ---


@pytest.mark.requirement("IDN-04")
@pytest.mark.parametrize(
    ("line", "name"), [("911", "911-gen8"), ("Cayenne", "cayenne-gen3"), ("Panamera", "panamera-gen2")]
)
def test_model_year_2021_can_be_taken_to_be_linked_by_porsche_id(line: str, name: str) -> None:
    other = {"my2021": "porsche-id"}

    assert profile_for(line, 2021).account.linking == "pairing-code"
    assert profile_for(line, 2021, other).name == f"{name}-2022"
    assert profile_for(line, 2021, other).account.linking == "porsche-id"
    assert profile_for(line, 2020, other).account.linking == "pairing-code"


@pytest.mark.parametrize(
    ("line", "year", "assume", "name"),
    [
        ("Macan", 2018, "macan-my2018=classic", "macan-pre-facelift"),
        ("Macan", 2018, "macan-my2018=modern", "macan-facelift"),
        ("911", 2019, "911-gen7-end=my2018", "911-gen8"),
        ("Cayenne", 2017, "cayenne-my2017=generation-2", "cayenne-gen2"),
        ("Cayenne", 2017, "cayenne-my2017=generation-3", "cayenne-gen3"),
        ("Cayenne", 2017, "pairing-start=my2018", "cayenne-gen2"),
    ],
)
def test_a_side_that_is_taken_settles_what_was_ambiguous(line: str, year: int, assume: str, name: str) -> None:
    assert profile_for(line, year, assumptions([assume])).name == name


def test_the_side_not_taken_becomes_the_other_reading() -> None:
    profile = load_profile("cayenne-gen3", {"my2021": "porsche-id"})

    assert profile.car.model_years.last == 2020
    source = profile.sources["car.model_years.last"]
    assert source.seeds == ("A221", "A225")
    assert source.disputed == (Reading(value=2021, seeds=("A120", "A130", "A158")),)


def test_a_list_may_be_disputed_too() -> None:
    profile = load_profile("cayenne-gen3", {"code-place": "connect-app"})

    assert profile.account.code_places == (CodePlace.MY_PORSCHE, CodePlace.CONNECT_APP)
    assert len(profile.sources["account.code_places"].disputed) == 2


def test_the_default_may_be_said_and_changes_nothing() -> None:
    for name in profile_names():
        said = load_profile(name, {"my2021": "pairing-code"})
        assert msgspec.structs.replace(said, assumed={}) == load_profile(name)


def test_a_profile_knows_what_was_assumed_and_where_it_stands(own_file: Path) -> None:
    shipped, own = load_profile(profile_names()[0], {"my2021": "pairing-code"}), load_profile(own_file)
    assert (shipped.assumed, shipped.file) == ({"my2021": "pairing-code"}, None)
    assert (own.assumed, own.file) == ({}, str(own_file))


def test_assumptions_are_read_from_texts_and_the_later_one_holds() -> None:
    assert assumptions([]) == {}
    assert assumptions(["my2021=porsche-id", "code-place=both", "my2021=pairing-code"]) == {
        "my2021": "pairing-code",
        "code-place": "both",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("my2012=porsche-id", "my2012=porsche-id: no such point of dispute, known are my2021, 911-gen7-end,"),
        (
            "my2021=fax",
            "my2021=fax: no such reading of my2021, known are pairing-code, porsche-id [assumption-unknown]",
        ),
        ("my2021", "my2021=: no such reading of my2021, known are pairing-code, porsche-id [assumption-unknown]"),
        ("", "=: no such point of dispute, known are my2021,"),
    ],
)
def test_an_unknown_assumption_is_answered_with_what_there_is(text: str, message: str) -> None:
    with pytest.raises(ProfileError) as caught:
        assumptions([text])
    assert caught.value.code is ProfileErrorCode.ASSUMPTION_UNKNOWN
    assert str(caught.value).startswith(message)

    point, _, reading = text.partition("=")
    with pytest.raises(ProfileError) as again:
        load_profile("taycan", {point: reading})
    assert str(again.value) == str(caught.value)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("my2012=fax", "no such point of dispute, known are "),
        ("my2021=fax", "no such reading of my2021, known are pairing-code, porsche-id"),
        ("my2021=pairing-code", "pairing-code is what my2021 is taken to be anyway"),
        ("my2021", "expected string matching regex"),
    ],
)
def test_a_reading_of_a_file_must_bear_an_assumption_that_changes_something(
    own_file: Path, when: str, message: str
) -> None:
    text = own_file.read_text("utf-8")
    own_file.write_text(text.replace('source = ["A130"] }', f'source = ["A130"], when = "{when}" }}'), "utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file)

    assert caught.value.code is ProfileErrorCode.INVALID
    assert caught.value.line == 7
    assert caught.value.key == "car.model_years.first.disputed[0].when"
    assert caught.value.message.startswith(message)


def test_a_file_of_ones_own_can_be_read_with_a_side_taken(own_file: Path) -> None:
    text = own_file.read_text("utf-8")
    own_file.write_text(text.replace('source = ["A130"] }', 'assumed = "x", when = "my2021=porsche-id" }'), "utf-8")

    profile = load_profile(own_file, {"my2021": "porsche-id"})

    assert profile.car.model_years.first == 2019
    assert profile.sources["car.model_years.first"].assumed == "x"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1.5", "car.model_years.first.value: expected boolean or integer or string or array, got float"),
        ('"2018"', "car.model_years.first: expected integer, got string"),
    ],
)
def test_a_value_that_cannot_be_is_a_fault_with_the_other_side_taken_too(
    own_file: Path, value: str, message: str
) -> None:
    text = own_file.read_text("utf-8").replace('source = ["A130"] }', 'source = ["A130"], when = "my2021=porsche-id" }')
    own_file.write_text(text.replace("first = { value = 2018", f"first = {{ value = {value}"), "utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file, {"my2021": "porsche-id"})

    assert str(caught.value) == f"{own_file}:7: {message} [profile-invalid]"


def test_a_value_that_becomes_a_reading_is_like_those_that_were_written_as_one(own_file: Path) -> None:
    text = own_file.read_text("utf-8").replace(
        '["inserted-sim", "hotspot"], source = ["A180", "A182"] }',
        '["inserted-sim", "hotspot"], source = ["A180"], '
        'disputed = [{ value = ["hotspot", "inserted-sim"], source = ["A182"], when = "my2021=porsche-id" }] }',
    )
    own_file.write_text(text, "utf-8")

    profile = load_profile(own_file, {"my2021": "porsche-id"})

    assert profile.sources["data.ways"].disputed == (Reading(value=("inserted-sim", "hotspot"), seeds=("A180",)),)
