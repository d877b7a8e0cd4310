"""A login that keeps the password in the car: the PCM sends a keyed proof, the backend checks it against a verifier."""

import hashlib
import hmac
from datetime import datetime

_ROUNDS = 10_000


def password_verifier(porsche_id: str, password: str) -> bytes:
    """What a backend keeps in place of a password (PBKDF2, RFC 8018; salted with the Porsche ID)."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), porsche_id.lower().encode(), _ROUNDS)


def code_verifier(porsche_id: str, code: str) -> bytes:
    """What a backend keeps in place of a security code; never that of a password, even if both are the same."""
    return password_verifier(f"{porsche_id} security code", code)


def login_proof(verifier: bytes, vin: str, porsche_id: str, at: datetime) -> str:
    """Proof, for one car and one instant, that whoever made it knows the password, or the security code; hex."""
    statement = f"{vin}\n{porsche_id.lower()}\n{at.isoformat()}"
    return hmac.new(verifier, statement.encode(), hashlib.sha256).hexdigest()


def proof_holds(verifier: bytes, vin: str, porsche_id: str, at: datetime, proof: str) -> bool:
    """Whether `proof` was made with what is behind `verifier`; in constant time."""
    return hmac.compare_digest(login_proof(verifier, vin, porsche_id, at), proof)
