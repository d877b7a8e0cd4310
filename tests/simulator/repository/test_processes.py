"""Two processes at one folder of repositories, at once: the second waits, or is refused, and nothing is damaged."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulator.packages import make_repositories, open_repositories
from simulator.repository.audit import audit
from tests.simulator.repository.bench import NOW

TIMES = 15
HEAD = """
import sys
from pathlib import Path
from pcm_agent.errors import LocalError
from simulator.packages import make_repositories, open_repositories
from tests.simulator.repository.bench import NOW
folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
"""
RENEW = f"""
repositories = open_repositories(folder)
for _ in range({TIMES}):
    repositories.renew(NOW)
"""
MAKE = """
try:
    make_repositories(folder, NOW)
except LocalError as error:
    print(error.code)
else:
    print("made")
"""
CREATE = """
from simulator.repository import FolderKeys, FolderStore, PackageRepositories
try:
    PackageRepositories(FolderStore(folder), FolderKeys(folder / "keys")).create(NOW)
except LocalError as error:
    print(error.code)
else:
    print("made")
"""


def at_once(program: str, folder: Path) -> Sequence[str]:
    """What two processes say that do the same, begun together."""
    command = [sys.executable, "-c", HEAD + program, str(folder)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # ours alone
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return sorted(said)


def problems(folder: Path) -> list[str]:
    return [finding.problem for finding in audit(open_repositories(folder), NOW) if finding.problem]


@pytest.mark.slow
def test_what_is_signed_anew_by_two_at_once_is_signed_by_both_one_after_the_other(tmp_path: Path) -> None:
    folder = tmp_path / "depot"
    make_repositories(folder, NOW)
    at_once(RENEW, folder)
    repositories = open_repositories(folder)
    assert repositories.director.repository.root.version == 1 + 2 * TIMES
    assert repositories.image.repository.root.version == 1 + 2 * TIMES
    assert problems(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("program", [MAKE, CREATE])
def test_of_two_that_make_repositories_at_once_one_does(tmp_path: Path, program: str) -> None:
    folder = tmp_path / "depot"
    assert at_once(program, folder) == ["made", "repository-exists"]
    assert problems(folder) == []
    assert len(list((folder / "keys" / "offline").iterdir())) == 3 + 3 + 2, "keys of one process, and of no other"
    assert [path.name for path in tmp_path.iterdir()] == ["depot"]
