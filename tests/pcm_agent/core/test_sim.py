from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Menu
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Sim
from pcm_agent.protocol.secret import Secret

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

PIN, OTHER_PIN, PUK = Secret("1234"), Secret("4321"), Secret("12345678")
MINE = on.SimInserted("DE", card="mine")


@pytest.mark.requirement("CON-17")
def test_a_stored_pin_is_given_without_asking(cayenne: "Driver") -> None:
    assert cayenne.profile.menus[Menu.SIM_PIN][-1] == "save-pin"
    cayenne.feed(MINE)
    assert cayenne.shown() == ["sim-pin-needed"]
    cayenne.feed(on.SimPinEntered(PIN, store=True))
    assert cayenne.of(do.UnlockSim) == [do.UnlockSim(PIN)]
    assert cayenne.state.stored_pin is None
    cayenne.feed(on.SimUnlocked())
    assert cayenne.at("sim") is Sim.READY
    assert cayenne.state.stored_pin == PIN
    cayenne.feed(on.SimRemoved(), MINE)
    assert cayenne.shown() == []
    assert cayenne.of(do.UnlockSim) == [do.UnlockSim(PIN)]


@pytest.mark.requirement("CON-17")
def test_a_pin_that_was_not_to_be_stored_is_asked_for_again(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinEntered(PIN), on.SimUnlocked(), on.SimRemoved())
    cayenne.feed(on.SimInserted("DE"))
    assert cayenne.shown() == ["sim-pin-needed"]
    assert cayenne.of(do.UnlockSim) == []


@pytest.mark.requirement("CON-17")
def test_a_stored_pin_belongs_to_its_sim_and_another_one_asks(cayenne: "Driver") -> None:
    mine, hers = on.SimInserted("DE", card="mine"), on.SimInserted("DE", card="hers")
    cayenne.feed(mine, on.SimPinEntered(PIN, store=True), on.SimUnlocked(), on.SimRemoved(), hers)
    assert cayenne.shown() == ["sim-pin-needed", "sim-pin-needed"]
    assert cayenne.of(do.UnlockSim) == [do.UnlockSim(PIN)], "to the first one only"
    cayenne.feed(on.SimPinRejected(2))
    cayenne.feed(on.SimPinEntered(OTHER_PIN), on.SimUnlocked(), mine)
    assert cayenne.of(do.UnlockSim)[-1] == do.UnlockSim(PIN), "what the other one did says nothing of it"
    cayenne.feed(hers, on.SimPinEntered(OTHER_PIN, store=True), on.SimUnlocked(), mine)
    assert cayenne.shown()[-1] == "sim-pin-needed"
    assert (cayenne.state.stored_pin, cayenne.state.stored_pin_of) == (OTHER_PIN, "hers")


@pytest.mark.requirement("CON-17")
def test_a_sim_that_does_not_tell_which_it_is_always_asks(cayenne: "Driver") -> None:
    nameless = on.SimInserted("DE")
    cayenne.feed(nameless, on.SimPinEntered(PIN, store=True), on.SimUnlocked(), on.SimRemoved(), nameless)
    assert cayenne.shown() == ["sim-pin-needed", "sim-pin-needed"]
    assert cayenne.of(do.UnlockSim) == [do.UnlockSim(PIN)], "when it was typed"
    assert (cayenne.state.stored_pin, cayenne.state.stored_pin_of) == (None, None)
    cayenne.feed(MINE, on.SimPinEntered(PIN, store=True), on.SimUnlocked(), nameless, on.SimPinRejected(2))
    assert cayenne.state.stored_pin == PIN, "what the nameless one did says nothing of mine"
    cayenne.state.stored_pin_of = ""
    cayenne.reload()
    cayenne.feed(nameless)
    assert cayenne.of(do.UnlockSim) == []


def test_a_pin_that_was_typed_for_another_sim_is_not_stored_for_this_one(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE", card="mine"), on.SimPinEntered(PIN, store=True))
    cayenne.feed(on.SimInserted("DE", card="hers"), on.SimUnlocked())
    assert cayenne.state.stored_pin is None


def test_a_wrong_pin_is_not_kept(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinEntered(PIN, store=True), on.SimPinRejected(2))
    assert cayenne.of(do.Show)[-1] == do.Show("sim-pin-wrong", {"tries": 2})
    assert cayenne.at("sim") is Sim.PIN_REQUIRED
    assert cayenne.state.pending_pin is None
    cayenne.feed(on.SimPinEntered(OTHER_PIN), on.SimUnlocked())
    assert cayenne.state.stored_pin is None


def test_a_stored_pin_that_became_wrong_is_forgotten(cayenne: "Driver") -> None:
    cayenne.feed(MINE, on.SimPinEntered(PIN, store=True), on.SimUnlocked(), on.SimRemoved())
    cayenne.feed(MINE, on.SimPinRejected(2))
    assert cayenne.state.stored_pin is None
    assert cayenne.feed(on.SimRemoved(), MINE)
    assert cayenne.shown() == ["sim-pin-needed"]


def test_puk_after_three_wrong_pins_and_blocked_after_ten_wrong_puks(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinRejected(0))
    assert cayenne.at("sim") is Sim.PUK_REQUIRED
    assert cayenne.shown()[-2:] == ["sim-pin-wrong", "sim-puk-needed"]
    cayenne.feed(on.SimPukEntered(PUK, OTHER_PIN))
    assert cayenne.of(do.UnblockSim) == [do.UnblockSim(PUK, OTHER_PIN)]
    cayenne.feed(on.SimPukRejected(9))
    assert cayenne.of(do.Show) == [do.Show("sim-puk-wrong", {"tries": 9})]
    cayenne.feed(on.SimPukRejected(0))
    assert cayenne.at("sim") is Sim.BLOCKED
    assert cayenne.shown() == ["sim-blocked"]


def test_the_right_puk_makes_the_sim_ready(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinRejected(0), on.SimPukEntered(PUK, OTHER_PIN), on.SimUnlocked())
    assert cayenne.at("sim") is Sim.READY


def test_a_sim_without_a_pin_is_ready_at_once(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE", pin_required=False))
    assert cayenne.at("sim") is Sim.READY
    assert cayenne.state.sim_country == "DE"
    cayenne.feed(on.SimRemoved())
    assert cayenne.at("sim") is Sim.ABSENT
    assert cayenne.state.sim_country is None


@pytest.mark.requirement("CON-18")
def test_a_car_without_a_slot_never_asks_for_a_pin(taycan: "Driver") -> None:
    assert Menu.SIM_PIN not in taycan.profile.menus
    taycan.go_online()
    taycan.feed(on.SimInserted("JP"))
    assert taycan.at("sim") is Sim.ABSENT
    assert "sim-pin-needed" not in taycan.shown()
    taycan.feed(on.SimPinEntered(PIN))
    assert taycan.refusals() == [("no-sim-slot", "CON-18", ())]
    taycan.restart()
    assert taycan.of(do.UnlockSim) == []
    assert taycan.of(do.Show) == []


@pytest.mark.requirement("CON-17")
def test_a_sim_whose_answer_went_with_the_power_asks_the_driver(cayenne: "Driver") -> None:
    cayenne.feed(MINE, on.SimPinEntered(PIN, store=True), on.SimUnlocked(), on.SimRemoved())
    cayenne.feed(MINE)
    assert cayenne.of(do.UnlockSim) == [do.UnlockSim(PIN)]
    for _ in range(3):
        cayenne.restart()
        assert (cayenne.at("sim"), cayenne.shown()) == (Sim.PIN_REQUIRED, ["sim-pin-needed"])
        assert cayenne.of(do.UnlockSim) == [], "a wrong one would use up the tries"
    cayenne.feed(on.SimPinEntered(PIN), on.SimUnlocked())
    assert (cayenne.at("sim"), cayenne.state.stored_pin) == (Sim.READY, PIN)


def test_a_pin_that_was_on_its_way_when_the_power_was_cut_is_not_stored_for_the_next_one(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinEntered(PIN, store=True))
    cayenne.restart()
    assert cayenne.state.pending_pin is None
    cayenne.feed(on.SimUnlocked())
    assert cayenne.state.stored_pin is None


def test_a_sim_that_needs_its_puk_says_so_again_after_a_power_cut(cayenne: "Driver") -> None:
    cayenne.feed(on.SimInserted("DE"), on.SimPinRejected(0), on.SimPukEntered(PUK, OTHER_PIN))
    cayenne.restart()
    assert (cayenne.at("sim"), cayenne.shown()) == (Sim.PUK_REQUIRED, ["sim-puk-needed"])


@pytest.mark.parametrize("events", [(), (on.SimInserted("DE", pin_required=False),)])
def test_a_sim_that_needs_nothing_says_nothing_after_a_power_cut(
    cayenne: "Driver", events: tuple[on.Event, ...]
) -> None:
    cayenne.feed(*events)
    cayenne.restart()
    assert not [text for text in cayenne.shown() if text.startswith("sim-")]
