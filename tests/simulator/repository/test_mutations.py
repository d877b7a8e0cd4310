import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.trust.refusals import REFUSALS
from tests.simulator.repository.mutations import tried


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_no_changed_file_is_believed(seed: int) -> None:
    result = await tried(500, seed)
    assert result.believed == []
    assert result.metadata + result.images == 500 == result.harmless + result.refused.total()
    assert {"metadata-malformed", "metadata-signature", "metadata-mismatch", "package-hash"} <= result.refused.keys()
    assert result.refused.keys() <= REFUSALS.keys() | {"package-length", "package-hash"}


async def test_a_car_that_believed_an_image_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def believe(files: DiskPackageFiles, offer_id: str, _length: int, _sha256: str) -> None:
        await files.discard(offer_id)

    monkeypatch.setattr(DiskPackageFiles, "complete", believe)
    result = await tried(40, 0)
    assert result.believed
    assert {name for name, _ in result.believed} == {"seat-heating/1.1.pkg"}
