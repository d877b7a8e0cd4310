"""What the car signs of itself, under a number that no clock has a part in (Uptane 5.4.2.1)."""

from pcm_agent.core.effects import ReportInstalled
from pcm_agent.core.region import Turn


def attest(turn: Turn) -> None:
    """Tell the Director, signed, what is installed now; the number is committed with it, so none is used twice."""
    turn.state.manifests += 1
    turn.add(ReportInstalled(turn.state.manifests))
