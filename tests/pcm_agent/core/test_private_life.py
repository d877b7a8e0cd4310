"""Nothing personal leaves the car in private mode, whatever happens in it (PRV-01, CON-14)."""

import re
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_profiles import DataOff
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.report import state_report
from pcm_agent.core.state import User
from pcm_agent.core.states import Account, Personal, PrivateMode
from pcm_agent.protocol.messages import EVENTS, KIND_OF, ConfirmLink, StateReported
from pcm_agent.protocol.people import (
    ApplySettings,
    RemoteAction,
    RemoteCommand,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.privacy import PERSONAL_FIELDS, PERSONAL_REPORTS, STILL_SENT, TECHNICAL_FIELDS
from pcm_agent.protocol.secret import Secret, revealed
from tests.pcm_agent.core.conftest import Driver
from tests.pcm_agent.core.test_table import samples

DOCS = Path(__file__).parents[3] / "docs" / "privacy.md"
AYUMI, HIRO = "ayumi@example.com", "hiro@example.com"
MARKED = (AYUMI, HIRO, "red-key", "blue-key", "Kyoto", "Nara", "87654321")
"""Values that say something of people; none of them may leave."""
PROFILES = ("taycan", "cayenne-gen3")


def private_car(profile: str) -> Driver:
    """A car with people, keys and settings, on line and in private mode."""
    car = Driver(profile, "DE")
    car.go_online()
    car.order(car.offer())
    user = User(role=Role.MAIN, secured=True, settings={"weather": "Kyoto"}, untold=True)
    car.state.users = {AYUMI: user, HIRO: User(role=Role.ADDITIONAL)}
    car.state.porsche_id, car.state.account, car.state.link_request = AYUMI, Account.LINKED, "request"
    car.state.key, car.state.keys = "red-key", {"red-key": AYUMI, "blue-key": HIRO}
    car.state.personal, car.state.departed = Personal.UNTOLD, ["eve@example.com"]
    car.reload()
    car.feed(on.PrivateModeEnabled())
    return car


def what_leaves(car: Driver) -> bytes:
    """All that the effects of the last events put on the wire."""
    bodies: list[object] = [*car.said(), *[answer.reply for answer in car.of(do.Answer)]]
    if car.of(do.ReportState):
        bodies.append(state_report(car.state))
    return msgspec.json.encode(bodies, enc_hook=revealed)


def check_nothing_personal_left(car: Driver) -> None:
    said = what_leaves(car).decode()
    for value in (*MARKED, "eve@"):
        assert value not in said
    assert {KIND_OF[type(body)] for body in car.said()} <= STILL_SENT


LIFE: tuple[Event, ...] = (
    on.PairingCodeEntered(Secret("87654321")), on.PorscheIdEntered(HIRO, Secret("87654321"), Secret("87654321")),
    on.LoggedOut(), on.GuestChosen(), on.KeyRecognised("red-key"), on.KeyRecognised("blue-key"),
    on.SettingChanged("weather", "Nara"), on.RemoteAccessAllowed(), on.RemoteAccessWithdrawn(), on.RoamingEnabled(),
    on.IgnitionTurnedOff(), on.IgnitionTurnedOn(), on.PcmStarted(), on.LinkConfirmed("request", HIRO, Role.VISITOR),
    on.LinkRefused("request", "login-rejected"), on.UserUnlinked(AYUMI, Role.MAIN), on.UserUnlinked(HIRO, Role.MAIN),
    on.SecurityCodeReset(AYUMI, Role.MAIN), on.SettingsReceived(AYUMI, {"weather": "Nara"}),
    on.CommandReceived("c-1", "unlink", Unlink(porsche_id=HIRO, role=Role.ADDITIONAL)),
    on.CommandReceived("c-2", "apply-settings", ApplySettings(porsche_id=AYUMI, settings={"weather": "Kyoto"})),
    on.CommandReceived("c-3", "reset-security-code", ResetSecurityCode(porsche_id=AYUMI, role=Role.MAIN)),
    on.CommandReceived("c-4", "confirm-link", ConfirmLink(request_id="request", porsche_id=HIRO)),
    on.CommandReceived(
        "c-5", "remote", RemoteCommand(action=RemoteAction.UNLOCK, porsche_id=AYUMI, role=Role.MAIN)
    ),
)  # fmt: skip


@pytest.mark.requirement("PRV-01")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", sorted(Event.__subclasses__(), key=str))
def test_no_event_lets_anything_personal_out(profile: str, kind: type[Event]) -> None:
    car = private_car(profile)
    beginning, vehicle = car.vehicle.snapshot(), type(car.vehicle)
    for event in samples(kind, car.offer("fod-2")):
        if isinstance(event, on.PrivateModeDisabled | on.FactoryResetConfirmed):
            continue
        car.vehicle = vehicle.restore(beginning, car.profile, car.market)
        car.feed(event)
        if car.state.private_mode is PrivateMode.ON:  # a tap on a menu may have ended it
            check_nothing_personal_left(car)


@pytest.mark.requirement("PRV-01")
@given(profile=st.sampled_from(PROFILES), life=st.lists(st.sampled_from(LIFE), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_life_in_private_mode_lets_anything_personal_out(profile: str, life: list[Event]) -> None:
    car = private_car(profile)
    for event in life:
        car.feed(event)
        check_nothing_personal_left(car)


@pytest.mark.requirement("PRV-01")
def test_what_was_withheld_is_told_when_private_mode_ends() -> None:
    car = private_car("taycan")
    car.feed(on.SettingChanged("weather", "Nara"))
    report = state_report(car.state)
    assert [getattr(report, name) for name in PERSONAL_FIELDS] == [None, None]
    car.feed(on.PrivateModeDisabled())
    assert car.said()[:2] == [
        UserLeft(porsche_id="eve@example.com"),
        SettingsReported(porsche_id=AYUMI, settings={"weather": "Nara"}),
    ]
    report = state_report(car.state)
    assert report.porsche_id == AYUMI
    assert report.people is not None
    assert (report.people.role, report.people.key) == (Role.MAIN, "red-key")


@pytest.mark.requirement("CON-14")
def test_where_private_mode_is_the_switch_no_service_data_flows_while_it_is_on() -> None:
    car = private_car("taycan")
    assert car.profile.data.data_off is DataOff.PRIVATE_MODE
    dice = Random(14)
    sent: set[str] = set()
    for _ in range(300):
        car.feed(dice.choice(LIFE))
        sent |= {KIND_OF[type(body)] for body in car.said()}
        assert not car.of(do.StartDownload)
        assert not car.of(do.Operate)
    assert sent <= {"connection", "package", "heartbeat", "messages-lost"}


def test_the_version_does_not_tell_that_somebody_else_drives() -> None:
    car = private_car("taycan")
    version = car.state.version
    car.feed(on.KeyRecognised("blue-key"))
    assert car.state.porsche_id == HIRO
    assert car.state.version == version


def test_every_report_and_every_field_is_one_or_the_other() -> None:
    assert {EVENTS[kind] for kind in STILL_SENT} | PERSONAL_REPORTS == set(EVENTS.values())
    assert set(PERSONAL_FIELDS) | TECHNICAL_FIELDS == set(StateReported.__struct_fields__)


@pytest.mark.requirement("CON-14")
def test_the_document_lists_exactly_what_is_still_sent_and_what_is_withheld() -> None:
    text = DOCS.read_text(encoding="utf-8")
    listed = {
        heading: set(re.findall(r"^\| `([a-z_-]+)` \|", part, re.MULTILINE))
        for heading, part in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    }
    assert listed["Reports that are still sent"] == STILL_SENT
    assert listed["Reports that are withheld"] == {KIND_OF[body] for body in PERSONAL_REPORTS}
    assert listed["Fields of the state that are still told"] == TECHNICAL_FIELDS
    assert listed["Fields of the state that are null"] == set(PERSONAL_FIELDS)
