"""Private mode for all services; what it blocks stands in the rules (PRV-02, CON-14)."""

from pcm_agent.core.events import FactoryResetConfirmed, PrivateModeDisabled, PrivateModeEnabled
from pcm_agent.core.region import Region, Row, show
from pcm_agent.core.states import PrivateMode

PRIVATE_MODE = Region(
    "private_mode",
    PrivateMode,
    PrivateMode.OFF,
    (
        Row(PrivateModeEnabled, PrivateMode.OFF, PrivateMode.ON, then=(show("private-mode-on"),)),
        Row(PrivateModeDisabled, PrivateMode.ON, PrivateMode.OFF, then=(show("private-mode-off"),)),
        Row(FactoryResetConfirmed, PrivateMode.ON, PrivateMode.OFF),
    ),
    field="private_mode",
    otherwise=dict.fromkeys((PrivateModeEnabled, PrivateModeDisabled, FactoryResetConfirmed), "it is so already"),
)
