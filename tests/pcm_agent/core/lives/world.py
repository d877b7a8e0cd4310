"""What a judge knows of a car and its surroundings: from what happened, and from what the car asked for.

The car is never asked what it is. Neither is the core: what may be follows from the requirements, said once more.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

from firmware_profiles import Country, DataOff, Equipment, Menu, Profile, RoamingControl, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import Access, CallLine, SelectorLever
from tests.pcm_agent.core.lives.laws import Law, hold

if TYPE_CHECKING:
    from datetime import datetime

LETTERS = {Access.LTE: "LTE", Access.UMTS: "3G", Access.EDGE: "E"}
PLAIN: dict[type[Event], tuple[str, object]] = {
    on.IgnitionTurnedOn: ("on", True),
    on.IgnitionTurnedOff: ("on", False),
    on.ParkingBrakeApplied: ("brake", True),
    on.ParkingBrakeReleased: ("brake", False),
    on.CarLocked: ("locked", True),
    on.CarUnlocked: ("locked", False),
    on.CarLeft: ("empty", True),
    on.CarEntered: ("empty", False),
    on.ChargingCableConnected: ("cable", True),
    on.ChargingCableDisconnected: ("cable", False),
    on.ClimateStarted: ("climate", True),
    on.ClimateStopped: ("climate", False),
    on.PrivateModeEnabled: ("private", True),
    on.PrivateModeDisabled: ("private", False),
    on.TrafficEnabled: ("traffic", True),
    on.TrafficDisabled: ("traffic", False),
    on.HotspotLost: ("hotspot", None),
    on.PhoneDisconnected: ("bluetooth", None),
    on.CarPlayEnded: ("carplay", None),
    on.CallEnded: ("call", None),
    on.AppDisconnected: ("app_online", False),
}
"""Facts that follow from an event whatever was before."""
SWITCHES: dict[type[Event], tuple[Menu, str, bool]] = {
    on.RoamingEnabled: (Menu.ROAMING, "roams", True),
    on.RoamingDisabled: (Menu.ROAMING, "roams", False),
    on.MobileDataEnabled: (Menu.DATA_OFF, "mobile", True),
    on.MobileDataDisabled: (Menu.DATA_OFF, "mobile", False),
    on.SharingEnabled: (Menu.IN_CAR_HOTSPOT, "sharing", True),
    on.SharingDisabled: (Menu.IN_CAR_HOTSPOT, "sharing", False),
    on.MapUpdatesOverMobileAllowed: (Menu.MAP_UPDATES_OVER_MOBILE, "map_over_mobile", True),
    on.MapUpdatesOverMobileForbidden: (Menu.MAP_UPDATES_OVER_MOBILE, "map_over_mobile", False),
}
"""Facts that follow where the car has the switch."""
Sim = Literal["absent", "pin", "ready", "puk", "blocked"]


class Hotspot(NamedTuple):
    """Whose phone it is, where that is known, and whether its provider lets data go on beside a call."""

    ssid: str
    phone: str | None
    keeps_data: bool


class Call(NamedTuple):
    """The call that is up; over a phone by its name."""

    line: CallLine
    phone: str | None = None


class World:
    """The car's body, the radio, the phones, and the way that data takes."""

    def __init__(self, profile: Profile, market: Country, equipment: frozenset[Equipment]) -> None:
        self.profile, self.market, self.equipment = profile, market, equipment
        self.slot = Way.INSERTED_SIM in profile.data.ways
        self.hotspots = Way.HOTSPOT in profile.data.ways and market.hotspot
        self.on, self.park, self.brake, self.locked, self.empty, self.cable = False, True, True, True, True, False
        self.climate = False
        self.percent = 80
        self.cell: tuple[str, Access | None] | None = None
        self.private, self.roams, self.mobile, self.sharing = False, False, True, False
        self.map_over_mobile, self.traffic = False, False
        self.sim: Sim = "absent"
        self.sim_home: str | None = None
        self.sim_keeps_data, self.apn = True, ""
        self.hotspot: Hotspot | None = None
        self.bluetooth: str | None = None
        self.carplay: str | None = None
        self.call: Call | None = None
        self.app_online = False
        self.order: tuple[Way, ...] = profile.data.ways
        self.rejected: set[Way] = set()
        self.package_until: datetime | None = None
        self.package_days: int | None = None
        # what the effects asked for
        self.session = False
        self.bearer: Way | None = None
        self.access: Access | None = None
        self.shown: tuple[str | None, bool, str] = (None, False, "")

    # --- what happened ---

    def learn(self, event: Event, *, refused: bool) -> None:
        """Keep the facts that the requirements speak of."""
        self._learn_call(event, refused=refused)
        if type(event) in PLAIN:
            name, value = PLAIN[type(event)]
            setattr(self, name, value)
        if type(event) in SWITCHES:
            menu, name, value = SWITCHES[type(event)]
            if self.has(menu):
                setattr(self, name, value)
        self._learn_of_body(event)
        self._learn_of_sim(event)
        self._learn_of_data(event)
        self._learn_of_phones(event)
        if self.call and not self._line_is_there(self.call):
            self.call = None

    def has(self, menu: Menu) -> bool:
        """Whether the car has the switch."""
        if menu is Menu.DATA_OFF:
            return self.profile.data.data_off is DataOff.MOBILE_DATA_SWITCH
        return menu in self.profile.menus

    def _learn_of_body(self, event: Event) -> None:
        match event:
            case on.SelectorLeverMoved():
                self.park = event.position is SelectorLever.PARK
            case on.BatteryLevelMeasured():
                self.percent = event.percent
            case on.AppConnected():
                self.app_online = event.online
            case on.PcmStarted():
                self.session, self.bearer, self.access = False, None, None
                self.bluetooth = self.carplay = self.call = None
                self.app_online = False
            case on.FactoryResetConfirmed():
                self.private = self.roams = self.sharing = self.map_over_mobile = self.traffic = False
                self.mobile, self.apn = True, ""
                self.hotspot = self.bluetooth = self.carplay = None
                self.order = self.profile.data.ways
                self.rejected.clear()

    def _learn_of_sim(self, event: Event) -> None:
        match event:
            case on.SimInserted() if self.slot:
                self.sim, self.sim_home = "pin" if event.pin_required else "ready", event.home_country
                self.sim_keeps_data = event.keeps_data
                self.rejected.discard(Way.INSERTED_SIM)
            case on.SimRemoved():
                self.sim, self.sim_home = "absent", None
            case on.SimUnlocked() if self.sim in ("pin", "puk"):
                self.sim = "ready"
            case on.SimPinRejected(0) if self.sim == "pin":
                self.sim = "puk"
            case on.SimPukRejected(0) if self.sim == "puk":
                self.sim = "blocked"

    def _learn_of_data(self, event: Event) -> None:
        match event:
            case on.CellChanged():
                self.cell = event.country, event.access
                if self.session and self.bearer is not Way.HOTSPOT and event.access is not None:
                    self.access = event.access
            case on.ApnEntered() if self.slot and event.apn:
                self.apn = event.apn
                self.rejected.discard(Way.INSERTED_SIM)
            case on.WayOrderChosen() if sorted(event.ways) == sorted(self.profile.data.ways):
                self.order = event.ways
            case on.BearerAttached() if event.way is self.bearer and not self.session:
                self.access = event.access
            case on.BearerRejected() if event.way is self.bearer and not self.session:
                self.rejected.add(event.way)
                self.bearer = None
            case on.TimerFired("attach-retry"):
                self.rejected.clear()

    def _learn_of_phones(self, event: Event) -> None:
        match event:
            case on.HotspotJoined() if self.hotspots:
                self.hotspot = Hotspot(event.ssid, event.phone, event.keeps_data)
                self.rejected.discard(Way.HOTSPOT)
            case on.HotspotRefused(ssid) if self.hotspot and self.hotspot.ssid == ssid:
                self.hotspot = None
            case on.PhoneConnected() if self.carplay is None:
                self.bluetooth = event.phone
            case on.CarPlayStarted() if self._carplay_is_there(event):
                self.carplay, self.bluetooth = event.phone, None

    def _carplay_is_there(self, event: on.CarPlayStarted) -> bool:
        """CON-21, CON-23."""
        wireless = (
            self.market.wireless_carplay
            and self.profile.phone.wireless_carplay
            and Equipment.WIRELESS_CARPLAY in self.equipment
        )
        return self.profile.phone.carplay and (wireless or not event.wireless)

    # --- calls ---

    def _learn_call(self, event: Event, *, refused: bool) -> None:
        """CON-02 to CON-06: exactly the calls come about that can."""
        if not isinstance(event, on.CallStarted):
            return
        over_phone = event.line is CallLine.PHONE
        possible = (self.phone is not None) if over_phone else self._sim_can_call()
        hold(Law.CALL, refused is not (possible and self.call is None), f"{event} refused: {refused}")
        if not refused:
            self.call = Call(event.line, self.phone if over_phone else None)

    @property
    def phone(self) -> str | None:
        """The phone that could call."""
        return self.carplay or self.bluetooth

    @property
    def covered(self) -> bool:
        return self.cell is not None and self.cell[1] is not None

    def _sim_can_call(self) -> bool:
        free = self.bearer is not Way.EMBEDDED_SIM
        return self.slot and self.sim == "ready" and self.covered and self.market.inserted_sim_calls and free

    def _line_is_there(self, call: Call) -> bool:
        if call.line is CallLine.PHONE:
            return self.phone == call.phone
        return self.sim == "ready" and self.covered

    def _data_goes_on(self, *, keeps_data: bool) -> bool:
        """CON-05, beside a call on the same line."""
        access = self.cell[1] if self.cell else None
        return keeps_data if access is Access.LTE else access is not Access.EDGE

    def call_allows(self, way: Way) -> bool:
        """CON-03, CON-05, CON-06: whether the call that is up lets data go over this way."""
        if self.call is None:
            return True
        if self.call.line is CallLine.INSERTED_SIM:
            if way is Way.INSERTED_SIM:
                return self._data_goes_on(keeps_data=self.sim_keeps_data)
            return way is Way.HOTSPOT
        if way is not Way.HOTSPOT or self.hotspot is None or self.hotspot.phone != self.call.phone:
            return True
        return self._data_goes_on(keeps_data=self.hotspot.keeps_data)

    # --- data ---

    def abroad(self, way: Way) -> bool:
        """Whether the subscription behind a way is not at home here."""
        home = self.market.code if way is Way.EMBEDDED_SIM else self.sim_home
        return way is not Way.HOTSPOT and self.cell is not None and self.cell[0] != home

    def may_use(self, way: Way) -> bool:
        """CON-01, CON-02, CON-08, CON-10, CON-13, CON-14, CON-17, CON-19, CON-20."""
        awake = self.on or way in self.profile.data.parked_ways
        if way in self.rejected or not awake or not self.call_allows(way):
            return False
        if way is Way.HOTSPOT:
            return self.hotspots and self.hotspot is not None
        roams = self.roams or self.profile.data.roaming is RoamingControl.AUTOMATIC
        over_air = self.mobile and self.covered and (roams or not self.abroad(way))
        if way is Way.EMBEDDED_SIM:
            return over_air and self.market.embedded_sim
        return over_air and self.slot and self.sim == "ready" and self.apn != ""

    def way(self) -> Way | None:
        """The first way that may be used, in the order of the car or of its driver."""
        return next(filter(self.may_use, self.order), None)

    def follow(self, effect: do.Effect, event: Event) -> None:
        """Keep what the car asks of the network, and what it shows of it."""
        match effect:
            case do.AttachBearer(way, apn):
                hold(Law.CALL, self.call_allows(way), effect)
                hold(Law.WAY, self.bearer is None and self.may_use(way), effect)
                hold(Law.WAY, apn == (self.apn if way is Way.INSERTED_SIM else None), effect)
                self.bearer = way
            case do.DetachBearer(way):
                hold(Law.WAY, self.bearer is way, effect)
                self.bearer = None
            case do.OpenSession():
                given = isinstance(event, on.BearerAttached) and event.way is self.bearer
                hold(Law.DATA, given and not self.session, "a session without a bearer")
                self.session = True
            case do.CloseSession():
                self.session, self.bearer, self.access = False, None, None
            case do.ShowSymbol(symbol):
                self.shown = symbol.letter, symbol.wifi, symbol.corner

    def symbol(self) -> tuple[str | None, bool]:
        """CON-15, CON-16: what the symbol is to be."""
        wifi = self.session and self.bearer is Way.HOTSPOT
        over_sim = self.session and not wifi and self.access
        return (LETTERS[self.access] if over_sim and self.access else None), wifi

    # --- left and locked ---

    @property
    def left(self) -> tuple[bool, ...]:
        """FOD-13, condition by condition."""
        return not self.on, self.empty, self.locked, not self.cable

    @property
    def ready(self) -> tuple[bool, ...]:
        """FOD-06, condition by condition."""
        return self.park, self.brake, self.percent >= self.profile.installation.minimum_battery_percent, *self.left

    def meets(self, demands: tuple[str, ...], *, restarted: bool = False) -> bool:
        """FOD-06: whether a function's own preconditions hold; one that nobody knows never does.

        Args:
            demands: by the name that they have in the function's metadata.
            restarted: the PCM has just come up: nobody calls over it any more, and it has no data yet.
        """
        met = {
            "no-call": restarted or self.call is None,
            "connected": self.session and not restarted,
            "climate-off": not self.climate,
            "battery-80": self.percent >= 80,
            "private-mode-off": not self.private,
        }
        return all(met.get(name, False) for name in demands)
