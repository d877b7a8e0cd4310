"""Data packages for passengers, and what cars report of their use of data (CON-27, CON-29)."""

from datetime import timedelta

from pcm_agent.errors import LocalError
from pcm_agent.protocol.sharing import BookDataPackage, DataPackageReported, DataUsageReported
from simulator.backend.desk import Desk
from simulator.backend.records import CarRow


def book_data_package(desk: Desk, vin: str, days: int, *, renews: bool) -> None:
    """Book a data package from now on; the car renews it by itself where that was booked.

    Raises:
        LocalError: `car-unknown`.
    """
    until = desk.clock.now() + timedelta(days=days)
    with desk.transaction() as db:
        if db.get(CarRow, vin) is None:
            raise LocalError("car-unknown", f"{vin} is in nobody's profile; register it first")
        desk.command(db, vin, BookDataPackage(until=until, renewed_days=days if renews else None))
    desk.note(vin, "data-package-booked", {"days": days, "renewed": "by itself" if renews else None})


def data_package_reported(desk: Desk, vin: str, report: DataPackageReported) -> None:
    """Take note of where a car's data package stands."""
    desk.note(vin, f"data-package-{report.state}", {"until": f"{report.until:%Y-%m-%d}" if report.until else None})


def data_usage_reported(desk: Desk, vin: str, report: DataUsageReported) -> None:
    """Take note of what a car's month took, in all and with a roaming charge."""
    charged = sum(use.bytes for use in report.uses if use.charged)
    details = {"month": report.month, "bytes": sum(use.bytes for use in report.uses), "charged": charged or None}
    desk.note(vin, "data-usage", details)
