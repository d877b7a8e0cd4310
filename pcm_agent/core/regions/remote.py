"""Remote access: who may open it, what closes it, and the commands that come through it (REM-01, REM-02, PRV-01)."""

from typing import cast

from pcm_agent.core.effects import Operate
from pcm_agent.core.events import (
    FactoryResetConfirmed,
    LinkConfirmed,
    PrivateModeDisabled,
    PrivateModeEnabled,
    RemoteAccessAllowed,
    RemoteAccessWithdrawn,
    RemoteCommanded,
    SecurityCodeReset,
    UserUnlinked,
)
from pcm_agent.core.region import Region, Row, Turn, refuse, show
from pcm_agent.core.rules.remote import code_demanded, objections
from pcm_agent.core.states import Account, PrivateMode, Remote
from pcm_agent.protocol.people import Role


def on_with_link(turn: Turn) -> bool:
    """The car has no switch for remote access: the main user's link opens it."""
    return not turn.car.profile.remote.allowed_in_pcm


def not_main_user(turn: Turn) -> bool:
    """Whoever uses the car is not its main user."""
    state = turn.state
    return state.porsche_id is None or state.users[state.porsche_id].role is not Role.MAIN


def code_not_proven(turn: Turn) -> bool:
    """The country demands a security code, and the login was made without one."""
    return code_demanded(turn) and not turn.state.users[str(turn.state.porsche_id)].secured


def private(turn: Turn) -> bool:
    """Private mode is on."""
    return turn.state.private_mode is PrivateMode.ON


def unproven(turn: Turn) -> bool:
    """The main user logs in without the security code that remote access needs here (IDN-07)."""
    event = cast("LinkConfirmed", turn.event)
    answer = event.request_id == turn.state.link_request and event.role is Role.MAIN
    return answer and code_demanded(turn) and not event.secured


def opened_by_link(turn: Turn) -> bool:
    """The main user is being linked, which opens remote access in a car without a switch for it."""
    event = cast("LinkConfirmed", turn.event)
    return (
        on_with_link(turn)
        and turn.state.account is not Account.LINKED
        and event.request_id == turn.state.link_request
        and event.role is Role.MAIN
        and (event.secured or not code_demanded(turn))
    )


def main_users(turn: Turn) -> bool:
    """It is about the main user."""
    return cast("UserUnlinked | SecurityCodeReset", turn.event).role is Role.MAIN


def objected(turn: Turn) -> bool:
    """Something stands against the command."""
    return bool(objections(turn))


def refuse_command(turn: Turn) -> None:
    """Refuse with the first of what stands against it, and name all of it."""
    found = objections(turn)
    turn.refuse(found[0].code, found[0].requirement, tuple([condition.code for condition in found]))


def operate(turn: Turn) -> None:
    """Have it done."""
    turn.add(Operate(cast("RemoteCommanded", turn.event).command.action))


ANY = tuple(Remote)
OPEN = (Remote.ALLOWED, Remote.SUSPENDED)
REMOTE = Region(
    "remote",
    Remote,
    Remote.OFF,
    (
        Row(RemoteAccessAllowed, ANY, None, (on_with_link,), (refuse("no-such-setting", "REM-01"),)),
        Row(RemoteAccessAllowed, ANY, None, (not_main_user,), (refuse("not-main-user", "REM-01"),)),
        Row(RemoteAccessAllowed, ANY, None, (code_not_proven,), (refuse("security-code-not-entered", "IDN-07"),)),
        Row(RemoteAccessAllowed, ANY, None, (private,), (refuse("private-mode-on", "PRV-01"),)),
        Row(RemoteAccessAllowed, Remote.OFF, Remote.ALLOWED, (), (show("remote-access-on"),)),
        Row(RemoteAccessWithdrawn, ANY, None, (on_with_link,), (refuse("no-such-setting", "REM-01"),)),
        Row(RemoteAccessWithdrawn, ANY, None, (not_main_user,), (refuse("not-main-user", "REM-01"),)),
        Row(RemoteAccessWithdrawn, OPEN, Remote.OFF, (), (show("remote-access-off"),)),
        Row(LinkConfirmed, Remote.OFF, Remote.SUSPENDED, (opened_by_link, private)),
        Row(LinkConfirmed, Remote.OFF, Remote.ALLOWED, (opened_by_link,)),
        Row(LinkConfirmed, OPEN, Remote.OFF, (unproven,), (show("remote-access-off"),)),
        Row(PrivateModeEnabled, Remote.ALLOWED, Remote.SUSPENDED),
        Row(PrivateModeDisabled, Remote.SUSPENDED, Remote.ALLOWED),
        Row(FactoryResetConfirmed, OPEN, Remote.OFF),
        Row(SecurityCodeReset, OPEN, Remote.OFF, (main_users,), (show("remote-access-off"),)),
        Row(UserUnlinked, OPEN, Remote.OFF, (main_users,)),
        Row(RemoteCommanded, ANY, None, (objected,), (refuse_command,)),
        Row(RemoteCommanded, ANY, None, (), (operate,)),
    ),
    field="remote",
    otherwise={
        RemoteAccessAllowed: "it is allowed already",
        RemoteAccessWithdrawn: "it is off already",
        LinkConfirmed: "remote access is open, or this link does not open it",
        PrivateModeEnabled: "there is nothing to suspend",
        PrivateModeDisabled: "nothing was suspended",
        FactoryResetConfirmed: "it is off already",
        SecurityCodeReset: "it is off, or the code is another user's",
        UserUnlinked: "it is off, or the user is another one",
    },
)
