from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pcm_agent.errors import PeerError
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest, VehicleManifest
from pcm_agent.trust.refusals import MANIFEST_REFUSALS
from pcm_agent.trust.vehicle_manifest import KEPT, SeenManifests, check, sign

VIN, SERIAL = "WP0ZZZY1ZTSA00001", "PCM-1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MANIFEST = VehicleManifest(
    vin=VIN,
    ecu_serial=SERIAL,
    nonce="n-1",
    time=AT,
    installed=(InstalledImage(function="seats", version="1.0", sha256="0f" * 32, release_counter=3),),
    attack="metadata-rollback",
)


def signed(nonce: str = "n-1", at: datetime = AT) -> SignedVehicleManifest:
    return sign(replace(MANIFEST, nonce=nonce, time=at), KEY)


MANY = [signed(f"m-{minute}", AT + timedelta(minutes=minute)) for minute in range(3 * KEPT)]


def passed(
    manifest: SignedVehicleManifest,
    seen: SeenManifests | None = None,
    vin: str = VIN,
    serial: str = SERIAL,
    key: bytes = PUBLIC,
) -> SeenManifests:
    return check(manifest, vin, serial, key, seen or SeenManifests())


def code(
    manifest: SignedVehicleManifest, seen: SeenManifests | None = None, vin: str = VIN, serial: str = SERIAL
) -> str:
    with pytest.raises(PeerError) as caught:
        passed(manifest, seen, vin, serial)
    assert caught.value.code in MANIFEST_REFUSALS
    return caught.value.code


def test_a_manifest_passes_once() -> None:
    seen = passed(signed())
    assert code(signed(), seen) == "manifest-replayed"
    assert passed(signed("n-2"), seen).nonces == ((AT, "n-1"), (AT, "n-2"))


def test_it_passes_the_wire_unchanged() -> None:
    wire = msgspec.json.encode(signed())
    passed(msgspec.json.decode(wire, type=SignedVehicleManifest))


def test_it_is_for_one_car_and_one_unit() -> None:
    assert code(signed(), vin="WP0ZZZY1ZTSA00002") == "manifest-foreign-vin"
    assert code(signed(), serial="PCM-2") == "manifest-foreign-ecu"


def test_another_key_signs_nothing() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(PeerError, match="manifest-signature"):
        passed(signed(), key=stranger)


@pytest.mark.parametrize(
    "change",
    [
        {"vin": "WP0ZZZY1ZTSA00002"},
        {"nonce": "n-9"},
        {"time": AT + timedelta(seconds=1)},
        {"installed": ()},
        {"attack": None},
    ],
)
def test_nothing_can_be_changed(change: dict[str, object]) -> None:
    assert code(replace(signed(), manifest=replace(MANIFEST, **change))) == "manifest-signature"


def test_what_was_kept_back_for_long_still_passes_and_what_is_older_than_all_kept_does_not() -> None:
    seen = SeenManifests()
    for minute in range(KEPT + 1):
        seen = passed(signed(f"n-{minute}", AT + timedelta(minutes=minute)), seen)
    assert (len(seen.nonces), seen.horizon) == (KEPT, AT)
    assert code(signed("n-0", AT), seen) == "manifest-replayed"
    assert code(signed("unheard-of", AT), seen) == "manifest-replayed"
    assert len(passed(signed("late", AT + timedelta(seconds=30)), seen).nonces) == KEPT


@given(st.lists(st.integers(0, 3 * KEPT - 1), max_size=6 * KEPT))
def test_none_ever_passes_twice(minutes: list[int]) -> None:
    seen, known = SeenManifests(), set()
    for minute in minutes:
        try:
            seen = passed(MANY[minute], seen)
        except PeerError:
            continue
        assert minute not in known
        known.add(minute)
        assert len(seen.nonces) <= KEPT
