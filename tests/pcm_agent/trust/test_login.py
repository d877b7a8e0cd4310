from datetime import UTC, datetime, timedelta

import pytest

from pcm_agent.trust.login import login_proof, password_verifier, proof_holds

VIN, ID, PASSWORD = "WP0ZZZY1ZTSA00001", "ayumi@example.com", "correct horse"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
VERIFIER = password_verifier(ID, PASSWORD)
PROOF = login_proof(VERIFIER, VIN, ID, AT)


def test_the_password_proves_itself() -> None:
    assert proof_holds(VERIFIER, VIN, ID, AT, PROOF)
    assert len(bytes.fromhex(PROOF)) == 32


def test_the_case_of_an_address_is_nothing() -> None:
    assert proof_holds(password_verifier(ID.upper(), PASSWORD), VIN, "Ayumi@Example.com", AT, PROOF)


@pytest.mark.parametrize("password", ["", "correct horse ", "Correct horse", "wrong"])
def test_another_password_does_not(password: str) -> None:
    assert not proof_holds(password_verifier(ID, password), VIN, ID, AT, PROOF)


def test_a_proof_is_for_one_car_one_person_and_one_instant() -> None:
    assert not proof_holds(VERIFIER, "WP0ZZZY1ZTSA00002", ID, AT, PROOF)
    assert not proof_holds(VERIFIER, VIN, "eve@example.com", AT, PROOF)
    assert not proof_holds(VERIFIER, VIN, ID, AT + timedelta(microseconds=1), PROOF)
    assert not proof_holds(password_verifier("eve@example.com", PASSWORD), VIN, ID, AT, PROOF)


def test_each_changed_digit_is_refused() -> None:
    for at, digit in enumerate(PROOF):
        other = "0" if digit != "0" else "1"
        assert not proof_holds(VERIFIER, VIN, ID, AT, PROOF[:at] + other + PROOF[at + 1 :])
    assert not proof_holds(VERIFIER, VIN, ID, AT, "")


def test_neither_password_nor_verifier_stands_in_the_proof() -> None:
    assert PASSWORD not in PROOF
    assert VERIFIER.hex() not in PROOF
    assert PASSWORD.encode() not in VERIFIER
