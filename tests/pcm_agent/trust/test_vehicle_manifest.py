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
    number=1,
    time=AT,
    installed=(InstalledImage(function="seats", version="1.0", sha256="0f" * 32, release_counter=3),),
    attack="metadata-rollback",
)


def signed(number: int = 1, at: datetime = AT, serial: str = SERIAL) -> SignedVehicleManifest:
    return sign(replace(MANIFEST, number=number, time=at, ecu_serial=serial), KEY)


MANY = [signed(number) for number in range(1, 3 * KEPT)]


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
    assert passed(signed(2), seen) == SeenManifests(SERIAL, 2)


@pytest.mark.parametrize("shift", [timedelta(days=-400), timedelta(days=400)])
def test_no_clock_makes_one_new_or_old(shift: timedelta) -> None:
    seen = passed(signed(2, AT + shift), passed(signed(1)))
    assert seen.newest == 2
    assert passed(signed(3), seen).newest == 3
    assert code(signed(1), seen) == "manifest-replayed"


def test_another_unit_counts_anew() -> None:
    seen = passed(signed(9, serial="PCM-2"), passed(signed(50)), serial="PCM-2")
    assert (seen.unit, seen.newest) == ("PCM-2", 9)


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
        {"number": 9},
        {"time": AT + timedelta(seconds=1)},
        {"installed": ()},
        {"attack": None},
    ],
)
def test_nothing_can_be_changed(change: dict[str, object]) -> None:
    assert code(replace(signed(), manifest=replace(MANIFEST, **change))) == "manifest-signature"


def test_what_was_kept_back_for_long_still_passes_and_what_is_older_than_all_kept_does_not() -> None:
    seen = passed(signed(KEPT + 3), passed(signed(1)))
    assert (seen.newest, seen.missing) == (KEPT + 3, tuple(range(3, KEPT + 3)))
    assert code(signed(2), seen) == "manifest-replayed"
    late = passed(signed(3), seen)
    assert (late.newest, late.missing) == (KEPT + 3, tuple(range(4, KEPT + 3)))
    assert code(signed(3), late) == "manifest-replayed"


@given(st.lists(st.integers(1, 3 * KEPT - 1), max_size=6 * KEPT))
def test_none_ever_passes_twice_and_none_that_is_newer_than_all_is_refused(numbers: list[int]) -> None:
    seen = SeenManifests()
    known: set[int] = set()
    for number in numbers:
        newest = max(known, default=0)
        try:
            seen = passed(MANY[number - 1], seen)
        except PeerError:
            assert number <= newest
            continue
        assert number not in known
        known.add(number)
        assert all(seen.newest - KEPT <= it < seen.newest for it in seen.missing)
        assert seen.newest == max(known)
