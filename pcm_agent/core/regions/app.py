"""The app on a phone: whether it is connected to the car, for the PCM's functions that need it (IDN-18)."""

from typing import cast

from pcm_agent.core.events import AppConnected, AppConnectionOpened, AppDisconnected, PcmStarted
from pcm_agent.core.region import Region, Row, Turn, show
from pcm_agent.core.states import App


def keep_internet(turn: Turn) -> None:
    """Keep whether the phone has internet of its own."""
    turn.state.app_online = cast("AppConnected", turn.event).online


def forget_internet(turn: Turn) -> None:
    """A phone that is not there lends no internet."""
    turn.state.app_online = False


APP = Region(
    "app",
    App,
    App.DISCONNECTED,
    (
        Row(AppConnected, App.DISCONNECTED, App.CONNECTED, (), (keep_internet, show("app-connected"))),
        Row(AppConnected, App.CONNECTED, None, (), (keep_internet,)),
        Row(AppDisconnected, App.CONNECTED, App.DISCONNECTED, (), (forget_internet, show("app-disconnected"))),
        Row(PcmStarted, App.CONNECTED, App.DISCONNECTED, (), (forget_internet,)),
        Row(AppConnectionOpened, App.CONNECTED, None, (), (show("app-connected"),)),
        Row(AppConnectionOpened, App.DISCONNECTED, None, (), (show("app-disconnected"),)),
    ),
    field="app",
    otherwise=dict.fromkeys((AppDisconnected, PcmStarted), "it is so already"),
)
