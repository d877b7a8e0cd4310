"""Calls and data beside each other, and what CarPlay does to Bluetooth (CON-02 to CON-06, CON-21)."""

from firmware_profiles import Way
from pcm_agent.core.events import CallEnded, Event, PhoneDisconnected
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.states import Access, Bluetooth, Call, CarPlay, Sim


def _covered(turn: Turn) -> bool:
    return turn.state.cell is not None and turn.state.cell.access is not None


CALL_OVER_SIM = (
    Condition("sim-not-ready", "CON-04", lambda turn: turn.state.sim is Sim.READY),
    Condition("no-coverage", "CON-04", _covered),
    Condition("no-calls-in-this-country", "CON-04", lambda turn: turn.car.market.inserted_sim_calls),
    Condition("embedded-sim-data", "CON-03", lambda turn: turn.state.way is not Way.EMBEDDED_SIM),
)
"""What must hold for a call over the inserted SIM; the embedded SIM's data and such a call exclude each other."""


def data_survives_a_call(turn: Turn, *, provider_allows: bool) -> bool:
    """Whether data goes on beside a call on the same line, in the cell that serves the car (CON-05).

    On GERAN never: voice and data share one transceiver there (3GPP TS 23.060, class B). On E-UTRA it is the provider's
    matter: with voice over LTE both go on, else the call falls back to GERAN (3GPP TS 23.272). On UTRA both go on
    (class A); the sources do not speak of it.
    """
    access = turn.state.cell.access if turn.state.cell else None
    return provider_allows if access is Access.LTE else access is not Access.EDGE


def inserted_sim_free(turn: Turn) -> bool:
    """No call takes the inserted SIM's data away."""
    state = turn.state
    return state.call is not Call.INSERTED_SIM or data_survives_a_call(turn, provider_allows=state.sim_keeps_data)


def hotspot_free(turn: Turn) -> bool:
    """No call takes the data of the phone away that is the hotspot; another phone's call does not matter."""
    state = turn.state
    if state.call is not Call.PHONE or state.calling_phone != state.hotspot_phone:
        return True
    return data_survives_a_call(turn, provider_allows=state.hotspot_keeps_data)


def _carplay_drops_bluetooth(turn: Turn) -> Event | None:
    state = turn.state
    drops = state.carplay is not CarPlay.OFF and state.bluetooth is Bluetooth.CONNECTED
    return PhoneDisconnected() if drops else None


def _call_lost(turn: Turn) -> Event | None:
    state = turn.state
    if state.call is Call.NONE:
        return None
    if state.call is Call.PHONE:
        connected = state.bluetooth is Bluetooth.CONNECTED or state.carplay is not CarPlay.OFF
        there = connected and state.phone == state.calling_phone
    else:
        there = state.sim is Sim.READY and _covered(turn)
    return None if there else CallEnded()


PHONE_RULES = (
    Rule("CarPlay drops every Bluetooth connection", "CON-21", _carplay_drops_bluetooth),
    Rule("a call ends with its line", "CON-05", _call_lost),
)
