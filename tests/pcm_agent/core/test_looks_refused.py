"""An answer that the car does not believe is told once and changes nothing that it believed before."""

from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.protocol.messages import PackageState, RefusalReported
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.refusals import REFUSALS
from tests.pcm_agent.core.conftest import FAR, FOD, found, refused
from tests.pcm_agent.core.looking import ACCEPTED, FLOORS, ROOTS, looking, trust

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


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
