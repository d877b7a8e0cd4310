"""What the car knows of the repositories: told to look, looking, and what it made of it (Uptane 5.4.4, FOD-04)."""

from datetime import timedelta
from typing import cast

from pcm_agent.core import age
from pcm_agent.core.attesting import attest
from pcm_agent.core.backoff import LONGEST_PAUSE, pause_after
from pcm_agent.core.effects import CheckMetadata, StopMetadataCheck
from pcm_agent.core.events import (
    IgnitionTurnedOn,
    LookOrdered,
    MetadataAccepted,
    MetadataCheckAllowed,
    MetadataCheckBlocked,
    MetadataInterrupted,
    MetadataRefused,
    PcmStarted,
    TimerFired,
)
from pcm_agent.core.meter import book
from pcm_agent.core.region import Region, Row, Turn
from pcm_agent.core.rules.metadata import PAUSE, waits_for_this_link
from pcm_agent.core.states import Metadata, Purpose
from pcm_agent.trust.refusals import REFUSALS

CONFIRM = "confirm"
"""Key of the timer that runs until what was said of unfinished jobs is to be confirmed."""
LONGEST_PAUSE_REFUSED = timedelta(hours=4)
"""Upper bound of the pause after a look that was refused, but for its jitter; after one that broke off it is shorter.

It doubles, so that the car waits about as long as the trouble has lasted already: what mends in minutes is found in
minutes. But what is refused again and again is fetched again and again, and paid for. Repositories are mended by
people, which takes hours, and are signed anew twice a day, which this does not miss. Who has mended them can tell the
car to look, and it looks at once.
"""


def paused(turn: Turn) -> bool:
    """The last look came to nothing, and the car waits before the next one."""
    return PAUSE in turn.state.timers


def to_be_confirmed(turn: Turn) -> bool:
    """Half of the time is over for which it holds what was said of an unfinished job."""
    return cast("TimerFired", turn.event).key == CONFIRM


def may_mend(turn: Turn) -> bool:
    """A later look may succeed without anybody's help."""
    return REFUSALS[cast("MetadataRefused", turn.event).code].retried


def refused_last(turn: Turn) -> bool:
    """What the repositories said last was not to be believed."""
    return turn.state.metadata_refused is not None


def told_again(turn: Turn) -> bool:
    """The car was told to look once more while it looked."""
    return turn.state.look_again


def look_again(turn: Turn) -> None:
    """Look once more after this look, which goes on: else whoever tells it often enough would keep it from ending."""
    turn.state.look_again = True


def look(turn: Turn) -> None:
    """Read the repositories."""
    turn.state.look_again = False
    turn.add(CheckMetadata())


def stop(turn: Turn) -> None:
    """Stop reading; what was read counts for nothing."""
    turn.add(StopMetadataCheck())


def end_pause(turn: Turn) -> None:
    """Told to look, or over another link, the car may find something new; if not, the next pause is longer still."""
    turn.cancel_timer(PAUSE)


def begin_anew(turn: Turn) -> None:
    """The power button ends the pause and its growth, as with transfers (FOD-16)."""
    turn.state.metadata_attempts = 0
    turn.cancel_timer(PAUSE)


def meter(turn: Turn) -> None:
    """Count what the look fetched, believed or not (CON-29)."""
    book(turn, Purpose.METADATA, cast("MetadataAccepted | MetadataRefused | MetadataInterrupted", turn.event).fetched)


def keep_trust(turn: Turn) -> None:
    """Keep the highest versions that were verified, and the newest roots: nobody may show older ones again."""
    event = cast("MetadataAccepted | MetadataRefused", turn.event)
    if event.floors is not None:
        turn.state.floors, turn.state.roots = event.floors, event.roots


def keep_answer(turn: Turn) -> None:
    """All is well; tell the Director what is installed."""
    age.accepted(turn.state, turn.now, cast("MetadataAccepted", turn.event).vouched_until)
    turn.state.metadata_refused, turn.state.metadata_attempts, turn.state.look_interrupted = None, 0, False
    attest(turn)


def keep_refusal(turn: Turn) -> None:
    """Tell driver and Director what is wrong, once while it is the same."""
    code = cast("MetadataRefused", turn.event).code
    if turn.state.metadata_refused != code:
        turn.state.metadata_refused = code
        turn.refuse(code, "FOD-04")
        attest(turn)


def count_refused(turn: Turn) -> None:
    """One more look has come to nothing."""
    turn.state.look_interrupted = False
    turn.state.metadata_attempts += 1


def count_interrupted(turn: Turn) -> None:
    """One more look broke off, which counts no further than the pause grows; a refusal after it is something new."""
    turn.state.look_interrupted = True
    if pause_after(turn.state.metadata_attempts, 0) < LONGEST_PAUSE:
        turn.state.metadata_attempts += 1


def pause_refused(turn: Turn) -> None:
    """Wait before the next look, longer each time."""
    jitter = cast("MetadataRefused", turn.event).jitter
    turn.set_timer(PAUSE, turn.now + pause_after(turn.state.metadata_attempts, jitter, LONGEST_PAUSE_REFUSED))


def pause_interrupted(turn: Turn) -> None:
    """Wait before the next look, as between transfers."""
    jitter = cast("MetadataInterrupted", turn.event).jitter
    turn.set_timer(PAUSE, turn.now + pause_after(turn.state.metadata_attempts, jitter))


METADATA = Region(
    "metadata",
    Metadata,
    Metadata.CURRENT,
    (
        Row(LookOrdered, Metadata.CURRENT, Metadata.DUE),
        Row(LookOrdered, Metadata.DUE, None, (paused,), (end_pause,)),
        Row(LookOrdered, Metadata.CHECKING, None, (), (look_again,)),
        Row(TimerFired, Metadata.CURRENT, Metadata.DUE, (to_be_confirmed,)),
        Row(IgnitionTurnedOn, Metadata.CURRENT, Metadata.DUE, (refused_last,), (begin_anew,)),
        Row(IgnitionTurnedOn, (Metadata.DUE, Metadata.CHECKING), None, (), (begin_anew,)),
        Row(MetadataCheckAllowed, Metadata.DUE, Metadata.CHECKING, (), (look,)),
        Row(MetadataCheckBlocked, Metadata.CHECKING, Metadata.DUE, (), (stop,)),
        Row(MetadataCheckBlocked, Metadata.DUE, None, (waits_for_this_link,), (end_pause,)),
        Row(MetadataAccepted, Metadata.CHECKING, Metadata.DUE, (told_again,), (meter, keep_trust, keep_answer)),
        Row(MetadataAccepted, Metadata.CHECKING, Metadata.CURRENT, (), (meter, keep_trust, keep_answer)),
        Row(
            MetadataRefused,
            Metadata.CHECKING,
            Metadata.DUE,
            (told_again,),
            (meter, keep_trust, keep_refusal, count_refused),
        ),
        Row(
            MetadataRefused,
            Metadata.CHECKING,
            Metadata.DUE,
            (may_mend,),
            (meter, keep_trust, keep_refusal, pause_refused, count_refused),
        ),
        Row(MetadataRefused, Metadata.CHECKING, Metadata.CURRENT, (), (meter, keep_trust, keep_refusal)),
        Row(MetadataInterrupted, Metadata.CHECKING, Metadata.DUE, (told_again,), (meter, count_interrupted)),
        Row(MetadataInterrupted, Metadata.CHECKING, Metadata.DUE, (), (meter, pause_interrupted, count_interrupted)),
        Row(PcmStarted, Metadata.CHECKING, Metadata.DUE),
    ),
    field="metadata",
    otherwise={
        LookOrdered: "it looks as soon as there is data",
        TimerFired: "another timer, or it is to look already; that the pause is over, the rules see",
        IgnitionTurnedOn: "nothing that was said last was refused",
        **dict.fromkeys((MetadataCheckAllowed, MetadataCheckBlocked), "the rules raise this only where it matters"),
        **dict.fromkeys((MetadataAccepted, MetadataRefused, MetadataInterrupted), "late: nobody is looking any more"),
        PcmStarted: "no look was under way",
    },
)
