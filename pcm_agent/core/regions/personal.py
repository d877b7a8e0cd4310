"""Personal settings: whose they are, where they go, when they are forgotten (IDN-10, IDN-12)."""

from typing import cast

from firmware_profiles import Linking
from pcm_agent.core.effects import Publish
from pcm_agent.core.events import (
    FactoryResetConfirmed,
    IgnitionTurnedOff,
    LinkConfirmed,
    LoggedOut,
    PcmStarted,
    PersonalNewsDue,
    SettingChanged,
    SettingsReceived,
)
from pcm_agent.core.region import Region, Row, Turn, refuse
from pcm_agent.core.state import VehicleState
from pcm_agent.core.states import Personal
from pcm_agent.protocol.people import SettingsReported, UserLeft


def settings_in_use(state: VehicleState) -> dict[str, str]:
    """The settings of whoever uses the car."""
    return state.shared_settings if state.porsche_id is None else state.users[state.porsche_id].settings


def somebodys(turn: Turn) -> bool:
    """Somebody uses the car who is logged in."""
    return turn.state.porsche_id is not None


def somebody_logs_out(turn: Turn) -> bool:
    """Somebody uses the car, who logged in here and so may log out."""
    return somebodys(turn) and turn.car.profile.account.linking is Linking.PORSCHE_ID


def anybody_known(turn: Turn) -> bool:
    """Somebody is logged in, whoever uses the car."""
    return bool(turn.state.users)


def guests_drive_ends(turn: Turn) -> bool:
    """A guest's settings last no longer than the drive."""
    return turn.car.profile.account.guest_mode and bool(turn.state.shared_settings)


def known_user(turn: Turn) -> bool:
    """The settings are those of somebody who is logged in."""
    return cast("SettingsReceived", turn.event).porsche_id in turn.state.users


def links_nobody(turn: Turn) -> bool:
    """The backend has linked somebody by a request of this car that was given up, and who is no user of it."""
    event, state = cast("LinkConfirmed", turn.event), turn.state
    return event.request_id in state.lost_requests and event.porsche_id not in state.users


def keep_setting(turn: Turn) -> None:
    """The setting holds from now on."""
    event = cast("SettingChanged", turn.event)
    settings_in_use(turn.state)[event.name] = event.value
    if turn.state.porsche_id is not None:
        turn.state.users[turn.state.porsche_id].untold = True


def take_settings(turn: Turn) -> None:
    """The backend's settings hold; what was changed here and not told yet is newer."""
    event = cast("SettingsReceived", turn.event)
    user = turn.state.users[event.porsche_id]
    user.settings = {**event.settings, **user.settings} if user.untold else dict(event.settings)


def forget_guest(turn: Turn) -> None:
    """Nothing of a guest is kept."""
    turn.state.shared_settings = {}


def note_departure(turn: Turn) -> None:
    """The backend is to know who logged out."""
    turn.state.departed.append(str(turn.state.porsche_id))


def note_stranger(turn: Turn) -> None:
    """The backend is to know that the link has come to nothing."""
    event = cast("LinkConfirmed", turn.event)
    lost = turn.state.lost_requests
    del lost[event.request_id]
    lost[event.request_id] = event.porsche_id  # now the newest, and the last to be forgotten


def note_departures(turn: Turn) -> None:
    """The backend is to know that nobody is logged in any more."""
    turn.state.departed += turn.state.users


def tell(turn: Turn) -> None:
    """Tell all that was not told yet."""
    for porsche_id in turn.state.departed:
        turn.add(Publish(UserLeft(porsche_id=porsche_id)))
    turn.state.departed = []
    _tell_of_strangers(turn)
    for porsche_id, user in turn.state.users.items():
        if user.untold:
            turn.add(Publish(SettingsReported(porsche_id=porsche_id, settings=dict(user.settings))))
            user.untold = False


def _tell_of_strangers(turn: Turn) -> None:
    """Tell which links have come to nothing, each once; a newer link of the same person stands."""
    lost = turn.state.lost_requests
    for request_id, porsche_id in lost.items():
        if porsche_id is not None:
            turn.add(Publish(UserLeft(porsche_id=porsche_id, request_id=request_id)))
    turn.state.lost_requests = {request_id: None for request_id, porsche_id in lost.items() if porsche_id is None}


ANY = tuple(Personal)
PERSONAL = Region(
    "personal",
    Personal,
    Personal.TOLD,
    (
        Row(SettingChanged, ANY, Personal.UNTOLD, (somebodys,), (keep_setting,)),
        Row(SettingChanged, ANY, None, (), (keep_setting,)),
        Row(SettingsReceived, ANY, None, (known_user,), (take_settings,)),
        Row(SettingsReceived, ANY, None, (), (refuse("user-unknown", "IDN-12"),)),
        Row(IgnitionTurnedOff, ANY, None, (guests_drive_ends,), (forget_guest,)),
        Row(PcmStarted, ANY, None, (guests_drive_ends,), (forget_guest,)),
        Row(LoggedOut, ANY, Personal.UNTOLD, (somebody_logs_out,), (note_departure,)),
        Row(FactoryResetConfirmed, ANY, Personal.UNTOLD, (anybody_known,), (note_departures,)),
        Row(LinkConfirmed, ANY, Personal.UNTOLD, (links_nobody,), (note_stranger,)),
        Row(PersonalNewsDue, Personal.UNTOLD, Personal.TOLD, (), (tell,)),
    ),
    field="personal",
    otherwise={
        IgnitionTurnedOff: "no guest has changed anything",
        PcmStarted: "no guest has changed anything",
        LinkConfirmed: "the driver asks for it, the car has never asked for it, or it is a user already",
        LoggedOut: "nobody is logged in, or the car has no such setting",
        FactoryResetConfirmed: "nobody is logged in",
        PersonalNewsDue: "the rules raise this only where something is to be told",
    },
)
