"""What must hold in every life of every car, in one list, and who watches that it does.

`table` is the list, `watch` judges a lab by it, at each event and whenever all is quiet; the other modules hold the
judgements, each from the requirements alone and not from the tables of the core, as those may be wrong.
"""

from simulator.laws.table import LAWS, Judge, Law, sentence
from simulator.laws.watch import Watch

__all__ = ["LAWS", "Judge", "Law", "Watch", "sentence"]
