"""The table of requirements itself: every row that anything names exists, and the run's table tells the truth."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ID = re.compile(r"\b(?:CON|PRV|IDN|REM|STO|FOD|SEC|AFT)-[0-9]{2}\b")
PARTS = {"pcm", "backend", "profile", "ui"}

# A test that is skipped, or expected to fail, proves no row: these are what the table of rows is tried with.
TESTS = """
import pytest

@pytest.mark.requirement("CON-05", "CON-07")
def test_that_passes(): pass

@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize("number", range(2))
def test_that_passes_twice(number): pass

@pytest.mark.requirement("CON-01")
def test_that_fails(): assert False

# pytest's two ways of not proving anything: the table must count neither row as proven
@pytest.mark.requirement("CON-02")
def test_that_is_skipped(): pytest.skip()

@pytest.mark.requirement("CON-03")
@pytest.mark.xfail
def test_that_is_expected_to_fail(): assert False

@pytest.fixture
def broken():
    yield
    assert False

@pytest.mark.requirement("CON-04")
def test_that_leaves_a_mess(broken): pass
"""


def rows() -> list[dict[str, object]]:
    areas = YAML(typ="safe", pure=True).load((ROOT / "docs" / "requirements.yaml").read_text(encoding="utf-8"))
    return [row for area in areas.values() for row in area]


def pytest_of(text: str, folder: Path, *options: str) -> str:
    """What pytest prints about a file of tests, with this project's conftest."""
    (folder / "conftest.py").write_text(
        (ROOT / "tests" / "conftest.py")
        .read_text("utf-8")
        .replace("Path(__file__).parents[1]", f"Path({str(ROOT)!r})"),
        "utf-8",
    )
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = requirement(*ids)\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False).stdout


def test_every_row_is_whole() -> None:
    found = rows()
    ids = [row["id"] for row in found]
    assert len(ids) == len(set(ids)) > 80
    for row in found:
        assert ID.fullmatch(str(row["id"])), row
        assert row["part"] in PARTS, row
        assert row["text"], row
        assert isinstance(row["seed"], list), row
        assert all(re.fullmatch("[AB][0-9]+", line) for line in row["seed"]), row


def test_every_row_that_is_named_exists() -> None:
    known = {str(row["id"]) for row in rows()}
    files = [
        path
        for folder in ("pcm_agent", "firmware_profiles", "simulator", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".toml", ".md", ".yaml", ".ftl")
    ]
    named = {path: set(ID.findall(path.read_text(encoding="utf-8"))) for path in files}
    assert {str(path): ids - known for path, ids in named.items() if ids - known} == {}


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_only_rows_of_tests_that_passed_are_proven(tmp_path: Path, options: tuple[str, ...]) -> None:
    printed = pytest_of(TESTS, tmp_path, *options)
    assert f"requirement rows: 2 proven, {len(rows()) - 2} open" in printed
    assert re.search(r"^CON  proven  2: 05×3 07$", printed, re.MULTILINE)
    assert re.search(r"^     open   27: 01 02 03 04 06 08 ", printed, re.MULTILINE)
    assert re.search(r"^PRV  open    4: 01 02 03 04$", printed, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_row_that_does_not_exist_is_an_error_at_collection(tmp_path: Path, options: tuple[str, ...]) -> None:
    printed = pytest_of(TESTS.replace("CON-07", "CON-99"), tmp_path, *options)
    assert "test_that_passes: docs/requirements.yaml has no row 'CON-99'" in printed
    assert re.search(r"1 error", printed)
    assert "passed" not in printed
