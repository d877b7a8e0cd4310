"""`pcm-sim packages init`, `rotate` and `sign`: repositories and their keys; and wrong use of any."""

from pathlib import Path

import pytest

from tests.simulator.packages.adding import PcmSim
from tests.simulator.repository.bench import VIN


def test_repositories_are_made_whole_or_not_at_all(tmp_path: Path, pcm_sim: PcmSim) -> None:
    (tmp_path / "file").write_text("x")
    assert "[repository-exists]" in pcm_sim("packages", "init", tmp_path / "file").err
    assert "[repository-exists]" in pcm_sim("packages", "init", tmp_path).err
    assert pcm_sim("packages", "init", tmp_path / "file" / "more").status == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
    assert "[repository-missing]" in pcm_sim("packages", "check", "--folder", tmp_path).err


def test_without_a_folder_it_is_that_of_the_desk(
    tmp_path: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert pcm_sim("packages", "init").status == 0
    assert (tmp_path / "pcm-sim" / "backend" / "repositories" / "keys" / "offline").is_dir()
    assert pcm_sim("packages", "check").status == 0


@pytest.mark.parametrize("role", ["image/root", "image/targets", "image/seats", "director/root", "director/targets"])
def test_keys_are_rotated(folder: Path, role: str, pcm_sim: PcmSim) -> None:
    before = set(folder.rglob("*.pem"))
    ended = pcm_sim("packages", "rotate", role, "--folder", folder)
    assert (ended.status, ended.out) == (0, f"{role}: new keys; the old ones sign nothing any more\n")
    fresh = {path.name.partition(".")[0] for path in set(folder.rglob("*.pem")) - before}
    assert fresh == {role.replace("/", "-")}
    assert pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").status == 0


def test_an_offline_key_that_is_locked_away_is_named(folder: Path, pcm_sim: PcmSim) -> None:
    (folder / "keys" / "offline").rename(folder.parent / "vault")
    ended = pcm_sim("packages", "rotate", "image/timestamp", "--folder", folder)
    assert ended.status == 3
    assert "image-root." in ended.err
    assert "[key-missing]" in ended.err
    assert pcm_sim("packages", "sign", "--folder", folder).status == 0


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (f"assign {VIN} lights --offer o", 1, "release-unknown"),
        (f"assign {VIN} seats --offer o --version 9.9", 1, "release-unknown"),
        ("assign WP0ZZZY1ZTSA00009 seats --offer o", 1, "vin-unknown"),
        ("show WP0ZZZY1ZTSA00009", 1, "vin-unknown"),
        ("remove WP0ZZZY1ZTSA00009 order-1", 1, "vin-unknown"),
        ("remove WP0 order-1", 2, "vin-invalid"),
        (f"assign {VIN} seats --offer Order-1", 2, "name-unusable"),
        ("rotate image/lights", 2, "role-unknown"),
        ("rotate root", 2, "role-unknown"),
        ("add seats nowhere --version 2.0 --counter 2 --hardware-id pcm6", 3, "image-unreadable"),
    ],
)
def test_wrong_use_is_said(folder: Path, words: str, status: int, code: str, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", *words.split(), "--folder", folder)
    assert ended.status == status
    assert f"[{code}]" in ended.err
