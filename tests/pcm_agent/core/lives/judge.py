"""Judges one life: follows what the car does, effect by effect, and compares it with what must hold."""

from collections import Counter
from datetime import datetime

import msgspec
from msgspec.structs import replace

from firmware_profiles import Country, DataOff, Equipment, Menu, Profile
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.report import state_report
from pcm_agent.core.state import VehicleState
from pcm_agent.protocol.messages import (
    Command,
    ConnectionReported,
    Heartbeat,
    MessagesLost,
    PackageReported,
    Reply,
    ReportState,
    StateReported,
)
from pcm_agent.protocol.people import RemoteCommand
from pcm_agent.protocol.secret import revealed
from pcm_agent.protocol.security import AlarmRaised
from pcm_agent.protocol.services import ServiceReported
from pcm_agent.protocol.sharing import DataPackageReported, DataUsageReported
from tests.pcm_agent.core.lives.laws import Law, hold
from tests.pcm_agent.core.lives.meter import used
from tests.pcm_agent.core.lives.packages import Packages
from tests.pcm_agent.core.lives.people import People
from tests.pcm_agent.core.lives.reach import reached
from tests.pcm_agent.core.lives.world import World

IMPERSONAL = (
    ConnectionReported, PackageReported, Heartbeat, ServiceReported, AlarmRaised, DataPackageReported,
    DataUsageReported, MessagesLost,
)  # fmt: skip
"""What is told in private mode: docs/privacy.md, said once more."""
TURNED: dict[Menu, tuple[str, type[Event], type[Event]]] = {
    Menu.ROAMING: ("roams", on.RoamingEnabled, on.RoamingDisabled),
    Menu.DATA_OFF: ("mobile", on.MobileDataEnabled, on.MobileDataDisabled),
    Menu.PRIVATE_MODE: ("private", on.PrivateModeEnabled, on.PrivateModeDisabled),
    Menu.TRAFFIC: ("traffic", on.TrafficEnabled, on.TrafficDisabled),
    Menu.IN_CAR_HOTSPOT: ("sharing", on.SharingEnabled, on.SharingDisabled),
    Menu.MAP_UPDATES_OVER_MOBILE: (
        "map_over_mobile", on.MapUpdatesOverMobileAllowed, on.MapUpdatesOverMobileForbidden,
    ),
}  # fmt: skip
"""The switches: the fact that a tap turns over, and the events that it then is."""
SPANS = ("heartbeat", "look", "confirm", "retry", "settle", "attach-retry", "link", "service-mode")
"""Timers of which the car believes that they have run for their span, whatever its clock says."""
REMEMBERED = 256
"""Of so many commands the car knows that it has carried them out."""


class Judge:
    """Watches one car; `reached` counts what the life came to."""

    def __init__(
        self, profile: Profile, market: Country, equipment: frozenset[Equipment], now: datetime, marks: tuple[str, ...]
    ) -> None:
        self.profile, self.now, self.marks = profile, now, marks
        self.world = World(profile, market, equipment)
        self.people = People(self.world)
        self.packages = Packages(self.world, now)
        self.timers: dict[str, datetime] = {}
        self.answers: dict[str, Reply] = {}
        self.report: StateReported | None = None
        self.reached: Counter[str] = Counter()

    def see(self, event: Event, effects: list[do.Effect], state: VehicleState, now: datetime) -> None:
        """Learn of an event and judge what the car made of it; `state` is what it reports from."""
        self.now = now
        if isinstance(event, on.TimerFired) and not self._was_due(event):
            at = self.timers.get(event.key)
            again = [do.SetTimer(event.key, at)] if at is not None else []
            hold(Law.TIMERS, effects == again, f"{event.key} fired early: {effects}")
            return
        ready, left = self.world.ready, self.world.left
        if isinstance(event, on.PcmStarted):
            self.timers.clear()  # whoever kept them went down too
        if isinstance(event, on.CommandReceived):
            self._command(event, effects)
        else:
            self._learn(self._tapped(event, effects), effects)
        self.packages.stays_changed(ready, left, now)
        self.packages.demands_changed(now)
        for effect in effects:
            self._follow(effect, event)
        report = state_report(state)
        self._check_telling(effects, report)
        self._check_data(report)
        opens_updates = on.UpdatesOpened() in (event, *(it.event for it in effects if isinstance(it, do.TakeAs)))
        self._check_packages(effects, state, opens_updates=opens_updates)
        self._check_people(report)
        hold(Law.TIMERS, self.timers == state.timers, f"{self.timers} set, {state.timers} kept")
        self.reached.update(reached(self.world, self.people, self.packages, event, effects))

    # --- what happened ---

    def _was_due(self, event: on.TimerFired) -> bool:
        if event.key not in self.timers:
            return False
        if self.timers[event.key] > self.now and event.key.partition(":")[0] not in SPANS:
            return False
        del self.timers[event.key]
        return True

    def _learn(self, event: Event, effects: list[do.Effect]) -> None:
        refused = any(isinstance(effect, do.Refuse) for effect in effects)
        if isinstance(event, on.PairingCodeEntered | on.PorscheIdEntered):
            hold(Law.PEOPLE, refused is not self.people.may_enter(event), f"{event} refused: {refused}")
        if isinstance(event, on.DataUsed):
            hold(Law.DATA, refused is not self.packages.may_use(event.purpose), f"{event} refused: {refused}")
        self.packages.learn(event, self.now)
        self.people.learn(event)
        self.world.learn(event, refused=refused)

    def _tapped(self, event: Event, effects: list[do.Effect]) -> Event:
        """What a tap means; a switch is turned over, whatever the car thinks that it is."""
        if not isinstance(event, on.MenuTapped) or not effects or not isinstance(effects[0], do.TakeAs):
            return event
        meant = effects[0].event
        for menu, path in self.profile.menus.items():
            known = menu in TURNED and path == event.path and path[-1] != "off"
            if known and not (menu is Menu.DATA_OFF and self.profile.data.data_off is DataOff.PRIVATE_MODE):
                fact, turned_on, turned_off = TURNED[menu]
                wanted = turned_off if getattr(self.world, fact) else turned_on
                hold(Law.MENU, type(meant) is wanted, f"{menu} means {meant}")
        return meant

    def _command(self, event: on.CommandReceived, effects: list[do.Effect]) -> None:
        """One answer at once, and one final answer, the same for all that bear this id."""
        replies = [effect for effect in effects if isinstance(effect, do.Answer)]
        hold(Law.ONCE, all(effect.command_id == event.id for effect in replies), replies)
        hold(Law.ONCE, [effect.reply.stage == "received" for effect in replies] == [True, False], replies)
        lasting = not isinstance(event.body, ReportState)
        hold(Law.ONCE, [effect.durable for effect in replies] == [False, lasting], replies)
        final = replies[1].reply
        refused = final.stage == "refused"
        hold(Law.ONCE, (final.code is not None) is refused, final)
        if event.id in self.answers:
            hold(Law.ONCE, final == self.answers[event.id] and effects == replies, f"done again: {effects}")
            self.reached["a command repeated"] += 1
            return
        expected = not self._expired(event) and self._obey(event.body)
        law = Law.REMOTE if isinstance(event.body, RemoteCommand) else Law.PEOPLE
        hold(law, refused is not expected, f"{event.body} answered {final}")
        if lasting:
            self.answers[event.id] = final
            while len(self.answers) > REMEMBERED:
                del self.answers[next(iter(self.answers))]

    def _expired(self, event: on.CommandReceived) -> bool:
        return event.expires is not None and self.now >= event.expires

    def _obey(self, command: Command) -> bool:
        """Take a command in, and say whether it is to be done."""
        for part in (self.people, self.packages):
            expected = part.obey(command, self.now)
            if expected is not None:
                return expected
        return True

    # --- what the car does ---

    def _follow(self, effect: do.Effect, event: Event) -> None:
        self.world.follow(effect, event)
        self.people.follow(effect)
        self.packages.follow(effect, event, self.now)
        self.packages.meter.follow(effect)
        self.packages.demands_changed(self.now)
        match effect:
            case do.SetTimer(key, at):
                hold(Law.TIMERS, at >= self.now or isinstance(event, on.PcmStarted), effect)
                self.timers[key] = at
            case do.CancelTimer(key):
                hold(Law.TIMERS, key in self.timers, effect)
                del self.timers[key]
            case do.Operate():
                hold(Law.PRIVATE, not self.world.private, effect)
                hold(Law.REMOTE, self.people.driver is not None, "done for a guest")
                command = event.body if isinstance(event, on.CommandReceived) else None
                hold(Law.REMOTE, isinstance(command, RemoteCommand) and command.action is effect.action, effect)
            case do.Publish(body=Heartbeat()):
                hold(Law.DATA, self.world.session, effect)

    def _check_telling(self, effects: list[do.Effect], report: StateReported) -> None:
        """What is said is new, has a number, and is silent of people in private mode."""
        if do.ReportState() in effects:
            self._check_number(report)
        else:
            said = self.report and replace(self.report, version=report.version)
            hold(Law.TOLD, said in (None, report), "a change that nobody is told of")
        if not self.world.private:
            return
        bodies = [effect.body for effect in effects if isinstance(effect, do.Publish)]
        hold(Law.PRIVATE, all(isinstance(body, IMPERSONAL) for body in bodies), bodies)
        replies = [effect.reply for effect in effects if isinstance(effect, do.Answer)]
        said_now = msgspec.json.encode([bodies, replies, report], enc_hook=revealed).decode()
        for mark in self.marks:
            hold(Law.PRIVATE, mark not in said_now, mark)

    def _check_number(self, report: StateReported) -> None:
        if self.report is not None:
            number = self.report.version
            changed = replace(report, version=number) != self.report
            hold(Law.TOLD, report.version - number == changed, f"number {report.version} after {number}")
        self.report = report

    def _check_data(self, report: StateReported) -> None:
        """The way, the call beside it, and what the driver and the backend are told of both."""
        world = self.world
        hold(Law.CALL, world.bearer is None or world.call_allows(world.bearer), f"{world.bearer} and {world.call}")
        hold(Law.CALL, report.phone.call == (world.call.line.value if world.call else "none"), report.phone)
        hold(Law.WAY, world.bearer is world.way(), f"{world.bearer} in use, {world.way()} is right")
        symbol, told = world.symbol(), report.connection
        corner = self.profile.status.symbol_corner
        hold(Law.SYMBOL, world.shown == (*symbol, corner), f"{world.shown} shown, {symbol} is right")
        hold(Law.SYMBOL, (told.symbol, told.wifi) == symbol, told)
        hold(Law.SYMBOL, (told.state == "connected") is world.session, told)

    def _check_packages(self, effects: list[do.Effect], state: VehicleState, *, opens_updates: bool) -> None:
        """What is fetched and installed, and what is not."""
        world, packages = self.world, self.packages
        fetched = bool(packages.fetching or packages.map_loading)
        hold(Law.DATA, world.session or not fetched, "fetched offline")
        hold(Law.PRIVATE, not (world.private and fetched), "fetched in private mode")
        packages.judge_looks(effects, self.timers)
        if not opens_updates:
            packages.judge_told(effects)
        packages.judge_installed(state.installed, state.counters)
        wanted = packages.wanted({key.partition(":")[2] for key in self.timers if key.startswith("retry:")}, self.now)
        one = packages.fetching <= wanted and len(packages.fetching) == min(1, len(wanted))
        hold(Law.TRANSFER, one, f"{packages.fetching} fetched, one of {wanted} is right")
        overdue = packages.overdue(self.now)
        hold(Law.INSTALLATION, not overdue, f"{overdue} not installed")
        hold(Law.MAP, packages.map_loading == packages.map_wanted(), f"loading: {packages.map_loading}")

    def _check_people(self, report: StateReported) -> None:
        """Who uses the car, what they allowed, what was used."""
        world, people, packages = self.world, self.people, self.packages
        hold(Law.NEWS, world.private or not world.session or not people.untold(), "news kept back")
        hold(Law.PRIVATE, (report.private_mode == "on") is world.private, report.private_mode)
        hold(Law.PEOPLE, (report.account == "linked") is (people.driver is not None), report.account)
        role = people.users[people.driver].role if people.driver is not None else None
        who = (None, None) if world.private else (people.driver, role)
        hold(Law.PEOPLE, (report.porsche_id, report.people and report.people.role) == who, f"{who} uses the car")
        access = ("suspended" if world.private else "allowed") if people.remote else "off"
        hold(Law.REMOTE, report.remote is not None and report.remote.access == access, report.remote)
        usage, sharing = report.data_usage, report.sharing
        hold(Law.METER, packages.meter.due is None, "a month that is not reported")
        hold(Law.METER, usage is not None and used(usage) == packages.meter.uses, usage)
        hold(Law.METER, usage is not None and all(use.bytes > 0 for use in usage.uses), usage)
        routes = [(it.platform, it.route, it.app_data) for it in sharing.devices] if sharing else []
        hold(Law.SHARING, routes == packages.routes(), f"{routes}, right is {packages.routes()}")
