"""The inserted SIM: slot, PIN and PUK (CON-02, CON-17, CON-18; 3GPP TS 27.007 `+CPIN`).

The SIM itself judges PIN and PUK and counts the tries; the PCM asks, stores, and tells the driver.
"""

from typing import cast

from firmware_profiles import Way
from pcm_agent.core.effects import Show, UnblockSim, UnlockSim
from pcm_agent.core.events import (
    PcmStarted,
    SimInserted,
    SimPinEntered,
    SimPinRejected,
    SimPukEntered,
    SimPukRejected,
    SimRemoved,
    SimUnlocked,
)
from pcm_agent.core.region import Region, Row, Turn, refuse, show
from pcm_agent.core.states import Sim


def no_slot(turn: Turn) -> bool:
    """The car has no slot for a SIM of one's own."""
    return Way.INSERTED_SIM not in turn.car.profile.data.ways


def pin_required(turn: Turn) -> bool:
    """The SIM asks for its PIN."""
    return cast("SimInserted", turn.event).pin_required


def no_tries_left(turn: Turn) -> bool:
    """That was the last try."""
    return cast("SimPinRejected | SimPukRejected", turn.event).tries_left == 0


def keep_sim(turn: Turn) -> None:
    """Keep whose subscription it is; what the network said of another SIM is forgotten."""
    event = cast("SimInserted", turn.event)
    turn.state.sim_country, turn.state.sim_keeps_data = event.home_country, event.keeps_data
    turn.state.sim_card, turn.state.pending_pin = event.card, None
    turn.state.rejected_ways.pop(Way.INSERTED_SIM, None)


def forget_sim(turn: Turn) -> None:
    """Forget whose subscription it was; a stored PIN stays for the next time."""
    turn.state.sim_country = turn.state.sim_card = turn.state.pending_pin = None


def _stored_is_its_own(turn: Turn) -> bool:
    """The stored PIN is that of the SIM in the slot; on another one or a nameless one it would use up tries."""
    return bool(turn.state.sim_card) and turn.state.stored_pin_of == turn.state.sim_card


def ask_pin(turn: Turn) -> None:
    """Give the SIM its stored PIN, or ask the driver (CON-17)."""
    if turn.state.stored_pin is not None and _stored_is_its_own(turn):
        turn.add(UnlockSim(turn.state.stored_pin))
    else:
        turn.add(Show("sim-pin-needed"))


def try_pin(turn: Turn) -> None:
    """Give the SIM what the driver typed."""
    event = cast("SimPinEntered", turn.event)
    turn.state.pending_pin = event.pin if event.store else None
    turn.add(UnlockSim(event.pin))


def try_puk(turn: Turn) -> None:
    """Give the SIM the PUK and the new PIN."""
    event = cast("SimPukEntered", turn.event)
    turn.add(UnblockSim(event.puk, event.new_pin))


def ask_again(turn: Turn) -> None:
    """The answer to a PIN may have gone with the power, so the driver is asked; what they had typed is forgotten.

    A stored PIN is not given again by itself: power that is cut again and again would use up the tries.
    """
    turn.state.pending_pin = None
    turn.add(Show("sim-pin-needed"))


def keep_pin(turn: Turn) -> None:
    """Store the PIN that was right, if the driver wished so; it takes the place of another SIM's.

    One of a SIM that does not tell which it is could never be given to it again, and is not kept.
    """
    if turn.state.pending_pin is not None and turn.state.sim_card:
        turn.state.stored_pin, turn.state.stored_pin_of = turn.state.pending_pin, turn.state.sim_card
    turn.state.pending_pin = None


def forget_pin(turn: Turn) -> None:
    """A PIN that was wrong is not kept, so that it never uses up the next tries by itself."""
    turn.state.pending_pin = None
    if _stored_is_its_own(turn):
        turn.state.stored_pin = turn.state.stored_pin_of = None
    turn.add(Show("sim-pin-wrong", {"tries": cast("SimPinRejected", turn.event).tries_left}))


def tell_puk_tries(turn: Turn) -> None:
    """Say how many tries are left."""
    turn.add(Show("sim-puk-wrong", {"tries": cast("SimPukRejected", turn.event).tries_left}))


ANY = tuple(Sim)
SIM = Region(
    "sim",
    Sim,
    Sim.ABSENT,
    (
        Row(SimInserted, ANY, None, (no_slot,), (refuse("no-sim-slot", "CON-02"),)),
        Row(SimInserted, ANY, Sim.PIN_REQUIRED, (pin_required,), (keep_sim, ask_pin)),
        Row(SimInserted, ANY, Sim.READY, (), (keep_sim,)),
        Row(SimRemoved, ANY, None, (no_slot,), (refuse("no-sim-slot", "CON-02"),)),
        Row(SimRemoved, [state for state in Sim if state is not Sim.ABSENT], Sim.ABSENT, (), (forget_sim,)),
        Row(SimPinEntered, Sim.PIN_REQUIRED, None, (), (try_pin,)),
        Row(SimPinEntered, ANY, None, (no_slot,), (refuse("no-sim-slot", "CON-18"),)),
        Row(SimPinEntered, Sim.ABSENT, None, (), (refuse("no-sim", "CON-17"),)),
        Row(SimPinEntered, Sim.READY, None, (), (refuse("sim-pin-not-needed", "CON-17"),)),
        Row(SimPinEntered, Sim.PUK_REQUIRED, None, (), (refuse("sim-puk-required", "CON-17"),)),
        Row(SimPinEntered, Sim.BLOCKED, None, (), (refuse("sim-blocked", "CON-17"),)),
        Row(SimPukEntered, ANY, None, (no_slot,), (refuse("no-sim-slot", "CON-18"),)),
        Row(SimPukEntered, Sim.PUK_REQUIRED, None, (), (try_puk,)),
        Row(SimPukEntered, Sim.BLOCKED, None, (), (refuse("sim-blocked", "CON-17"),)),
        Row(
            SimPukEntered,
            (Sim.ABSENT, Sim.PIN_REQUIRED, Sim.READY),
            None,
            (),
            (refuse("sim-puk-not-needed", "CON-17"),),
        ),
        Row(SimUnlocked, (Sim.PIN_REQUIRED, Sim.PUK_REQUIRED), Sim.READY, (), (keep_pin,)),
        Row(
            SimPinRejected,
            Sim.PIN_REQUIRED,
            Sim.PUK_REQUIRED,
            (no_tries_left,),
            (forget_pin, show("sim-puk-needed")),
        ),
        Row(SimPinRejected, Sim.PIN_REQUIRED, None, (), (forget_pin,)),
        Row(SimPukRejected, Sim.PUK_REQUIRED, Sim.BLOCKED, (no_tries_left,), (show("sim-blocked"),)),
        Row(SimPukRejected, Sim.PUK_REQUIRED, None, (), (tell_puk_tries,)),
        Row(PcmStarted, Sim.PIN_REQUIRED, None, (), (ask_again,)),
        Row(PcmStarted, Sim.PUK_REQUIRED, None, (), (show("sim-puk-needed"),)),
    ),
    field="sim",
    otherwise={
        PcmStarted: "the SIM asks for nothing that could help",
        SimRemoved: "the slot is empty already",
        SimUnlocked: "late: nothing was given to this SIM",
        SimPinRejected: "late: no PIN was given to this SIM",
        SimPukRejected: "late: no PUK was given to this SIM",
    },
)
