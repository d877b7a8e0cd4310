"""Lives of any car in any country, up to 200 steps: what must hold after each, said from the requirements alone."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_profiles import Equipment, RoamingControl, Way, load_countries, profile_names
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.report import state_report
from pcm_agent.core.state import User, VehicleState
from pcm_agent.core.states import Access, Account, Call, CallLine, Connection, PrivateMode
from pcm_agent.protocol.messages import ConfirmLink
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, Role
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from tests.pcm_agent.core.conftest import Driver
from tests.pcm_agent.core.test_table import ARGUMENTS, AYUMI, samples

Move = Callable[[], None]
HIRO = "hiro@example.com"
LETTERS = {Access.LTE: "LTE", Access.UMTS: "3G", Access.EDGE: "E"}
STEPS = 200
WAITS = (timedelta(seconds=1), timedelta(minutes=11), timedelta(days=1))
REMOTE = [
    RemoteCommand(action=action, porsche_id=user, role=role, granted=granted, code_check=check)
    for action in (RemoteAction.UNLOCK, RemoteAction.HONK_AND_FLASH)
    for user, role in ((AYUMI, Role.MAIN), (HIRO, Role.ADDITIONAL), ("eve@example.com", Role.VISITOR))
    for granted in (True, False)
    for check in ("right", "missing")
]


def raised_by_rules(kind: type[Event]) -> bool:
    """Only the rules raise it; from outside it never comes."""
    return kind.__module__.endswith(".internal")


class Life:
    """One car, what its effects have asked for, and what must hold."""

    def __init__(self, profile: str, country: str, equipment: frozenset[Equipment]) -> None:
        self.car = Driver(profile, country, embedded_sim=load_countries()[country].embedded_sim)
        self.car.equipment = equipment
        self.car.reload()
        self.session = False
        self.timers: set[str] = set()
        self.car.speak_seldom()
        self.timers |= set(self.state.timers)
        offer = self.car.offer()
        kinds = sorted((kind for kind in Event.__subclasses__() if not raised_by_rules(kind)), key=str)
        self.events = [event for kind in kinds for event in islice(samples(kind, offer), 8)]
        self.moves = [
            self.online, self.attach, self.link, self.drive, self.call, *[self.wait(span) for span in WAITS],
            *[self.remote(command) for command in REMOTE],
        ]  # fmt: skip

    @property
    def state(self) -> VehicleState:
        return self.car.state

    def step(self, number: int) -> None:
        """One of all events, or a stretch of the way; both come about as often."""
        choice, move = divmod(number, 2)
        if move:
            self.moves[choice % len(self.moves)]()
        else:
            self.feed(self.events[choice % len(self.events)])

    # --- stretches ---

    def online(self) -> None:
        self.feed(on.IgnitionTurnedOn())
        self.feed(on.MobileDataEnabled())
        self.feed(on.CellChanged(self.state.market, Access.LTE))
        self.attach()

    def attach(self) -> None:
        way, cell = self.state.way, self.state.cell
        if way is not None:
            self.feed(on.BearerAttached(way, None if way is Way.HOTSPOT or cell is None else cell.access))

    def link(self) -> None:
        """Somebody is linked, so that not every life is a stranger's."""
        if self.state.link_request is not None:
            self.feed(on.LinkConfirmed(self.state.link_request, AYUMI, Role.MAIN, secured=True))

    def drive(self) -> None:
        self.feed(on.SimInserted(self.state.market, pin_required=False, keeps_data=False))
        self.feed(on.ApnEntered("internet"))
        self.feed(on.CellChanged("CH", Access.EDGE))
        self.attach()

    def call(self) -> None:
        self.feed(on.CallStarted(CallLine.INSERTED_SIM))

    def wait(self, span: timedelta) -> Move:
        def wait() -> None:
            end = self.car.now + span
            for _ in range(20):
                due = sorted((at, key) for key, at in self.state.timers.items() if at <= end)
                if not due:
                    break
                self.car.now = max(due[0][0], self.car.now)
                self.feed(on.TimerFired(due[0][1]))
            self.car.now = end

        return wait

    def remote(self, command: RemoteCommand) -> Move:
        return lambda: self.feed(on.CommandReceived(f"r-{self.state.version}-{self.car.now}", "remote", command))

    # --- what must hold ---

    def feed(self, event: Event) -> None:
        used, session, private = self.used(), self.session, self.state.private_mode
        users = dict(self.state.users)
        if (
            isinstance(event, on.TimerFired)
            and self.state.timers.get(event.key, self.car.now + WAITS[0]) <= self.car.now
        ):
            self.timers.discard(event.key)
        if isinstance(event, on.PcmStarted):
            self.timers.clear()  # whoever keeps them went down too
            self.session = False
        effects = self.car.feed(event)  # beside a twin restored from the snapshot, which must do the same
        for effect in effects:
            self.follow(effect)
        assert self.used() <= used or session, "bytes without a connection"
        assert set(self.state.timers) == self.timers
        self.check_data()
        self.check_symbol()
        if private is self.state.private_mode is PrivateMode.ON:
            self.check_privacy(effects)
        self.check_remote(event, effects, users)

    def follow(self, effect: do.Effect) -> None:
        match effect:
            case do.OpenSession():
                self.session = True
            case do.CloseSession():
                self.session = False
            case do.SetTimer(key, _):
                self.timers.add(key)
            case do.CancelTimer(key):
                self.timers.discard(key)
            case do.StartDownload() | do.StartMapUpdate():
                assert self.session, "a transfer without a connection"

    def used(self) -> int:
        """Bytes of this month; a month that turns gives fewer."""
        return sum(use.bytes for use in self.state.usage)

    def check_data(self) -> None:
        """CON-01, CON-03, CON-05, CON-08, CON-10."""
        state, profile = self.state, self.car.profile
        assert self.session is (state.connection is Connection.CONNECTED)
        if state.way is None:
            return
        assert state.way in profile.data.ways
        if state.way is Way.HOTSPOT:
            assert state.hotspot is not None
            assert self.car.market.hotspot
            return
        assert not (state.way is Way.EMBEDDED_SIM and state.call is Call.INSERTED_SIM)
        assert state.cell is not None
        assert state.cell.access is not None
        edge_call = state.cell.access is Access.EDGE and state.call is Call.INSERTED_SIM
        assert not (state.way is Way.INSERTED_SIM and edge_call)
        home = state.market if state.way is Way.EMBEDDED_SIM else state.sim_country
        may_roam = state.roaming_allowed or profile.data.roaming is RoamingControl.AUTOMATIC
        assert state.cell.country == home or may_roam

    def check_symbol(self) -> None:
        """CON-15, CON-16."""
        state = self.state
        over_sim = state.connection is Connection.CONNECTED and state.way is not Way.HOTSPOT
        wanted = LETTERS[state.access] if over_sim and state.access else None
        wifi = state.connection is Connection.CONNECTED and state.way is Way.HOTSPOT
        assert (state.symbol.letter, state.symbol.wifi) == (wanted, wifi)

    def check_privacy(self, effects: list[do.Effect]) -> None:
        """PRV-01, PRV-02."""
        assert not [it for it in effects if isinstance(it, do.Operate | do.StartDownload | do.StartMapUpdate)]
        bodies = [it.body for it in effects if isinstance(it, do.Publish)]
        assert not [body for body in bodies if type(body) in PERSONAL_REPORTS]
        said = str([*bodies, state_report(self.state)])
        assert AYUMI not in said
        assert HIRO not in said

    def check_remote(self, event: Event, effects: list[do.Effect], users: dict[str, User]) -> None:
        """IDN-09, IDN-10, IDN-13, REM-01: never for a guest, a visitor, or without the right."""
        if not [effect for effect in effects if isinstance(effect, do.Operate)]:
            return
        command = event.body if isinstance(event, on.CommandReceived) else getattr(event, "command", None)
        assert isinstance(command, RemoteCommand)
        assert users, "a remote command performed for a guest"
        assert self.state.account is Account.LINKED
        assert command.role is Role.MAIN or (command.role is Role.ADDITIONAL and command.granted)
        assert command.code_check != "wrong"


@pytest.mark.requirement("CON-01", "CON-03", "CON-05", "CON-08", "CON-15", "CON-16", "PRV-01")
@given(
    profile=st.sampled_from(profile_names()),
    country=st.sampled_from(sorted(load_countries())),
    equipment=st.frozensets(st.sampled_from(Equipment)),
    steps=st.lists(st.integers(0, 2_000), min_size=STEPS, max_size=STEPS),
)
@settings(max_examples=40, deadline=None)
def test_any_life_of_any_car_keeps_what_must_hold(
    profile: str, country: str, equipment: frozenset[Equipment], steps: list[int]
) -> None:
    life = Life(profile, country, equipment)
    life.feed(on.PcmStarted())
    life.online()
    for number in steps:
        life.step(number)


def test_lives_reach_what_they_are_to_judge() -> None:
    """Else the invariants would hold of nothing."""
    assert ARGUMENTS
    life = Life("taycan", "JP", frozenset())
    life.feed(on.PcmStarted())
    life.online()
    assert life.session
    life.car.command(ConfirmLink(request_id="none", porsche_id=AYUMI))
    assert len(life.events) > 100
