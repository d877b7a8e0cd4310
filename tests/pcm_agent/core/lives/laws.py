"""What must hold in every life of the core: by name, those laws of `simulator.laws` that are judged here."""

from enum import StrEnum

from simulator.laws.table import sentence


class Law(StrEnum):
    """Each by its name in the one list."""

    DATA = "data"
    WAY = "way"
    CALL = "call"
    SYMBOL = "symbol"
    PRIVATE = "private"
    NEWS = "news"
    PEOPLE = "people"
    REMOTE = "remote"
    ONCE = "once"
    TRANSFER = "transfer"
    LOOK = "look"
    LISTED = "listed"
    REFUSED = "refused"
    COUNTER = "counter"
    MANIFEST = "manifest"
    INSTALLATION = "installation"
    METER = "meter"
    SHARING = "sharing"
    MAP = "map"
    MENU = "menu"
    RESTORED = "restored"
    COMMITTED = "committed"
    TOLD = "told"
    TIMERS = "timers"


class BrokenError(AssertionError):
    """A life broke a law."""

    def __init__(self, law: Law, detail: object) -> None:
        said = sentence(law)
        super().__init__(f"{said}: {detail}" if detail != "" else said)
        self.law = law


def hold(law: Law, holds: object, detail: object = "") -> None:
    """Break the life off where a law does not hold."""
    if not holds:
        raise BrokenError(law, detail)
