from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Menu, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Access, Roaming
from pcm_agent.texts import LANGUAGES, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver

ABROAD = on.CellChanged("CH", Access.LTE)
OVER_EMBEDDED_SIM = on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE)


@pytest.mark.requirement("CON-08")
def test_abroad_there_is_data_only_once_roaming_is_enabled(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(ABROAD)
    assert cayenne.at("roaming") is Roaming.BARRED
    assert cayenne.shown() == ["roaming-off-abroad"]
    assert cayenne.of(do.CloseSession)
    assert not cayenne.online()
    cayenne.feed(OVER_EMBEDDED_SIM)
    assert not cayenne.online()
    cayenne.feed(on.RoamingEnabled())
    assert cayenne.at("roaming") is Roaming.ROAMING
    assert cayenne.of(do.AttachBearer)
    cayenne.feed(OVER_EMBEDDED_SIM)
    assert cayenne.online()
    cayenne.feed(on.RoamingDisabled())
    assert cayenne.at("roaming") is Roaming.BARRED
    assert not cayenne.online()


@pytest.mark.requirement("CON-08")
def test_a_download_abroad_names_roaming_as_what_blocks_it(cayenne: "Driver") -> None:
    cayenne.download()
    cayenne.feed(ABROAD)
    assert cayenne.job().blocked_by == ("roaming-off",)
    cayenne.feed(on.RoamingEnabled(), OVER_EMBEDDED_SIM)
    assert cayenne.of(do.StartDownload)


def test_each_change_of_the_registration_is_one_step(cayenne: "Driver") -> None:
    cayenne.go_online()
    for event, step in (
        (ABROAD, "barred"),
        (on.RoamingEnabled(), "roaming"),
        (on.RoamingDisabled(), "barred"),
        (on.CellChanged("DE", Access.LTE), "home"),
    ):
        cayenne.feed(event)
        assert cayenne.steps("roaming") == [step]


def test_home_again_data_needs_no_roaming(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(ABROAD, on.CellChanged("DE", Access.LTE), OVER_EMBEDDED_SIM)
    assert cayenne.at("roaming") is Roaming.HOME
    assert cayenne.online()


def test_roaming_ends_at_the_border(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(on.RoamingEnabled(), ABROAD)
    assert cayenne.at("roaming") is Roaming.ROAMING
    assert cayenne.online()
    cayenne.feed(on.CellChanged("DE", Access.LTE))
    assert cayenne.at("roaming") is Roaming.HOME
    assert cayenne.online()


@pytest.mark.requirement("CON-10")
def test_a_car_that_roams_by_itself_has_no_switch(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(ABROAD)
    assert taycan.at("roaming") is Roaming.ROAMING
    assert taycan.online()
    for event in (on.RoamingEnabled(), on.RoamingDisabled()):
        taycan.feed(event)
        assert taycan.refusals() == [("no-such-setting", "CON-10", ())]
        assert taycan.online()
    assert Menu.ROAMING not in taycan.profile.menus


@pytest.mark.requirement("CON-11")
def test_enabling_roaming_warns_of_its_cost(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.RoamingEnabled())
    assert car.shown() == ["roaming-costs"]
    for language, word in zip(LANGUAGES, ("費用", "cost", "Kosten"), strict=True):
        assert word in render(language, "roaming-costs", {}), language


@pytest.mark.requirement("CON-12")
def test_over_the_embedded_sim_nobody_is_warned_of_a_charge_that_there_is_not(cayenne: "Driver") -> None:
    cayenne.feed(on.RoamingEnabled())
    assert cayenne.shown() == ["roaming-free"]


def test_an_inserted_sim_is_at_home_in_its_own_country(make_car: "Callable[..., Driver]") -> None:
    car = make_car("cayenne-gen3", "DE", embedded_sim=False)
    car.feed(on.SimInserted("CH", pin_required=False), ABROAD)
    assert car.at("roaming") is Roaming.HOME
    car.feed(on.CellChanged("DE", Access.LTE))
    assert car.at("roaming") is Roaming.BARRED
    car.feed(on.SimRemoved())
    assert car.at("roaming") is Roaming.HOME


def test_an_inserted_sim_does_not_move_the_embedded_ones_home(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("CH", pin_required=False), ABROAD)
    assert cayenne.at("roaming") is Roaming.BARRED


@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
def test_a_registration_that_did_not_change_is_nothing(make_car: "Callable[..., Driver]", profile: str) -> None:
    car = make_car(profile, "DE")
    assert car.feed(on.RoamingChanged()) == []


@pytest.mark.requirement("CON-08", "CON-12")
def test_the_subscription_that_carries_the_data_is_judged(make_car: "Callable[..., Driver]") -> None:
    """A foreign SIM that the driver prefers roams, although the embedded one would be at home."""
    car = make_car("cayenne-gen3", "DE")
    car.feed(on.SimInserted("CH", pin_required=False), on.ApnEntered("internet"))
    car.feed(on.WayOrderChosen((Way.INSERTED_SIM, Way.EMBEDDED_SIM, Way.HOTSPOT)))
    car.go_online()
    assert car.state.way is Way.EMBEDDED_SIM
    assert car.at("roaming") is Roaming.HOME
    car.feed(on.RoamingEnabled())
    assert car.at("way") is Way.INSERTED_SIM
    assert car.at("roaming") is Roaming.ROAMING
