"""The in-car hotspot for passengers, and the data package that pays for it (CON-26 to CON-28)."""

from datetime import datetime, timedelta
from typing import cast

from firmware_profiles import Menu
from pcm_agent.core.effects import Publish
from pcm_agent.core.events import (
    DataPackageBooked,
    DeviceJoined,
    DeviceLeft,
    FactoryResetConfirmed,
    SharingDisabled,
    SharingEnabled,
    TimerFired,
)
from pcm_agent.core.region import Region, Row, Turn, refuse, show
from pcm_agent.core.report import data_package_report
from pcm_agent.core.state import Device
from pcm_agent.core.states import DataPackage, Sharing

PACKAGE_TIMER = "data-package"

DEVICES = 8
"""So many phones share the connection at once; a figure of our own."""


def no_switch(turn: Turn) -> bool:
    """The car shares no data."""
    return Menu.IN_CAR_HOTSPOT not in turn.car.profile.menus


def no_package(turn: Turn) -> bool:
    """No valid data package pays for passengers' data."""
    return turn.state.data_package is not DataPackage.VALID


def known(turn: Turn) -> bool:
    """The phone was in the car."""
    return cast("DeviceLeft", turn.event).name in turn.state.devices


def full(turn: Turn) -> bool:
    """So many phones are in the WiFi that no other one is let in."""
    return len(turn.state.devices) >= DEVICES and cast("DeviceJoined", turn.event).name not in turn.state.devices


def keep_device(turn: Turn) -> None:
    """Keep what phone it is."""
    event = cast("DeviceJoined", turn.event)
    turn.state.devices[event.name] = Device(event.platform, event.stays)


def forget_device(turn: Turn) -> None:
    """The phone is gone."""
    del turn.state.devices[cast("DeviceLeft", turn.event).name]


def over(turn: Turn) -> bool:
    """What was booked is over already."""
    return cast("DataPackageBooked", turn.event).until <= turn.now


def due(turn: Turn) -> bool:
    """The package's time is over."""
    return cast("TimerFired", turn.event).key == PACKAGE_TIMER


def renewed(turn: Turn) -> bool:
    """The package's time is over, and the booking has it renewed by itself."""
    return due(turn) and turn.state.data_package_days is not None


def keep_package(turn: Turn) -> None:
    """Keep until when the package is valid, and how it goes on."""
    event = cast("DataPackageBooked", turn.event)
    turn.state.data_package_days = event.days
    _set_end(turn, event.until)


def renew(turn: Turn) -> None:
    """Begin the next period; those that passed while the PCM was off are over."""
    until, days = cast("datetime", turn.state.data_package_until), cast("int", turn.state.data_package_days)
    while until <= turn.now:
        until += timedelta(days=days)
    _set_end(turn, until)


def _set_end(turn: Turn, until: datetime) -> None:
    turn.state.data_package_until = until
    turn.set_timer(PACKAGE_TIMER, until)


def tell(turn: Turn) -> None:
    """Tell the backend where the package stands."""
    turn.add(Publish(data_package_report(turn.state)))


SHARING = Region(
    "sharing",
    Sharing,
    Sharing.OFF,
    (
        Row(SharingEnabled, tuple(Sharing), None, (no_switch,), (refuse("no-such-setting", "CON-26"),)),
        Row(SharingEnabled, Sharing.OFF, Sharing.ON, (no_package,), (show("sharing-without-package"),)),
        Row(SharingEnabled, Sharing.OFF, Sharing.ON, (), (show("sharing-on"),)),
        Row(SharingDisabled, tuple(Sharing), None, (no_switch,), (refuse("no-such-setting", "CON-26"),)),
        Row(SharingDisabled, Sharing.ON, Sharing.OFF, (), (show("sharing-off"),)),
        Row(FactoryResetConfirmed, Sharing.ON, Sharing.OFF),
        Row(DeviceJoined, tuple(Sharing), None, (full,), (refuse("too-many-devices", "CON-26"),)),
        Row(DeviceJoined, tuple(Sharing), None, (), (keep_device,)),
        Row(DeviceLeft, tuple(Sharing), None, (known,), (forget_device,)),
    ),
    field="sharing",
    otherwise={
        **dict.fromkeys((SharingEnabled, SharingDisabled, FactoryResetConfirmed), "it is so already"),
        DeviceLeft: "no such phone was in the car",
    },
)

DATA_PACKAGE = Region(
    "data_package",
    DataPackage,
    DataPackage.NONE,
    (
        Row(DataPackageBooked, tuple(DataPackage), None, (over,), (refuse("data-package-over", "CON-27"),)),
        Row(
            DataPackageBooked,
            (DataPackage.NONE, DataPackage.EXPIRED),
            DataPackage.VALID,
            (),
            (keep_package, show("data-package-valid"), tell),
        ),
        Row(DataPackageBooked, DataPackage.VALID, None, (), (keep_package, tell)),
        Row(TimerFired, DataPackage.VALID, None, (renewed,), (renew, tell)),
        Row(TimerFired, DataPackage.VALID, DataPackage.EXPIRED, (due,), (show("data-package-expired"), tell)),
    ),
    field="data_package",
    otherwise={TimerFired: "another timer"},
)
