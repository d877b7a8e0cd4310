"""The list of all laws: what each says, the requirement rows behind it, and who judges by it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Judge(StrEnum):
    """Who watches that a law is kept."""

    EXPLORE = "explore"
    """`pcm-sim explore`, and every scenario with `invariants: on`: car, backend and wire together."""
    CORE = "core lives"
    """`tests/pcm_agent/core/lives`: the core alone, at each event of random lives."""
    ATTACKS = "attacks"
    """`pcm-sim attack`: at the end of each attack."""
    POWER_CUTS = "power cuts"
    """`tests/powercut`: whenever an agent has died, and at the end."""


class Law(NamedTuple):
    """Something that must hold in every life.

    Attributes:
        name: in one word, or a few with hyphens.
        sentence: what holds.
        rows: the requirements that it says once more; none where it is a promise of this program.
        judges: who watches it.
    """

    name: str
    sentence: str
    rows: tuple[str, ...]
    judges: tuple[Judge, ...]


_EVERYWHERE = (Judge.EXPLORE, Judge.CORE)
_LAB, _CORE = (Judge.EXPLORE,), (Judge.CORE,)

LAWS: Mapping[str, Law] = {
    law.name: law
    for law in (
        Law("data", "no byte of data without a data connection", ("CON-01", "FOD-02", "CON-29"), _EVERYWHERE),
        Law(
            "way",
            "data goes over the first way that may be used, and over no other",
            ("CON-01", "CON-08", "CON-10", "CON-13", "CON-17", "CON-19", "CON-20"),
            _EVERYWHERE,
        ),
        Law(
            "call",
            "a call and data go on beside each other only where both can",
            ("CON-02", "CON-03", "CON-04", "CON-05", "CON-06", "CON-21", "CON-23"),
            _EVERYWHERE,
        ),
        Law("symbol", "the symbol is true, and the reports say the same", ("CON-15", "CON-16"), _EVERYWHERE),
        Law("pin", "a SIM is given only a PIN that was typed for it", ("CON-17",), _LAB),
        Law(
            "private",
            "nothing personal leaves in private mode, and nothing is fetched or done",
            ("PRV-01", "PRV-02", "CON-14"),
            _EVERYWHERE,
        ),
        Law("news", "the backend is told of people as soon as it may be", ("IDN-12",), _CORE),
        Law(
            "people",
            "who is linked, with what right, is what was entered and confirmed",
            ("IDN-04", "IDN-06", "IDN-10", "IDN-11", "IDN-14"),
            _EVERYWHERE,
        ),
        Law(
            "remote",
            "from afar all is done that may be, and nothing for a guest or without the right",
            ("REM-01", "REM-02", "REM-03", "IDN-07"),
            _EVERYWHERE,
        ),
        Law("once", "every command has one final answer, and is done once", (), _EVERYWHERE),
        Law("transfer", "a package is fetched exactly while nothing stands against it", ("FOD-01", "FOD-02"), _CORE),
        Law("look", "the car looks at the repositories as soon as it is told, and may", ("FOD-02",), _CORE),
        Law(
            "listed",
            "nothing is begun that the last accepted list does not name, or that is too old",
            ("FOD-04",),
            _CORE,
        ),
        Law("refused", "the driver is told, once, what of a list is not followed", ("FOD-08",), _CORE),
        Law(
            "counter",
            "what is installed is what has proven itself, and a counter never falls",
            ("FOD-04",),
            (Judge.EXPLORE, Judge.CORE, Judge.POWER_CUTS),
        ),
        Law("manifest", "the Director is told each time that there is news of it", (), _CORE),
        Law(
            "installation",
            "a function is installed, or removed, once the car was left alone, and never before",
            ("FOD-04", "FOD-05", "FOD-06", "FOD-07", "FOD-13"),
            _EVERYWHERE,
        ),
        Law(
            "whole",
            "a function is wholly the version before or wholly the new one, whenever the power is cut",
            ("FOD-07",),
            (Judge.POWER_CUTS,),
        ),
        Law(
            "true-bytes",
            "the car installs only what both repositories say, for this car and with these bytes",
            ("FOD-04",),
            (Judge.ATTACKS,),
        ),
        Law(
            "attack-told",
            "an attack is named to the backend, and after it the honest package comes through",
            ("FOD-04", "FOD-08"),
            (Judge.ATTACKS,),
        ),
        Law(
            "stays",
            "what is paid for is not taken out of the car",
            ("FOD-10", "FOD-13"),
            _LAB,
        ),
        Law(
            "deadline",
            "an order that is not downloaded within 28 days is cancelled by itself, then and not later",
            ("FOD-01",),
            _LAB,
        ),
        Law(
            "bill",
            "a function is billed once, or once a month, and only after the car has had it",
            ("FOD-09", "FOD-12", "STO-02"),
            (Judge.EXPLORE, Judge.POWER_CUTS),
        ),
        Law("term", "a subscription or a trial ends when it is to end", ("FOD-12", "STO-02"), _LAB),
        Law("one-contract", "a car has one contract for a function at a time", ("FOD-09",), _LAB),
        Law("agree", "car and backend say the same of what is installed, once all is quiet", ("FOD-09",), _LAB),
        Law("services", "a service works only as long as its term lasts, and both sides know it", ("STO-09",), _LAB),
        Law(
            "said",
            "a report is sent as soon as it may be, and the backend has it",
            (),
            (Judge.EXPLORE, Judge.POWER_CUTS),
        ),
        Law("stuck", "nothing hangs: each step of a package, of a link, of a connection comes to its end", (), _LAB),
        Law(
            "understood",
            "neither side refuses what the other one says",
            (),
            _LAB,
        ),
        Law("words", "whatever the driver reads has words in the PCM's language", (), _LAB),
        Law("judged", "what broke is mended before a life ends, so that its end can be judged", (), _LAB),
        Law("alive", "no agent and no backend breaks down", (), _LAB),
        Law(
            "meter",
            "bytes are counted as they were used, by purpose and way",
            ("CON-12", "CON-29"),
            _CORE,
        ),
        Law(
            "sharing",
            "passengers have data exactly where it is shared and paid for",
            ("CON-26", "CON-27", "CON-28"),
            _CORE,
        ),
        Law("map", "a map is loaded exactly while nothing stands against it", ("CON-29",), _CORE),
        Law("menu", "a tap on a switch turns it over", ("CON-09", "CON-13", "PRV-03"), _CORE),
        Law("restored", "a car that is restored from its snapshot is the same car", (), _EVERYWHERE),
        Law("committed", "what is not committed has not changed", (), (Judge.CORE, Judge.POWER_CUTS)),
        Law("told", "the backend has the newest state, under a number of its own", (), _CORE),
        Law("timers", "only the timers run that were set, and none that means a date fires early", (), _CORE),
    )
}
"""By name."""


def sentence(name: str) -> str:
    """What a law says."""
    return LAWS[name].sentence
