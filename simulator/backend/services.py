"""Services that are sold for a car: contract, term, and what the car says of them (CON-25, STO-07, STO-09, SEC-05)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.services import CancelService, ProvideService, ServiceReported
from simulator.backend.desk import Desk
from simulator.backend.records import CarRow, SecurityRow, ServiceRow

SECURITY_PACKAGE = "car-security-package"


class Contract(NamedTuple):
    """A service as My Porsche shows it under Services."""

    state: str
    """As the car reported it last; `contracted` until it has."""
    until: datetime
    remaining: timedelta
    """None of it is left once the term is over (STO-09)."""


def order_service(desk: Desk, vin: str, service: str, until: datetime, phone: str | None = None) -> None:
    """Buy or prolong a service; the contract begins with this confirmation, and stays with the car (STO-07, IDN-14).

    Args:
        desk: the backend's.
        vin: of a car in somebody's profile.
        service: its id.
        until: the end of its term.
        phone: for the security package, whom the centre calls (SEC-03).

    Raises:
        LocalError: `car-unknown`, `term-over`.
    """
    if until <= desk.clock.now():
        raise LocalError("term-over", f"the term of {service} would end before it begins")
    with desk.transaction() as db:
        if db.get(CarRow, vin) is None:
            raise LocalError("car-unknown", f"{vin} is in nobody's profile; register it first")
        row = db.get(ServiceRow, (vin, service))
        if row is None:
            db.add(ServiceRow(vin=vin, service=service, until=until, state="contracted"))
        else:
            row.until = until
        if service == SECURITY_PACKAGE:
            security = db.get(SecurityRow, vin) or SecurityRow(vin=vin)
            security.phone = phone or security.phone
            db.add(security)
        desk.note(vin, "service-ordered", {"service": service, "until": until.isoformat()})
        desk.command(db, vin, ProvideService(service=service, until=until))


def cancel_service(desk: Desk, vin: str, service: str) -> None:
    """End a service before its term is over.

    Raises:
        LocalError: `service-unknown`.
    """
    with desk.transaction() as db:
        if db.get(ServiceRow, (vin, service)) is None:
            raise LocalError("service-unknown", f"nobody ordered {service} for {vin}")
        desk.command(db, vin, CancelService(service=service))


def contract_of(desk: Desk, vin: str, service: str) -> Contract | None:
    """The contract about a service, with its remaining term; None: there never was one."""
    with Session(desk.engine) as db:
        row = db.get(ServiceRow, (vin, service))
        if row is None:
            return None
        return Contract(row.state, row.until, max(row.until - desk.clock.now(), timedelta(0)))


def service_reported(desk: Desk, db: Session, vin: str, report: ServiceReported) -> None:
    """The car says where a service stands; what it says of one that nobody sold is not kept."""
    row = db.get(ServiceRow, (vin, report.service))
    judged = report.state != "unavailable" or report.blocked_by
    if row is None or row.state == report.state or not judged:
        return
    row.state = report.state
    reasons = {"blocked_by": report.blocked_by} if report.blocked_by else {}
    desk.note(vin, f"service-{report.state}", {"service": report.service, **reasons})
    if report.service == SECURITY_PACKAGE and report.state == "available":
        _certify(desk, db, vin)


def _certify(desk: Desk, db: Session, vin: str) -> None:
    """The package works in the car: the certificate for the insurance can be downloaded from now on (SEC-05)."""
    security = db.get(SecurityRow, vin)
    if security is not None and security.activated_at is None:
        security.activated_at = desk.clock.now()
        desk.note(vin, "security-activated", {"certificate": certificate_id(vin, security.activated_at)})


def certificate_of(desk: Desk, vin: str) -> str | None:
    """The activation certificate under Services > Car Security Package; None until the package is fully active."""
    with Session(desk.engine) as db:
        security = db.get(SecurityRow, vin)
        at = security.activated_at if security else None
    return certificate_id(vin, at) if at else None


def certificate_id(vin: str, activated_at: datetime) -> str:
    """How a certificate is named."""
    return f"{vin}-{activated_at:%Y%m%d}"
