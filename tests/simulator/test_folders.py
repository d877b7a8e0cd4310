"""A folder belongs to one process at a time."""

import fcntl
from pathlib import Path

import pytest

from pcm_agent.errors import TransportError
from simulator.files import claimed


def test_a_folder_that_another_process_works_in_is_not_given_to_a_second(tmp_path: Path) -> None:
    folder = tmp_path / "cars" / "one"
    with claimed(folder):
        with pytest.raises(TransportError, match="folder-in-use") as caught, claimed(folder):
            pass
        assert str(folder) in caught.value.message
    with claimed(folder):
        pass


def test_a_folder_whose_process_was_killed_is_free(tmp_path: Path) -> None:
    lock = (tmp_path / ".lock").open("w", encoding="ascii")
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.close()  # as the system does at a process's end
    with claimed(tmp_path):
        assert (tmp_path / ".lock").exists()


def test_what_fails_inside_is_not_taken_for_the_folders_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), claimed(tmp_path):
        raise FileNotFoundError


def test_a_folder_that_can_not_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TransportError, match="disk-unwritable") as caught, claimed(tmp_path / "file" / "folder"):
        pass
    assert "file/folder" in caught.value.message
