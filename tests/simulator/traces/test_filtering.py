from datetime import UTC, datetime, timedelta

import pytest

from pcm_agent.errors import LocalError
from simulator.trace import Record
from simulator.traces.filtering import Filter, instant, related_to

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CARS = ("WP0ZZZY1ZPSA00001", "WP0ZZZY1ZPSA00002")


def record(seq: int, cause: int | None = None, kind: str = "event", name: str = "CarLocked", car: int = 0) -> Record:
    time = START + timedelta(minutes=seq)
    return Record(seq=seq, time=time, car=CARS[car], kind=kind, name=name, data={}, cause=cause)


RECORDS = [
    record(0, kind="step", name="1"),
    record(1, 0, name="CellChanged"),
    record(2, 1, kind="transition", name="roaming"),
    record(3, 0, name="CarLocked", car=1),
    record(4, 3, kind="transition", name="lock", car=1),
]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [0, 1, 2, 3, 4]),
        (Filter(cars=("0002",)), [3, 4]),
        (Filter(cars=("0002",), kinds=("event",)), [3]),
        (Filter(kinds=("step", "transition")), [0, 2, 4]),
        (Filter(names=("*Changed", "lock")), [1, 4]),
        (Filter(since=START + timedelta(minutes=1), until=START + timedelta(minutes=3)), [1, 2, 3]),
        (Filter(related=related_to(1, RECORDS)), [0, 1, 2]),
        (Filter(related=related_to(0, RECORDS)), [0, 1, 2, 3, 4]),
        (Filter(related=related_to(4, RECORDS)), [0, 3, 4]),
    ],
)
def test_what_is_wanted_is_found(wanted: Filter, numbers: list[int]) -> None:
    assert [it.seq for it in RECORDS if wanted.wants(it)] == numbers


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("08:05", START + timedelta(minutes=5)),
        ("08:05:30", START + timedelta(minutes=5, seconds=30)),
        ("2026-03-03T08:00:00Z", START + timedelta(days=1)),
        ("2026-03-03T10:00:00+02:00", START + timedelta(days=1)),
        ("2026-03-03 08:00", START + timedelta(days=1)),
    ],
)
def test_times_are_read_as_people_type_them(text: str, time: datetime) -> None:
    assert instant(text, RECORDS) == time


def test_what_is_no_time_or_no_record_is_an_error() -> None:
    with pytest.raises(LocalError, match="'soon' is no time") as caught:
        instant("soon", RECORDS)
    assert caught.value.code == "time-unreadable"
    with pytest.raises(LocalError, match="no record 9; they are numbered up to 4") as caught:
        related_to(9, RECORDS)
    assert caught.value.code == "record-unknown"
