"""After a look that came to nothing the car pauses, ever longer, and what ends the pause."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.messages import Look
from pcm_agent.trust.refusals import REFUSALS
from tests.pcm_agent.core.looking import ACCEPTED, DATA, looking, looks

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

RETRIED = [code for code, refusal in REFUSALS.items() if refusal.retried]
FINAL = [code for code, refusal in REFUSALS.items() if not refusal.retried]
REFUSED, INTERRUPTED = 4 * 3600, 5 * 60
"""Seconds of the longest pauses."""
PAUSES = (*(2**n for n in range(14)), REFUSED, REFUSED)
PAUSES_OF_LINK = (*(2**n for n in range(9)), INTERRUPTED, INTERRUPTED, INTERRUPTED)


@pytest.mark.parametrize("code", RETRIED)
def test_what_may_mend_itself_is_tried_again_after_a_growing_pause(taycan: "Driver", code: str) -> None:
    looking(taycan)
    check_pauses(taycan, on.MetadataRefused(code), PAUSES)


def test_what_could_not_be_read_is_tried_again_after_a_growing_pause(taycan: "Driver") -> None:
    looking(taycan)
    check_pauses(taycan, on.MetadataInterrupted("connection-lost"), PAUSES_OF_LINK)
    assert taycan.state.metadata_refused is None, "it says nothing about the repositories"


def check_pauses(car: "Driver", failure: on.Event, pauses: tuple[int, ...]) -> None:
    for seconds in pauses:
        car.feed(failure)
        assert car.at("metadata") is Metadata.DUE
        assert car.state.timers["look"] == car.now + timedelta(seconds=seconds)
        car.wait(seconds=seconds - 0.001)
        assert looks(car) == 0
        car.wait(seconds=0.001)
        assert looks(car) == 1
    car.feed(ACCEPTED, on.LookOrdered(), failure)
    assert car.state.timers["look"] == car.now + timedelta(seconds=1), "a look that succeeds ends the growth"


@pytest.mark.parametrize("attempts", [0, 13, 14, 1_000])
@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_cars_that_lost_one_server_do_not_come_back_together(taycan: "Driver", attempts: int, jitter: float) -> None:
    refusal, interruption = on.MetadataRefused("metadata-missing", jitter=jitter), on.MetadataInterrupted("x", jitter)
    for failure, longest in ((refusal, REFUSED), (interruption, INTERRUPTED)):
        looking(taycan)
        taycan.state.metadata_attempts = attempts
        taycan.reload()
        taycan.feed(failure)
        pause = min(2 ** min(attempts, 15), longest)
        assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=pause * (1 + jitter / 2))
        taycan.feed(on.IgnitionTurnedOn(), ACCEPTED)


@pytest.mark.parametrize("code", FINAL)
def test_what_needs_somebodys_help_waits_for_the_next_look(taycan: "Driver", code: str) -> None:
    taycan.speak_seldom()
    looking(taycan)
    taycan.feed(on.MetadataRefused(code, jitter=1.0))
    assert taycan.at("metadata") is Metadata.CURRENT
    assert "look" not in taycan.state.timers
    taycan.wait(days=30)
    assert looks(taycan) == 0
    taycan.feed(on.LookOrdered())
    assert looks(taycan) == 1


@pytest.mark.requirement("CON-29")
def test_what_is_refused_for_a_day_is_fetched_a_score_of_times_and_not_hundreds(taycan: "Driver") -> None:
    taycan.speak_seldom()
    looking(taycan)
    tries, end = 1, taycan.now + timedelta(days=1)
    taycan.feed(on.MetadataRefused("metadata-missing"))
    while taycan.now < end:
        taycan.wait(seconds=(taycan.state.timers["look"] - taycan.now).total_seconds())
        tries += looks(taycan)
        taycan.feed(on.MetadataRefused("metadata-missing"))
    assert tries == 20


@pytest.mark.parametrize(
    ("failure", "pauses"),
    [
        (on.MetadataRefused("metadata-missing"), PAUSES),
        (on.MetadataInterrupted("connection-lost"), PAUSES_OF_LINK),
    ],
)
def test_a_look_that_is_ordered_within_the_pause_is_done_at_once_and_the_pause_grows_on(
    taycan: "Driver", failure: on.Event, pauses: tuple[int, ...]
) -> None:
    looking(taycan)
    for seconds in pauses:
        taycan.feed(failure)
        assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=seconds)
        assert taycan.command(Look()).stage == "done"
        assert taycan.of(do.CancelTimer) == [do.CancelTimer("look")]
        assert looks(taycan) == 1


def test_a_look_that_is_ordered_within_the_pause_and_without_data_waits_for_data_only(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(on.MetadataInterrupted("connection-lost"), on.CellChanged("JP", None), on.LookOrdered())
    assert looks(taycan) == 0
    taycan.feed(*DATA)
    assert looks(taycan) == 1


def test_the_pause_ends_without_data_and_the_car_looks_once_there_is_some(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(on.MetadataRefused("metadata-missing"), on.CellChanged("JP", None))
    taycan.wait(minutes=10)
    assert looks(taycan) == 0
    taycan.feed(*DATA)
    assert looks(taycan) == 1


def test_data_that_comes_back_does_not_end_the_pause_after_a_refusal_nor_does_a_restart(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(on.MetadataInterrupted("connection-lost"))
    taycan.wait(seconds=1)
    for _ in range(9):
        taycan.feed(on.MetadataRefused("metadata-missing"))
        taycan.wait(minutes=9)
    taycan.feed(on.MetadataRefused("metadata-missing"), on.CellChanged("JP", None), *DATA)
    assert looks(taycan) == 0
    taycan.restart()
    taycan.feed(*DATA)
    assert (taycan.at("metadata"), looks(taycan)) == (Metadata.DUE, 0)


def test_over_another_link_than_the_one_that_broke_off_the_car_looks_at_once(taycan: "Driver") -> None:
    looking(taycan)
    for seconds in (1, 2, 4):
        taycan.feed(on.MetadataInterrupted("connection-lost"))
        assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=seconds), "the pause grows on"
        taycan.feed(on.CellChanged("JP", None))
        assert taycan.of(do.CancelTimer)[0] == do.CancelTimer("look")
        assert (taycan.at("metadata"), looks(taycan)) == (Metadata.DUE, 0)
        taycan.feed(*DATA)
        assert looks(taycan) == 1


def test_a_link_that_was_bad_for_long_makes_no_refusal_wait_for_hours(taycan: "Driver") -> None:
    looking(taycan)
    for _ in range(40):
        taycan.feed(on.MetadataInterrupted("connection-lost"), on.LookOrdered())
    taycan.feed(on.MetadataRefused("metadata-missing"))
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=512)
    taycan.wait(seconds=512)
    taycan.feed(on.MetadataInterrupted("connection-lost"), on.LookOrdered(), on.MetadataRefused("metadata-missing"))
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=1024)


@pytest.mark.requirement("FOD-16")
def test_the_power_button_ends_the_pause_and_its_growth(taycan: "Driver") -> None:
    looking(taycan)
    for _ in range(6):
        taycan.feed(on.MetadataInterrupted("connection-lost"))
        taycan.wait(minutes=5)
    taycan.feed(on.IgnitionTurnedOff(), on.MetadataInterrupted("connection-lost"))
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.of(do.CancelTimer) == [do.CancelTimer("look")]
    assert looks(taycan) == 1
    taycan.feed(on.MetadataInterrupted("connection-lost"))
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=1)


def test_where_no_look_came_to_nothing_the_power_button_changes_nothing(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(ACCEPTED, on.IgnitionTurnedOff())
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.steps("metadata") == []


@pytest.mark.requirement("FOD-16")
def test_the_power_button_ends_the_growth_of_the_pause_also_after_what_needs_somebodys_help(taycan: "Driver") -> None:
    looking(taycan)
    taycan.state.metadata_attempts = 20
    taycan.reload()
    taycan.feed(on.MetadataRefused("metadata-signature"), on.IgnitionTurnedOn(), on.MetadataInterrupted("lost"))
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=1)


@pytest.mark.requirement("FOD-16")
@pytest.mark.parametrize("data", [True, False])
def test_the_power_button_ends_the_growth_of_the_pause_also_before_and_while_it_looks(
    taycan: "Driver", *, data: bool
) -> None:
    looking(taycan)
    taycan.state.metadata_attempts = 20
    taycan.reload()
    taycan.feed(*([] if data else [on.CellChanged("JP", None)]), on.IgnitionTurnedOff())
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.at("metadata") is (Metadata.CHECKING if data else Metadata.DUE)
    assert taycan.of(do.StopMetadataCheck) == [], "the look that is under way goes on"
    taycan.feed(*([] if data else DATA), on.MetadataInterrupted("connection-lost"))
    assert taycan.state.timers["look"] == taycan.now + timedelta(seconds=1)
