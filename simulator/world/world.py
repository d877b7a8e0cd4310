"""The world around one car. It is the modem that the agent talks to, and it feeds the agent what happens."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.state import Cell, VehicleState
from pcm_agent.core.states import Access, Sim
from pcm_agent.ports import Fetcher, MetadataSource
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from pcm_agent.transport import Clock, Outgoing, Timer
from simulator.faults.disk import DiskFaults
from simulator.faults.lines import Lines
from simulator.world.app import App, Phone
from simulator.world.radio import (
    ATTACH_SECONDS,
    BITS_PER_SECOND,
    BODY_SECONDS,
    HOTSPOT_BITS_PER_SECOND,
    HOTSPOT_LATENCY,
    HOTSPOT_SECONDS,
    LATENCY,
    SCAN_SECONDS,
    SIM_SECONDS,
    Hotspot,
    SimCard,
)

if TYPE_CHECKING:
    from simulator.world.relay import AppRelay

OPERATED = {
    RemoteAction.LOCK: on.CarLocked(),
    RemoteAction.UNLOCK: on.CarUnlocked(),
    RemoteAction.CLIMATE_ON: on.ClimateStarted(),
    RemoteAction.CLIMATE_OFF: on.ClimateStopped(),
    RemoteAction.CHARGE_START: on.ChargingStarted(),
    RemoteAction.CHARGE_STOP: on.ChargingStopped(),
}
"""What the car's sensors say once an action from afar is done; of horn and lamps they say nothing."""
MAP_STEP_SECONDS = 10.0
"""So often the PCM hears how much of a map has come."""

_ABOUT: Mapping[type[on.Event], str] = {
    on.SimInserted: "sim",
    on.SimRemoved: "sim",
    on.CarLocked: "lock",
    on.CarUnlocked: "lock",
    on.CarEntered: "seats",
    on.CarLeft: "seats",
    on.IgnitionTurnedOn: "ignition",
    on.IgnitionTurnedOff: "ignition",
    on.ParkingBrakeApplied: "brake",
    on.ParkingBrakeReleased: "brake",
    on.ChargingCableConnected: "cable",
    on.ChargingCableDisconnected: "cable",
    on.DriverCardDetected: "driver card",
    on.DriverCardLost: "driver card",
}
"""What two kinds of events are about, where the later one takes the place of the earlier."""
Feed = Callable[[on.Event], None]


class World:
    """What surrounds one car: edit it with its methods, and the PCM hears of it.

    It implements `Modem`, `CarBody` and `App` of `pcm_agent.ports`: the answers to the agent's requests are this
    world's truth, and come after the time that such things take.
    """

    def __init__(self, clock: Clock) -> None:
        self.cell: Cell | None = None
        self.sim: SimCard | None = None
        self._nameless: dict[tuple[str, Secret | None, Secret | None], str] = {}
        """The names that were given to SIMs without one."""
        self._begun = 0
        """The PCM's restarts when this world began: what an earlier world called a SIM this one can't know."""
        self.hotspots: dict[str, Hotspot] = {}
        self.app = App(Phone())
        self.relay: AppRelay | None = None
        """The app's own way to the backend, if it has one."""
        self.disk = DiskFaults()
        self.functions_to_fail = 0
        """So many of the next functions that are started do not come up."""
        self.signals = 0
        """How often the car honked and flashed."""
        self._clock = clock
        self._feed: Feed | None = None
        self._missed: dict[str, on.Event] | None = None
        """What has become the case while the PCM had no power, by what it is about; None while it has."""
        self.lines = Lines()
        """What the ways to data are like."""
        self._bearer: Way | None = None
        self._joined: str | None = None
        """The WiFi network that the PCM is in."""
        self._pending: dict[str, Timer] = {}

    def connect(self, feed: Feed) -> None:
        """From now on the PCM hears what happens."""
        self._feed = feed

    def resume(self, state: VehicleState, country: str) -> None:
        """Take up the world as the PCM saw it last; a car that never saw a cell stands in an LTE cell at home.

        A SIM that waits for PIN or PUK is taken out: what they are and how many tries are left only the SIM knows.
        """
        self.cell = state.cell or Cell(country, Access.LTE)
        self._joined = state.hotspot
        self._begun = state.restarts
        if state.sim_country is not None:
            self._resume_sim(state, state.sim_country)
        if state.cell is None:
            self.happens(on.CellChanged(self.cell.country, self.cell.access))

    def _resume_sim(self, state: VehicleState, country: str) -> None:
        """A SIM that is ready needs no PIN; one that is not knows it, and was lost with the world that held it."""
        if state.sim is not Sim.READY:
            self.happens(on.SimRemoved())
            return
        apns = (state.apn,) if state.apn else ("internet",)
        self.sim = SimCard(country, apns=apns, keeps_data=state.sim_keeps_data, card=state.sim_card or "")

    def happens(self, event: on.Event) -> None:
        """Something happened: tell the PCM, now or when it has power again."""
        if self._missed is not None:
            about = _ABOUT.get(type(event), type(event).__name__)
            self._missed.pop(about, None)
            self._missed[about] = event
        elif self._feed is not None:
            self._feed(event)

    def lose_power(self) -> None:
        """The PCM hears nothing more, and nobody answers what it has asked for."""
        self._missed = {}
        for timer in self._pending.values():
            timer.cancel()
        self._pending.clear()
        self._bearer = None
        self.app.connected = False
        self._follow_app()

    def catch_up(self) -> None:
        """The PCM has power again: it sees what is the case by now, not what was in between."""
        missed, self._missed = self._missed or {}, None
        for event in missed.values():
            self.happens(event)

    # --- what a rig, a scenario or a person can change ---

    def enter_cell(self, country: str, access: Access | None) -> None:
        """Another cell serves the car, or none; without one the bearer over a SIM is lost."""
        self.cell = Cell(country, access)
        self.happens(on.CellChanged(country, access))

    def insert_sim(self, sim: SimCard) -> None:
        """A SIM is put into the slot; one without a name is known again by its country, PIN and PUK.

        Its name tells nothing of them, since it stands in the trace.
        """
        if not sim.card:
            known = sim.home_country, sim.pin, sim.puk
            sim.card = self._nameless.setdefault(known, f"sim-{self._begun}-{len(self._nameless) + 1}")
        self.sim = sim
        self.happens(on.SimInserted(sim.home_country, sim.pin is not None, sim.keeps_data, sim.card))

    def remove_sim(self) -> None:
        """The SIM is taken out."""
        self.sim = None
        self.happens(on.SimRemoved())

    def switch_on_hotspot(self, hotspot: Hotspot) -> None:
        """A phone in the car opens its WiFi network."""
        self.hotspots[hotspot.ssid] = hotspot

    def switch_off_hotspot(self, ssid: str) -> None:
        """The phone's WiFi network is gone."""
        self.hotspots.pop(ssid, None)
        if self._joined == ssid:
            self._joined = None
            self.happens(on.HotspotLost())

    def connect_app(self, language: str | None = None, *, online: bool = True) -> None:
        """The app on a phone is connected to the car; the phone may have been set to another language."""
        self.app.phone = Phone(language or self.app.phone.language, online)
        self.app.connected = True
        self._follow_app()
        self.happens(on.AppConnected(online))

    def disconnect_app(self) -> None:
        """The app is not connected any more."""
        self.app.connected = False
        self._follow_app()
        self.happens(on.AppDisconnected())

    def _follow_app(self) -> None:
        if self.relay is None:
            return
        if self.app.connected and self.app.phone.online:
            self.relay.open()
        else:
            self.relay.close()

    # --- the app, as the agent sees it ---

    def carry(self, message: Outgoing) -> bool:
        """Let the phone take an answer to the backend, if there is one that can."""
        return self.relay is not None and self.relay.carry(message)

    # --- the modem, as the agent sees it ---

    def attach(self, way: Way, apn: str | None) -> None:
        """Answer with `BearerAttached` or `BearerRejected`."""
        self._bearer = way
        self.lines.use(way)
        self._later("attach", ATTACH_SECONDS, lambda: self.happens(self._attached(way, apn)))

    def detach(self, way: Way) -> None:
        """The bearer is gone; a request under way is forgotten."""
        self._bearer = None
        if way and (timer := self._pending.pop("attach", None)):
            timer.cancel()

    def unlock_sim(self, pin: Secret) -> None:
        """Answer with `SimUnlocked` or `SimPinRejected`."""
        self._later("sim", SIM_SECONDS, lambda: self._try_pin(pin))

    def unblock_sim(self, puk: Secret, new_pin: Secret) -> None:
        """Answer with `SimUnlocked` or `SimPukRejected`."""
        self._later("sim", SIM_SECONDS, lambda: self._try_puk(puk, new_pin))

    def join_hotspot(self, ssid: str, password: Secret) -> None:
        """Answer with `HotspotJoined` or `HotspotRefused`."""
        self._later("hotspot", HOTSPOT_SECONDS, lambda: self._try_hotspot(ssid, password))

    def scan_hotspots(self) -> None:
        """Answer with `HotspotsFound`."""
        self._later("scan", SCAN_SECONDS, lambda: self.happens(on.HotspotsFound(tuple(sorted(self.hotspots)))))

    def start_map(self, version: str, received: int, length: int) -> None:
        """Let the map come as fast as the way to data brings it."""
        line = self.lines.current
        rate = 0.0 if line.cut else min(self.bits_per_second() or 0.0, line.bytes_per_second * 8)
        step = min(length - received, int(rate * MAP_STEP_SECONDS / 8))
        self._later(
            "map", step * 8 / rate if step else MAP_STEP_SECONDS, lambda: self._map(version, received + step, length)
        )

    def stop_map(self) -> None:
        """No more of the map comes."""
        if timer := self._pending.pop("map", None):
            timer.cancel()

    # --- the car's body, as the agent sees it ---

    def operate(self, action: RemoteAction) -> None:
        """Answer with what the sensors say when it is done."""
        self._later(action.partition("-")[0], BODY_SECONDS, lambda: self._operated(action))

    async def comes_up(self, function: str) -> bool:
        """Whether a function that was installed works, which it does unless it is to fail."""
        del function
        fails = self.functions_to_fail > 0
        self.functions_to_fail -= fails
        return not fails

    def _operated(self, action: RemoteAction) -> None:
        if action in OPERATED:
            self.happens(OPERATED[action])
        else:
            self.signals += 1

    def bits_per_second(self) -> float | None:
        """Rate of the way to data in use; None where there is no cell to give one."""
        if self._bearer is Way.HOTSPOT:
            return HOTSPOT_BITS_PER_SECOND
        return BITS_PER_SECOND.get(self.cell.access) if self.cell and self.cell.access else None

    def latency(self) -> float:
        """Seconds from a request to the first byte of its answer, over the way to data in use."""
        if self._bearer is Way.HOTSPOT or self.cell is None or self.cell.access is None:
            return HOTSPOT_LATENCY
        return LATENCY[self.cell.access]

    def _attached(self, way: Way, apn: str | None) -> on.Event:
        if way is Way.HOTSPOT:
            return on.BearerAttached(way, None) if self._joined else on.BearerRejected(way, "hotspot-gone")
        if self.cell is None or self.cell.access is None:
            return on.BearerRejected(way, "no-coverage")
        if way is Way.INSERTED_SIM and (self.sim is None or apn not in self.sim.apns):
            return on.BearerRejected(way, "apn-unknown")
        return on.BearerAttached(way, self.cell.access)

    def _try_pin(self, pin: Secret) -> None:
        if self.sim is not None:
            right = self.sim.takes_pin(pin)
            self.happens(on.SimUnlocked() if right else on.SimPinRejected(self.sim.pin_tries))

    def _try_puk(self, puk: Secret, new_pin: Secret) -> None:
        if self.sim is not None:
            right = self.sim.takes_puk(puk, new_pin)
            self.happens(on.SimUnlocked() if right else on.SimPukRejected(self.sim.puk_tries))

    def _try_hotspot(self, ssid: str, password: Secret) -> None:
        hotspot = self.hotspots.get(ssid)
        if hotspot is None or hotspot.password != password:
            self.happens(on.HotspotRefused(ssid))
            return
        self._joined = ssid
        self.happens(on.HotspotJoined(ssid, hotspot.phone, hotspot.keeps_data))

    def _map(self, version: str, received: int, length: int) -> None:
        if received < length:
            self.start_map(version, received, length)
            self.happens(on.MapUpdateProgressed(received))
        else:
            self.happens(on.MapUpdateLoaded())

    def _later(self, name: str, seconds: float, callback: Callable[[], None]) -> None:
        """Answer after so many seconds; a newer request of that name takes the place of an older one."""
        if name in self._pending:
            self._pending[name].cancel()
        self._pending[name] = self._clock.call_at(self._clock.now() + timedelta(seconds=seconds), callback)


class PacedSource:
    """A source of metadata that is as slow as the car's way to data; see `pcm_agent.ports.MetadataSource`."""

    def __init__(self, source: MetadataSource, world: World, clock: Clock) -> None:
        self._source, self._world, self._clock = source, world, clock

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file, after the time that it takes."""
        content = await self._source.fetch(url, limit, came)
        rate = self._world.bits_per_second()
        if rate is not None:
            await self._clock.sleep(self._world.latency() + len(content or b"") * 8 / rate)
        return content


class PacedFetcher:
    """A fetcher that is as slow as the car's way to data; see `pcm_agent.ports.Fetcher`."""

    def __init__(self, fetcher: Fetcher, world: World, clock: Clock) -> None:
        self._fetcher, self._world, self._clock = fetcher, world, clock

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on, each chunk after the time that it takes."""
        chunks = self._fetcher.fetch(url, offset, length, skipped)
        ready = self._clock.now() + timedelta(seconds=self._world.latency())
        try:
            async for chunk in chunks:
                rate = self._world.bits_per_second()
                if rate is not None:
                    ready = max(ready, self._clock.now() - timedelta(seconds=1)) + timedelta(
                        seconds=len(chunk) * 8 / rate
                    )
                    pause = (ready - self._clock.now()).total_seconds()
                    if pause > 0:
                        await self._clock.sleep(pause)
                yield chunk
        finally:
            await chunks.aclose()
