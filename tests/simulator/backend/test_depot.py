"""What the backend sells, and whom the Director lists it for."""

import fcntl
from pathlib import Path

import msgspec
import pytest

from pcm_agent.errors import LocalError, TransportError
from pcm_agent.trust.images import Ecu
from pcm_agent.trust.unit import unit_with
from simulator.backend.depot import Wanted
from simulator.clock import SimClock
from simulator.keys import seeded_key
from simulator.lab import START, seeded_depot
from simulator.repository import FolderStore
from simulator.units import FolderUnits, MemoryUnits, record_of, replaced, unit_key
from tests.simulator.backend.office import UNIT, VIN, Office


def test_the_same_function_has_the_same_bytes_and_none_has_those_of_another(office: Office) -> None:
    stock = office.depot.stock
    releases = [stock(*what) for what in [("a", "1", 64), ("a", "1", 64), ("a", "2", 64), ("b", "1", 64)]]
    assert releases[0] == releases[1]
    assert len({release.sha256 for release in releases}) == 3
    assert [release.custom.release_counter for release in releases] == [1, 1, 2, 1]


def test_all_that_changes_for_a_car_is_one_state_of_its_list(office: Office) -> None:
    office.order()
    for function in ("a", "b", "c"):
        office.depot.stock(function, "1", 10)
    director, version = office.depot.repositories.director, office.list_version()
    director.assign(VIN, office.depot.repositories.image.release("c"), "by-hand", START, START)
    new = {f"order-{it}.1": Wanted(it, "1", START, "ask") for it in ("a", "b")}
    assert office.depot.publish(VIN, new, {"order-1.1", "order-9.1"})
    assert office.list_version() == version + 2, "one by hand, one of the backend's"
    assert set(office.listed()) == {*new, "by-hand"}
    assert office.removed() == {"order-1.1", "order-9.1"}
    assert not office.depot.publish(VIN, new, {"order-1.1", "order-9.1"})
    assert office.list_version() == version + 2


def test_a_car_in_the_middle_of_a_look_still_finds_the_files_of_some_states_before(office: Office) -> None:
    office.order()
    director, store = office.depot.repositories.director, office.depot.repositories.store
    seen = [f"director/{VIN}/{office.list_version()}.targets.json"]
    for _ in range(7):
        assert store.read(seen[0]) is not None
        director.refresh(VIN, START, force=True)
    assert store.read(seen[0]) is not None
    director.refresh(VIN, START, force=True)
    assert store.read(seen[0]) is None


def test_a_depot_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TransportError) as caught:
        seeded_depot(1, FolderStore(tmp_path / "file" / "depot"), "http://backend.test", SimClock(START))
    assert caught.value.code == "repository-unwritable"


def test_looking_is_a_command_that_a_car_can_read(office: Office) -> None:
    office.order()
    (row,) = office.waiting()
    assert msgspec.json.decode(row.payload)["reply_to"] == f"pcm/v1/{VIN}/reply/look"


def test_the_factorys_records_outlast_a_run(tmp_path: Path) -> None:
    units, record = FolderUnits(tmp_path / "cars"), record_of(VIN, "pcm-taycan", UNIT)
    with pytest.raises(LocalError, match=rf"{VIN}.json is missing.*unit-unknown"):
        units.find(VIN)
    units.keep(record)
    assert units.find(VIN) == record
    assert (record.ecu.serial, len(record.key)) == (UNIT.serial, 32)
    (tmp_path / "cars" / f"{VIN}.json").write_text("{", encoding="utf-8")
    with pytest.raises(TransportError, match="unit-unreadable"):
        units.find(VIN)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TransportError, match="unit-unwritable"):
        FolderUnits(tmp_path / "file" / "cars").keep(record)
    with pytest.raises(LocalError, match="unit-unknown"):
        MemoryUnits().find(VIN)


def test_a_units_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "car" / "unit.key"
    key = unit_key(path)
    assert unit_key(path).private_bytes_raw() == key.private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"no key")
    with pytest.raises(TransportError, match="key-unusable"):
        unit_key(path)


def test_no_other_process_changes_a_folder_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    director = seeded_depot(1, store, "http://backend.test", SimClock(START)).repositories.director
    free: list[bool] = []
    write = store.write

    def look(name: str, content: bytes) -> None:
        with (tmp_path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free.append(True)
            except BlockingIOError:
                free.append(False)
        write(name, content)

    monkeypatch.setattr(store, "write", look)
    director.register(Ecu(VIN, "PCM-1", "pcm-taycan"), START)
    assert set(free) == {False}
    with store.alone(), store.alone():
        pass


def test_that_a_car_has_another_unit_is_said_once(office: Office) -> None:
    office.order()
    told: list[tuple[str, str]] = []
    office.depot._tell = lambda code, text: told.append((code, text))
    other = record_of(VIN, "pcm-taycan", unit_with(seeded_key("another")))
    assert not office.depot.lists_for_another_unit(VIN)
    office.depot.units.keep(other)
    assert office.depot.lists_for_another_unit(VIN)
    for _ in range(2):
        office.depot.publish(VIN, {})
    ((code, text),) = told
    assert code == "unit-replaced"
    assert other.ecu.serial in text
    assert UNIT.serial in text
    assert not office.depot.lists_for_another_unit(VIN)


def test_a_record_of_another_unit_is_noticed_by_whoever_writes_the_next_one(tmp_path: Path) -> None:
    units, record = FolderUnits(tmp_path), record_of(VIN, "pcm-taycan", UNIT)
    assert replaced(units, record) is None
    units.keep(record)
    assert replaced(units, record) is None
    other = record_of(VIN, "pcm-taycan", unit_with(seeded_key("another")))
    assert UNIT.serial in str(replaced(units, other))
    units.path_of(VIN).write_text("{", encoding="utf-8")
    assert replaced(units, other) is None, "a damaged one is only written anew"
