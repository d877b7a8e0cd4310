"""`pcm-sim packages`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pcm_agent.trust.unit import unit_with
from simulator.cli import packages
from simulator.keys import seeded_key
from simulator.units import FolderUnits, UnitRecord, record_of
from tests.simulator.conftest import Ended
from tests.simulator.repository.bench import NOW, VIN

PcmSim = Callable[..., Ended]


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


def add(pcm_sim: PcmSim, folder: Path, image: Path, version: str = "1.0", counter: int = 1) -> Ended:
    options = f"--version {version} --counter {counter} --hardware-id pcm6 --hardware-id pcm5 --folder".split()
    return pcm_sim("packages", "add", "seats", image, *options, folder)


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


@pytest.mark.parametrize("role", ["image/root", "image/targets", "image/seats", "director/root", "director/targets"])
def test_keys_are_rotated(folder: Path, role: str, pcm_sim: PcmSim) -> None:
    before = set(folder.rglob("*.pem"))
    ended = pcm_sim("packages", "rotate", role, "--folder", folder)
    assert (ended.status, ended.out) == (0, f"{role}: new keys; the old ones sign nothing any more\n")
    fresh = {path.name.partition(".")[0] for path in set(folder.rglob("*.pem")) - before}
    assert fresh == {role.replace("/", "-")}
    assert pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").status == 0


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        ("image/1.root.json", b"{}"),
        ("image/timestamp.json", b"{"),
        ("image/timestamp.json", None),
        ("image/2.snapshot.json", b""),
        ("image/1.seats.json", b"[]"),
        ("images/seats/*.pkg", b"other"),
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


def test_an_image_that_is_missing_is_found(folder: Path, pcm_sim: PcmSim) -> None:
    (path,) = folder.glob("images/seats/*.pkg")
    path.unlink()
    assert str(path) in pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").out


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


def test_names_are_whole_on_a_terminal_of_80_columns(
    folder: Path, pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = pcm_sim("packages", "show", VIN, "--folder", folder).out
    assert all(len(line) <= 80 for line in out.splitlines())
    for word in ("seats", "order-1, ordered, until 2026-03-30 08:00 UTC"):
        assert word in out
    assert f"director/{VIN}/timestamp" in pcm_sim("packages", "check", "--folder", folder, "--at", "2026-03-02").out


def test_a_name_that_is_nearly_right_is_asked_about(folder: Path, image: Path, pcm_sim: PcmSim) -> None:
    ended = pcm_sim("packages", "assign", VIN, "seets", "--offer", "o", "--folder", folder)
    assert "has no seets; did you mean 'seats'?; there are: seats" in ended.err
    words = ["--version", "1.0", "--counter", "1", "--hardware-id", "pcm6", "--folder"]
    added = pcm_sim("packages", "add", "power-stering-plus", image, *words, folder)
    assert added.status == 0
    assert "did you mean 'power-steering-plus'?" in added.err
    assert pcm_sim("packages", "add", "power-steering-plus", image, *words, folder).err == ""


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


def test_an_offline_key_that_is_locked_away_is_named(folder: Path, pcm_sim: PcmSim) -> None:
    (folder / "keys" / "offline").rename(folder.parent / "vault")
    ended = pcm_sim("packages", "rotate", "image/timestamp", "--folder", folder)
    assert ended.status == 3
    assert "image-root." in ended.err
    assert "[key-missing]" in ended.err
    assert pcm_sim("packages", "sign", "--folder", folder).status == 0


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
