"""Packages, and where they are kept."""

from pathlib import Path

import msgspec
import pytest

from pcm_agent.errors import TransportError
from simulator.backend.depot import Depot
from simulator.keys import seeded_key
from tests.simulator.backend.office import VIN, Office


def test_the_same_function_has_the_same_bytes_and_none_has_those_of_another(office: Office) -> None:
    packages = [office.depot.make(*what) for what in [("a", "1", 64), ("a", "1", 64), ("a", "2", 64), ("b", "1", 64)]]
    assert packages[0] == packages[1]
    assert len({package.sha256 for package in packages}) == 3


def test_a_depot_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(TransportError) as caught:
        Depot(seeded_key(1), "http://backend.test", tmp_path / "file" / "depot")
    assert caught.value.code == "depot-unwritable"


def test_a_depot_on_disk_holds_whole_packages_only(tmp_path: Path) -> None:
    depot = Depot(seeded_key(1), "http://backend.test", tmp_path / "depot")
    package = depot.make("f", "1", 100)
    assert [path.name for path in (tmp_path / "depot").iterdir()] == [package.sha256]
    (tmp_path / "depot").rename(tmp_path / "gone")
    with pytest.raises(TransportError) as caught:
        depot.make("g", "1", 100)
    assert caught.value.code == "depot-unwritable"


def test_offers_are_json_that_a_car_can_read(office: Office) -> None:
    office.order()
    (row,) = office.waiting()
    assert msgspec.json.decode(row.payload)["reply_to"] == f"pcm/v1/{VIN}/reply/offer-package"
