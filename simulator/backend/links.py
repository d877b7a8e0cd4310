"""Who is linked with a car: pairing codes, logins, and the settings that go with people (IDN-04 to IDN-13)."""

import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.messages import ConfirmLink, LinkRefusal, LoginRequested, PairingRequested, RefuseLink
from pcm_agent.protocol.people import ApplySettings, Role, SettingsReported, UserLeft
from pcm_agent.trust.login import proof_holds
from simulator.backend.people import role_of
from simulator.backend.records import AccountRow, CarRow, LinkRow, PairingCodeRow

if TYPE_CHECKING:
    from simulator.backend.desk import Desk


class Links:
    """Answers what cars ask and tell about people; each method works in the inbox's transaction."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def pair(self, db: Session, car: CarRow, request_id: str, request: PairingRequested) -> None:
        """Link the car if the code is its main user's (IDN-04, IDN-05, IDN-09); a code is used up by that."""
        row = _row_of(db, car, request.pairing_code.reveal())
        refusal = _pairing_refusal(car, row, self._desk.clock.now())
        if refusal is not None or row is None:
            self._refuse(db, car, request_id, refusal or "pairing-code-unknown")
            return
        row.used = True
        self._confirm(db, car, ConfirmLink(request_id=request_id, porsche_id=row.porsche_id))

    def log_in(self, db: Session, car: CarRow, request_id: str, request: LoginRequested) -> None:
        """Link the car if the proofs hold and were not used before (IDN-07, IDN-13)."""
        account = db.get(AccountRow, request.porsche_id)
        fresh = car.last_login_at is None or request.at > car.last_login_at
        if account is None or account.deleted or not fresh or not _knows_password(account, car, request):
            self._refuse(db, car, request_id, "login-rejected")
            return
        role, secured = role_of(db, car, account.porsche_id), request.code_proof is not None
        if secured and not _knows_code(account, car, request):
            self._refuse(db, car, request_id, "security-code-wrong")
        elif role is Role.VISITOR and not secured:
            self._refuse(db, car, request_id, "security-code-required")
        else:
            car.last_login_at = request.at
            confirmation = ConfirmLink(request_id=request_id, porsche_id=account.porsche_id, role=role, secured=secured)
            self._confirm(db, car, confirmation)

    def leave(self, db: Session, car: CarRow, report: UserLeft) -> None:
        """Somebody logged out, or was linked when nobody asked any more; then a link of a newer request stands."""
        link = db.get(LinkRow, (car.vin, report.porsche_id))
        if link is not None and report.request_id in (None, link.request_id):
            db.delete(link)
            self._desk.note(car.vin, "user-left", {"porsche_id": report.porsche_id})

    def keep_settings(self, db: Session, car: CarRow, report: SettingsReported) -> None:
        """Keep the settings of somebody who is logged in, and send them to the other cars where they are (IDN-12)."""
        account = db.get(AccountRow, report.porsche_id)
        if account is None or db.get(LinkRow, (car.vin, report.porsche_id)) is None:
            return
        account.settings = {**account.settings, **report.settings}
        elsewhere = select(LinkRow.vin).where(LinkRow.porsche_id == report.porsche_id, LinkRow.vin != car.vin)
        for vin in db.scalars(elsewhere).all():
            self._desk.command(db, vin, ApplySettings(porsche_id=report.porsche_id, settings=account.settings))
        self._desk.note(car.vin, "settings-kept", {"porsche_id": report.porsche_id})

    def _confirm(self, db: Session, car: CarRow, confirmation: ConfirmLink) -> None:
        porsche_id = confirmation.porsche_id
        db.merge(LinkRow(vin=car.vin, porsche_id=porsche_id, request_id=confirmation.request_id))
        self._desk.command(db, car.vin, confirmation)
        settings = db.get_one(AccountRow, porsche_id).settings
        if settings:
            self._desk.command(db, car.vin, ApplySettings(porsche_id=porsche_id, settings=settings))
        self._desk.note(car.vin, "link-confirmed", {"porsche_id": porsche_id})

    def _refuse(self, db: Session, car: CarRow, request_id: str, reason: LinkRefusal) -> None:
        self._desk.command(db, car.vin, RefuseLink(request_id=request_id, reason=reason))
        self._desk.note(car.vin, "link-refused", {"reason": reason})


def _row_of(db: Session, car: CarRow, code: str) -> PairingCodeRow | None:
    """The code among those of the car, compared in constant time."""
    found = None
    for row in db.scalars(select(PairingCodeRow).where(PairingCodeRow.vin == car.vin)):
        if hmac.compare_digest(code.encode(), row.code.encode()):
            found = row
    return found


def _pairing_refusal(car: CarRow, row: PairingCodeRow | None, now: datetime) -> LinkRefusal | None:
    if row is None:
        return "pairing-code-unknown"
    if row.used:
        return "pairing-code-used"
    if row.valid_until <= now:
        return "pairing-code-expired"
    return None if row.porsche_id == car.main_user else "no-data-connection"


def _knows_password(account: AccountRow, car: CarRow, request: LoginRequested) -> bool:
    return proof_holds(account.verifier, car.vin, request.porsche_id, request.at, request.proof.reveal())


def _knows_code(account: AccountRow, car: CarRow, request: LoginRequested) -> bool:
    if account.code_verifier is None or request.code_proof is None:
        return False
    return proof_holds(account.code_verifier, car.vin, request.porsche_id, request.at, request.code_proof.reveal())
