from pathlib import Path

import pytest

from firmware_profiles import Equipment, ProfileError, load_profile
from pcm_agent.errors import LocalError
from simulator.choice import CarChoice, equipment_of, market_of
from simulator.processes.agent import AgentOptions, _vehicle


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (CarChoice("718"), "718"),
        (CarChoice(line="Cayenne", model_year=2021), "cayenne-gen3"),
        (CarChoice(line="Cayenne", model_year=2021, assume={"my2021": "porsche-id"}), "cayenne-gen3-2022"),
    ],
)
def test_a_car_is_given_by_profile_or_by_line_and_model_year(choice: CarChoice, name: str) -> None:
    assert choice.names_a_car
    assert choice.resolve().name == name


@pytest.mark.parametrize(
    "choice",
    [
        CarChoice(),
        CarChoice(line="718"),
        CarChoice(model_year=2020),
        CarChoice("718", model_year=2020),
        CarChoice("718", line="718"),
        CarChoice("718", line="718", model_year=2020),
    ],
)
def test_anything_between_is_refused(choice: CarChoice) -> None:
    with pytest.raises(LocalError) as caught:
        choice.resolve()
    assert caught.value.code == "car-incomplete"


def test_one_choice_stands_over_another() -> None:
    wanted = CarChoice("taycan", assume={"my2021": "porsche-id", "code-place": "connect-app"})

    assert CarChoice().over(wanted) == wanted
    assert CarChoice("718").over(wanted) == CarChoice("718", assume=wanted.assume)
    assert CarChoice(line="718", model_year=2020).over(wanted).profile is None
    assert CarChoice(assume={"my2021": "pairing-code"}).over(wanted) == CarChoice(
        "taycan", assume={"my2021": "pairing-code", "code-place": "connect-app"}
    )


def test_only_a_path_is_seen_from_a_folder() -> None:
    folder = Path("stories")

    assert CarChoice("./mine.toml").seen_from(folder).profile == str(folder / "mine.toml")
    assert CarChoice("taycan").seen_from(folder) == CarChoice("taycan")
    assert CarChoice(line="718").seen_from(folder) == CarChoice(line="718")


def test_a_market_is_known_or_the_page_that_has_them_is_named() -> None:
    assert market_of("JP").name.en == "Japan"
    with pytest.raises(LocalError, match=r"docs/profiles\.md has the 45 that are") as caught:
        market_of("XX")
    assert caught.value.code == "country-unknown"


def test_what_was_ordered_must_be_had_in_this_car() -> None:
    taycan = load_profile("taycan")
    assert equipment_of(taycan, ()) == frozenset()
    assert equipment_of(taycan, ["wireless-carplay"]) == {Equipment.WIRELESS_CARPLAY}
    with pytest.raises(LocalError, match="'sunroof' can't be ordered for this car; it may have: wireless-carplay, "):
        equipment_of(taycan, ["wireless-carplay", "sunroof"])


def test_what_was_ordered_is_in_the_car_that_the_agent_runs_and_in_the_restored_one(tmp_path: Path) -> None:
    ordered = frozenset((Equipment.VEHICLE_TRACKING_SYSTEM_PLUS,))
    options = AgentOptions("V", load_profile("taycan"), market_of("JP"), "", tmp_path, tmp_path, equipment=ordered)
    car = _vehicle(options, None)
    assert car.car.equipment == ordered
    assert _vehicle(options, car.snapshot()).car.equipment == ordered


def test_what_is_wrong_with_a_profile_is_said_as_it_is() -> None:
    with pytest.raises(ProfileError, match=r"profile-ambiguous"):
        CarChoice(line="Macan", model_year=2018).resolve()
