"""Whole lives of cars at random, beside a model of the requirements that knows nothing of the core's rules."""

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from firmware_profiles import Way, load_countries, load_profile
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.report import state_report
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import (
    Access,
    Account,
    Connection,
    Personal,
    Remote,
    SelectorLever,
)
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import (
    Command,
    ConfigureReporting,
    ConfirmLink,
    OfferPackage,
    PackageManifest,
    PackageState,
    RefuseLink,
    RemovePackage,
    ReportState,
    WithdrawPackage,
)
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, ResetSecurityCode, Role, Unlink
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import ProvideService
from pcm_agent.trust.manifest import canonical

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
VIN = "WP0ZZZY1ZTSA00001"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DRIVE = SelectorLever.DRIVE
TEN_MINUTES = timedelta(minutes=10)
OFFERS = ("fod-1", "fod-2")
LETTERS = {Access.LTE: "LTE", Access.UMTS: "3G", Access.EDGE: "E"}
BOUNDED = 256
BREAKING: tuple[Event, ...] = (
    on.SelectorLeverMoved(DRIVE),
    on.ParkingBrakeReleased(),
    on.IgnitionTurnedOn(),
    on.CarEntered(),
    on.CarUnlocked(),
    on.ChargingCableConnected(),
    on.BatteryLevelMeasured(49),
)
MENDING: tuple[Event, ...] = (
    on.SelectorLeverMoved(SelectorLever.PARK),
    on.ParkingBrakeApplied(),
    on.IgnitionTurnedOff(),
    on.CarLeft(),
    on.CarLocked(),
    on.ChargingCableDisconnected(),
    on.BatteryLevelMeasured(50),
)
BODY = (*BREAKING, *MENDING, on.BatteryLevelMeasured(0), on.SelectorLeverMoved(SelectorLever.REVERSE))
TAPS: tuple[Event, ...] = (
    on.PrivateModeEnabled(),
    on.PrivateModeDisabled(),
    on.RoamingEnabled(),
    on.RoamingDisabled(),
    on.MobileDataEnabled(),
    on.MobileDataDisabled(),
    on.SimInserted("DE", pin_required=False),
    on.SimInserted("CH", pin_required=True),
    on.SimPinEntered(Secret("1234"), store=True),
    on.SimUnlocked(),
    on.SimPinRejected(1),
    on.SimRemoved(),
    on.ApnEntered("internet"),
    on.HotspotChosen("phone", Secret("12345678")),
    on.HotspotJoined("phone"),
    on.HotspotLost(),
    on.PairingCodeEntered(Secret("12345678")),
    on.PairingCodeEntered(Secret("1234")),
    on.PorscheIdEntered("a@example.com", Secret("a password")),
    on.LoggedOut(),
    on.GuestChosen(),
    on.KeyRecognised("red"),
    on.KeyRecognised("blue"),
    on.SettingChanged("seats", "low"),
    on.SettingChanged("weather", "Kyoto"),
    on.RemoteAccessAllowed(),
    on.RemoteAccessWithdrawn(),
    on.FactoryResetConfirmed(),
    on.ChargingStarted(),
    on.ClimateStarted(),
)
SPANS = (timedelta(seconds=1), timedelta(seconds=70), timedelta(minutes=6), TEN_MINUTES, timedelta(hours=2))
ABROAD = ("", "", "", "CH", "FR")
RADIO = (None, *Access, *Access)
TRANSFERS = ("progressed", "completed", "completed", "interrupted", "failed")
DECISIONS = ("consent", "consent", "withdraw", "remove", "remove")


class Package:
    """What the model knows of one package."""

    def __init__(self) -> None:
        self.downloaded = False
        self.installs = 0
        self.over = False
        """Withdrawn, failed, expired or removed."""
        self.removing = False
        self.failed_in: int | None = None
        """Which stay of the car it failed in; in the same one it is not tried again (FOD-07)."""


class Life(RuleBasedStateMachine):
    """The world around one car, and what must hold in it."""

    @initialize(
        profile=st.sampled_from(["taycan", "cayenne-gen3"]),
        market=st.sampled_from(sorted(load_countries())),
        embedded_sim=st.booleans(),
    )
    def leave_the_factory(self, profile: str, market: str, embedded_sim: bool) -> None:
        self.profile = load_profile(profile)
        self.taycan = profile == "taycan"
        self.country = replace(load_countries()[market], embedded_sim=embedded_sim)
        self.vehicle = Vehicle.new(VIN, self.profile, self.country, KEY.public_key().public_bytes_raw())
        self.now = START
        # facts, as the events told them
        self.on, self.park, self.brake, self.locked, self.empty, self.cable, self.charged = (
            False, True, True, True, True, False, True,
        )  # fmt: skip
        self.cell: tuple[str, Access | None] | None = None
        self.private, self.roams, self.mobile = False, False, True
        self.sim_home: str | None = None
        self.sim_ready, self.apn, self.phone = False, False, False
        # what the effects asked for
        self.session = False
        self.bearer: Way | None = None
        self.fetching: set[str] = set()
        self.timers: dict[str, datetime] = {}
        self.shown: tuple[str | None, bool] = (None, False)
        self.packages: dict[str, Package] = {}
        self.ready_since = self.left_since = self.now
        self.stays = 0
        self.commands = 0
        self.happen(on.PcmStarted())
        self.command(ConfigureReporting(heartbeat_seconds=3600))
        self.command(ProvideService(service="remote-access", until=START + timedelta(days=3650)))

    # --- the one way in ---

    def happen(self, event: Event) -> list[do.Effect]:
        ready, left = self.ready, self.left
        self.learn(event)
        if self.ready != ready:
            self.ready_since = self.now
            self.stays += 1
        if self.left != left:
            self.left_since = self.now
        snapshot = self.vehicle.snapshot()
        twin = self.restored(snapshot)
        assert twin.state == self.vehicle.state
        before = self.vehicle.state.version, replace(state_report(self.vehicle.state), version=0)
        effects = self.vehicle.handle(event, self.now)
        after = self.vehicle.state.version, replace(state_report(self.vehicle.state), version=0)
        assert twin.handle(event, self.now) == effects
        assert twin.state == self.vehicle.state
        assert after[0] - before[0] == (after[1] != before[1])
        if after[1] != before[1]:
            assert do.ReportState() in effects
        if not effects:
            self.vehicle.state.clock = msgspec.json.decode(
                snapshot, type=type(self.vehicle.state), dec_hook=_hook
            ).clock
            assert self.vehicle.snapshot() == snapshot
        for effect in effects:
            self.perform(effect, event)
            if self.private and isinstance(effect, do.Publish):
                assert type(effect.body) not in PERSONAL_REPORTS
        return effects

    def restored(self, snapshot: bytes) -> Vehicle:
        return Vehicle.restore(snapshot, self.profile, self.country, KEY.public_key().public_bytes_raw())

    def learn(self, event: Event) -> None:
        """Keep the facts that the requirements speak of."""
        match event:
            case on.IgnitionTurnedOn() | on.IgnitionTurnedOff():
                self.on = isinstance(event, on.IgnitionTurnedOn)
            case on.SelectorLeverMoved():
                self.park = event.position is SelectorLever.PARK
            case on.ParkingBrakeApplied() | on.ParkingBrakeReleased():
                self.brake = isinstance(event, on.ParkingBrakeApplied)
            case on.CarLocked() | on.CarUnlocked():
                self.locked = isinstance(event, on.CarLocked)
            case on.CarLeft() | on.CarEntered():
                self.empty = isinstance(event, on.CarLeft)
            case on.ChargingCableConnected() | on.ChargingCableDisconnected():
                self.cable = isinstance(event, on.ChargingCableConnected)
            case on.BatteryLevelMeasured():
                self.charged = event.percent >= self.profile.installation.minimum_battery_percent
            case on.PcmStarted():
                self.fetching.clear()
                self.timers.clear()
                self.session, self.bearer = False, None
            case _:
                self.learn_of_data(event)

    def learn_of_data(self, event: Event) -> None:
        match event:
            case on.CellChanged():
                self.cell = event.country, event.access
            case on.PrivateModeEnabled() | on.PrivateModeDisabled():
                self.private = isinstance(event, on.PrivateModeEnabled)
            case on.RoamingEnabled() | on.RoamingDisabled() if not self.taycan:
                self.roams = isinstance(event, on.RoamingEnabled)
            case on.MobileDataEnabled() | on.MobileDataDisabled() if not self.taycan:
                self.mobile = isinstance(event, on.MobileDataEnabled)
            case on.SimInserted() if not self.taycan:
                self.sim_home, self.sim_ready = event.home_country, not event.pin_required
            case on.SimUnlocked() if self.sim_home:
                self.sim_ready = True
            case on.SimRemoved():
                self.sim_home, self.sim_ready = None, False
            case on.ApnEntered() if not self.taycan:
                self.apn = True
            case on.HotspotJoined() | on.HotspotLost():
                self.phone = isinstance(event, on.HotspotJoined)
            case on.FactoryResetConfirmed():
                self.private, self.roams, self.mobile, self.apn, self.phone = False, False, True, False, False

    def perform(self, effect: do.Effect, event: Event) -> None:
        match effect:
            case do.OpenSession():
                assert not self.session
                self.session = True
            case do.CloseSession():
                self.session = False
                self.bearer = None
            case do.AttachBearer():
                assert self.allowed(effect.way), f"{effect.way} asked for"
                self.bearer = effect.way
            case do.DetachBearer():
                self.bearer = None
            case do.ShowSymbol():
                self.shown = effect.symbol.letter, effect.symbol.wifi
            case do.SetTimer():
                assert effect.at >= self.now or isinstance(event, on.PcmStarted)
                self.timers[effect.key] = effect.at
            case do.CancelTimer():
                del self.timers[effect.key]
            case do.StartDownload():
                assert effect.offer_id not in self.fetching
                assert not self.packages[effect.offer_id].over
                self.fetching.add(effect.offer_id)
            case do.StopDownload() | do.DiscardPackage():
                self.fetching.discard(effect.offer_id)
            case do.InstallPackage():
                self.judge_installation(self.packages[effect.offer_id], event)
            case do.RemovePackage() if not isinstance(event, on.PcmStarted):
                assert all(self.left)
                assert self.now - self.left_since >= TEN_MINUTES
                self.packages[effect.offer_id].removing = True
            case do.Refuse():
                assert effect.code
                assert effect.requirement

    def judge_installation(self, package: Package, event: Event) -> None:
        assert package.downloaded
        assert not package.over
        if isinstance(event, on.PcmStarted):
            assert package.installs == 1  # begun before, and taken up again
            return
        assert package.installs == 0
        assert package.failed_in != self.stays
        assert all(self.ready)
        assert self.now - self.ready_since >= TEN_MINUTES
        package.installs = 1

    # --- the model ---

    @property
    def left(self) -> tuple[bool, ...]:
        """FOD-13, condition by condition."""
        return (not self.on, self.empty, self.locked, not self.cable)

    @property
    def ready(self) -> tuple[bool, ...]:
        """FOD-06, condition by condition."""
        return (self.park, self.brake, self.charged, *self.left)

    def home(self) -> str:
        return self.country.code if self.country.embedded_sim else self.sim_home or self.country.code

    def barred(self, home: str | None) -> bool:
        """Abroad, and not allowed to roam (CON-08, CON-10)."""
        return self.cell is not None and self.cell[0] != home and not self.roams and not self.taycan

    def allowed(self, way: Way) -> bool:
        """CON-01, CON-02, CON-08, CON-13, CON-17, CON-19, CON-20."""
        if way is Way.HOTSPOT:
            return not self.taycan and self.phone and self.on
        over_air = self.mobile and self.cell is not None and self.cell[1] is not None
        if way is Way.EMBEDDED_SIM:
            return over_air and self.country.embedded_sim and not self.barred(self.country.code)
        return (
            over_air and not self.barred(self.sim_home) and not self.taycan and self.sim_ready and self.apn and self.on
        )

    # --- the world ---

    @rule(event=st.sampled_from(BODY))
    def body(self, event: Event) -> None:
        self.happen(event)

    @rule()
    def drive_off(self) -> None:
        for event in (on.CarUnlocked(), on.CarEntered(), on.IgnitionTurnedOn(), on.SelectorLeverMoved(DRIVE)):
            self.happen(event)
        self.happen(on.CellChanged(self.home(), Access.LTE))
        self.attach(given=True)

    @rule(spoilt_by=st.sampled_from((None, *BREAKING)), span=st.sampled_from(SPANS))
    def park_and_leave(self, spoilt_by: Event | None, span: timedelta) -> None:
        for event in MENDING:
            self.happen(event)
        if spoilt_by is not None:
            self.let_pass(timedelta(minutes=6))
            self.happen(spoilt_by)
        self.let_pass(span)

    @rule(abroad=st.sampled_from(ABROAD), access=st.sampled_from(RADIO))
    def cell_changes(self, abroad: str, access: Access | None) -> None:
        self.happen(on.CellChanged(abroad or self.home(), access))

    @rule(event=st.sampled_from(TAPS))
    def tap_or_radio(self, event: Event) -> None:
        if isinstance(event, on.SimPinRejected | on.SimUnlocked) and (self.sim_home is None or self.sim_ready):
            return
        self.happen(event)

    @rule(given=st.sampled_from([True, True, True, False]))
    def network_answers(self, given: bool) -> None:
        self.attach(given=given)

    def attach(self, *, given: bool) -> None:
        way = self.bearer
        if way is None or self.session:
            return
        access = None if way is Way.HOTSPOT or self.cell is None else self.cell[1]
        if not given:
            self.bearer = None
        self.happen(on.BearerAttached(way, access) if given else on.BearerRejected(way, "congestion"))

    @rule()
    def network_goes_away(self) -> None:
        if self.bearer is not None:
            self.happen(on.BearerLost(self.bearer))

    @rule(way=st.sampled_from(Way))
    def network_speaks_of_another_way(self, way: Way) -> None:
        if way is not self.bearer:
            assert self.happen(on.BearerAttached(way, Access.LTE)) == []

    # --- the backend ---

    def command(self, body: Command) -> str:
        self.commands += 1
        effects = self.happen(on.CommandReceived(f"c-{self.commands}", "kind", body))
        received, answer = [effect.reply for effect in effects if isinstance(effect, do.Answer)]
        assert received.stage == "received"
        assert answer.stage in ("done", "refused")
        assert (answer.code is not None) is (answer.requirement is not None) is (answer.stage == "refused")
        return answer.stage

    @rule(offer_id=st.sampled_from(OFFERS), good=st.booleans(), ask=st.booleans())
    def offer(self, offer_id: str, good: bool, ask: bool) -> None:
        manifest = PackageManifest(
            offer_id=offer_id,
            vin=VIN,
            function="f",
            version="1",
            length=100,
            sha256="0" * 64,
            not_after=START + timedelta(days=28),
        )
        signature = KEY.sign(canonical(manifest if good else replace(manifest, length=101))).hex()
        expected = "done" if good and (offer_id in self.packages or self.now < manifest.not_after) else "refused"
        if expected == "done":
            self.packages.setdefault(offer_id, Package())
        assert expected == self.command(
            OfferPackage(manifest=manifest, signature=signature, url="http://x", consent="ask" if ask else "ordered")
        )

    @rule(offer_id=st.sampled_from(OFFERS), what=st.sampled_from(DECISIONS))
    def decide(self, offer_id: str, what: str) -> None:
        known = self.packages.get(offer_id)
        if what == "consent":
            self.happen(on.PackageConsented(offer_id))
        elif what == "remove":
            self.command(RemovePackage(offer_id=offer_id))
        else:
            busy = known is not None and known.installs and not known.over
            done = self.command(WithdrawPackage(offer_id=offer_id)) == "done"
            assert done is (known is not None and not busy)
            if known is not None and done:
                known.over = True

    @rule(mine=st.booleans(), confirm=st.booleans())
    def answer_link(self, mine: bool, confirm: bool) -> None:
        assert self.command(ReportState()) == "done"
        request = self.vehicle.state.link_request if mine else "another"
        if request is None:
            return
        was = self.vehicle.state.account
        if confirm:
            self.command(ConfirmLink(request_id=request, porsche_id="a@example.com", secured=True))
            assert mine or self.vehicle.state.account is was
        else:
            self.command(RefuseLink(request_id=request, reason="pairing-code-unknown"))
            assert (self.vehicle.state.account is Account.LINKED) is (was is Account.LINKED)

    @rule(action=st.sampled_from(RemoteAction), role=st.sampled_from(Role), private=st.booleans())
    def ask_from_afar(self, action: RemoteAction, role: Role, private: bool) -> None:
        """REM-01, PRV-01, IDN-10: of what is asked, nothing is done for a guest, and nothing in private mode."""
        if private:
            self.happen(on.PrivateModeEnabled())
        guest = self.vehicle.state.account is not Account.LINKED
        command = RemoteCommand(action=action, porsche_id="a@example.com", role=role, code_check="right")
        stage = self.command(command)
        if guest or self.private or role is not Role.MAIN:
            assert stage == "refused"

    @rule(role=st.sampled_from(Role), reset=st.booleans())
    def leave_the_profile(self, role: Role, reset: bool) -> None:
        before = self.vehicle.state.users
        kind = ResetSecurityCode if reset else Unlink
        assert self.command(kind(porsche_id="a@example.com", role=role)) == "done"
        if role is Role.MAIN:
            assert self.vehicle.state.remote is Remote.OFF
        assert reset or "a@example.com" not in self.vehicle.state.users
        assert not reset or self.vehicle.state.users.keys() == before.keys()

    # --- transfer and installation ---

    @rule(how=st.sampled_from(TRANSFERS))
    def transfer(self, how: str) -> None:
        for offer_id in sorted(self.fetching):
            self.download(offer_id, how)

    def download(self, offer_id: str, how: str) -> None:
        if how == "progressed":
            self.happen(on.DownloadProgressed(offer_id, 50))
            return
        self.fetching.discard(offer_id)
        if how == "completed":
            self.packages[offer_id].downloaded = True
            self.happen(on.DownloadCompleted(offer_id))
        elif how == "interrupted":
            self.happen(on.DownloadInterrupted(offer_id, "server-error"))
        else:
            self.packages[offer_id].over = True
            self.happen(on.DownloadFailed(offer_id, "hash-mismatch"))

    @rule(offer_id=st.sampled_from(OFFERS), wholly=st.booleans())
    def order_and_download(self, offer_id: str, wholly: bool) -> None:
        self.happen(on.PrivateModeDisabled())
        self.drive_off()
        self.offer(offer_id, good=True, ask=False)
        if wholly and offer_id in self.fetching:
            self.download(offer_id, "completed")

    @rule(well=st.sampled_from([True, True, True, False]))
    def work_on_files(self, well: bool) -> None:
        """What the PCM was asked to do with a package's files comes to its end."""
        for offer_id, package in self.packages.items():
            job = self.vehicle.state.jobs[offer_id]
            if job.state in (PackageState.ACTIVATING, PackageState.VERIFYING) and not well:
                package.installs, package.failed_in = 0, self.stays
                self.happen(on.InstallationFailed(offer_id, "disk-full"))
            elif job.state is PackageState.ACTIVATING:
                self.happen(on.PackageInstalled(offer_id))
            elif job.state is PackageState.VERIFYING:
                self.happen(on.PackageVerified(offer_id))
            elif job.state is PackageState.CANCELLING:
                self.happen(on.PackageDiscarded(offer_id))
            elif package.removing:
                package.over = True
                self.happen(on.PackageRemoved(offer_id))

    def job(self, offer_id: str) -> PackageJob | None:
        return self.vehicle.state.jobs.get(offer_id)

    # --- time and power cuts ---

    @rule(duration=st.sampled_from(SPANS))
    def time_passes(self, duration: timedelta) -> None:
        self.let_pass(duration)

    @rule()
    def weeks_pass(self) -> None:
        self.happen(on.CellChanged(self.home(), None))  # a month of heartbeats shows nothing
        self.let_pass(timedelta(days=15))

    def let_pass(self, duration: timedelta) -> None:
        end = self.now + duration
        while due := [(at, key) for key, at in self.timers.items() if at <= end]:
            at, key = min(due)
            del self.timers[key]
            self.now = max(at, self.now)
            if key.startswith("expiry:"):
                self.packages[key.partition(":")[2]].over = True
            self.happen(on.TimerFired(key))
        self.now = end

    @rule(key=st.sampled_from(["heartbeat", "link", "attach-retry", "settle:fod-1", "expiry:fod-1", "retry:fod-1"]))
    def a_timer_fires_that_should_not(self, key: str) -> None:
        if self.timers.get(key, self.now + TEN_MINUTES) > self.now:
            assert self.happen(on.TimerFired(key)) == []

    @rule()
    def power_is_cut(self) -> None:
        self.vehicle = self.restored(self.vehicle.snapshot())
        self.happen(on.PcmStarted())

    # --- for the lives below: all of it, well mixed ---

    def something(self, dice: Random, offer_id: str) -> None:
        match dice.randrange(16):
            case 0 | 1:
                self.body(dice.choice(BODY))
            case 2 | 3:
                self.tap_or_radio(dice.choice(TAPS))
            case 4:
                self.cell_changes(dice.choice(ABROAD), dice.choice(RADIO))
            case 5:
                self.attach(given=dice.random() < 0.8)
            case 6:
                self.network_goes_away()
            case 7:
                self.order_and_download(offer_id, wholly=dice.random() < 0.5)
            case 8:
                self.decide(offer_id, dice.choice(DECISIONS))
            case 9 | 10:
                self.transfer(dice.choice(TRANSFERS))
                self.work_on_files(well=dice.random() < 0.8)
            case 11:
                self.park_and_leave(dice.choice((None, *BREAKING)), dice.choice(SPANS))
            case 12:
                self.let_pass(dice.choice(SPANS))
            case 13 | 14:
                self.something_of_people(dice)
            case _:
                self.power_is_cut()

    def something_of_people(self, dice: Random) -> None:
        if dice.random() < 0.5:
            self.answer_link(mine=True, confirm=dice.random() < 0.8)
        self.ask_from_afar(dice.choice(list(RemoteAction)), dice.choice(list(Role)), dice.random() < 0.2)

    # --- what always holds ---

    def check_all(self) -> None:
        self.the_symbol_is_true()
        self.data_is_used_only_where_it_may_be()
        self.data_is_found_where_it_may_be_used()
        self.downloads_run_exactly_while_nothing_stands_against_them()
        self.what_can_be_installed_is()
        self.people_are_in_order()
        self.timers_are_those_of_the_state()

    @invariant()
    def the_symbol_is_true(self) -> None:
        way = self.vehicle.state.way
        letter = (
            LETTERS.get(self.cell[1])
            if self.session and way is not Way.HOTSPOT and self.cell and self.cell[1]
            else None
        )
        assert self.shown == (letter, self.session and way is Way.HOTSPOT)

    @invariant()
    def data_is_used_only_where_it_may_be(self) -> None:
        state = self.vehicle.state
        assert self.session is (state.connection is Connection.CONNECTED)
        assert (state.way is None) is (state.connection is Connection.DISCONNECTED)
        if state.way is not None:
            assert self.allowed(state.way)
        if self.bearer is None and self.barred(self.home()):
            assert state.way in (None, Way.HOTSPOT)

    @invariant()
    def data_is_found_where_it_may_be_used(self) -> None:
        if self.vehicle.state.way is None and "attach-retry" not in self.timers:
            assert not any(self.allowed(way) for way in Way)

    @invariant()
    def downloads_run_exactly_while_nothing_stands_against_them(self) -> None:
        free = self.session and not self.private and self.on
        assert free or not self.fetching
        for offer_id, package in self.packages.items():
            job = self.job(offer_id)
            assert job is not None
            wanted = not package.over and not package.downloaded and job.state is not PackageState.OFFERED
            pausing = f"retry:{offer_id}" in self.timers
            assert (offer_id in self.fetching) is (wanted and free and not pausing)

    @invariant()
    def what_can_be_installed_is(self) -> None:
        if all(self.ready) and self.now - self.ready_since > TEN_MINUTES:
            for package in self.packages.values():
                waits = package.downloaded and not package.over and package.failed_in != self.stays
                assert package.installs == 1 or not waits

    @invariant()
    def people_are_in_order(self) -> None:
        state = self.vehicle.state
        assert (state.porsche_id is not None) is (state.account is Account.LINKED)
        assert state.porsche_id is None or state.porsche_id in state.users
        assert (state.remote is Remote.SUSPENDED) <= self.private
        assert not (self.private and state.remote is Remote.ALLOWED)
        assert self.private or not self.session or state.personal is Personal.TOLD
        report = state_report(state)
        assert not self.private or (report.porsche_id, report.people) == (None, None)

    @invariant()
    def timers_are_those_of_the_state(self) -> None:
        assert self.timers == self.vehicle.state.timers
        assert len(self.vehicle.state.answered) <= BOUNDED


def _hook(target: type, value: object) -> object:
    return Secret(str(value)) if target is Secret else value


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=30)


@pytest.mark.parametrize("embedded_sim", [True, False])
@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
@pytest.mark.parametrize("seed", range(15))
def test_a_life_in_which_much_happens(profile: str, embedded_sim: bool, seed: int) -> None:
    """Hypothesis likes simple lives and shrinks them well; bugs like busy ones."""
    dice = Random(f"{profile} {embedded_sim} {seed}")
    life = Life()
    life.leave_the_factory(profile, dice.choice(sorted(load_countries())), embedded_sim)
    for _ in range(200):
        life.something(dice, dice.choice(OFFERS))
        life.check_all()
