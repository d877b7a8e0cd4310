"""Home or abroad, and whether data may be used there (CON-08, CON-10)."""

from firmware_profiles import RoamingControl
from pcm_agent.core.events import RoamingChanged, RoamingDisabled, RoamingEnabled
from pcm_agent.core.region import Guard, Region, Row, Turn, refuse, show
from pcm_agent.core.rules.data import over_embedded_sim, registration
from pcm_agent.core.states import Roaming


def automatic(turn: Turn) -> bool:
    """The car roams by itself and has no switch."""
    return turn.car.profile.data.roaming is RoamingControl.AUTOMATIC


def _is(wanted: Roaming) -> Guard:
    def registered(turn: Turn) -> bool:
        return registration(turn) is wanted

    registered.__name__ = f"registered {wanted}"
    return registered


def allow(turn: Turn) -> None:
    """Remember that the driver allows roaming."""
    turn.state.roaming_allowed = True


def forbid(turn: Turn) -> None:
    """Remember that the driver does not allow roaming."""
    turn.state.roaming_allowed = False


ANY = tuple(Roaming)
ROAMING = Region(
    "roaming",
    Roaming,
    Roaming.HOME,
    (
        Row(RoamingChanged, (Roaming.BARRED, Roaming.ROAMING), Roaming.HOME, (_is(Roaming.HOME),)),
        Row(
            RoamingChanged,
            (Roaming.HOME, Roaming.ROAMING),
            Roaming.BARRED,
            (_is(Roaming.BARRED),),
            (show("roaming-off-abroad"),),
        ),
        Row(RoamingChanged, (Roaming.HOME, Roaming.BARRED), Roaming.ROAMING, (_is(Roaming.ROAMING),)),
        Row(RoamingEnabled, ANY, None, (automatic,), (refuse("no-such-setting", "CON-10"),)),
        Row(RoamingEnabled, ANY, None, (over_embedded_sim,), (allow, show("roaming-free"))),
        Row(RoamingEnabled, ANY, None, (), (allow, show("roaming-costs"))),
        Row(RoamingDisabled, ANY, None, (automatic,), (refuse("no-such-setting", "CON-10"),)),
        Row(RoamingDisabled, ANY, None, (), (forbid,)),
    ),
    field="roaming",
    otherwise={RoamingChanged: "it is so already; the rules raise this only for another one"},
)
