"""`pcm-sim packages show` and `remove`: what a car would get, refuse and take out."""

import json
from pathlib import Path

import pytest

from tests.simulator.packages.adding import PcmSim
from tests.simulator.repository.bench import NOW, VIN


def test_what_a_car_would_get(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "show", VIN, "--folder", folder)
    assert ended.status == 0
    for word in (VIN, "pcm6", "seats", "1.0", "order-1", "2026-03-30 08:00 UTC", "ordered"):
        assert word in ended.out


def test_what_a_car_would_get_as_json(folder: Path, pcm_sim: PcmSim) -> None:
    answer = json.loads(pcm_sim("packages", "show", VIN, "--folder", folder, "--format", "json").out)
    assert answer["vin"] == VIN
    assert answer["assignments"][0]["path"] == "seats/1.0.pkg"
    assert "refusal" not in answer


def test_what_a_car_would_refuse(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "show", VIN, "--folder", folder, "--at", "2026-03-04")
    assert ended.status == 1
    assert "[metadata-expired]" in ended.out
    assert f"what to do: sign it anew: `pcm-sim packages sign --folder {folder}`\n" in ended.out
    late = pcm_sim("packages", "show", VIN, "--folder", folder, "--at", "2028-03-04T00:00:00", "--format", "json")
    refusal = json.loads(late.out)["refusal"]
    assert refusal[0] == "root-expired"
    assert refusal[1] == f"director/{VIN}/1.root.json: it expired at 2027-03-02 08:00 UTC"


def test_nothing_is_assigned(folder: Path, image: Path, pcm_sim: PcmSim) -> None:
    from simulator.packages import open_repositories

    open_repositories(folder).director.withdraw(VIN, "order-1", NOW)
    assert "nothing is assigned" in pcm_sim("packages", "show", VIN, "--folder", folder).out


def test_what_a_car_would_take_out(folder: Path, pcm_sim: PcmSim) -> None:
    removals = ((["order-0", "--unlisted"], "removed"), (["order-1"], "removed"), (["order-1"], "as before"))
    for offer, told in removals:
        ended = pcm_sim("packages", "remove", VIN, *offer, "--folder", folder)
        assert (ended.status, ended.out.rstrip()[-len(told) :]) == (0, told)
    ended = pcm_sim("packages", "show", VIN, "--folder", folder)
    assert "nothing is assigned" in ended.out
    assert "to be removed: order-0, order-1" in ended.out
    answer = json.loads(pcm_sim("packages", "show", VIN, "--folder", folder, "--format", "json").out)
    assert answer["removals"] == ["order-0", "order-1"]


def test_what_nobody_assigned_is_not_removed(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "remove", VIN, "order-7", "--folder", folder)
    assert (ended.status, ended.out) == (1, "")
    assert "says nothing of order-7" in ended.err
    assert "there is: order-1." in ended.err
    assert "[order-not-listed]" in ended.err


def test_what_no_order_can_be_called_is_not_removed(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "remove", VIN, "../order", "--folder", folder)
    assert ended.status == 2
    assert "name-unusable" in ended.err


def test_names_are_whole_on_a_terminal_of_80_columns(
    folder: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = pcm_sim("packages", "show", VIN, "--folder", folder).out
    assert all(len(line) <= 80 for line in out.splitlines())
    for word in ("seats", "order-1, ordered, until 2026-03-30 08:00 UTC"):
        assert word in out
    assert f"director/{VIN}/timestamp" in pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").out
