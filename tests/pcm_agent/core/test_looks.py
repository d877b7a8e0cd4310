"""When the car looks at the repositories, and what it keeps of an answer."""

from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.state import Use
from pcm_agent.core.states import Metadata, PrivateMode, Purpose
from pcm_agent.protocol.messages import Look
from pcm_agent.trust.floors import Floors
from tests.pcm_agent.core.conftest import FAR
from tests.pcm_agent.core.looking import ACCEPTED, DATA, FLOORS, ROOTS, looking, looks, trust

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


# --- when it looks ---


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


# --- what comes of it ---


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
