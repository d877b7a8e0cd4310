"""What is committed is on disk, whole; what can't be is not, and says so."""

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import pytest

from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.errors import TransportError
from pcm_agent.transport import Outgoing


def message(number: int, payload: bytes = b"{}") -> Outgoing:
    return Outgoing(topic="pcm/v1/V/event/package", payload=payload, id=f"m-{number}", correlation="c")


@contextmanager
def opened(path: Path) -> Iterator[SqliteJournal]:
    with closing(SqliteJournal(path)) as journal:
        yield journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "car" / "journal.sqlite"


def test_empty_journal_holds_nothing(path: Path) -> None:
    with opened(path) as journal:
        saved = journal.load()
    assert (saved.snapshot, saved.outbox) == (None, [])


def test_what_was_committed_is_there_after_it_is_opened_again(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"one", [(1, message(1)), (2, message(2))], [])
        journal.commit(b"two", [(3, message(3))], [1])
        journal.commit(None, [], [2])
    with opened(path) as journal:
        saved = journal.load()
    assert saved.snapshot == b"two"
    assert saved.outbox == [(3, message(3))]


def test_reports_come_in_the_order_of_their_numbers(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(None, [(10, message(10)), (9, message(9))], [])
        journal.commit(None, [(2, message(2))], [77])
        assert [number for number, _ in journal.load().outbox] == [2, 9, 10]


def test_every_commit_is_written_through_to_the_disk(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"state", [], [])
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_only_its_owner_may_read_the_journal(path: Path) -> None:
    old = os.umask(0)
    try:
        with opened(path) as journal:
            journal.commit(b"secrets", [(1, message(1))], [])
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(("journal.sqlite", "journal.sqlite-wal"), 0o600)


def test_commit_that_fails_in_its_middle_changes_nothing(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"old", [(1, message(1))], [])
        with pytest.raises(TransportError) as caught:
            # the snapshot and the first report are written before the second one fails: SQLite has no such integers
            journal.commit(b"new", [(2, message(2)), (cast("int", "three"), message(3))], [1])
        assert caught.value.code == "journal-unwritable"
        saved = journal.load()
        assert (saved.snapshot, saved.outbox) == (b"old", [(1, message(1))])
        journal.commit(b"new", [(2, message(2))], [1])
        assert journal.load().snapshot == b"new"


def test_full_disk_is_named_and_nothing_is_half_written(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"old", [(1, message(1))], [])
        pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
        journal._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(TransportError) as caught:
            journal.commit(b"new", [(2, message(2, bytes(100_000)))], [1])
        assert caught.value.code == "disk-full"
        assert str(path) in caught.value.message
        saved = journal.load()
        assert (saved.snapshot, saved.outbox) == (b"old", [(1, message(1))])
        journal._db.execute("PRAGMA max_page_count = 1000000")
        journal.commit(b"new", [(2, message(2, bytes(100_000)))], [1])
    with opened(path) as journal:
        assert [number for number, _ in journal.load().outbox] == [2]


def test_write_that_the_system_refuses_is_an_error_and_nothing_is_half_written(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"old", [(1, message(1))], [])
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        try:
            with pytest.raises(TransportError) as caught:
                journal.commit(b"new", [(2, message(2, bytes(1_000_000)))], [1])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert caught.value.code in ("journal-unwritable", "disk-full")
        assert journal.load().snapshot == b"old"
        journal.commit(b"new", [(2, message(2))], [1])
    with opened(path) as journal:
        saved = journal.load()
    assert (saved.snapshot, [number for number, _ in saved.outbox]) == (b"new", [2])


KILLED = """
import os, signal, sys
from pathlib import Path
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.transport import Outgoing

journal = SqliteJournal(Path(sys.argv[1]))
journal.commit(b"kept", [(1, Outgoing(topic="t", payload=b"p", id="m"))], [])
journal._db.execute("BEGIN IMMEDIATE")
journal._db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (b"lost",))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_process_that_dies_in_the_middle_of_a_commit_leaves_the_one_before(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with opened(path) as journal:
        saved = journal.load()
    assert (saved.snapshot, len(saved.outbox)) == (b"kept", 1)


def test_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, only some text that is long enough to be read as a header " * 100)
    with pytest.raises(TransportError) as caught:
        SqliteJournal(path)
    assert caught.value.code == "journal-unreadable"
    assert str(path) in caught.value.message


def test_report_that_cannot_be_read_is_an_error(path: Path) -> None:
    with opened(path) as journal:
        journal._db.execute("INSERT INTO outbox VALUES (1, ?)", (b"\xc1",))
        with pytest.raises(TransportError) as caught:
            journal.load()
    assert caught.value.code == "journal-unreadable"


def test_journal_is_for_one_process_at_a_time(path: Path) -> None:
    with opened(path) as journal:
        journal.commit(b"state", [], [])
        with pytest.raises(TransportError) as caught:
            SqliteJournal(path)
        assert caught.value.code == "journal-in-use"
    with opened(path) as journal:
        assert journal.load().snapshot == b"state"


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "car" / "journal.sqlite"
    with pytest.raises(TransportError) as caught:
        SqliteJournal(path)
    assert caught.value.code == "journal-unwritable"
    assert str(path) in caught.value.message
