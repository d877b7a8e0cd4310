"""What must hold in every life, said from the requirements alone."""

from enum import StrEnum


class Law(StrEnum):
    """Each by the words in which a life that breaks it says so."""

    DATA = "no byte of data without a data connection"  # CON-01, FOD-02, CON-29
    WAY = "data goes over the first way that may be used, and over no other"  # CON-01, -08, -10, -13, -17, -19, -20
    CALL = "a call and data go on beside each other only where both can"  # CON-02 to CON-06, CON-21, CON-23
    SYMBOL = "the symbol is true, and the reports say the same"  # CON-15, CON-16
    PRIVATE = "nothing personal leaves in private mode, and nothing is fetched or done"  # PRV-01, PRV-02, CON-14
    NEWS = "the backend is told of people as soon as it may be"  # IDN-12
    PEOPLE = "who is linked, with what right, is what was entered and confirmed"  # IDN-04, -06, -10, -11, -14
    REMOTE = "from afar all is done that may be, and nothing for a guest or without the right"  # REM-01 to -03, IDN-07
    ONCE = "every command has one final answer, and is done once"
    TRANSFER = "a package is fetched exactly while nothing stands against it"  # FOD-01, FOD-02
    LOOK = "the car looks at the repositories as soon as it is told, and may"  # FOD-02
    LISTED = "nothing is begun that the last accepted list does not name, or that is too old"  # FOD-04
    REFUSED = "the driver is told, once, what of a list is not followed"  # FOD-08
    COUNTER = "what is installed is what has proven itself, and a counter never falls"  # FOD-04
    MANIFEST = "the Director is told each time that there is news of it"
    INSTALLATION = "a function is installed, or removed, once the car was left alone, and never before"  # FOD-04 to -13
    METER = "bytes are counted as they were used, by purpose and way"  # CON-12, CON-29
    SHARING = "passengers have data exactly where it is shared and paid for"  # CON-26 to CON-28
    MAP = "a map is loaded exactly while nothing stands against it"  # CON-29
    MENU = "a tap on a switch turns it over"  # CON-09, CON-13, PRV-03
    RESTORED = "a car that is restored from its snapshot is the same car"
    COMMITTED = "what is not committed has not changed"
    TOLD = "the backend has the newest state, under a number of its own"
    TIMERS = "only the timers run that were set, and none that means a date fires early"


class BrokenError(AssertionError):
    """A life broke a law."""

    def __init__(self, law: Law, detail: object) -> None:
        super().__init__(f"{law}: {detail}" if detail != "" else str(law))
        self.law = law


def hold(law: Law, holds: object, detail: object = "") -> None:
    """Break the life off where a law does not hold."""
    if not holds:
        raise BrokenError(law, detail)
