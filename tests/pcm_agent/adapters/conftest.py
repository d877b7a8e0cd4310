"""Packages on a disk of their own."""

from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def files(root: Path) -> DiskPackageFiles:
    return DiskPackageFiles(root)
