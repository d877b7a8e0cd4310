"""What the backend keeps: whole or not at all, and nothing that it need not know."""

import sqlite3
import sys
import threading
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError, StatementError

from pcm_agent.errors import PeerError
from pcm_agent.protocol.messages import PackageState
from simulator.backend import manifests
from simulator.backend.database import DatabaseError
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.manifests import attested
from simulator.backend.opening import open_database
from simulator.backend.records import CarRow, OrderState, SeenRow
from simulator.lab import START
from tests.simulator.backend.office import MAX, PASSWORD, VIN, Office


def test_no_password_is_kept(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'backend.sqlite'}")
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    office.desk.engine.dispose()
    assert all(PASSWORD.encode() not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{}/backend.sqlite"])
def test_what_an_error_says_names_nothing_that_was_to_be_kept(tmp_path: Path, url: str) -> None:
    engine = open_database(url.format(tmp_path))
    with pytest.raises(IntegrityError) as caught, engine.begin() as db:
        db.execute(text("INSERT INTO account (porsche_id) VALUES (:secret)"), {"secret": PASSWORD})
    assert PASSWORD not in str(caught.value)
    engine.dispose()


def test_a_report_is_worked_on_wholly_or_not_at_all(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.order()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE)))
    message = office.attestation()

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(manifests, "activated", power_cut)
        with pytest.raises(KeyboardInterrupt):
            office.inbox.receive(message)
    assert (office.order_state(), attested(office.desk, VIN)) == ((OrderState.DOWNLOADED, None, 0), None)
    office.inbox.receive(message)
    assert office.order_state() == (OrderState.ACTIVE, None, 1)


def test_two_backends_on_one_database_bill_once(tmp_path: Path) -> None:
    offices = [Office(f"sqlite:///{tmp_path / 'backend.sqlite'}") for _ in range(4)]
    offices[0].desk.register(VIN, MAX, PASSWORD, "DE")
    offices[0].order()
    offices[0].inbox.receive(offices[0].message(offices[0].report(PackageState.ACTIVE)))
    together = threading.Barrier(len(offices))

    def report(office: Office, number: int) -> None:
        message = office.attestation(message_id=f"from-{number}", number=number + 1)
        together.wait(30)
        office.inbox.receive(message)

    threads = [threading.Thread(target=report, args=(office, number)) for number, office in enumerate(offices)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(offices[0].bills()) == 1
    assert sum(len(office.noted("order-billed")) for office in offices) == 1
    for office in offices:
        office.desk.engine.dispose()


def test_times_come_back_as_they_went_in(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'backend.sqlite'}")
    office.desk.register(VIN, MAX, PASSWORD, "DE")
    office.clock.jump(START + timedelta(microseconds=123_456))
    office.order()
    assert office.desk.next_expiry() == START + timedelta(microseconds=123_456) + DOWNLOAD_TIME
    found = office.desk.next_expiry()
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta(0)
    office.desk.engine.dispose()


def test_a_database_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "backend.sqlite"
    path.write_bytes(b"this is no database, however long it may be looked at" * 100)
    with pytest.raises(DatabaseError) as caught:
        open_database(f"sqlite:///{path}")
    assert caught.value.code == "database-unusable"
    assert caught.value.message.startswith(f"the database {path}: ")


def test_a_database_of_another_version_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backend.sqlite'}"
    engine = open_database(url)
    with engine.begin() as db:
        db.execute(text("ALTER TABLE seen_report DROP COLUMN worked_on_at"))
        db.execute(text("DROP TABLE refund"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="its table seen_report has no worked_on_at") as caught:
        open_database(url)
    assert caught.value.code == "database-outdated"
    with closing(sqlite3.connect(tmp_path / "backend.sqlite")) as left:
        assert left.execute("SELECT name FROM sqlite_master WHERE name = 'refund'").fetchall() == []


def test_a_database_whose_tables_cannot_be_made_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[Engine] = []

    def full(engine: Engine) -> None:
        event.listen(engine, "engine_disposed", gone.append)
        raise DatabaseError("database-unusable", "database or disk is full")

    monkeypatch.setattr(CarRow.metadata, "create_all", full)
    with pytest.raises(DatabaseError, match="disk is full"):
        open_database("sqlite://")
    assert len(gone) == 1


@pytest.mark.parametrize("name", ["", "/pcm"])
def test_no_password_is_said_of_a_database_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def connect(*_: object, **__: object) -> NoReturn:
        raise sqlite3.OperationalError("no route to host")

    monkeypatch.setitem(sys.modules, "pymysql", SimpleNamespace(**{**vars(sqlite3), "connect": connect}))
    with pytest.raises(DatabaseError) as caught:
        open_database(f"mysql+pymysql://user:s3cret@host{name}")
    said = f"the database mysql+pymysql://user:***@host{name}: no route to host; "
    assert caught.value.message.startswith(said)


@pytest.mark.parametrize("value", [2**64, "\ud800", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))])
def test_what_cannot_be_stored_is_the_fault_of_whoever_said_it(office: Office, value: object) -> None:
    at = isinstance(value, datetime)
    row = SeenRow(vin=VIN, message_id="m" if at else value, worked_on_at=value if at else START)
    with pytest.raises(PeerError, match="content-unusable"), office.desk.transaction() as db:
        db.add(row)


def test_a_mistake_of_our_own_is_nobody_elses_fault(office: Office) -> None:
    with pytest.raises(StatementError, match="'str' object has no attribute"), office.desk.transaction() as db:
        db.add(SeenRow(vin=VIN, message_id="m", worked_on_at="no instant"))


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError])
def test_what_ends_a_statement_is_nobody_elses_fault(office: Office, end: type[BaseException]) -> None:
    def interrupt(*_: object) -> None:
        raise end

    event.listen(office.desk.engine, "before_cursor_execute", interrupt)
    with pytest.raises(end), office.desk.transaction() as db:
        db.execute(text("SELECT 1"))


def test_what_is_not_committed_is_never_told(office: Office) -> None:
    """A disk that is full at the end of the transaction: no bill, and nobody says that there is one."""
    office.order()
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE)))
    full = iter([True])

    def refuse(connection: object) -> None:
        if next(full, False):
            raise DatabaseError("database-unusable", "database or disk is full")

    event.listen(office.desk.engine, "commit", refuse)
    before = list(office.notes)
    message = office.attestation(message_id="once")
    with pytest.raises(DatabaseError):
        office.inbox.receive(message)
    assert (office.notes, office.bills()) == (before, [])
    office.inbox.receive(message)
    assert len(office.noted("order-billed")) == len(office.bills()) == 1
