"""Runs scenarios from the first word to the report: what `pcm-sim run` does.

`options` says how, `planned` which cars there are, `here` has scenarios run in this process one after the other, and
`side_by_side` in several; `running` does all that for one run.
"""

from simulator.session.here import opened_means
from simulator.session.options import Options, Outcome, again, header
from simulator.session.running import run

__all__ = ["Options", "Outcome", "again", "header", "opened_means", "run"]
