"""Every cell of every region's state x event table, on two cars, with and without data."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest

from firmware_profiles import Equipment, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.region import Region, Row
from pcm_agent.core.regions import REGIONS, VEHICLE_REGIONS
from pcm_agent.core.state import User
from pcm_agent.core.states import (
    Access,
    Account,
    CallLine,
    Connection,
    Lock,
    Personal,
    Platform,
    Purpose,
    SelectorLever,
    TheftSensor,
)
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import (
    ConfigureReporting,
    ConfirmLink,
    Look,
    RefuseLink,
    ReportState,
    WithdrawPackage,
)
from pcm_agent.protocol.people import (
    ApplySettings,
    RemoteAction,
    RemoteCommand,
    ResetSecurityCode,
    Role,
    Unlink,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.security import CloseAlarm
from pcm_agent.protocol.services import CancelService, ProvideService
from pcm_agent.protocol.sharing import BookDataPackage
from pcm_agent.trust.floors import Floor, Floors
from pcm_agent.trust.images import Assignment
from pcm_agent.trust.metadata import TrustedRoots

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

FOD = "fod-1"
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When the driver's car begins."""
SERVICE = "real-time-traffic"
TIMERS = (
    "heartbeat",
    "look",
    "confirm",
    "link",
    "attach-retry",
    "service-mode",
    "data-package",
    f"term:{SERVICE}",
    f"expiry:{FOD}",
    f"retry:{FOD}",
    f"settle:{FOD}",
)
AYUMI = "ayumi@example.com"
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "key": TIMERS,
    "position": tuple(SelectorLever),
    "percent": (0, 100),
    "country": ("DE", "CH"),
    "access": (None, *Access),
    "home_country": ("DE",),
    "pin_required": (True, False),
    "card": ("card-1",),
    "tries_left": (0, 2),
    "ssid": ("phone",),
    "way": tuple(Way),
    "ways": ((Way.EMBEDDED_SIM,), (Way.HOTSPOT, Way.INSERTED_SIM, Way.EMBEDDED_SIM)),
    "line": tuple(CallLine),
    "phone": ("Hanako's phone",),
    "wireless": (True, False),
    "keeps_data": (False,),
    "ssids": ((), ("phone",)),
    "reason": ("apn-unknown",),
    "pin": (Secret("1234"),),
    "store": (True, False),
    "puk": (Secret("12345678"),),
    "new_pin": (Secret("4321"),),
    "apn": ("internet", ""),
    "password": (Secret("1234567"), Secret("12345678")),
    "code": (Secret("12345678"), Secret("1")),
    "porsche_id": (AYUMI, "hiro@example.com"),
    "security_code": (None, Secret("1234")),
    "role": (Role.MAIN, Role.ADDITIONAL),
    "secured": (True, False),
    "settings": ({"seats": "2"},),
    "name": ("seats",),
    "value": ("3",),
    "command": (
        RemoteCommand(action=RemoteAction.LOCK, porsche_id=AYUMI, role=Role.MAIN, code_check="right"),
        RemoteCommand(action=RemoteAction.CHARGE_START, porsche_id=AYUMI, role=Role.VISITOR),
    ),
    "platform": tuple(Platform),
    "stays": (True, False),
    "until": (NOW, NOW + timedelta(days=30)),
    "days": (None, 30),
    "purpose": (Purpose.MUSIC, Purpose.PASSENGERS),
    "bytes": (1000,),
    "version": ("1", "2"),
    "offer_id": (FOD, "another", ""),
    "fetched": (0, 10**12),
    "skipped": (0, 500),
    "jitter": (0.5,),
    "removals": ((), (FOD,)),
    "floors": (Floors({"director/root": Floor(2, "keys")}),),
    "roots": (None, TrustedRoots(b"director", b"image")),
    "good_until": (NOW, NOW + timedelta(days=1)),
    "vouched_until": (None, NOW + timedelta(days=1)),
    "request_id": ("request", "another"),
    "service": (SERVICE, "another"),
    "sensor": tuple(TheftSensor),
    "online": (True, False),
    "received": (7,),
    "blocked_by": ((), ("no-data",)),
    "id": ("c",),
    "kind": ("kind",),
    "expires": (None,),
    "over_app": (False,),
    "path": (("settings",), ("settings", "factory"), ("settings", "privacy-and-connect-settings", "private-mode")),
    "entry": ((), (Secret("1"),)),
    "body": (
        ReportState(),
        ConfigureReporting(heartbeat_seconds=5),
        ConfirmLink(request_id="request", porsche_id="ayumi@example.com"),
        RefuseLink(request_id="request", reason="login-rejected"),
        Look(),
        WithdrawPackage(offer_id=FOD),
        ProvideService(service=SERVICE, until=NOW + timedelta(days=30)),
        CancelService(service=SERVICE),
        CloseAlarm(),
        Unlink(porsche_id=AYUMI, role=Role.MAIN),
        ApplySettings(porsche_id=AYUMI, settings={"seats": "2"}),
        ResetSecurityCode(porsche_id=AYUMI, role=Role.MAIN),
        RemoteCommand(action=RemoteAction.UNLOCK, porsche_id=AYUMI, role=Role.MAIN, code_check="right"),
        BookDataPackage(until=NOW + timedelta(days=30)),
    ),
}


def samples(kind: type[Event], *listed: Assignment) -> Iterator[Event]:
    """Events of one kind, with all the arguments that make a difference; `listed`: what a car may be to have."""
    arguments = ARGUMENTS | {"assignments": tuple(dict.fromkeys(((), listed)))}
    if kind in (on.DownloadInterrupted, on.DownloadFailed, on.InstallationFailed, on.MetadataInterrupted):
        arguments |= {"code": ("server-error",)}
    if kind is on.MetadataRefused:
        arguments |= {"code": ("metadata-missing", "metadata-signature")}
    if kind is on.KeyRecognised:
        arguments |= {"key": ("key-1", "key-2")}
    for values in product(*[arguments[name] for name in kind.__struct_fields__]):
        yield kind(*values)


def put(car: "Driver", region: Region, state: StrEnum) -> None:
    """Put one region into a state by hand, with the facts that go with it."""
    car.state.timers |= dict.fromkeys(TIMERS, car.now)
    car.state.link_request = "request"
    car.state.data_package_until, car.state.map_version = car.now, "1"
    if state in (Connection.CONNECTING, Connection.CONNECTED):
        car.state.way = Way.EMBEDDED_SIM
        car.state.access = Access.LTE if state is Connection.CONNECTED else None
    if state in (Account.LINKED, Personal.UNTOLD):
        car.state.porsche_id, car.state.users = AYUMI, {AYUMI: User(role=Role.MAIN)}
        car.state.account = Account.LINKED
        car.state.keys = {"key-2": AYUMI}
    setattr(model_of(car, region), region.field, state)
    car.reload()


def model_of(car: "Driver", region: Region) -> object:
    """What the region's state is a field of."""
    return car.job() if region.per_job else car.state.services[SERVICE] if region.per_service else car.state


CELLS = [(region, state) for region in REGIONS.values() for state in region.states]


@pytest.mark.parametrize("online", [False, True], ids=["offline", "online"])
@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
@pytest.mark.parametrize(("region", "state"), CELLS, ids=[f"{region.name}={state}" for region, state in CELLS])
def test_every_cell_has_an_answer(
    make_car: "Callable[..., Driver]", profile: str, online: bool, region: Region, state: StrEnum
) -> None:
    car = make_car(profile, "DE", equipment=Equipment if profile == "taycan" else ())
    car.go_online()
    car.order(car.offer())
    if not online:
        car.feed(on.CellChanged("DE", None), on.IgnitionTurnedOff())
    car.command(ProvideService(service=SERVICE, until=NOW + timedelta(days=1)))
    put(car, region, state)
    beginning, offer = car.vehicle.snapshot(), car.offer("fod-2")
    for kind in Event.__subclasses__():
        for event in samples(kind, offer):
            car.vehicle = Vehicle.restore(beginning, car.profile, car.market, car.equipment)
            car.feed(event)  # the driver also feeds a twin, restored from the snapshot, and compares
            check(car, region, state)
            car.feed(on.PcmStarted())


def check(car: "Driver", region: Region, before: StrEnum) -> None:
    after = getattr(model_of(car, region), region.field)
    steps = [
        it
        for it in car.of(do.Transition)
        if it.region == region.name and it.offer_id in (None, FOD) and it.service in (None, SERVICE)
    ]
    assert [step.target for step in steps][-1:] == ([after] if steps else [])
    assert (after is before) or steps, "a change that nobody was told of"
    for step, following in pairwise(steps):
        assert step.target == following.source
    for refusal in car.of(do.Refuse):
        assert refusal.code
        assert refusal.requirement
    kinds = [type(effect) for effect in car.last]
    assert do.Persist not in kinds[:-1]
    if steps or do.Refuse in kinds or do.SetTimer in kinds:
        assert kinds[-1] is do.Persist or kinds == [do.Publish, do.SetTimer], (
            "a change that would not outlast a power cut"
        )


def test_only_rows_of_the_table_move_a_region() -> None:
    for region in VEHICLE_REGIONS:
        assert region.machine.models == []
        assert {trigger for trigger in region.machine.events if not trigger.startswith("to_")} == {
            event.__name__ for event in region.events
        }


def test_a_table_with_a_hole_is_refused() -> None:
    rows = (Row(on.CarLocked, Lock.UNLOCKED, Lock.LOCKED),)
    with pytest.raises(ValueError, match="of which events some have no effect: CarLocked"):
        Region("lock", Lock, Lock.LOCKED, rows, field="lock")


def test_an_excuse_that_no_cell_needs_is_refused() -> None:
    rows = (Row(on.CarLocked, tuple(Lock), Lock.LOCKED),)
    with pytest.raises(ValueError, match="CarLocked"):
        Region("lock", Lock, Lock.LOCKED, rows, field="lock", otherwise={on.CarLocked: "it is so already"})
