"""`pcm-sim packages check` finds what expires, is damaged or lost, and says what to do."""

import json
from pathlib import Path

import pytest

from simulator.cli import packages
from tests.simulator.packages.adding import PcmSim
from tests.simulator.repository.bench import NOW, VIN


def test_all_is_well(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02T09:00:00")
    assert ended.status == 0
    assert ended.out.rstrip().endswith("all is well")
    for word in ("image/root", "2 of 3", "image/seats", f"director/{VIN}/targets", "images/seats/1.0.pkg"):
        assert word in ended.out


def test_what_runs_out_soon_is_said_and_can_be_renewed(
    folder: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def due() -> list[str]:
        told = json.loads(
            pcm_sim("packages", "check", "--folder", folder, "--at", "2027-02-20", "--format", "json").out
        )
        return [each["what"] for each in told if each.get("due")]

    assert due() == ["image/root", "image/targets", "image/seats", "director/root"]
    assert "soon" in pcm_sim("packages", "check", "--folder", folder, "--at", "2027-02-20").out
    monkeypatch.setattr(packages, "_now", lambda: NOW.replace(year=2027, month=2, day=19))
    ended = pcm_sim("packages", "sign", "--offline", "--folder", folder)
    assert ended.out == f"roots, targets and functions: signed\nimage: signed\ndirector/{VIN}: signed\n"
    assert due() == []
    assert pcm_sim("packages", "show", VIN, "--folder", folder, "--at", "2027-02-20").status == 0


def test_expired_metadata_names_the_file_and_the_cure(folder: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2028-03-02")
    assert ended.status == 1
    sign = "expired; sign it anew with `pcm-sim packages sign"
    assert f"{folder}/image/1.root.json: {sign} --offline --folder {folder}`" in ended.out
    assert f"{folder}/image/timestamp.json: {sign} --folder {folder}`" in ended.out
    assert f"{VIN}\n  the car would refuse: " in ended.out


def test_hints_name_the_program_as_it_was_called(
    folder: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCM_SIM_COMMAND", "scripts/run")
    ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2028-03-02")
    assert "`scripts/run packages sign --folder" in ended.out
    assert "`pcm-sim" not in ended.out
    missing = pcm_sim("packages", "check", "--folder", folder / "none")
    assert f"make some with `scripts/run packages init {folder}/none`" in missing.err


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        ("image/1.root.json", b"{}"),
        ("image/timestamp.json", b"{"),
        ("image/timestamp.json", None),
        ("image/2.snapshot.json", b""),
        ("image/1.seats.json", b"[]"),
        ("images/seats/*.pkg", b"other"),
        ("images/seats/*.pkg", None),
        (f"director/{VIN}/2.targets.json", b"1"),
        (f"director/{VIN}/2.snapshot.json", None),
    ],
)
def test_damage_is_found_with_its_file(folder: Path, pattern: str, content: bytes | None, pcm_sim: PcmSim) -> None:
    (path,) = folder.glob(pattern)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02")
    assert ended.status == 1
    assert str(path) in ended.out
    assert "restore" in ended.out


def test_a_signature_that_does_not_hold_is_found(folder: Path, pcm_sim: PcmSim) -> None:
    path = folder / "image" / "timestamp.json"
    path.write_bytes(path.read_bytes().replace(b'"version":2}', b'"version":1}').replace(b'"sig":"', b'"sig":"00'))
    ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02")
    assert ended.status == 1
    assert f"{path}: it was changed after it was signed, or signed with other keys; restore it" in ended.out
    assert "snapshot.json" not in ended.out, "what it says now is nothing to look for"
    show = pcm_sim("packages", "show", VIN, "--folder", folder)
    assert "image/timestamp.json: too few of the keys that its role trusts have signed it as it is" in show.out
    assert f"what to do: restore the file from a copy; `pcm-sim packages check --folder {folder}`" in show.out


def test_of_a_first_root_that_is_missing_the_file_is_named(folder: Path, pcm_sim: PcmSim) -> None:
    for name in ("director", "image"):
        root = folder / name / "1.root.json"
        content = root.read_bytes()
        root.unlink()
        ended = pcm_sim("packages", "check", "--folder", folder)
        assert ended.status == 3
        assert f"{root}: it is missing; restore it from a copy [repository-broken]" in ended.err
        root.write_bytes(content)


def test_a_snapshot_that_is_missing_is_named_by_whoever_signs(folder: Path, pcm_sim: PcmSim) -> None:
    (folder / "image" / "2.snapshot.json").unlink()
    ended = pcm_sim("packages", "sign", "--folder", folder)
    assert f"timestamp.json: it names {folder}/image/2.snapshot.json, which is missing" in ended.err


@pytest.mark.parametrize("role", ["director-targets", "director-timestamp", "image-snapshot"])
def test_an_online_key_that_is_no_good_is_named_with_its_file(folder: Path, role: str, pcm_sim: PcmSim) -> None:
    def said() -> tuple[int, str]:
        ended = pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02")
        return ended.status, ended.out

    (path,) = (folder / "keys" / "online").glob(f"{role}.*")
    content = path.read_bytes()
    path.chmod(0o644)
    assert said()[0] == 1
    assert f"{path}: others than its owner may read it; `chmod 600` it" in said()[1]
    path.chmod(0o600)
    path.write_bytes(b"no key")
    assert f"{path}: it is no private key" in said()[1]
    (other,) = (folder / "keys" / "online").glob("image-timestamp.*")
    path.write_bytes(other.read_bytes())
    assert f"{path}: it holds another key than its name says; bring the right file back" in said()[1]
    path.unlink()
    assert f"has {path.name}; bring that file back" in said()[1]
    assert said()[0] == 1
    path.write_bytes(content)
    path.chmod(0o600)
    assert said()[0] == 0


def test_offline_keys_may_be_locked_away_but_nobody_else_may_read_them(folder: Path, pcm_sim: PcmSim) -> None:
    offline = folder / "keys" / "offline"
    key = next(offline.iterdir())
    key.chmod(0o640)
    assert f"{key}: others" in pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").out
    offline.rename(folder.parent / "vault")
    assert pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").status == 0
