"""Every refusal that the core can give, with its requirement: the table below must name each that the code names."""

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

import pcm_agent.core
from firmware_profiles import Equipment, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.regions.sharing import DEVICES
from pcm_agent.core.states import Access, CallLine, Platform, PrivateMode, Purpose, Sim, TheftSensor
from pcm_agent.protocol.messages import (
    Command,
    ConfirmLink,
    Look,
    PackageState,
    RefusalReported,
    Reply,
    WithdrawPackage,
)
from pcm_agent.protocol.people import ApplySettings
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import CancelService, ProvideService
from pcm_agent.protocol.sharing import BookDataPackage
from pcm_agent.trust.images import Assignment

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

CORE = Path(str(pcm_agent.core.__file__)).parent
FOD = "fod-1"
PIN = on.SimPinEntered(Secret("1234"))
PUK = on.SimPukEntered(Secret("12345678"), Secret("4321"))
CODE = on.PairingCodeEntered(Secret("12345678"))
LOGIN = on.PorscheIdEntered("ayumi@example.com", Secret("a password"))
HOTSPOT = on.HotspotChosen("phone", Secret("12345678"))
SHORT = on.HotspotChosen("phone", Secret("1234567"))
Prepare = Callable[["Driver"], object]


def as_it_is(car: "Driver") -> None:
    """Nothing is to be prepared."""


def with_sim(state: Sim) -> Prepare:
    def prepare(car: "Driver") -> None:
        car.state.sim = state
        car.reload()

    return prepare


def online(car: "Driver") -> None:
    car.go_online()


def without_menus(car: "Driver") -> None:
    """A car whose PCM lacks the settings."""
    car.profile = replace(car.profile, menus={})
    car.reload()


def linking(car: "Driver") -> None:
    car.go_online()
    car.feed(LOGIN if car.profile.name == "taycan" else CODE)


def linked(car: "Driver") -> None:
    linking(car)
    car.feed(on.LinkConfirmed(str(car.state.link_request), "ayumi@example.com"))


def after(event: Event) -> Prepare:
    def prepare(car: "Driver") -> None:
        car.feed(event)

    return prepare


def crowded(car: "Driver") -> None:
    car.feed(*[on.DeviceJoined(str(number), Platform.IOS) for number in range(DEVICES)])


def calling(car: "Driver") -> None:
    car.feed(on.PhoneConnected("phone"), on.CallStarted(CallLine.PHONE))


def without_carplay(car: "Driver") -> None:
    car.profile = replace(car.profile, phone=replace(car.profile.phone, carplay=False))
    car.reload()


def private(car: "Driver") -> None:
    car.go_online()
    car.feed(on.PrivateModeEnabled())


def linked_in_private_mode(car: "Driver") -> None:
    linking(car)
    car.feed(on.LinkConfirmed(str(car.state.link_request), "ayumi@example.com", secured=True), on.PrivateModeEnabled())


def job_in(state: PackageState) -> Prepare:
    def prepare(car: "Driver") -> None:
        car.download()
        car.job().state = state
        car.reload()

    return prepare


def tracked(car: "Driver") -> None:
    car.equipment = frozenset((Equipment.VEHICLE_TRACKING_SYSTEM,))
    car.reload()


def weather(car: "Driver") -> None:
    car.command(ProvideService(service="weather", until=car.now + timedelta(days=1)))


TAYCAN, CAYENNE = "taycan", "cayenne-gen3"
DRIVERS: list[tuple[str, str, str, Prepare, Event]] = [
    ("no-such-setting", "CON-10", TAYCAN, as_it_is, on.RoamingEnabled()),
    ("no-such-setting", "CON-10", TAYCAN, as_it_is, on.RoamingDisabled()),
    ("no-such-setting", "CON-14", TAYCAN, as_it_is, on.MobileDataEnabled()),
    ("no-such-setting", "CON-14", TAYCAN, as_it_is, on.MobileDataDisabled()),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, HOTSPOT),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, SHORT),
    ("password-too-short", "CON-20", CAYENNE, as_it_is, SHORT),
    ("hotspot-not-found", "CON-20", CAYENNE, after(on.HotspotsFound(())), HOTSPOT),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, on.HotspotScanStarted()),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, on.WayOrderChosen((Way.HOTSPOT,))),
    ("carplay-runs", "CON-21", TAYCAN, after(on.CarPlayStarted("phone")), on.PhoneConnected("phone")),
    ("no-carplay", "CON-21", TAYCAN, without_carplay, on.CarPlayStarted("phone")),
    ("no-wireless-carplay", "CON-23", TAYCAN, as_it_is, on.CarPlayStarted("phone", wireless=True)),
    ("no-phone", "CON-06", TAYCAN, as_it_is, on.CallStarted(CallLine.PHONE)),
    ("line-busy", "CON-05", TAYCAN, calling, on.CallStarted(CallLine.PHONE)),
    ("no-sim-slot", "CON-02", TAYCAN, as_it_is, on.CallStarted(CallLine.INSERTED_SIM)),
    ("no-such-setting", "CON-26", TAYCAN, without_menus, on.SharingEnabled()),
    ("no-such-setting", "CON-26", TAYCAN, without_menus, on.SharingDisabled()),
    ("no-such-setting", "CON-29", TAYCAN, without_menus, on.MapUpdatesOverMobileAllowed()),
    ("no-such-setting", "CON-29", TAYCAN, without_menus, on.MapUpdatesOverMobileForbidden()),
    ("private-mode-on", "CON-14", TAYCAN, private, on.DataUsed(Purpose.MUSIC, 1)),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, on.HotspotJoined("phone")),
    ("no-such-way", "CON-01", TAYCAN, as_it_is, on.HotspotsFound(("phone",))),
    ("no-sim-slot", "CON-02", TAYCAN, as_it_is, on.SimRemoved()),
    ("no-sim-slot", "CON-18", TAYCAN, as_it_is, PUK),
    ("no-driver-card", "SEC-02", TAYCAN, as_it_is, on.DriverCardLost()),
    ("no-security-package", "SEC-03", TAYCAN, as_it_is, on.TheftSensorTripped(TheftSensor.TILT)),
    ("no-charging-cable", "REM-01", TAYCAN, as_it_is, on.ChargingStarted()),
    ("too-many-devices", "CON-26", TAYCAN, crowded, on.DeviceJoined("one more", Platform.IOS)),
    ("no-data-connection", "CON-29", TAYCAN, as_it_is, on.DataUsed(Purpose.MUSIC, 1)),
    ("data-not-shared", "CON-27", TAYCAN, online, on.DataUsed(Purpose.PASSENGERS, 1)),
    ("no-sim-slot", "CON-02", TAYCAN, as_it_is, on.SimInserted("JP")),
    ("no-sim-slot", "CON-18", TAYCAN, as_it_is, PIN),
    ("no-sim-slot", "CON-19", TAYCAN, as_it_is, on.ApnEntered("internet")),
    ("apn-empty", "CON-19", CAYENNE, as_it_is, on.ApnEntered("")),
    ("apn-empty", "CON-19", CAYENNE, as_it_is, on.ApnEntered(" ")),
    ("no-sim", "CON-17", CAYENNE, as_it_is, PIN),
    ("sim-pin-not-needed", "CON-17", CAYENNE, with_sim(Sim.READY), PIN),
    ("sim-puk-required", "CON-17", CAYENNE, with_sim(Sim.PUK_REQUIRED), PIN),
    ("sim-blocked", "CON-17", CAYENNE, with_sim(Sim.BLOCKED), PIN),
    ("sim-blocked", "CON-17", CAYENNE, with_sim(Sim.BLOCKED), PUK),
    ("sim-puk-not-needed", "CON-17", CAYENNE, as_it_is, PUK),
    ("sim-puk-not-needed", "CON-17", CAYENNE, with_sim(Sim.PIN_REQUIRED), PUK),
    ("sim-puk-not-needed", "CON-17", CAYENNE, with_sim(Sim.READY), PUK),
    ("linked-by-porsche-id", "IDN-04", TAYCAN, as_it_is, CODE),
    ("linked-by-porsche-id", "IDN-04", TAYCAN, linked, CODE),
    ("linked-by-pairing-code", "IDN-04", CAYENNE, as_it_is, LOGIN),
    ("no-data-connection", "IDN-04", CAYENNE, as_it_is, CODE),
    ("no-data-connection", "IDN-04", TAYCAN, as_it_is, LOGIN),
    ("pairing-code-malformed", "IDN-04", CAYENNE, as_it_is, on.PairingCodeEntered(Secret("1234"))),
    ("link-in-progress", "IDN-04", CAYENNE, linking, CODE),
    ("link-in-progress", "IDN-04", TAYCAN, linking, LOGIN),
    ("already-linked", "IDN-04", CAYENNE, linked, CODE),
    ("already-linked", "IDN-04", TAYCAN, linked, LOGIN),
    ("offer-unknown", "FOD-02", TAYCAN, as_it_is, on.PackageConsented("another")),
    ("no-driver-card", "SEC-02", TAYCAN, as_it_is, on.DriverCardDetected()),
    ("no-security-package", "SEC-04", TAYCAN, as_it_is, on.ServiceModeEnabled()),
    ("no-security-package", "SEC-04", TAYCAN, as_it_is, on.SecurityPackageDisabled()),
    ("security-always-on", "SEC-04", TAYCAN, tracked, on.SecurityPackageDisabled()),
    ("private-mode-on", "PRV-01", CAYENNE, private, CODE),
    ("private-mode-on", "PRV-01", TAYCAN, private, LOGIN),
    ("not-logged-in", "IDN-10", TAYCAN, as_it_is, on.LoggedOut()),
    ("not-logged-in", "IDN-10", TAYCAN, linking, on.LoggedOut()),
    ("no-such-setting", "IDN-10", CAYENNE, as_it_is, on.LoggedOut()),
    ("no-such-setting", "IDN-10", CAYENNE, linking, on.LoggedOut()),
    ("no-such-setting", "IDN-10", CAYENNE, linked, on.LoggedOut()),
    ("no-guest-mode", "IDN-10", CAYENNE, linked, on.GuestChosen()),
    ("no-key-memory", "IDN-11", CAYENNE, as_it_is, on.KeyRecognised("key-1")),
    ("no-such-setting", "REM-01", CAYENNE, linked, on.RemoteAccessAllowed()),
    ("no-such-setting", "REM-01", CAYENNE, linked, on.RemoteAccessWithdrawn()),
    ("not-main-user", "REM-01", TAYCAN, as_it_is, on.RemoteAccessAllowed()),
    ("not-main-user", "REM-01", TAYCAN, as_it_is, on.RemoteAccessWithdrawn()),
    ("security-code-not-entered", "IDN-07", TAYCAN, linked, on.RemoteAccessAllowed()),
    ("private-mode-on", "PRV-01", TAYCAN, linked_in_private_mode, on.RemoteAccessAllowed()),
]
WITHDRAW = WithdrawPackage(offer_id=FOD)
STRANGER = ConfirmLink(request_id="another", porsche_id="eve@example.com")
BACKENDS: list[tuple[str, str, Prepare, Callable[["Driver"], Command]]] = [
    ("link-not-requested", "IDN-06", as_it_is, lambda _: STRANGER),
    ("user-unknown", "IDN-12", as_it_is, lambda _: ApplySettings(porsche_id="eve@example.com", settings={})),
    ("link-not-requested", "IDN-06", linking, lambda _: STRANGER),
    ("already-linked", "IDN-06", linked, lambda _: STRANGER),
    ("offer-unknown", "FOD-02", as_it_is, lambda _: WITHDRAW),
    ("service-unknown", "REM-03", as_it_is, lambda _: CancelService(service="weather")),
    ("term-over", "REM-03", as_it_is, lambda car: ProvideService(service="weather", until=car.now)),
    ("term-over", "REM-03", weather, lambda car: ProvideService(service="weather", until=car.now)),
    ("installation-in-progress", "FOD-06", job_in(PackageState.ACTIVATING), lambda _: WITHDRAW),
    ("installation-in-progress", "FOD-06", job_in(PackageState.VERIFYING), lambda _: WITHDRAW),
    ("already-active", "FOD-10", job_in(PackageState.ACTIVE), lambda _: WITHDRAW),
    ("already-active", "FOD-10", job_in(PackageState.REMOVING), lambda _: WITHDRAW),
    ("data-package-over", "CON-27", as_it_is, lambda car: BookDataPackage(until=car.now)),
]
LISTS: list[tuple[str, str, Prepare, Callable[["Driver"], Assignment]]] = [
    ("offer-changed", "FOD-04", job_in(PackageState.OFFERED), lambda car: car.offer(sha256="1" * 64)),
    ("offer-changed", "FOD-04", job_in(PackageState.ACTIVE), lambda car: car.offer(function="another")),
    ("offer-expired", "FOD-01", online, lambda car: car.offer(not_after=car.now)),
]
"""What is not followed of a list that was accepted."""


@pytest.mark.parametrize(("code", "requirement", "profile", "prepare", "event"), DRIVERS)
def test_a_refused_tap_is_shown_and_told(
    make_car: "Callable[..., Driver]", *, code: str, requirement: str, profile: str, prepare: Prepare, event: Event
) -> None:
    car = make_car(profile, "DE")
    car.feed(on.PcmStarted())
    prepare(car)
    name = type(event).__name__
    told = do.Publish(RefusalReported(event=name, code=code, requirement=requirement, blocked_by=()))
    assert car.feed(event) == [
        do.Refuse(name, code, requirement, ()),
        do.Show(f"refused-{code}"),
        *([told] if car.state.private_mode is PrivateMode.OFF else []),
        do.Persist(),
    ]


@pytest.mark.parametrize(("code", "requirement", "prepare", "command"), BACKENDS)
def test_a_refused_command_is_answered_with_the_reason(
    taycan: "Driver", code: str, requirement: str, prepare: Prepare, command: "Callable[[Driver], Command]"
) -> None:
    prepare(taycan)
    jobs = list(taycan.state.jobs)
    reply = taycan.command(command(taycan))
    assert reply == Reply(stage="refused", code=code, requirement=requirement)
    assert taycan.refusals() == [(code, requirement, ())]
    assert not [text for text in taycan.shown() if text.startswith("refused-")]
    assert list(taycan.state.jobs) == jobs


@pytest.mark.parametrize(("code", "requirement", "prepare", "entry"), LISTS)
def test_a_refused_entry_of_a_list_changes_nothing_and_keeps_no_other_from_being_followed(
    taycan: "Driver", code: str, requirement: str, prepare: Prepare, entry: "Callable[[Driver], Assignment]"
) -> None:
    prepare(taycan)
    jobs = {offer_id: replace(job) for offer_id, job in taycan.state.jobs.items()}
    taycan.take(taycan.offer("before"), entry(taycan), taycan.offer("after"))
    assert taycan.of(do.Refuse) == [do.Refuse("MetadataAccepted", code, requirement)]
    sentences = [it for it in taycan.of(do.Show) if it.text.startswith("refused-")]
    assert sentences == [do.Show(f"refused-{code}", {"function": "intelligent-range-manager"})]
    assert taycan.state.jobs.keys() - jobs.keys() == {"before", "after"}
    assert {offer_id: taycan.job(offer_id).assignment for offer_id in jobs} == {
        offer_id: job.assignment for offer_id, job in jobs.items()
    }


def test_an_expired_command_is_refused(taycan: "Driver") -> None:
    taycan.go_online()
    for late in (timedelta(0), timedelta(seconds=1)):
        reply = taycan.command(Look(), expires=taycan.now - late)
        assert (reply.stage, reply.code) == ("refused", "command-expired")
        assert not taycan.of(do.CheckMetadata)
    assert taycan.command(Look(), expires=taycan.now + timedelta(microseconds=1)).stage == "done"
    assert taycan.of(do.CheckMetadata)


def refusals_in_the_code() -> Iterator[tuple[str, str]]:
    for file in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="refuse") | ast.Attribute(attr="refuse"), args=[code, requirement]):
                    yield _word(code), _word(requirement)


def _word(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_the_tables_above_are_complete() -> None:
    found = {it for it in refusals_in_the_code() if all(it)}
    of_the_menus = {("menu-path-unknown", "CON-09"), ("menu-entry-wrong", "CON-09")}  # which show more: test_menu
    assert found - of_the_menus == {row[:2] for row in (*DRIVERS, *BACKENDS, *LISTS)}


def test_every_refusal_bears_a_requirement_that_exists() -> None:
    text = (CORE.parents[1] / "docs" / "requirements.yaml").read_text(encoding="utf-8")
    areas: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    rows = {row["id"] for area in areas.values() for row in area}
    assert {requirement for _, requirement in refusals_in_the_code() if requirement} <= rows


def test_a_refusal_changes_nothing_but_that_it_is_told(make_car: "Callable[..., Driver]") -> None:
    car = make_car(TAYCAN, "DE")
    car.go_online()
    before, version = car.vehicle.snapshot(), car.state.version
    car.feed(HOTSPOT)
    assert car.vehicle.snapshot() == before
    assert car.state.version == version
    car.feed(on.BearerLost(Way.EMBEDDED_SIM), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    assert car.online()
