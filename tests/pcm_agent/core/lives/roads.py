"""Moves of a car and its surroundings: driving, parking, time, the ways to data, phones, the menus."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from firmware_profiles import Menu, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.menu import Leaf, menu_tree
from pcm_agent.core.menu import Tree as MenuTree
from pcm_agent.core.states import Access, CallLine, SelectorLever
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from tests.pcm_agent.core.lives.life import AYUMI, CODE, Life

PHONES = ("Ayumi's phone", "Hiro's phone")
PIN, PUK = Secret("1234"), Secret("12345678")
SPANS = (timedelta(seconds=1), timedelta(seconds=70), timedelta(minutes=6), timedelta(minutes=11), timedelta(hours=2))
BREAKING: tuple[Event, ...] = (
    on.SelectorLeverMoved(SelectorLever.DRIVE), on.ParkingBrakeReleased(), on.IgnitionTurnedOn(), on.CarEntered(),
    on.CarUnlocked(), on.ChargingCableConnected(), on.BatteryLevelMeasured(49), on.BatteryLevelMeasured(79),
    on.ClimateStarted(),
)  # fmt: skip
MENDING: tuple[Event, ...] = (
    on.SelectorLeverMoved(SelectorLever.PARK), on.ParkingBrakeApplied(), on.IgnitionTurnedOff(), on.CarLeft(),
    on.CarLocked(), on.ChargingCableDisconnected(), on.BatteryLevelMeasured(80), on.ClimateStopped(),
)  # fmt: skip
OPERATED: dict[RemoteAction, Event] = {
    RemoteAction.LOCK: on.CarLocked(),
    RemoteAction.UNLOCK: on.CarUnlocked(),
    RemoteAction.CLIMATE_ON: on.ClimateStarted(),
    RemoteAction.CLIMATE_OFF: on.ClimateStopped(),
    RemoteAction.CHARGE_START: on.ChargingStarted(),
    RemoteAction.CHARGE_STOP: on.ChargingStopped(),
}


# --- driving, parking, time ---


def body(life: Life, dice: Random) -> None:
    life.feed(dice.choice((*BREAKING, *MENDING)))


def drive_off(life: Life, dice: Random) -> None:
    life.feed(on.CarUnlocked(), on.CarEntered(), on.IgnitionTurnedOn(), on.ParkingBrakeReleased(), BREAKING[0])
    life.feed(on.CellChanged(life.car.market.code, dice.choice((Access.LTE, Access.LTE, Access.UMTS))))
    attach(life, given=True)


def park_and_leave(life: Life, dice: Random) -> None:
    life.feed(*MENDING)
    if dice.random() < 0.3:
        life.wait(timedelta(minutes=dice.choice((1, 6, 9))))
        life.feed(dice.choice(BREAKING))
    life.wait(dice.choice(SPANS))


def let_time_pass(life: Life, dice: Random) -> None:
    life.wait(dice.choice(SPANS))


def weeks_pass(life: Life, dice: Random) -> None:
    life.wait(timedelta(days=dice.choice((1, 8, 15))))


def cut_power(life: Life, _dice: Random) -> None:
    life.cut_power()


def fire_a_timer_early(life: Life, dice: Random) -> None:
    """What it is for its clock; but nothing is installed before the car was left alone for long enough."""
    keys = [*life.judge.timers, "heartbeat", "link", "attach-retry", "data-package", "settle:fod-0", "expiry:fod-0"]
    key = dice.choice(keys)
    if key.startswith("settle:") and key in life.judge.timers:
        return
    if life.judge.timers.get(key, life.car.now + SPANS[0]) > life.car.now:
        life.feed(on.TimerFired(key))


# --- the ways to data ---


def attach(life: Life, *, given: bool) -> None:
    world = life.judge.world
    if world.bearer is None or world.session:
        return
    access = None if world.bearer is Way.HOTSPOT or world.cell is None else world.cell[1]
    life.feed(on.BearerAttached(world.bearer, access) if given else on.BearerRejected(world.bearer, "congestion"))


def network(life: Life, dice: Random) -> None:
    """It answers, or speaks of a way that nobody asked for, or takes back what it gave."""
    world = life.judge.world
    other = dice.choice([way for way in Way if way is not world.bearer])
    fate = dice.random()
    if fate < 0.1 and world.bearer is not None:
        life.feed(on.BearerLost(world.bearer))
    elif fate < 0.2:
        life.feed(on.BearerAttached(other, Access.LTE), on.BearerRejected(other, "late"))
    attach(life, given=fate < 0.9)


def cell(life: Life, dice: Random) -> None:
    country = dice.choice((life.car.market.code, life.car.market.code, "CH", "FR"))
    life.feed(on.CellChanged(country, dice.choice((None, *Access, *Access))))
    if dice.random() < 0.7:
        attach(life, given=True)


def sim(life: Life, dice: Random) -> None:
    """A SIM of one's own: in, with or without a PIN, with the provider's access point, or out again."""
    if dice.random() < 0.15:
        life.feed(on.SimRemoved())
        return
    life.feed(
        on.SimInserted(
            dice.choice((life.car.market.code, "CH")),
            pin_required=dice.random() < 0.3,
            keeps_data=dice.random() < 0.5,
            card="mine",
        )
    )
    tap(life, Menu.APN, dice.choice(("internet", "internet", "internet", "")))
    surroundings(life, dice)


def prefer_sim(life: Life, dice: Random) -> None:
    """The driver wants data over the SIM of their own, or over a phone, before all others."""
    ways = list(life.car.profile.data.ways)
    dice.shuffle(ways)
    if len(ways) > 1:
        tap(life, Menu.WAY_ORDER, *ways)
        attach(life, given=True)


def hotspot(life: Life, dice: Random) -> None:
    life.feed(on.IgnitionTurnedOn())
    tap(life, Menu.HOTSPOT_SCAN)
    surroundings(life, dice)
    tap(life, Menu.HOTSPOT_SCAN, "phone", dice.choice(("12345678", "12345678", "1234567")))
    surroundings(life, dice)
    if dice.random() < 0.3:
        life.feed(on.CellChanged(life.car.market.code, None))
    attach(life, given=True)


def surroundings(life: Life, dice: Random) -> None:
    """SIM, phone and body answer what they were asked."""
    asked, life.asked = life.asked, []
    for effect in asked:
        match effect:
            case do.UnlockSim(pin):
                life.feed(on.SimUnlocked() if pin == PIN else on.SimPinRejected(dice.choice((2, 1, 0))))
            case do.UnblockSim(puk):
                life.feed(on.SimUnlocked() if puk == PUK else on.SimPukRejected(dice.choice((9, 1, 0))))
            case do.ScanHotspots():
                life.feed(on.HotspotsFound(("phone",)))
            case do.JoinHotspot(ssid):
                joined = on.HotspotJoined(ssid, dice.choice((None, *PHONES)), dice.random() < 0.5)
                life.feed(joined if dice.random() < 0.8 else on.HotspotRefused(ssid))
            case do.Operate(action) if action in OPERATED:
                life.feed(OPERATED[action])


# --- menus ---


def leaves(tree: MenuTree, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """All ways through the menus that end somewhere, and those that end before."""
    yield way
    for label, below in tree.items():
        if isinstance(below, Leaf):
            yield (*way, label)
        else:
            yield from leaves(below, (*way, label))


def tap(life: Life, menu: Menu, *typed: str) -> None:
    """Tap to one setting, where the car has it."""
    if menu in life.car.profile.menus:
        life.feed(on.MenuTapped(life.car.profile.menus[menu], tuple(map(Secret, typed))))


def tap_anything(life: Life, dice: Random) -> None:
    """Any way through the car's menus, the wrong ones too, and anything typed there."""
    path = dice.choice(list(leaves(menu_tree(life.car.profile))))
    if dice.random() < 0.1:
        path = (*path, "nowhere")
    typed = dice.choice(((), (), (), ("1234",), ("12345678", "1234"), (CODE,), (AYUMI, "a password"), ("fod-0",)))
    life.feed(on.MenuTapped(path, tuple(map(Secret, typed))))
    surroundings(life, dice)


def go_private(life: Life, _dice: Random) -> None:
    tap(life, Menu.PRIVATE_MODE)


def go_public(life: Life, _dice: Random) -> None:
    if life.judge.world.private:
        tap(life, Menu.PRIVATE_MODE)


def allow_roaming(life: Life, dice: Random) -> None:
    if not life.judge.world.roams or dice.random() < 0.2:
        tap(life, Menu.ROAMING)


def reset_to_factory(life: Life, _dice: Random) -> None:
    tap(life, Menu.FACTORY_RESET)


# --- phones ---


def phone(life: Life, dice: Random) -> None:
    event = dice.choice((on.PhoneConnected, on.PhoneConnected, on.CarPlayStarted, None))
    if event is None:
        life.feed(dice.choice((on.PhoneDisconnected(), on.CarPlayEnded())))
    elif event is on.CarPlayStarted:
        life.feed(on.CarPlayStarted(dice.choice(PHONES), wireless=dice.random() < 0.5))
    else:
        life.feed(on.PhoneConnected(dice.choice(PHONES)))


def call(life: Life, dice: Random) -> None:
    """Somebody calls, drives on, and hangs up or not."""
    life.feed(on.CallStarted(dice.choice(tuple(CallLine))))
    attach(life, given=True)
    if dice.random() < 0.5:
        life.feed(on.CellChanged(life.car.market.code, dice.choice(tuple(Access))))
        attach(life, given=True)
    if dice.random() < 0.4:
        life.feed(on.CallEnded())


def call_over_sim(life: Life, dice: Random) -> None:
    """A SIM that can call, where the embedded one does not carry the data."""
    sim(life, dice)
    ways = life.car.profile.data.ways
    if len(ways) > 1:
        tap(life, Menu.WAY_ORDER, Way.INSERTED_SIM, *(way for way in ways if way is not Way.INSERTED_SIM))
    drive_off(life, dice)
    life.feed(on.CallStarted(CallLine.INSERTED_SIM))
    attach(life, given=True)
    life.feed(on.CellChanged(life.car.market.code, dice.choice(tuple(Access))))
    attach(life, given=True)
