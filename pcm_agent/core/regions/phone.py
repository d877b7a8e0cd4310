"""Phones in the car: Bluetooth, CarPlay and the call that goes on (CON-02 to CON-06, CON-21 to CON-23)."""

from typing import cast

from firmware_profiles import Equipment
from pcm_agent.core.events import (
    CallEnded,
    CallStarted,
    CarPlayEnded,
    CarPlayStarted,
    FactoryResetConfirmed,
    PcmStarted,
    PhoneConnected,
    PhoneDisconnected,
)
from pcm_agent.core.region import Guard, Region, Row, Turn, refuse
from pcm_agent.core.regions.sim import no_slot
from pcm_agent.core.rules.phone import CALL_OVER_SIM
from pcm_agent.core.rules.rule import blocking
from pcm_agent.core.states import Bluetooth, Call, CallLine, CarPlay

# --- Bluetooth ------------------------------------------------------------------------------------------------------


def carplay_runs(turn: Turn) -> bool:
    """CarPlay takes the place of every Bluetooth connection."""
    return turn.state.carplay is not CarPlay.OFF


def keep_phone(turn: Turn) -> None:
    """Keep whose phone it is."""
    turn.state.phone = cast("PhoneConnected | CarPlayStarted", turn.event).phone


BLUETOOTH = Region(
    "bluetooth",
    Bluetooth,
    Bluetooth.DISCONNECTED,
    (
        Row(PhoneConnected, tuple(Bluetooth), None, (carplay_runs,), (refuse("carplay-runs", "CON-21"),)),
        Row(PhoneConnected, tuple(Bluetooth), Bluetooth.CONNECTED, (), (keep_phone,)),
        Row(PhoneDisconnected, Bluetooth.CONNECTED, Bluetooth.DISCONNECTED),
        Row(PcmStarted, Bluetooth.CONNECTED, Bluetooth.DISCONNECTED),
        Row(FactoryResetConfirmed, Bluetooth.CONNECTED, Bluetooth.DISCONNECTED),
    ),
    field="bluetooth",
    otherwise=dict.fromkeys((PhoneDisconnected, PcmStarted, FactoryResetConfirmed), "no phone is connected"),
)

# --- CarPlay --------------------------------------------------------------------------------------------------------


def no_carplay(turn: Turn) -> bool:
    """The car has no CarPlay."""
    return not turn.car.profile.phone.carplay


def wireless(turn: Turn) -> bool:
    """The phone comes without a cable."""
    return cast("CarPlayStarted", turn.event).wireless


def no_wireless(turn: Turn) -> bool:
    """The phone comes without a cable; model, country or equipment do not have that (CON-23)."""
    car = turn.car
    there = car.market.wireless_carplay and Equipment.WIRELESS_CARPLAY in car.equipment
    return wireless(turn) and not (there and car.profile.phone.wireless_carplay)


CARPLAY = Region(
    "carplay",
    CarPlay,
    CarPlay.OFF,
    (
        Row(CarPlayStarted, tuple(CarPlay), None, (no_carplay,), (refuse("no-carplay", "CON-21"),)),
        Row(CarPlayStarted, tuple(CarPlay), None, (no_wireless,), (refuse("no-wireless-carplay", "CON-23"),)),
        Row(CarPlayStarted, tuple(CarPlay), CarPlay.WIRELESS, (wireless,), (keep_phone,)),
        Row(CarPlayStarted, tuple(CarPlay), CarPlay.CABLE, (), (keep_phone,)),
        Row(CarPlayEnded, (CarPlay.CABLE, CarPlay.WIRELESS), CarPlay.OFF),
        Row(PcmStarted, (CarPlay.CABLE, CarPlay.WIRELESS), CarPlay.OFF),
        Row(FactoryResetConfirmed, (CarPlay.CABLE, CarPlay.WIRELESS), CarPlay.OFF),
    ),
    field="carplay",
    otherwise=dict.fromkeys((CarPlayEnded, PcmStarted, FactoryResetConfirmed), "it does not run"),
)

# --- the call -------------------------------------------------------------------------------------------------------


def _over(line: CallLine) -> Guard:
    def over(turn: Turn) -> bool:
        return cast("CallStarted", turn.event).line is line

    over.__name__ = f"over {line}"
    return over


def no_phone(turn: Turn) -> bool:
    """No phone is there that could call, neither over Bluetooth nor in CarPlay."""
    return turn.state.bluetooth is Bluetooth.DISCONNECTED and not carplay_runs(turn)


def sim_cannot_call(turn: Turn) -> bool:
    """Something stands against a call over the inserted SIM (CON-03, CON-04)."""
    return not all(condition.holds(turn) for condition in CALL_OVER_SIM)


def keep_caller(turn: Turn) -> None:
    """Keep with which phone the call goes on."""
    turn.state.calling_phone = turn.state.phone


def say_why(turn: Turn) -> None:
    """Refuse the call and name what stands against it."""
    turn.refuse("call-not-possible", "CON-03", blocking(turn, CALL_OVER_SIM))


_PHONE, _SIM = _over(CallLine.PHONE), _over(CallLine.INSERTED_SIM)
BUSY = (Call.PHONE, Call.INSERTED_SIM)
CALL = Region(
    "call",
    Call,
    Call.NONE,
    (
        Row(CallStarted, BUSY, None, (), (refuse("line-busy", "CON-05"),)),
        Row(CallStarted, Call.NONE, None, (_PHONE, no_phone), (refuse("no-phone", "CON-06"),)),
        Row(CallStarted, Call.NONE, Call.PHONE, (_PHONE,), (keep_caller,)),
        Row(CallStarted, Call.NONE, None, (no_slot,), (refuse("no-sim-slot", "CON-02"),)),
        Row(CallStarted, Call.NONE, None, (sim_cannot_call,), (say_why,)),
        Row(CallStarted, Call.NONE, Call.INSERTED_SIM),
        Row(CallEnded, BUSY, Call.NONE),
        Row(PcmStarted, BUSY, Call.NONE),
    ),
    field="call",
    otherwise={CallEnded: "nobody is calling", PcmStarted: "nobody was calling"},
)
