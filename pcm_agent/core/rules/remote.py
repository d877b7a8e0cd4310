"""What must hold before a command from afar is carried out (REM-01, IDN-07 to IDN-13, PRV-01)."""

from typing import TYPE_CHECKING, cast

from firmware_profiles import Linking
from pcm_agent.core.region import Turn
from pcm_agent.core.rules.rule import Condition
from pcm_agent.core.rules.services import CAR_CONNECT
from pcm_agent.core.states import Account, Charging, Ignition, Remote, SelectorLever
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, Role

if TYPE_CHECKING:
    from pcm_agent.core.events import RemoteCommanded


def _command(turn: Turn) -> RemoteCommand:
    return cast("RemoteCommanded", turn.event).command


def _by_porsche_id(turn: Turn) -> bool:
    return turn.car.profile.account.linking is Linking.PORSCHE_ID


def code_demanded(turn: Turn) -> bool:
    """Whether remote services need a security code: by country, in cars that take the Porsche ID itself (IDN-07)."""
    return turn.car.market.security_code and _by_porsche_id(turn)


def _guest(turn: Turn) -> bool:
    return turn.car.profile.account.guest_mode and turn.state.account is not Account.LINKED


def _stands(turn: Turn) -> bool:
    return turn.state.ignition is Ignition.OFF or turn.state.selector_lever is SelectorLever.PARK


REMOTE = (
    Condition("remote-access-off", "REM-01", lambda turn: turn.state.remote is not Remote.OFF),
    Condition("private-mode", "PRV-01", lambda turn: turn.state.remote is not Remote.SUSPENDED),
    Condition("guest-mode", "IDN-10", lambda turn: not _guest(turn)),
    Condition("not-linked", "IDN-06", lambda turn: turn.state.account is Account.LINKED or _guest(turn)),
    Condition("not-a-user", "IDN-13", lambda turn: _command(turn).role is not Role.VISITOR),
    Condition(
        "main-user-only", "IDN-09", lambda turn: _command(turn).role is not Role.ADDITIONAL or _by_porsche_id(turn)
    ),
    Condition(
        "right-missing",
        "IDN-13",
        lambda turn: _command(turn).role is not Role.ADDITIONAL or _command(turn).granted or not _by_porsche_id(turn),
    ),
    Condition(
        "security-code-missing",
        "IDN-07",
        lambda turn: _command(turn).code_check != "missing" or not code_demanded(turn),
    ),
    Condition("security-code-wrong", "IDN-07", lambda turn: _command(turn).code_check != "wrong"),
    *CAR_CONNECT,
)
"""What must hold for every command."""

_STANDING = (Condition("car-driving", "REM-01", _stands),)
_ON_CABLE = (Condition("no-charging-cable", "REM-01", lambda turn: turn.state.charging is Charging.CONNECTED),)
REMOTE_ACTIONS: dict[RemoteAction, tuple[Condition, ...]] = {
    RemoteAction.LOCK: _STANDING,
    RemoteAction.UNLOCK: _STANDING,
    RemoteAction.CHARGE_START: _ON_CABLE,
    RemoteAction.CHARGE_STOP: _ON_CABLE,
}
"""What must hold for one action besides."""


def objections(turn: Turn) -> list[Condition]:
    """The conditions that stand against the turn's command, in the order of the tables."""
    tables = (*REMOTE, *REMOTE_ACTIONS.get(_command(turn).action, ()))
    return [condition for condition in tables if not condition.holds(turn)]
