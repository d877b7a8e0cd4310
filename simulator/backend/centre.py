"""The security operations centre, there day and night: alarms noted, the owner called (SEC-01, SEC-03)."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.errors import LocalError
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm
from simulator.backend.desk import Desk
from simulator.backend.records import AlarmRow, CarRow, SecurityRow


class Noted(NamedTuple):
    """An alarm as the centre has it."""

    alarm: str
    cause: str
    called: bool
    """Whether the number given at purchase was called."""


def alarm_raised(desk: Desk, db: Session, vin: str, report: AlarmRaised) -> None:
    """Note an alarm and call the number given at purchase; the number itself is told to nobody else."""
    security = db.get(SecurityRow, vin)
    number = security.phone if security else None
    now = desk.clock.now()
    db.add(AlarmRow(vin=vin, alarm=report.alarm, cause=report.cause, raised_at=report.at, noted_at=now, called=number))
    desk.note(vin, "alarm-noted", {"alarm": report.alarm, "cause": report.cause})
    desk.note(vin, "owner-called" if number else "no-number-to-call", {"alarm": report.alarm})


def close_alarm(desk: Desk, vin: str) -> None:
    """Tell the car that the alarm has been dealt with.

    Raises:
        LocalError: `car-unknown`.
    """
    with desk.transaction() as db:
        if db.get(CarRow, vin) is None:
            raise LocalError("car-unknown", f"{vin} is in nobody's profile; the centre knows of no alarm of it")
        desk.command(db, vin, CloseAlarm())


def alarms_of(desk: Desk, vin: str) -> list[Noted]:
    """The alarms of a car, the oldest first."""
    with Session(desk.engine) as db:
        rows = db.scalars(select(AlarmRow).where(AlarmRow.vin == vin).order_by(AlarmRow.id))
        return [Noted(row.alarm, row.cause, row.called is not None) for row in rows]
