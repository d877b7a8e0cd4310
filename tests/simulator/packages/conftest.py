"""Repositories with one function, which one car is to have."""

from pathlib import Path

import pytest

from simulator.cli import packages
from tests.simulator.packages.adding import PcmSim, add
from tests.simulator.repository.bench import NOW, VIN


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image"
    path.write_bytes(b"image")
    return path


@pytest.fixture
def folder(tmp_path: Path, image: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Repositories with one function, which one car is to have."""
    monkeypatch.setattr(packages, "_now", lambda: NOW)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "made" / "repositories"
    assert pcm_sim("packages", "init", folder).status == 0
    assert add(pcm_sim, folder, image).status == 0
    ordered = pcm_sim(*f"packages assign {VIN} seats --offer order-1 --hardware-id pcm6 --folder".split(), folder)
    assert (ordered.status, ordered.out) == (0, f"{VIN}: seats/1.0.pkg for PCM, until 2026-03-30 08:00 UTC\n")
    assert "start its agent once" in ordered.err
    return folder
