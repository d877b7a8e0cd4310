"""Data, ways, calls and the symbol: what the car does, beside what cell, SIM and phones allow (CON-01 to CON-20)."""

from collections.abc import Sequence

from firmware_profiles import RoamingControl, Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import Access, Call, Connection, Ignition, Sim
from simulator.laws.facts import Facts

_LETTERS = {Access.LTE: "LTE", Access.UMTS: "3G", Access.EDGE: "E"}


class RadioJudge:
    """Judges one car's radio."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._typed: set[tuple[str, str]] = set()
        """SIM and PIN: what was typed for which."""

    def handled(self, event: Event, effects: Sequence[do.Effect]) -> None:
        """Judge what came of an event."""
        facts = self._facts
        if isinstance(event, on.DownloadProgressed | on.MapUpdateProgressed):
            connected = facts.state.connection is Connection.CONNECTED
            facts.hold("data", connected and facts.car.world.bits_per_second(), f"{type(event).__name__} without data")
        self._judge_pin(event, effects)
        if any(isinstance(effect, do.Persist) for effect in effects):
            self._judge_way()
            self._judge_symbol()

    def _judge_pin(self, event: Event, effects: Sequence[do.Effect]) -> None:
        sim = self._facts.car.world.sim
        for effect in effects:
            if isinstance(effect, do.UnlockSim) and sim is not None:
                known = (sim.card, effect.pin.reveal())
                if isinstance(event, on.SimPinEntered | on.MenuTapped):
                    self._typed.add(known)
                self._facts.hold("pin", known in self._typed, f"{sim.card} is given a PIN that was typed for another")
            elif isinstance(effect, do.UnblockSim) and sim is not None:
                self._typed.add((sim.card, effect.new_pin.reveal()))

    def _judge_way(self) -> None:
        state, order = self._facts.state, self._facts.state.way_order or self._facts.car.profile.data.ways
        right = next((way for way in order if self._may_use(way)), None)
        self._facts.hold("way", state.way is right, f"{state.way or 'no way'} in use, {right or 'none'} is right")
        if state.way is not None:
            self._facts.hold("call", self._call_allows(state.way), f"{state.way} beside a call: {state.call}")

    def _judge_symbol(self) -> None:
        state = self._facts.state
        wifi = state.connection is Connection.CONNECTED and state.way is Way.HOTSPOT
        over_air = state.connection is Connection.CONNECTED and not wifi
        cell = state.cell.access if state.cell else None
        letter = _LETTERS.get(cell) if over_air and cell else None
        found = state.symbol.letter, state.symbol.wifi
        self._facts.hold("symbol", found == (letter, wifi), f"{found} is shown, {(letter, wifi)} is true")

    def _may_use(self, way: Way) -> bool:
        """CON-01, CON-02, CON-08, CON-10, CON-13, CON-14, CON-17, CON-19, CON-20."""
        state, car = self._facts.state, self._facts.car
        awake = state.ignition is Ignition.ON or way in car.profile.data.parked_ways
        if way in state.rejected_ways or not awake or not self._call_allows(way):
            return False
        if way is Way.HOTSPOT:
            return car.market.hotspot and state.hotspot is not None
        cell = state.cell
        roams = state.roaming_allowed or car.profile.data.roaming is RoamingControl.AUTOMATIC
        home = car.market.code if way is Way.EMBEDDED_SIM else state.sim_country
        covered = cell is not None and cell.access is not None and (roams or cell.country == home)
        if way is Way.EMBEDDED_SIM:
            return covered and state.mobile_data_allowed and car.market.embedded_sim
        return covered and state.mobile_data_allowed and state.sim is Sim.READY and state.apn is not None

    def _call_allows(self, way: Way) -> bool:
        """CON-03, CON-05, CON-06: whether the call that is up lets data go over this way."""
        state = self._facts.state
        if state.call is Call.INSERTED_SIM:
            if way is Way.INSERTED_SIM:
                return self._goes_on(keeps_data=state.sim_keeps_data)
            return way is Way.HOTSPOT
        if state.call is Call.NONE or way is not Way.HOTSPOT or state.hotspot_phone != state.calling_phone:
            return True
        return self._goes_on(keeps_data=state.hotspot_keeps_data)

    def _goes_on(self, *, keeps_data: bool) -> bool:
        """CON-05, beside a call on the same line."""
        access = self._facts.state.cell.access if self._facts.state.cell else None
        return keeps_data if access is Access.LTE else access is not Access.EDGE
