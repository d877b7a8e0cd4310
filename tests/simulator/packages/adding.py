"""A release is added as at a terminal."""

from collections.abc import Callable
from pathlib import Path

from tests.simulator.conftest import Ended

PcmSim = Callable[..., Ended]


def add(pcm_sim: PcmSim, folder: Path, image: Path, version: str = "1.0", counter: int = 1) -> Ended:
    options = f"--version {version} --counter {counter} --hardware-id pcm6 --hardware-id pcm5 --folder".split()
    return pcm_sim("packages", "add", "seats", image, *options, folder)
