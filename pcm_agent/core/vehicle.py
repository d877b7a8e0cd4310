"""The vehicle: `handle(event, now) -> effects`, `snapshot` and `restore`.

Two rules hold for every event. It first reaches the regions whose tables know it; then, if it changed anything, the
rules between regions are applied until they raise nothing more. And it always has an answer: transitions, a refusal,
or visibly nothing.
"""

from datetime import datetime, timedelta

import msgspec

from firmware_profiles import Country, Equipment, Profile
from pcm_agent.core.answering import HEARTBEAT, answer
from pcm_agent.core.effects import Effect, Persist, Publish, ReportState, ShowSymbol
from pcm_agent.core.events import Event
from pcm_agent.core.region import Car, Turn
from pcm_agent.core.report import fingerprint, status_symbol
from pcm_agent.core.settling import Settler
from pcm_agent.core.state import VehicleState
from pcm_agent.core.states import Connection, PrivateMode
from pcm_agent.errors import LocalError
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from pcm_agent.protocol.secret import restored, revealed

_encoder = msgspec.json.Encoder(enc_hook=revealed)
_decoder = msgspec.json.Decoder(VehicleState, dec_hook=restored)


class Vehicle:
    """One car's head unit.

    Feed it every event with the time at which it happened; perform the effects that it returns, in their order. The
    time must be aware and should not go back. The same events at the same times give the same effects.
    """

    def __init__(self, car: Car, state: VehicleState) -> None:
        self.car = car
        self.state = state
        self._reported = fingerprint(state)
        self._settler = Settler()

    @classmethod
    def new(
        cls,
        vin: str,
        profile: Profile,
        market: Country,
        equipment: frozenset[Equipment] = frozenset(),
    ) -> "Vehicle":
        """A car as it left the factory.

        Args:
            vin: vehicle identification number (ISO 3779).
            profile: what this kind of car has.
            market: the country that it was sold in.
            equipment: what was ordered beyond what every such car has.
        """
        return cls(
            Car(profile, market, equipment),
            VehicleState(vin=vin, profile=profile.name, market=market.code),
        )

    @classmethod
    def restore(
        cls,
        snapshot: bytes,
        profile: Profile,
        market: Country,
        equipment: frozenset[Equipment] = frozenset(),
    ) -> "Vehicle":
        """The car as `snapshot` kept it.

        Raises:
            LocalError: `snapshot-unreadable`.
        """
        try:
            return cls(Car(profile, market, equipment), _decoder.decode(snapshot))
        except msgspec.DecodeError as error:
            raise LocalError("snapshot-unreadable", f"not a vehicle's state: {error}") from error

    def snapshot(self) -> bytes:
        """The whole state as JSON, secrets included: for the journal, never for people."""
        return _encoder.encode(self.state)

    def handle(self, event: Event, now: datetime) -> list[Effect]:
        """Let one event happen.

        Args:
            event: what happened.
            now: when (aware, UTC).

        Returns:
            What is to be done, in order. `Persist` comes last, where the change must outlast a power cut; then state
            and messages are to be committed before anything else is performed.

        Raises:
            LocalError: `time-naive`.
        """
        if now.tzinfo is None:
            raise LocalError("time-naive", "the core takes aware times only")
        turn = Turn(self.car, self.state, event, now)
        self.state.clock = max(now, self.state.clock or now)
        answer(turn)
        if turn.changed:
            self._settler.settle(turn)
            _conclude(turn)
            self._number(turn)
            turn.add(Persist())
        if self.state.private_mode is PrivateMode.ON:
            return [effect for effect in turn.effects if not _personal(effect)]
        return turn.effects

    def _number(self, turn: Turn) -> None:
        """Give the reported state a new number where it is another one."""
        reported = fingerprint(self.state)
        if reported != self._reported:
            self._reported = reported
            self.state.version += 1
            turn.add(ReportState())


def _personal(effect: Effect) -> bool:
    """Whether private mode withholds it (PRV-01)."""
    return isinstance(effect, Publish) and type(effect.body) in PERSONAL_REPORTS


def _conclude(turn: Turn) -> None:
    """Keep the symbol true, and the heartbeat going while there is data."""
    state = turn.state
    symbol = status_symbol(state, turn.car.profile.status.symbol_corner)
    if symbol != state.symbol:
        state.symbol = symbol
        turn.add(ShowSymbol(symbol))
    connected = state.connection is Connection.CONNECTED
    if connected is not (HEARTBEAT in state.timers):
        if connected:
            turn.set_timer(HEARTBEAT, turn.now + timedelta(seconds=state.heartbeat_seconds))
        else:
            turn.cancel_timer(HEARTBEAT)
