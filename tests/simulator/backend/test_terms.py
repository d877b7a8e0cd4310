"""Calendar months, to the second."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backend.terms import END_OF_TIME, month_end, months_after, months_begun, notice_in_time, revocable_until

SECOND = timedelta(seconds=1)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=25_000)).map(lambda span: datetime(2020, 1, 1, tzinfo=UTC) + span)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("began", "months", "then"),
    [
        ("2026-03-02T08:15:07", 1, "2026-04-02T08:15:07"),
        ("2026-01-31T23:59:59", 1, "2026-02-28T23:59:59"),
        ("2026-01-31T23:59:59", 2, "2026-03-31T23:59:59"),
        ("2026-01-31T23:59:59", 3, "2026-04-30T23:59:59"),
        ("2028-01-30T00:00:00", 1, "2028-02-29T00:00:00"),
        ("2028-02-29T12:00:00", 12, "2029-02-28T12:00:00"),
        ("2028-02-29T12:00:00", 48, "2032-02-29T12:00:00"),
        ("2026-12-15T06:00:00", 1, "2027-01-15T06:00:00"),
        ("2026-11-30T06:00:00", 3, "2027-02-28T06:00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(began: str, months: int, then: str) -> None:
    assert months_after(at(began), months) == at(then)


@given(MOMENTS, st.integers(0, 500))
def test_a_month_begins_at_its_instant_and_not_a_second_earlier(began: datetime, months: int) -> None:
    start = months_after(began, months)
    assert months_begun(began, start) == months + 1
    assert months_begun(began, start - SECOND) == months
    assert month_end(began, start) == months_after(began, months + 1)


@given(MOMENTS, MOMENTS)
def test_now_is_in_the_month_that_has_begun_last(began: datetime, now: datetime) -> None:
    months = months_begun(began, now)
    assert (months == 0) == (now < began)
    assert now < months_after(began, months)
    assert months == 0 or months_after(began, months - 1) <= now


def test_the_calendar_ends() -> None:
    assert months_after(at("9999-12-01T00:00:00"), 1) == END_OF_TIME
    assert months_after(at("2026-12-01T00:00:00"), 1_000_000) == END_OF_TIME


@pytest.mark.requirement("FOD-12")
def test_notice_is_in_time_up_to_one_day_before_the_end() -> None:
    end = at("2026-04-02T08:15:07")
    assert notice_in_time(end, end - timedelta(days=1))
    assert not notice_in_time(end, end - timedelta(days=1) + SECOND)


@pytest.mark.requirement("FOD-11")
def test_an_order_can_be_revoked_for_14_days() -> None:
    assert revocable_until(at("2026-02-20T09:00:00")) == at("2026-03-06T09:00:00")
