"""Moves of people: who is linked, who drives, and what they have done from afar."""

from datetime import timedelta
from random import Random

from firmware_profiles import Linking, Menu
from pcm_agent.core import events as on
from pcm_agent.protocol.messages import (
    ConfigureReporting,
    ConfirmLink,
    RefuseLink,
    ReportState,
)
from pcm_agent.protocol.people import ApplySettings, RemoteAction, RemoteCommand, ResetSecurityCode, Role, Unlink
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import CancelService, ProvideService
from tests.pcm_agent.core.lives.life import AYUMI, CODE, EVE, HIRO, KEYS, TASTES, Life
from tests.pcm_agent.core.lives.roads import drive_off, go_public, surroundings, tap

PASSWORD = Secret("a password")


def log_in(life: Life, dice: Random) -> None:
    """Somebody enters what this car takes, mostly, and the backend answers, mostly."""
    by_id = (life.car.profile.account.linking is Linking.PORSCHE_ID) is (dice.random() < 0.9)
    user = dice.choice((AYUMI, AYUMI, HIRO))
    typed = (user, "a password", "4711") if by_id else (CODE if dice.random() < 0.9 else "1",)
    if dice.random() < 0.7:
        tap(life, Menu.LINK_ACCOUNT, *typed)
    else:
        life.feed(on.PorscheIdEntered(user, PASSWORD) if by_id else on.PairingCodeEntered(Secret(typed[0])))
    answer_link(life, dice)


def answer_link(life: Life, dice: Random, *, role: Role = Role.MAIN) -> None:
    people = life.judge.people
    request = people.request if dice.random() < 0.9 else next(reversed(people.lost), "another")
    if request is None or dice.random() < 0.15:
        return
    if dice.random() < 0.15:
        life.command(RefuseLink(request_id=request, reason="security-code-wrong"))
        return
    role = dice.choice((role, role, *Role))
    user = dice.choice((AYUMI, HIRO) if role is Role.MAIN else (HIRO, EVE))
    life.command(ConfirmLink(request_id=request, porsche_id=user, role=role, secured=dice.random() < 0.8))


def own(life: Life, dice: Random) -> None:
    """The main user is linked, has a contract, allows remote access, and uses it."""
    people = life.judge.people
    go_public(life, dice)
    drive_off(life, dice)
    if people.driver is None:
        tap(life, Menu.LINK_ACCOUNT, *((AYUMI, "a password", "4711") if people.by_id else (CODE,)))
        if people.request is not None:
            life.command(ConfirmLink(request_id=people.request, porsche_id=AYUMI, secured=True))
    life.command(ProvideService(service="remote-access", until=life.car.now + timedelta(days=365)))
    if not people.remote:
        tap(life, Menu.REMOTE_ACCESS)
    command_from_afar(life, dice)


def serve(life: Life, dice: Random) -> None:
    until = life.car.now + timedelta(days=dice.choice((-1, 1, 30, 365)))
    service = dice.choice(("remote-access", "remote-access", "vodafone-car-connect", "real-time-traffic", "unheard-of"))
    cancelled = dice.random() < 0.1
    life.command(CancelService(service=service) if cancelled else ProvideService(service=service, until=until))


def command_from_afar(life: Life, dice: Random) -> None:
    """By whom, and with what right, is as the backend vouches."""
    user, role = dice.choice(((AYUMI, Role.MAIN),) * 3 + ((HIRO, Role.ADDITIONAL),) * 2 + ((EVE, Role.VISITOR),))
    command = RemoteCommand(
        action=dice.choice(tuple(RemoteAction)),
        porsche_id=user,
        role=role,
        granted=dice.random() < 0.6,
        code_check=dice.choice(("right", "right", "right", "missing", "wrong")),
    )
    life.command(command, expired=dice.random() < 0.05)
    surroundings(life, dice)


def repeat_a_command(life: Life, dice: Random) -> None:
    """A message that comes twice has the same id."""
    life.feed(dice.choice(life.commands[-100:]))


def other_command(life: Life, dice: Random) -> None:
    life.command(dice.choice((ReportState(), ConfigureReporting(heartbeat_seconds=dice.choice((43_200, 86_400))))))


def change_driver(life: Life, dice: Random) -> None:
    fate = dice.randrange(4)
    if fate == 0:
        tap(life, Menu.GUEST)
    else:
        life.feed(on.LoggedOut() if fate == 1 else on.KeyRecognised(dice.choice(KEYS)))
    if dice.random() < 0.5:
        command_from_afar(life, dice)
    elif dice.random() < 0.5:
        log_in(life, dice)


def leave_the_profile(life: Life, dice: Random) -> None:
    user, role = dice.choice(((AYUMI, Role.MAIN), (HIRO, Role.ADDITIONAL), (HIRO, Role.MAIN)))
    kind = dice.choice((Unlink, ResetSecurityCode))
    life.command(kind(porsche_id=user, role=role))


def change_settings(life: Life, dice: Random) -> None:
    if dice.random() < 0.7:
        life.feed(on.SettingChanged("weather", dice.choice(TASTES)))
    else:
        life.command(ApplySettings(porsche_id=dice.choice((AYUMI, HIRO)), settings={"weather": dice.choice(TASTES)}))
