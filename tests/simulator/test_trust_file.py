"""What a car on a desk trusts, and what it remembers as long as that is the same."""

from pathlib import Path

import pytest

from pcm_agent.errors import PeerError, TransportError
from pcm_agent.trust.metadata import TrustedRoots
from simulator.trust_file import TrustedRepositories, write_trust
from tests.simulator.repository.bench import NOW, URL, VIN, Bench


async def test_looks_know_what_the_last_one_read_until_the_file_says_something_else(tmp_path: Path) -> None:
    bench, path = Bench(), tmp_path / "trust.json"
    repositories = TrustedRepositories(bench, path)
    write_trust(path, URL, bench.roots)
    asked = []
    for _ in range(2):
        bench.asked.clear()
        await repositories.check(VIN, None, NOW)
        asked.append(len(bench.asked))
    assert asked == [9, 4]

    write_trust(path, URL, TrustedRoots(bench.edited("director/1.root.json", _next), bench.roots.image))
    with pytest.raises(PeerError, match="metadata-signature"):
        await repositories.check(VIN, None, NOW)
    path.unlink()
    with pytest.raises(TransportError, match="trust-missing"):
        await repositories.check(VIN, None, NOW)


def _next(signed: object) -> None:
    vars(signed)["version"] += 1
