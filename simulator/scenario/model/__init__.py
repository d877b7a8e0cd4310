"""The scenario form, version 1: one typed model behind the files and their JSON Schema (`schema`).

`scenario` is the whole file, `car` its car, `do` and `expect` what stands in its steps; the parts of a `do` are in
`around` (the car), `people` and `faults`. `values` says what may stand at a key and what it means.
"""

from simulator.scenario.model.around import BookPackage, InsertSim, MenuEntry, MenuTap, MenuWay, OpenHotspot, Radio
from simulator.scenario.model.car import CarPart
from simulator.scenario.model.do import Do
from simulator.scenario.model.expect import (
    Expect,
    ExpectCentre,
    ExpectDevice,
    ExpectMessage,
    ExpectOrder,
    ExpectPackage,
    ExpectService,
    ExpectSetting,
    ExpectUpdate,
    ExpectUsed,
)
from simulator.scenario.model.faults import Link, TroubledMessages, WrongClock
from simulator.scenario.model.part import Part, given
from simulator.scenario.model.people import (
    CarBuilt,
    ConnectApp,
    NewAccount,
    Order,
    OrderService,
    Register,
    Remote,
    SecurityCode,
)
from simulator.scenario.model.scenario import Include, Repeat, Scenario, Step
from simulator.scenario.model.values import bits_per_second, duration, price, size

__all__ = [
    "BookPackage",
    "CarBuilt",
    "CarPart",
    "ConnectApp",
    "Do",
    "Expect",
    "ExpectCentre",
    "ExpectDevice",
    "ExpectMessage",
    "ExpectOrder",
    "ExpectPackage",
    "ExpectService",
    "ExpectSetting",
    "ExpectUpdate",
    "ExpectUsed",
    "Include",
    "InsertSim",
    "Link",
    "MenuEntry",
    "MenuTap",
    "MenuWay",
    "NewAccount",
    "OpenHotspot",
    "Order",
    "OrderService",
    "Part",
    "Radio",
    "Register",
    "Remote",
    "Repeat",
    "Scenario",
    "SecurityCode",
    "Step",
    "TroubledMessages",
    "WrongClock",
    "bits_per_second",
    "duration",
    "given",
    "price",
    "size",
]
