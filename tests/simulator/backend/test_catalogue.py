"""What is sold for which cars: functions on demand and online software updates."""

import re
from pathlib import Path

import msgspec
import pytest

import simulator.backend
from firmware_profiles import Equipment, ProfileError, load_countries, profile_names
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import PackageState
from simulator.backend.catalogue import Build, load_catalogue
from simulator.backend.declined import DECLINED
from simulator.backend.orders import account_of, built
from simulator.backend.records import OrderKind, OrderState
from simulator.backend.subscriptions import next_due, work_off
from simulator.backend.updates import disable_updates, enable_updates, offer_update, updates_for
from simulator.units import record_of
from tests.simulator.backend.office import MAX, MIA, PASSWORD, UNIT, VIN, Office

PACKAGE = Path(simulator.backend.__file__).parent
CATALOGUE = """\
[functions.seat-warmth]
profiles = { value = ["taycan"], assumed = "x" }
countries_without = { value = ["AT"], source = ["B203"] }
equipment = { value = ["wireless-carplay"], assumed = "x" }
kinds = { value = ["monthly"], source = ["A242"] }

[updates.radio]
profiles = { value = ["taycan"], assumed = "x" }
countries_without = { value = ["AT"], assumed = "x" }
equipment = { value = ["wireless-carplay"], assumed = "x" }
version = { value = "1.1", assumed = "x" }
bytes = { value = 1000, assumed = "x" }
"""
SEATS, RADIO = "seat-warmth", "radio"
FITTING = Build("taycan", "DE", frozenset({"wireless-carplay"}))
OTHERS = {
    "not-in-country": FITTING._replace(country="AT"),
    "not-for-car": FITTING._replace(profile="718"),
    "equipment-missing": FITTING._replace(equipment=frozenset({"vehicle-tracking-system"})),
}


@pytest.fixture
def shop(office: Office, tmp_path: Path) -> Office:
    """An office that sells one function and has one update, for a car that both fit."""
    path = tmp_path / "functions.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    office.desk.catalogue = load_catalogue(path)
    built(office.desk, VIN, FITTING)
    return office


def nothing_written(office: Office, function: str) -> bool:
    return (
        account_of(office.desk, VIN, function) is None and office.waiting() == [] and not office.noted("order-placed")
    )


# --- the data ---


def test_the_shipped_data_speak_of_cars_countries_and_equipment_that_exist() -> None:
    functions, updates = load_catalogue()
    for thing in (*functions.values(), *updates.values()):
        assert set(thing.profiles) <= set(profile_names())
        assert set(thing.countries_without) <= set(load_countries())
        assert set(thing.equipment) <= set(Equipment)
    for function in functions.values():
        assert OrderKind.UPDATE not in function.kinds
        assert (function.trial_months is not None) == (OrderKind.TRIAL in function.kinds)


def test_every_value_has_a_source() -> None:
    functions, updates = load_catalogue()
    told = [function.sources for function in functions.values()] + [update.sources for update in updates.values()]
    for sources in told:
        assert all(bool(source.seeds) != bool(source.assumed) for source in sources.values())
        assert set(sources) >= {"profiles", "countries_without", "equipment"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('{ value = ["taycan"], assumed = "x" }', '["taycan"]', "functions.seat-warmth.profiles"),
        ('"monthly"', '"weekly"', "functions.seat-warmth.kinds"),
        ('value = "1.1"', "value = 1.1", "updates.radio.version"),
        ("[updates.radio]", "[updates.Radio]", "updates.Radio"),
        ("[updates.radio]", "[downdates.radio]", "downdates"),
    ],
)
def test_what_is_wrong_with_the_data_is_said_with_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    assert CATALOGUE.count(old) >= 1
    path = tmp_path / "functions.toml"
    path.write_text(CATALOGUE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_catalogue(path)
    assert place in str(caught.value)


def test_no_model_stands_in_the_code() -> None:
    names = re.compile("|".join(map(re.escape, profile_names())))
    for path in PACKAGE.glob("*.py"):
        assert not names.search(path.read_text(encoding="utf-8")), path


def test_every_code_with_which_something_is_declined_is_listed() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    raised = set(re.findall(r'(?:LocalError|Reason)\(\s*"([a-z-]+)"', texts))
    assert raised == set(DECLINED)


# --- functions ---


@pytest.mark.requirement("FOD-14")
@pytest.mark.parametrize("code", OTHERS)
def test_a_function_that_does_not_fit_the_car_is_not_sold(shop: Office, code: str) -> None:
    built(shop.desk, VIN, OTHERS[code])
    with pytest.raises(LocalError) as caught:
        shop.order(SEATS, kind=OrderKind.MONTHLY)
    assert caught.value.code == code
    assert nothing_written(shop, SEATS)


def test_a_function_that_fits_is_sold_on_the_terms_that_there_are(shop: Office) -> None:
    with pytest.raises(LocalError, match="kind-not-sold"):
        shop.order(SEATS)
    assert nothing_written(shop, SEATS)
    assert shop.order(SEATS, kind=OrderKind.MONTHLY) == 1


@pytest.mark.requirement("FOD-14")
def test_where_there_are_no_functions_on_demand_none_is_sold_known_or_not(shop: Office) -> None:
    (without, *_) = [code for code, country in load_countries().items() if not country.functions_on_demand]
    built(shop.desk, VIN, FITTING._replace(country=without))
    with pytest.raises(LocalError, match="not-in-country"):
        shop.order()
    assert nothing_written(shop, "active-lane-keeping")


@pytest.mark.parametrize("build", [None, FITTING._replace(profile="roadster", country="AT")])
def test_what_is_not_known_speaks_against_no_function(office: Office, shop: Office, build: Build | None) -> None:
    if build is None:
        built(shop.desk, "WP0ZZZY1ZPSA00009", FITTING)
        office.desk.register("WP0ZZZY1ZPSA00008", MAX, PASSWORD, "DE")
        office.depot.units.keep(record_of("WP0ZZZY1ZPSA00008", "pcm-taycan", UNIT))
        assert office.order(SEATS, vin="WP0ZZZY1ZPSA00008", kind=OrderKind.MONTHLY)
    else:
        built(shop.desk, VIN, build)
        assert shop.order(SEATS, kind=OrderKind.MONTHLY)
    assert shop.order("a-function-of-ones-own")


# --- updates ---


@pytest.mark.requirement("FOD-15")
def test_an_update_is_offered_once_updates_are_enabled_asks_and_is_free(shop: Office) -> None:
    with pytest.raises(LocalError, match="updates-not-enabled"):
        offer_update(shop.desk, VIN, RADIO)
    assert updates_for(shop.desk, VIN) == ()
    assert nothing_written(shop, RADIO)
    enable_updates(shop.desk, VIN)
    assert updates_for(shop.desk, VIN) == (RADIO,)
    offer_update(shop.desk, VIN, RADIO)
    (assigned,) = shop.depot.repositories.director.assigned(VIN).values()
    assert (assigned.consent, shop.listed()[assigned.offer_id]) == ("ask", f"{RADIO}/1.1.pkg")
    shop.hear(shop.report(PackageState.ACTIVE))
    found = account_of(shop.desk, VIN, RADIO)
    assert found is not None
    assert (found.kind, found.state, found.contract) == (OrderKind.UPDATE, OrderState.ACTIVE, "running")
    work_off(shop.desk)
    assert shop.bills() == []
    assert next_due(shop.desk) is None


@pytest.mark.requirement("FOD-15")
@pytest.mark.parametrize("code", OTHERS)
def test_an_update_that_does_not_fit_the_car_is_never_offered(shop: Office, code: str) -> None:
    enable_updates(shop.desk, VIN)
    built(shop.desk, VIN, OTHERS[code])
    assert updates_for(shop.desk, VIN) == ()
    with pytest.raises(LocalError) as caught:
        offer_update(shop.desk, VIN, RADIO)
    assert caught.value.code == code
    assert nothing_written(shop, RADIO)


@pytest.mark.requirement("FOD-15")
def test_a_car_of_which_nothing_is_known_gets_no_update(shop: Office) -> None:
    enable_updates(shop.desk, VIN)
    built(shop.desk, VIN, FITTING._replace(profile="roadster"))
    with pytest.raises(LocalError, match="not-for-car"):
        offer_update(shop.desk, VIN, RADIO)
    with pytest.raises(LocalError, match="update-unknown"):
        offer_update(shop.desk, VIN, "heard-of-nowhere")


@pytest.mark.requirement("FOD-15")
def test_a_new_owner_enables_updates_anew(shop: Office) -> None:
    for _ in range(2):
        enable_updates(shop.desk, VIN)
    shop.desk.sell_car(VIN)
    shop.desk.register(VIN, MIA, PASSWORD, "DE")
    with pytest.raises(LocalError, match="updates-not-enabled"):
        offer_update(shop.desk, VIN, RADIO)
    enable_updates(shop.desk, VIN)
    assert updates_for(shop.desk, VIN) == (RADIO,)
    for _ in range(2):
        disable_updates(shop.desk, VIN)
    assert updates_for(shop.desk, VIN) == ()


def test_an_update_follows_an_older_version_but_not_itself(shop: Office) -> None:
    enable_updates(shop.desk, VIN)
    offer_update(shop.desk, VIN, RADIO)
    for state in (PackageState.STAGED, PackageState.ACTIVE):
        with pytest.raises(LocalError, match="already-ordered"):
            offer_update(shop.desk, VIN, RADIO)
        shop.hear(shop.report(state))
    with pytest.raises(LocalError, match="already-ordered"):
        offer_update(shop.desk, VIN, RADIO)
    newer = msgspec.structs.replace(shop.desk.catalogue.updates[RADIO], version="1.2")
    shop.desk.catalogue = shop.desk.catalogue._replace(updates={RADIO: newer})
    assert offer_update(shop.desk, VIN, RADIO) == 2
    with pytest.raises(LocalError, match="already-ordered"):
        offer_update(shop.desk, VIN, RADIO)
