"""When the car looks at the repositories, and what it makes of an answer that it does not believe."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import Use
from pcm_agent.core.states import Access, Metadata, PrivateMode, Purpose
from pcm_agent.protocol.messages import Look, PackageState, RefusalReported
from pcm_agent.trust.floors import Floor, Floors
from pcm_agent.trust.metadata import TrustedRoots
from pcm_agent.trust.refusals import REFUSALS
from tests.pcm_agent.core.conftest import FAR, FOD, found, refused

if TYPE_CHECKING:
    from pcm_agent.core.state import VehicleState
    from tests.pcm_agent.core.conftest import Driver

RETRIED = [code for code, refusal in REFUSALS.items() if refusal.retried]
FINAL = [code for code, refusal in REFUSALS.items() if not refusal.retried]
FLOORS = Floors({"director/root": Floor(3, "keys")})
ROOTS = TrustedRoots(b"director", b"image")
DATA = (on.CellChanged("JP", Access.LTE), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
REFUSED, INTERRUPTED = 4 * 3600, 5 * 60
"""Seconds of the longest pauses."""
PAUSES = (*(2**n for n in range(14)), REFUSED, REFUSED)
PAUSES_OF_LINK = (*(2**n for n in range(9)), INTERRUPTED, INTERRUPTED, INTERRUPTED)
ACCEPTED = on.MetadataAccepted((), FLOORS, FAR)


def looks(car: "Driver") -> int:
    """How often the last events had the car look."""
    return len(car.of(do.CheckMetadata))


def looking(car: "Driver") -> None:
    car.go_online()
    car.feed(on.LookOrdered())
    assert car.at("metadata") is Metadata.CHECKING


def trust(state: "VehicleState") -> tuple[object, ...]:
    """All that decides what the car will believe, and what it makes of what it believed."""
    return state.floors, state.roots, state.counters, state.installed, state.jobs


# --- told to look ---


@pytest.mark.requirement("FOD-02")
def test_a_car_that_is_told_to_look_looks_at_once(taycan: "Driver") -> None:
    taycan.go_online()
    assert taycan.command(Look()).stage == "done"
    assert taycan.steps("metadata") == ["due", "checking"]
    assert taycan.of(do.CheckMetadata) == [do.CheckMetadata()]


@pytest.mark.requirement("FOD-02")
def test_told_to_look_without_data_it_waits_for_data(taycan: "Driver") -> None:
    assert taycan.command(Look()).stage == "done"
    assert (taycan.at("metadata"), looks(taycan)) == (Metadata.DUE, 0)
    taycan.restart()
    assert (taycan.at("metadata"), looks(taycan)) == (Metadata.DUE, 0)
    taycan.go_online()
    assert (taycan.at("metadata"), looks(taycan)) == (Metadata.CHECKING, 1)


def test_told_twice_without_data_it_looks_once(taycan: "Driver") -> None:
    taycan.feed(on.LookOrdered())
    assert taycan.feed(on.LookOrdered()) == []
    taycan.go_online()
    assert looks(taycan) == 1


@pytest.mark.parametrize(
    ("end", "vain"),
    [
        (on.MetadataAccepted((), Floors(), FAR), 0),
        (on.MetadataRefused("metadata-signature"), 6),
        (on.MetadataRefused("metadata-missing"), 6),
        (on.MetadataInterrupted("transfer-interrupted"), 6),
    ],
)
def test_however_often_it_is_told_while_it_looks_the_look_goes_on_and_one_more_follows(
    taycan: "Driver", end: on.Event, vain: int
) -> None:
    looking(taycan)
    taycan.state.metadata_attempts = 5
    taycan.reload()
    for _ in range(3):
        assert taycan.command(Look()).stage == "done"
        assert not [it for it in taycan.last if isinstance(it, do.CheckMetadata | do.StopMetadataCheck)]
    taycan.feed(end)
    assert "look" not in taycan.state.timers, "the one who told it is not kept waiting"
    assert (looks(taycan), taycan.at("metadata"), taycan.state.metadata_attempts) == (1, Metadata.CHECKING, vain)
    taycan.feed(on.MetadataAccepted((), Floors(), FAR))
    assert taycan.at("metadata") is Metadata.CURRENT, "once more, and no oftener"


def test_without_data_it_stops_and_looks_again_once_there_is_data(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(on.CellChanged("JP", None))
    assert taycan.of(do.StopMetadataCheck) == [do.StopMetadataCheck()]
    assert taycan.at("metadata") is Metadata.DUE
    taycan.feed(*DATA)
    assert (taycan.at("metadata"), looks(taycan)) == (Metadata.CHECKING, 1)


def test_a_restart_within_a_check_has_it_look_again(taycan: "Driver") -> None:
    looking(taycan)
    taycan.restart()
    assert taycan.at("metadata") is Metadata.DUE
    assert taycan.of(do.StopMetadataCheck) == [], "nobody was left to be stopped"
    taycan.go_online()
    assert looks(taycan) == 1


@pytest.mark.requirement("PRV-02")
def test_private_mode_keeps_nobody_from_looking(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PrivateModeEnabled())
    taycan.take(taycan.offer())
    assert taycan.at("private_mode") is PrivateMode.ON
    assert taycan.of(do.ReportInstalled)
    assert taycan.job().blocked_by == ("private-mode",)


@pytest.mark.parametrize(
    "late",
    [
        on.MetadataAccepted((), FLOORS, FAR, ROOTS),
        on.MetadataRefused("metadata-missing", FLOORS, ROOTS),
        on.MetadataRefused("metadata-signature", FLOORS, ROOTS),
        on.MetadataInterrupted("connection-lost"),
    ],
    ids=["accepted", "refused", "refused for good", "interrupted"],
)
@pytest.mark.parametrize("state", [Metadata.CURRENT, Metadata.DUE])
def test_an_answer_that_nobody_waits_for_is_nothing(taycan: "Driver", state: Metadata, late: on.Event) -> None:
    taycan.go_online()
    taycan.take(taycan.offer())
    taycan.feed(on.CellChanged("JP", None))
    taycan.state.metadata = state
    taycan.reload()
    before = trust(taycan.twin().state)
    assert taycan.feed(late) == []
    assert trust(taycan.state) == before


# --- believed ---


@pytest.mark.requirement("FOD-04")
def test_what_is_believed_is_kept_and_the_director_told(taycan: "Driver") -> None:
    looking(taycan)
    taycan.feed(on.MetadataAccepted((), FLOORS, FAR, ROOTS))
    assert taycan.at("metadata") is Metadata.CURRENT
    assert (taycan.state.floors, taycan.state.roots) == (FLOORS, ROOTS)
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled(1)]
    looking(taycan)
    taycan.feed(ACCEPTED)
    assert taycan.state.roots is None, "the car was given newer ones than it had seen"
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled(2)]


# --- what it takes ---


@pytest.mark.requirement("CON-29")
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        on.MetadataAccepted((), FLOORS, FAR, fetched=700),
        on.MetadataRefused("metadata-missing", fetched=700),
        on.MetadataRefused("metadata-signature", fetched=700),
        on.MetadataInterrupted("connection-lost", fetched=700),
    ],
    ids=["accepted", "refused", "refused for good", "interrupted"],
)
def test_what_a_look_fetched_is_counted_whatever_came_of_it(
    cayenne: "Driver", answer: on.Event, *, again: bool
) -> None:
    looking(cayenne)
    cayenne.feed(*([on.LookOrdered()] if again else []), answer)
    assert cayenne.state.usage == [Use(Purpose.METADATA, Way.EMBEDDED_SIM, charged=False, bytes=700)]
    cayenne.feed(on.LookOrdered(), answer)
    assert cayenne.state.usage[0].bytes == 1400
    cayenne.feed(on.CellChanged("DE", None), answer)
    assert cayenne.state.usage[0].bytes == 1400, "nobody waits for this answer"


# --- not believed ---


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_shown_and_told_once_while_it_is_the_same(taycan: "Driver", code: str) -> None:
    another = "metadata-oversized" if code != "metadata-oversized" else "metadata-malformed"
    looking(taycan)
    taycan.feed(on.MetadataRefused(code))
    assert (taycan.shown(), len(taycan.of(do.ReportInstalled))) == ([f"refused-{code}"], 1)
    assert taycan.state.metadata_refused == code
    for event in (on.MetadataRefused(code), on.MetadataInterrupted("connection-lost"), on.MetadataRefused(code)):
        taycan.feed(on.IgnitionTurnedOn(), on.LookOrdered())
        taycan.feed(event)
        assert (taycan.shown(), taycan.of(do.ReportInstalled)) == ([], [])
    for event in (on.MetadataRefused(another), on.MetadataRefused(code)):
        taycan.feed(on.IgnitionTurnedOn(), on.LookOrdered())
        taycan.feed(event)
        assert (taycan.shown(), len(taycan.of(do.ReportInstalled))) == ([f"refused-{event.code}"], 1)
    taycan.feed(on.IgnitionTurnedOn(), on.LookOrdered(), ACCEPTED)
    assert not taycan.state.metadata_refused
    taycan.feed(on.LookOrdered(), on.MetadataRefused(code))
    assert taycan.shown() == [f"refused-{code}"]


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


# --- a refusal changes nothing ---


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize("code", REFUSALS)
def test_no_refusal_poisons_the_next_look(taycan: "Driver", code: str) -> None:
    """Whatever was believed before still holds, and an honest answer is taken as if nothing had been."""
    taycan.activate("active")
    taycan.go_online()
    taycan.order(taycan.offer(), taycan.offer("asked", consent="ask"))
    honest = found(*taycan.listed.values(), taycan.offer("next"))
    before, beginning = trust(taycan.twin().state), taycan.vehicle.snapshot()
    taycan.look(refused(code))
    assert trust(taycan.state) == before
    assert taycan.said() == [RefusalReported(event="MetadataRefused", code=code, requirement="FOD-04")]
    taycan.feed(on.IgnitionTurnedOn())
    taycan.feed(*honest)
    after = trust(taycan.twin().state)
    taycan.vehicle = type(taycan.vehicle).restore(beginning, taycan.profile, taycan.market)
    taycan.feed(*honest)
    assert trust(taycan.state) == after
    assert taycan.job("next").state is PackageState.PAUSED


def test_a_refusal_of_what_is_authentic_keeps_the_versions_and_the_roots(taycan: "Driver") -> None:
    """Nobody may show older ones again, whatever is thought of the images."""
    for code in ("image-mismatch", "metadata-missing"):
        looking(taycan)
        taycan.feed(on.MetadataRefused(code, FLOORS, ROOTS))
        assert (taycan.state.floors, taycan.state.roots) == (FLOORS, ROOTS)
        taycan.feed(on.IgnitionTurnedOn(), on.LookOrdered(), on.MetadataRefused("metadata-signature"))
        assert (taycan.state.floors, taycan.state.roots) == (FLOORS, ROOTS)
        looking(taycan)
        taycan.feed(on.MetadataAccepted((), Floors(), FAR))


@pytest.mark.requirement("FOD-02")
def test_a_download_goes_on_beside_a_look_that_fails(taycan: "Driver") -> None:
    taycan.download()
    for event in (on.MetadataRefused("metadata-missing"), on.MetadataInterrupted("connection-lost")):
        taycan.feed(on.IgnitionTurnedOn(), on.LookOrdered(), event)
        assert taycan.of(do.StopDownload) == []
    taycan.feed(on.DownloadCompleted(FOD))
    assert taycan.job().state is PackageState.WAITING
