"""How this program is called where its output is read, so that every hint works as it is printed."""

import os
import shutil
import sys

_NAME = "`pcm-sim "


def called() -> str:
    """As `scripts/run` was, by its name, or by its path."""
    return os.environ.get("PCM_SIM_COMMAND") or ("pcm-sim" if shutil.which("pcm-sim") else sys.argv[0])


def as_called(text: str) -> str:
    """A text whose hints name this program as it can be called here."""
    return text.replace(_NAME, f"`{called()} ")
