"""`pcm-sim packages add` and `assign`: which release is for which car, and for which unit of it."""

import json
from pathlib import Path
from random import Random

import pytest

from pcm_agent.trust.unit import unit_with
from simulator.keys import seeded_key
from simulator.units import FolderUnits, UnitRecord, record_of
from tests.simulator.packages.adding import PcmSim, add
from tests.simulator.repository.bench import VIN


@pytest.fixture
def unit(tmp_path: Path) -> UnitRecord:
    """The car's unit, as its agent has recorded it on this desk."""
    record = record_of(VIN, "pcm6", unit_with(seeded_key("a unit")))
    FolderUnits(tmp_path / "pcm-sim" / "trust" / "cars").keep(record)
    return record


def assigned_to(pcm_sim: PcmSim, folder: Path) -> str:
    told = json.loads(pcm_sim("packages", "show", VIN, "--folder", folder, "--format", "json").out)
    return str(told["ecu_serial"])


def test_what_is_assigned_is_for_the_unit_that_the_agent_recorded(
    folder: Path, unit: UnitRecord, pcm_sim: PcmSim
) -> None:
    ended = pcm_sim("packages", "assign", VIN, "seats", "--offer", "order-2", "--folder", folder)
    serial = unit.ecu.serial
    assert (ended.status, ended.out) == (0, f"{VIN}: seats/1.0.pkg for {serial}, until 2026-03-30 08:00 UTC\n")
    assert assigned_to(pcm_sim, folder) == serial
    assert "the Director knew the unit PCM, pcm6; what was assigned to that one is listed no longer" in ended.err
    again = pcm_sim("packages", "assign", VIN, "seats", "--offer", "order-2", "--folder", folder)
    assert (again.status, again.err) == (0, "")


def test_a_unit_that_the_car_does_not_have_is_said(folder: Path, unit: UnitRecord, pcm_sim: PcmSim) -> None:
    ended = pcm_sim(*f"packages assign {VIN} seats --offer o --ecu-serial PCM-2 --folder".split(), folder)
    assert ended.status == 0
    assert f"the car has the unit {unit.ecu.serial}, pcm6; this is for PCM-2, pcm6" in ended.err
    assert assigned_to(pcm_sim, folder) == "PCM-2"


def test_a_unit_may_be_named_where_nobody_has_recorded_one(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim(*f"packages assign {VIN} seats --offer o --ecu-serial PCM-2 --folder".split(), folder)
    assert (ended.status, "start its agent" in ended.err) == (0, False)


def test_a_release_for_other_hardware_is_not_assigned(folder: Path, unit: UnitRecord, pcm_sim: PcmSim) -> None:
    for hardware in ("pcm6", "pcm7"):
        words = f"packages assign {VIN} seats --offer o --hardware-id {hardware} --folder"
        ended = pcm_sim(*words.split(), folder)
        assert ("[hardware-unknown]" in ended.err) is (hardware == "pcm7")


def test_a_release_counter_must_rise(folder: Path, image: Path, pcm_sim: PcmSim) -> None:
    refused = add(pcm_sim, folder, image, "2.0", 1)
    assert (refused.status, "[counter-not-higher]" in refused.err) == (1, True)
    assert add(pcm_sim, folder, image, "2.0", 2).status == 0
    ask = f"packages assign {VIN} seats --offer order-2 --ask --days 1 --version 2.0 --folder".split()
    assert pcm_sim(*ask, folder).out == f"{VIN}: seats/2.0.pkg for PCM, until 2026-03-03 08:00 UTC\n"
    assert "ask" in pcm_sim("packages", "show", VIN, "--folder", folder).out


def test_a_name_that_is_nearly_right_is_asked_about(folder: Path, image: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "assign", VIN, "seets", "--offer", "o", "--folder", folder)
    assert "has no seets; did you mean 'seats'?; there are: seats" in ended.err
    words = ["--version", "1.0", "--counter", "1", "--hardware-id", "pcm6", "--folder"]
    added = pcm_sim("packages", "add", "power-stering-plus", image, *words, folder)
    assert added.status == 0
    assert "did you mean 'power-steering-plus'?" in added.err
    assert pcm_sim("packages", "add", "power-steering-plus", image, *words, folder).err == ""


@pytest.mark.requirement("FOD-06")
def test_a_precondition_that_no_car_knows_is_signed_and_named(folder: Path, tmp_path: Path, pcm_sim: PcmSim) -> None:
    image = tmp_path / "image"
    image.write_bytes(b"seats 2")
    ended = pcm_sim(
        *("packages", "add", "seats", image, "--version", "2", "--counter", "2", "--hardware-id", "pcm6"),
        *("--precondition", "no-call", "--precondition", "full-moon", "--folder", folder),
    )
    assert ended.status == 0
    assert "full-moon: cars of this version do not know it" in ended.err
    assert "no-call" not in ended.err


@pytest.mark.requirement("FOD-02")
def test_a_release_may_bring_a_delta_against_an_older_one(folder: Path, tmp_path: Path, pcm_sim: PcmSim) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(content := Random(1).randbytes(50_000))
    new.write_bytes(content[:20_000] + b"new" + content[20_000:])
    assert add(pcm_sim, folder, old, "2.0", 2).status == 0
    options = ["--version", "3.0", "--counter", "3", "--hardware-id", "pcm6", "--delta-from", "2.0", "--folder"]
    ended = pcm_sim("packages", "add", "seats", new, *options, folder)
    assert ended.status == 0
    assert "seats/3.0.pkg.from-" in ended.out
    assert "0 % of the image" in ended.out
    assert pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02T09:00:00").status == 0
    options[1] = "4.0"
    options[3] = "4"
    new.write_bytes(Random(2).randbytes(50_000))
    ended = pcm_sim("packages", "add", "seats", new, *options, folder)
    assert "delta-without-use" in ended.err
    ended = pcm_sim("packages", "add", "seats", new, *options[:-2], "9.9", "--folder", folder)
    assert "release-unknown" in ended.err
