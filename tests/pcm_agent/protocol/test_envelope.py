import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from pcm_agent.errors import PeerError
from pcm_agent.protocol.envelope import (
    MAX_BYTES,
    Envelope,
    body_type,
    decode,
    decode_body,
    encode,
    id_in,
    readable,
)
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import (
    COMMANDS,
    EVENTS,
    ConfigureReporting,
    Heartbeat,
    PairingRequested,
    Presence,
    Reply,
    ReportState,
    StateReported,
    WithdrawPackage,
)
from pcm_agent.protocol.topics import Topic

VIN = "WP0ZZZY1ZTSA00001"
TOPIC = Topic(VIN, "command", "configure-reporting")
SOUND: dict[str, Any] = {
    "id": "c-1",
    "vin": VIN,
    "kind": "configure-reporting",
    "time": "2026-03-02T08:30:00Z",
    "body": {"heartbeat_seconds": 60},
}
SEATS: dict[str, Any] = {"function": "seats", "version": "1", "sha256": "0" * 64, "release_counter": 1}
SAID: dict[str, Any] = {
    "vin": VIN,
    "ecu_serial": "PCM-1",
    "number": 1,
    "time": "2026-03-02T08:30:00Z",
    "installed": [SEATS],
}
SIGNED: dict[str, Any] = {"manifest": SAID, "signature": "0" * 128}


def installed(**changes: object) -> dict[str, Any]:
    return SIGNED | {"manifest": SAID | {"installed": [SEATS | changes]}}


def payload(**changes: object) -> bytes:
    return json.dumps(SOUND | changes).encode()


def fault(data: bytes, topic: Topic = TOPIC) -> str:
    with pytest.raises(PeerError) as caught:
        decode(data, topic)
    return caught.value.code


def body_fault(body: object, kind: type[object]) -> str:
    with pytest.raises(PeerError) as caught:
        decode_body(decode(payload(body=body), TOPIC), kind)
    assert caught.value.code == "message-invalid"
    return caught.value.message


def test_a_sound_message_is_read() -> None:
    envelope = decode(payload(), TOPIC)
    assert envelope.time == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert decode_body(envelope, ConfigureReporting) == ConfigureReporting(heartbeat_seconds=60)


def test_unknown_fields_are_ignored() -> None:
    data = payload(new="field", body={"heartbeat_seconds": 60, "other": [1, {"a": None}]})
    assert decode_body(decode(data, TOPIC), ConfigureReporting) == ConfigureReporting(heartbeat_seconds=60)


def test_a_message_may_be_so_large_and_no_larger() -> None:
    data = payload()
    largest = data + b" " * (MAX_BYTES - len(data))
    assert decode(largest, TOPIC).id == "c-1"
    assert fault(largest + b" ") == "message-oversized"
    assert id_in(largest + b" ") is None


MALFORMED = {
    "empty": b"",
    "cut short": payload()[:-1],
    "two of them": payload() * 2,
    "a list": b"[]",
    "null": b"null",
    "no UTF-8": payload().replace(b"c-1", b"\xff"),
    "half a surrogate": payload().replace(b"c-1", b"\\ud800"),
    "binary": bytes(range(256)),
    "no id": json.dumps({key: value for key, value in SOUND.items() if key != "id"}).encode(),
    "no body": json.dumps({key: value for key, value in SOUND.items() if key != "body"}).encode(),
    "id of another type": payload(id=5),
    "no time": payload(time="yesterday"),
    "time without an offset": payload(time="2026-03-02T08:30:00"),
    "expiry without an offset": payload(expires="2026-03-02T08:30:00"),
    "deep": b"[" * 200_000,
    "deep body": payload(body=0).replace(b'"body": 0', b'"body": ' + b"[" * 100_000 + b"]" * 100_000),
    "deep unknown field": payload(new=0).replace(b'"new": 0', b'"new": ' + b'{"a":' * 40_000),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_message_is_the_peers_fault(name: str) -> None:
    assert fault(MALFORMED[name]) == "message-malformed"


def test_another_cars_message_is_refused() -> None:
    assert fault(payload(vin="WP0ZZZY1ZTSA00002")) == "message-foreign-vin"


def test_topic_and_envelope_must_agree() -> None:
    assert fault(payload(kind="report-state")) == "message-kind-mismatch"
    assert fault(payload(), Topic(VIN, "command", "report-state")) == "message-kind-mismatch"


@pytest.mark.parametrize(
    ("body", "kind", "path"),
    [
        ({}, ConfigureReporting, "heartbeat_seconds"),
        (None, ReportState, "null"),
        ([], ReportState, "array"),
        ({"heartbeat_seconds": 0}, ConfigureReporting, "$.heartbeat_seconds"),
        ({"heartbeat_seconds": 86_401}, ConfigureReporting, "$.heartbeat_seconds"),
        ({"heartbeat_seconds": 1.5}, ConfigureReporting, "$.heartbeat_seconds"),
        ({"heartbeat_seconds": "60"}, ConfigureReporting, "$.heartbeat_seconds"),
        ({"heartbeat_seconds": True}, ConfigureReporting, "$.heartbeat_seconds"),
        ({"pairing_code": 12345678}, PairingRequested, "$.pairing_code"),
        (SIGNED | {"signature": "0"}, SignedVehicleManifest, "$.signature"),
        (SIGNED | {"signature": "A" * 128}, SignedVehicleManifest, "$.signature"),
        (SIGNED | {"manifest": SAID | {"number": 0}}, SignedVehicleManifest, "$.manifest.number"),
        (SIGNED | {"manifest": SAID | {"number": 1.5}}, SignedVehicleManifest, "$.manifest.number"),
        (SIGNED | {"manifest": SAID | {"attack": "../../etc"}}, SignedVehicleManifest, "$.manifest.attack"),
        (SIGNED | {"manifest": SAID | {"time": "2026-03-30T08:30:00"}}, SignedVehicleManifest, "$.manifest.time"),
        (installed(function=".hidden"), SignedVehicleManifest, "$.manifest.installed[0].function"),
        (installed(function="a" * 65), SignedVehicleManifest, "$.manifest.installed[0].function"),
        (installed(sha256="0"), SignedVehicleManifest, "$.manifest.installed[0].sha256"),
        (installed(release_counter=-1), SignedVehicleManifest, "$.manifest.installed[0].release_counter"),
        ({"offer_id": "../../etc"}, WithdrawPackage, "$.offer_id"),
    ],
)
def test_a_wrong_body_is_refused_with_the_path(body: object, kind: type[object], path: str) -> None:
    assert path in body_fault(body, kind)


def test_a_sound_manifest_is_read() -> None:
    assert decode_body(decode(payload(body=SIGNED), TOPIC), SignedVehicleManifest).manifest.attack is None


@pytest.mark.parametrize("body", [b'{"pairing_code":"\xff"}', b'{"new":' + b"[" * 100_000])
def test_a_body_that_is_no_text_or_has_no_end_is_refused(body: bytes) -> None:
    envelope = Envelope(id="c", vin=VIN, kind="k", time=datetime(2026, 3, 2, tzinfo=UTC), body=Raw(body))
    with pytest.raises(PeerError) as caught:
        decode_body(envelope, PairingRequested)
    assert caught.value.code == "message-invalid"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (payload(), "c-1"),
        (b'{"id":"x"}', "x"),
        (b'{"id":5}', None),
        (b"[]", None),
        (b"{", None),
        (b'{"id":"\xff"}', None),
        (b"[" * 100_000, None),
    ],
)
def test_the_id_in_an_unusable_message(data: bytes, found: str | None) -> None:
    assert id_in(data) == found


def test_each_topic_has_its_body() -> None:
    for kind, body in COMMANDS.items():
        assert body_type(Topic(VIN, "command", kind)) is body
        assert body_type(Topic(VIN, "reply", kind)) is Reply
    for kind, report in EVENTS.items():
        assert body_type(Topic(VIN, "event", kind)) is report
    assert body_type(Topic(VIN, "presence", "presence")) is Presence
    assert body_type(Topic(VIN, "state", "state")) is StateReported
    assert body_type(Topic(VIN, "command", "another")) is None
    assert body_type(Topic(VIN, "world", "report-state", "sim")) is None


def test_readable_is_plain() -> None:
    assert readable(Heartbeat(state_version=7)) == {"state_version": 7}


TYPES = sorted({*COMMANDS.values(), *EVENTS.values(), Reply, Presence, StateReported}, key=lambda kind: kind.__name__)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)


def feed(data: bytes) -> None:
    """What may come of any bytes: a message, or a PeerError; and nothing else."""
    id_in(data)
    try:
        envelope = decode(data, TOPIC)
    except PeerError:
        return
    for kind in TYPES:
        try:
            body = decode_body(envelope, kind)
        except PeerError:
            continue
        assert decode_body(decode(encode(envelope), TOPIC), kind) == body


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    feed(data)


@given(JSON)
def test_any_json(value: object) -> None:
    feed(json.dumps(value).encode())


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*SOUND, "expires", "correlation", "reply_to"), JSON)))
def test_any_field(changes: dict[str, object]) -> None:
    feed(payload(**changes))


@given(st.data())
def test_any_change_of_a_sound_message(data: st.DataObject) -> None:
    sound = payload(body=SIGNED)
    at = data.draw(st.integers(0, len(sound)))
    length = data.draw(st.integers(0, 3))
    feed(sound[:at] + data.draw(st.binary(max_size=4)) + sound[at + length :])


@given(st.sampled_from(sorted(SIGNED)) | st.sampled_from(sorted(SAID)), JSON)
def test_any_value_within_a_manifest(name: str, value: object) -> None:
    feed(payload(body=SIGNED | {name: value, "manifest": SAID | {name: value}}))
