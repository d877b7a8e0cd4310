"""Who is linked and with what right, who uses the car, and what may be done for them from afar."""

from datetime import datetime

from firmware_profiles import Linking, load_services
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.protocol.messages import Command, ConfirmLink, LoginRequested, PairingRequested, RefuseLink
from pcm_agent.protocol.people import (
    ApplySettings,
    RemoteAction,
    RemoteCommand,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.services import CancelService, ProvideService
from tests.pcm_agent.core.lives.laws import Law, hold
from tests.pcm_agent.core.lives.world import World

SERVICES = load_services()
DRIVEN = (RemoteAction.LOCK, RemoteAction.UNLOCK)
"""What is not done from afar while the car is driven."""
CHARGED = (RemoteAction.CHARGE_START, RemoteAction.CHARGE_STOP)
"""What needs the charging cable."""


class User:
    """Somebody who is linked."""

    def __init__(self) -> None:
        self.role, self.secured = Role.MAIN, False
        self.settings: dict[str, str] = {}
        self.untold = False


class People:
    """The people of one car."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.account = world.profile.account
        self.by_id = self.account.linking is Linking.PORSCHE_ID
        self.users: dict[str, User] = {}
        self.driver: str | None = None
        self.key: str | None = None
        self.keys: dict[str, str | None] = {}
        self.departed: list[str] = []
        self.request: str | None = None
        """The entry that may still be confirmed."""
        self.lost: dict[str, str | None] = {}
        """Entries before it that were never answered → whom the backend has linked by them and not been told of."""
        self.waiting = False
        """The car waits for the answer."""
        self.remote = False
        """Remote access was allowed; private mode only suspends it."""
        self.contracts: dict[str, datetime] = {}
        self.known_services: set[str] = set()

    # --- what happened in the car ---

    def learn(self, event: Event) -> None:
        """Keep who did what."""
        self._learn_of_users(event)
        match event:
            case on.SettingChanged(name, value) if self.driver is not None:
                self.users[self.driver].settings[name] = value
                self.users[self.driver].untold = True
            case on.RemoteAccessAllowed() if self.may_allow_remote():
                self.remote = True
            case on.RemoteAccessWithdrawn() if self._is_main_user():
                self.remote = False

    def _learn_of_users(self, event: Event) -> None:
        match event:
            case on.LoggedOut() if self.by_id and self.driver is not None:
                self.departed.append(self.driver)
                del self.users[self.driver]
                self._use(None)
            case on.GuestChosen() if self.account.guest_mode and self.driver is not None:
                self._use(None)
            case on.KeyRecognised(key) if self.account.key_memory:
                self._take_key(key)
            case on.TimerFired("link"):
                self.waiting = False
            case on.FactoryResetConfirmed():
                self.departed += self.users
                self.users, self.driver, self.key, self.keys = {}, None, None, {}
                self._lose_request()
                self.waiting = self.remote = False

    def _use(self, user: str | None) -> None:
        self.driver = user
        if self.key is not None:
            self.keys[self.key] = user

    def _take_key(self, key: str) -> None:
        """IDN-11; while an answer is awaited nobody is recalled."""
        self.key = key
        last = self.keys.setdefault(key, None)
        if self.waiting or (last is not None and last == self.driver):
            return
        self.driver = last if last in self.users else None
        if self.driver is not None:
            self._lose_request()

    def _lose_request(self) -> None:
        """An answer that comes later links nobody; a car keeps eight of these in mind."""
        if self.request is not None:
            self.lost = dict([*self.lost.items(), (self.request, None)][-8:])
        self.request = None

    def may_enter(self, event: Event) -> bool:
        """IDN-04, PRV-01: whether the entry of a pairing code or a Porsche ID is sent."""
        if isinstance(event, on.PairingCodeEntered):
            code = event.code.reveal()
            fits = not self.by_id and len(code) == 8 and code.isdigit()
        else:
            fits = isinstance(event, on.PorscheIdEntered) and self.by_id
        return fits and self.driver is None and not self.waiting and self.world.session and not self.world.private

    # --- remote access ---

    def code_demanded(self) -> bool:
        """IDN-07."""
        return self.world.market.security_code and self.by_id

    def _is_main_user(self) -> bool:
        has_switch = self.world.profile.remote.allowed_in_pcm
        return has_switch and self.driver is not None and self.users[self.driver].role is Role.MAIN

    def may_allow_remote(self) -> bool:
        """REM-01, IDN-07."""
        if not self._is_main_user() or self.world.private:
            return False
        return self.users[str(self.driver)].secured or not self.code_demanded()

    def may_operate(self, command: RemoteCommand, now: datetime) -> bool:
        """REM-01, REM-03, IDN-07, IDN-09, IDN-10, IDN-13, PRV-01, CON-07."""
        return (
            self.remote
            and not self.world.private
            and self.driver is not None
            and self._has_the_right(command)
            and self._is_under_contract(now)
            and (self.world.session or self.world.app_online)
            and (command.action not in DRIVEN or not self.world.on or self.world.park)
            and (command.action not in CHARGED or self.world.cable)
        )

    def _has_the_right(self, command: RemoteCommand) -> bool:
        additional = command.role is Role.ADDITIONAL and self.by_id and command.granted
        proven = command.code_check == "right" or (command.code_check == "missing" and not self.code_demanded())
        return (command.role is Role.MAIN or additional) and proven

    def _is_under_contract(self, now: datetime) -> bool:
        return any(
            until > now and SERVICES[service].remote and service not in self.world.market.services_unavailable
            for service, until in self.contracts.items()
        )

    # --- the backend's commands ---

    def obey(self, command: Command, now: datetime) -> bool | None:
        """Take a command in, and say whether it is to be done; None: it is not about people or services."""
        match command:
            case ConfirmLink():
                return self._confirmed(command)
            case RefuseLink() | Unlink() | ResetSecurityCode():
                self._noted(command)
                return True
            case ApplySettings():
                user = self.users.get(command.porsche_id)
                if user is not None:
                    user.settings = {**command.settings, **(user.settings if user.untold else {})}
                return user is not None
            case RemoteCommand():
                return self.may_operate(command, now)
            case ProvideService() | CancelService():
                return self._served(command, now)
        return None

    def _noted(self, command: RefuseLink | Unlink | ResetSecurityCode) -> None:
        """What is taken in whatever it finds (IDN-14, REM-02)."""
        if isinstance(command, RefuseLink):
            if self.waiting and command.request_id == self.request:
                self.request, self.waiting = None, False
            return
        self.remote = self.remote and command.role is not Role.MAIN
        if isinstance(command, Unlink):
            self._unlinked(command.porsche_id)
        elif command.porsche_id in self.users:
            self.users[command.porsche_id].secured = False

    def _confirmed(self, command: ConfirmLink) -> bool:
        """IDN-04, IDN-06; by which remote access may open or close (REM-01, IDN-07)."""
        proven = command.secured or not self.code_demanded()
        asked = self.request is not None and command.request_id == self.request
        if asked and command.role is Role.MAIN:
            opens = self.driver is None and not self.world.profile.remote.allowed_in_pcm
            self.remote = proven and (self.remote or opens)
        if self.driver is not None or not asked:
            if command.request_id in self.lost and command.porsche_id not in self.users:
                self.lost.pop(command.request_id)
                self.lost[command.request_id] = command.porsche_id
            return self.driver is not None and command.porsche_id == self.driver
        user = self.users.setdefault(command.porsche_id, User())
        user.role, user.secured = command.role, command.secured
        self.request, self.waiting = None, False  # answered for good: the same answer links nobody later
        self._use(command.porsche_id)
        return True

    def _unlinked(self, gone: str) -> None:
        """IDN-14."""
        self.driver = None if self.driver == gone else self.driver
        self.users.pop(gone, None)
        self.keys = {key: None if user == gone else user for key, user in self.keys.items()}

    def _served(self, command: ProvideService | CancelService, now: datetime) -> bool:
        if isinstance(command, CancelService):
            self.contracts.pop(command.service, None)
            return command.service in self.known_services
        if command.service not in SERVICES or command.until <= now:
            return False
        self.contracts[command.service] = command.until
        self.known_services.add(command.service)
        return True

    # --- what the car says ---

    def follow(self, effect: do.Effect) -> None:
        """Take in what the backend is told."""
        if not isinstance(effect, do.Publish):
            return
        match effect.body:
            case PairingRequested() | LoginRequested():
                self._lose_request()
                self.request, self.waiting = effect.id, True
            case UserLeft(porsche_id=user, request_id=str(request)):
                hold(Law.NEWS, self.lost.get(request) == user, effect)
                del self.lost[request]
            case UserLeft(porsche_id=user):
                hold(Law.NEWS, user in self.departed, effect)
                self.departed.remove(user)
            case SettingsReported(porsche_id=user, settings=settings):
                known = self.users.get(user)
                hold(Law.NEWS, known is not None and known.untold and known.settings == settings, effect)
                self.users[user].untold = False

    def untold(self) -> bool:
        """Whether the backend does not know all that it should (IDN-12)."""
        strangers = any(self.lost.values())
        return bool(self.departed) or strangers or any(user.untold for user in self.users.values())
