from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from pcm_agent.errors import PeerError
from pcm_agent.protocol.messages import OfferPackage, PackageManifest
from pcm_agent.trust.manifest import canonical, check_offer

VIN = "WP0ZZZY1ZTSA00001"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = KEY.public_key().public_bytes_raw()
MANIFEST = PackageManifest(
    offer_id="fod-1",
    vin=VIN,
    function="intelligent-range-manager",
    version="1.0.0",
    length=40_000_000,
    sha256="0f" * 32,
    not_after=datetime(2026, 3, 30, 8, tzinfo=UTC),
)
OFFER = OfferPackage(manifest=MANIFEST, signature=KEY.sign(canonical(MANIFEST)).hex(), url="http://127.0.0.1/p")


def fault(offer: OfferPackage, vin: str = VIN, key: bytes = TRUSTED) -> str:
    with pytest.raises(PeerError) as caught:
        check_offer(offer, vin, key)
    return caught.value.code


def test_a_good_offer_passes() -> None:
    check_offer(OFFER, VIN, TRUSTED)


def test_the_canonical_form_is_pinned() -> None:
    assert canonical(MANIFEST) == (
        b'{"function":"intelligent-range-manager","length":40000000,"not_after":"2026-03-30T08:00:00Z",'
        b'"offer_id":"fod-1","sha256":"' + b"0f" * 32 + b'","version":"1.0.0","vin":"WP0ZZZY1ZTSA00001"}'
    )


def test_place_and_consent_are_not_signed() -> None:
    check_offer(replace(OFFER, url="https://mirror.example/p", consent="ask"), VIN, TRUSTED)


def text_changes(text: str) -> list[str]:
    return [text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :] for at in range(len(text))]


CHANGES: dict[str, list[Any]] = {
    "offer_id": [*text_changes(MANIFEST.offer_id), "fod-11", ""],
    "vin": [*text_changes(VIN), ""],
    "function": text_changes(MANIFEST.function),
    "version": [*text_changes(MANIFEST.version), "1.0.0 "],
    "length": [MANIFEST.length + 1, MANIFEST.length - 1, 4, -MANIFEST.length],
    "sha256": text_changes(MANIFEST.sha256),
    "not_after": [
        MANIFEST.not_after + timedelta(microseconds=1),
        MANIFEST.not_after + timedelta(days=1),
        MANIFEST.not_after.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
}


def test_all_fields_are_changed_below() -> None:
    assert set(CHANGES) == set(PackageManifest.__struct_fields__)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_of_a_field_is_refused(name: str) -> None:
    for value in CHANGES[name]:
        assert fault(replace(OFFER, manifest=replace(MANIFEST, **{name: value}))) == "signature-invalid"


def test_each_changed_bit_of_the_signature_is_refused() -> None:
    signature = bytes.fromhex(OFFER.signature)
    for at in range(len(signature)):
        for bit in range(8):
            changed = signature[:at] + bytes([signature[at] ^ 1 << bit]) + signature[at + 1 :]
            assert fault(replace(OFFER, signature=changed.hex())) == "signature-invalid"


def test_each_changed_bit_of_the_key_is_refused() -> None:
    for at in range(len(TRUSTED)):
        for bit in range(8):
            changed = TRUSTED[:at] + bytes([TRUSTED[at] ^ 1 << bit]) + TRUSTED[at + 1 :]
            assert fault(OFFER, key=changed) == "signature-invalid"


@pytest.mark.parametrize("signature", ["", "00", OFFER.signature[:-2], OFFER.signature + "00"])
def test_a_signature_of_another_length_is_refused(signature: str) -> None:
    assert fault(replace(OFFER, signature=signature)) == "signature-invalid"


def test_another_cars_offer_is_refused_however_well_signed() -> None:
    assert fault(OFFER, vin="WP0ZZZY1ZTSA00002") == "manifest-foreign-vin"


def test_who_is_not_trusted_is_refused_first() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    offer = replace(OFFER, signature=stranger.sign(canonical(MANIFEST)).hex())
    assert fault(offer, vin="WP0ZZZY1ZTSA00002") == "signature-invalid"
