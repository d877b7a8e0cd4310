"""Golden wire files: what is on the wire stays as it is, byte for byte, for cars and backends that were not updated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pcm_agent.protocol.envelope import Envelope, body_type, decode, decode_body, encode, encode_body
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest, VehicleManifest
from pcm_agent.protocol.messages import (
    COMMANDS,
    EVENTS,
    KIND_OF,
    ConfigureReporting,
    ConfirmLink,
    ConnectionReported,
    Heartbeat,
    LoginRequested,
    Look,
    MessagesLost,
    PackageReported,
    PackageState,
    PairingRequested,
    Presence,
    RefusalReported,
    RefuseLink,
    Reply,
    ReportState,
    StateReported,
    WithdrawPackage,
)
from pcm_agent.protocol.people import (
    ApplySettings,
    PeopleReported,
    RemoteAction,
    RemoteCommand,
    RemoteReported,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm, SecurityReported
from pcm_agent.protocol.services import AppPresence, CancelService, ProvideService, ServiceReported, ServicesReported
from pcm_agent.protocol.sharing import BookDataPackage, DataPackageReported, DataUsageReported, DataUse
from pcm_agent.protocol.topics import Topic, parse_topic

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"
VIN = "WP0ZZZY1ZTSA00001"
NOW = datetime(2026, 3, 2, 8, 30, 0, 125_000, tzinfo=UTC)
PACKAGE = PackageReported(
    offer_id="fod-1",
    function="intelligent-range-manager",
    version="1.0.0",
    state=PackageState.WAITING,
    received=40_000_000,
    length=40_000_000,
    blocked_by=("charging-cable", "car-unlocked"),
)
TRAFFIC = ServiceReported(
    service="real-time-traffic", state="unavailable", until=NOW + timedelta(days=30), blocked_by=("no-data",)
)
BODIES: dict[str, object] = {
    "command.report-state": ReportState(),
    "command.configure-reporting": ConfigureReporting(heartbeat_seconds=60),
    "command.look": Look(),
    "command.withdraw-package": WithdrawPackage(offer_id="fod-1"),
    "command.confirm-link": ConfirmLink(request_id="link-1", porsche_id="ayumi@example.com"),
    "command.book-data-package": BookDataPackage(until=datetime(2026, 4, 1, tzinfo=UTC), renewed_days=30),
    "event.data-package": DataPackageReported(state="valid", until=datetime(2026, 4, 1, tzinfo=UTC), renewed_days=30),
    "event.data-usage": DataUsageReported(
        month="2026-03", uses=(DataUse(purpose="music", way="inserted-sim", charged=True, bytes=57_600_000),)
    ),
    "command.refuse-link": RefuseLink(request_id="link-1", reason="pairing-code-unknown"),
    "command.unlink": Unlink(porsche_id="ayumi@example.com", role=Role.MAIN),
    "command.apply-settings": ApplySettings(porsche_id="ayumi@example.com", settings={"seats": "low"}),
    "command.reset-security-code": ResetSecurityCode(porsche_id="ayumi@example.com", role=Role.MAIN),
    "command.remote": RemoteCommand(
        action=RemoteAction.UNLOCK,
        porsche_id="hiro@example.com",
        role=Role.ADDITIONAL,
        granted=True,
        code_check="right",
    ),
    "event.settings": SettingsReported(porsche_id="ayumi@example.com", settings={"seats": "low"}),
    "event.vehicle-manifest": SignedVehicleManifest(
        manifest=VehicleManifest(
            vin=VIN,
            ecu_serial="PCM-0F0F0F0F0F0F",
            number=7,
            time=NOW,
            installed=(
                InstalledImage(
                    function="intelligent-range-manager",
                    version="1.0.0",
                    sha256="0f" * 32,
                    release_counter=3,
                    offer_id="order-1.1",
                ),
            ),
            attack="metadata-expired",
        ),
        signature="a5" * 64,
    ),
    "event.user-left": UserLeft(porsche_id="ayumi@example.com"),
    "event.connection": ConnectionReported(state="connected", way="embedded-sim", access="lte", symbol="LTE"),
    "event.package": PACKAGE,
    "event.pairing-requested": PairingRequested(pairing_code=Secret("12345678")),
    "event.login-requested": LoginRequested(porsche_id="ayumi@example.com", at=NOW, proof=Secret("0f" * 32)),
    "event.refusal": RefusalReported(event="RoamingEnabled", code="no-such-setting", requirement="CON-10"),
    "command.provide-service": ProvideService(service="real-time-traffic", until=NOW + timedelta(days=30)),
    "command.cancel-service": CancelService(service="real-time-traffic"),
    "command.close-alarm": CloseAlarm(),
    "event.service": TRAFFIC,
    "event.alarm": AlarmRaised(alarm="theft", cause="tilt", at=NOW),
    "event.heartbeat": Heartbeat(state_version=7),
    "event.messages-lost": MessagesLost(count=3),
    "reply.look": Reply(
        stage="refused", code="signature-invalid", requirement="FOD-04", blocked_by=("car-on",), state_version=7
    ),
    "presence.presence": Presence(status="online", session_id="s-1", firmware="0.1.0", profile="taycan"),
    "app-presence.presence": AppPresence(status="online", session_id="s-2"),
    "state.state": StateReported(
        version=7,
        ignition="off",
        selector_lever="P",
        parking_brake="applied",
        lock="locked",
        occupancy="vacant",
        charging="connected",
        battery="sufficient",
        battery_percent=80,
        connection=ConnectionReported(state="connected", way="hotspot", wifi=True),
        roaming="home",
        sim="absent",
        private_mode="off",
        account="linked",
        porsche_id="ayumi@example.com",
        packages=(PACKAGE,),
        services=ServicesReported(traffic="on", app="connected", app_online=False, services=(TRAFFIC,)),
        security=SecurityReported(alarm="silent", driver_card="absent", service_mode="off"),
        remote=RemoteReported(access="allowed", climate="off", charge="idle"),
        people=PeopleReported(role=Role.MAIN, key="key-1"),
    ),
}


def envelope_of(name: str) -> tuple[Topic, Envelope]:
    root, end = ("app", name.removeprefix("app-")) if name.startswith("app-") else ("pcm", name)
    topic = parse_topic(f"{root}/v1/{VIN}/{end.replace('.', '/')}") or parse_topic(
        f"{root}/v1/{VIN}/{end.partition('.')[0]}"
    )
    assert topic is not None
    command = topic.channel == "command"
    return topic, Envelope(
        id=f"{name}-1",
        vin=VIN,
        kind=topic.kind,
        time=NOW,
        body=encode_body(BODIES[name]),
        correlation="command-1" if topic.channel == "reply" else None,
        reply_to=f"pcm/v1/{VIN}/reply/{topic.kind}" if command else None,
        expires=NOW + timedelta(hours=1) if command else None,
    )


@pytest.mark.parametrize("name", BODIES)
def test_a_message_is_the_same_bytes_as_ever(golden: Callable[[Path, str], None], name: str) -> None:
    _, envelope = envelope_of(name)
    golden(GOLDEN / f"{name}.json", encode(envelope).decode() + "\n")


@pytest.mark.parametrize("name", BODIES)
def test_the_bytes_are_understood_as_ever(name: str) -> None:
    topic, expected = envelope_of(name)
    payload = (GOLDEN / f"{name}.json").read_bytes().removesuffix(b"\n")
    envelope = decode(payload, topic)
    assert encode(envelope) == payload
    assert (envelope.id, envelope.time, envelope.expires) == (expected.id, expected.time, expected.expires)
    assert (envelope.correlation, envelope.reply_to) == (expected.correlation, expected.reply_to)
    kind = body_type(topic)
    assert kind is type(BODIES[name])
    assert decode_body(envelope, kind) == BODIES[name]


def test_every_kind_has_a_golden_file() -> None:
    kinds = {f"command.{kind}" for kind in COMMANDS} | {f"event.{kind}" for kind in EVENTS}
    assert kinds | {"reply.look", "presence.presence", "app-presence.presence", "state.state"} == set(BODIES)
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(BODIES)


def test_kinds_are_unique() -> None:
    assert len(KIND_OF) == len(COMMANDS) + len(EVENTS)
