from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import PrivateMode
from pcm_agent.protocol.messages import PackageState

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


def test_private_mode_goes_on_and_off(taycan: "Driver") -> None:
    assert taycan.feed(on.PrivateModeDisabled()) == []
    taycan.feed(on.PrivateModeEnabled())
    assert taycan.shown() == ["private-mode-on"]
    assert taycan.at("private_mode") is PrivateMode.ON
    assert taycan.feed(on.PrivateModeEnabled()) == []
    taycan.feed(on.PrivateModeDisabled())
    assert taycan.shown() == ["private-mode-off"]
    assert taycan.at("private_mode") is PrivateMode.OFF


@pytest.mark.requirement("PRV-02")
def test_private_mode_stops_a_download_and_its_end_resumes_it(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.PrivateModeEnabled())
    assert taycan.of(do.StopDownload) == [do.StopDownload("fod-1")]
    assert taycan.job().state is PackageState.PAUSED
    assert taycan.job().blocked_by == ("private-mode",)
    assert taycan.shown() == ["private-mode-on", "package-paused"]
    taycan.feed(on.PrivateModeDisabled())
    assert taycan.of(do.StartDownload) == [do.StartDownload("fod-1")]
    assert taycan.job().state is PackageState.DOWNLOADING


@pytest.mark.requirement("PRV-02")
def test_in_private_mode_no_download_begins(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PrivateModeEnabled())
    taycan.order(taycan.offer())
    assert taycan.of(do.StartDownload) == []
    assert taycan.job().blocked_by == ("private-mode",)
    taycan.restart()
    assert taycan.of(do.StartDownload) == []
    taycan.feed(on.BearerAttached(taycan.profile.data.ways[0], taycan.state.cell.access if taycan.state.cell else None))
    assert taycan.online()
    assert taycan.of(do.StartDownload) == []
