import pytest

from tests.simulator.repository.mutations import believed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_no_changed_file_is_believed(seed: int) -> None:
    wrong, codes = await believed(500, seed)
    assert wrong == []
    assert {"metadata-malformed", "metadata-signature", "metadata-mismatch"} <= codes
