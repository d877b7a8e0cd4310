"""What is said of one attack, and the kinds that there are."""

from msgspec import Struct

from simulator.attacks import lies
from simulator.attacks.heals import by_itself, nothing, offered_again, ordered, rotated
from simulator.attacks.moves import at_look
from simulator.attacks.places import LOOK, TRANSFER
from simulator.attacks.stage import Move

DIRECTOR = ("director/targets", "director/snapshot", "director/timestamp")
"""What a stolen Director has signed with."""


class Attack(Struct, frozen=True, kw_only=True):
    """One attack.

    Attributes:
        name: short, for the command line.
        tried: what the attacker does, in one sentence.
        stopped_at: where it must be stopped; see `simulator.attacks.places`.
        code: that it must be stopped with; empty: it does not exist for the car, so there is nothing to refuse.
        move: does it.
        before: what happens before the attacker comes, of which he makes use.
        heal: what happens once the attacker is gone.
        authentic: the metadata is signed by those who may: the car keeps its versions though it refuses what it says.
        seen: of the car it is asked that it leaves its jobs as they were, and reports the code in a signed manifest.
        live_only: it needs real sockets.
    """

    name: str
    tried: str
    stopped_at: str
    code: str
    move: Move
    before: Move = nothing
    heal: Move = offered_again
    authentic: bool = False
    seen: bool = True
    live_only: bool = False


def refused(name: str, tried: str, where: str, code: str, lie: lies.Lie, *, heal: Move = offered_again) -> Attack:
    """Files betray it: nothing in the car may change."""
    return Attack(name=name, tried=tried, stopped_at=f"{LOOK}: {where}", code=code, move=at_look(lie), heal=heal)


def retried(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """Files betray it, and the car tries again by itself."""
    return refused(name, tried, where, code, lie, heal=by_itself)


def judged(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """Only who compares the repositories, with each other and with the car, sees it."""
    return Attack(name=name, tried=tried, stopped_at=where, code=code, move=at_look(lie), authentic=True)


def stolen(name: str, tried: str, where: str, code: str, lie: lies.Lie) -> Attack:
    """The same with the Director's own keys, which are replaced afterwards."""
    what = f"The Director's keys are stolen: {tried}"
    move = at_look(lie)
    return Attack(
        name=name, tried=what, stopped_at=where, code=code, move=move, heal=rotated(*DIRECTOR), authentic=True
    )


def in_transfer(name: str, tried: str, code: str, move: Move, heal: Move = offered_again) -> Attack:
    """All metadata is honest; what is fetched is not as it says."""
    return Attack(
        name=name, tried=tried, stopped_at=TRANSFER, code=code, move=move, heal=heal, authentic=True, seen=False
    )


def told(
    name: str, tried: str, where: str, code: str, move: Move, *, before: Move = nothing, heal: Move = ordered
) -> Attack:
    """Somebody speaks on the broker; the car has heard of no order before."""
    return Attack(name=name, tried=tried, stopped_at=where, code=code, move=move, before=before, heal=heal, seen=False)
