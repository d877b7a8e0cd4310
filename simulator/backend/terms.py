"""Calendar months and the terms that orders run by; pure, to the second, in UTC."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

REVOCATION_TIME = timedelta(days=14)
"""From an order for good to the last moment at which it can be revoked free of charge (FOD-11)."""
NOTICE_TIME = timedelta(days=1)
"""Notice must be given so long before a month ends (FOD-12)."""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""Where a month would end beyond the calendar."""


def months_after(began: datetime, months: int) -> datetime:
    """So many calendar months later, on the same day at the same time; on the month's last day where it is shorter.

    Always counted from the beginning, so that 31 January goes on to 28 February and then to 31 March.
    """
    year, month = divmod(began.year * 12 + began.month - 1 + months, 12)
    if year > END_OF_TIME.year:
        return END_OF_TIME
    day = min(began.day, monthrange(year, month + 1)[1])
    return began.replace(year=year, month=month + 1, day=day)


def months_begun(began: datetime, now: datetime) -> int:
    """How many months have begun by now, the first at the beginning itself; none before it."""
    if now < began:
        return 0
    months = (now.year - began.year) * 12 + now.month - began.month
    return months + (months_after(began, months) <= now)


def month_end(began: datetime, now: datetime) -> datetime:
    """When the month ends that is running now."""
    return months_after(began, max(1, months_begun(began, now)))


def notice_in_time(end: datetime, now: datetime) -> bool:
    """Whether notice to the end of a month is in time: up to one day before it (FOD-12)."""
    return now <= end - NOTICE_TIME


def revocable_until(placed: datetime) -> datetime:
    """The last moment at which an order for good can be revoked (FOD-11)."""
    return placed + REVOCATION_TIME
