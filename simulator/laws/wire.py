"""What is said on the wire: nothing of people in private mode, one answer a command, and nothing that is refused."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import Account, Connection, PrivateMode
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import PackageState, Reply, ReportState
from pcm_agent.texts import render
from simulator.laws.facts import Facts
from simulator.trace import Record

WITHHELD = ("pairing-requested", "login-requested", "settings", "user-left", "refusal")
"""Reports that private mode withholds: docs/privacy.md, said once more."""
NOT_ALIKE = frozenset(("car-unknown",))
"""Codes with which the backend may refuse a car: one that is in nobody's profile."""
LONGEST = {
    PackageState.ACTIVATING: timedelta(minutes=5),
    PackageState.VERIFYING: timedelta(minutes=5),
    PackageState.CANCELLING: timedelta(minutes=5),
    PackageState.DOWNLOADING: timedelta(days=2),
}
"""How long a step of a package takes at most; a download over the slowest cell, with its pauses."""
LONGEST_LINK = timedelta(minutes=10)
LONGEST_ATTACH = timedelta(minutes=10)


class WireJudge:
    """Judges what one car says, and how long it leaves something open."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._finals: dict[str, Reply] = {}
        self._since: dict[str, tuple[object, object]] = {}
        """What may hang → how it stands and since when."""

    def seen(self, record: Record) -> None:
        """Judge a record of the trace about this car."""
        if record.kind == "sent":
            self._judge_sent(record)
        elif record.kind == "shown":
            self._judge_words(record)

    def _judge_sent(self, record: Record) -> None:
        channel, _, kind = record.name.partition("/v1/")[2].partition("/")[2].partition("/")
        state, facts = self._facts.state, self._facts
        over_session = record.name.startswith("pcm/")
        if over_session and channel != "presence":
            facts.hold("data", state.connection is Connection.CONNECTED, f"{record.name} without data")
        if state.private_mode is PrivateMode.ON and channel != "presence":
            facts.hold("private", not (channel == "event" and kind in WITHHELD), f"{record.name} in private mode")
            said = msgspec.json.encode(record.data, order="sorted")
            named = [name for name in self._names() if name.encode() in said]
            facts.hold("private", not named, f"{record.name} names {', '.join(named)} in private mode")

    def _names(self) -> list[str]:
        """What says something of people, wherever it stands."""
        state = self._facts.state
        return [*state.users, *state.departed, *filter(None, (state.porsche_id, *state.lost_requests.values()))]

    def handled(self, event: Event, effects: Sequence[do.Effect]) -> None:
        """Judge the answers to a command."""
        if not isinstance(event, on.CommandReceived):
            return
        replies = [effect.reply for effect in effects if isinstance(effect, do.Answer)]
        hold = self._facts.hold
        stages = [reply.stage == "received" for reply in replies]
        hold("once", stages == [True, False], f"{event.kind} is answered {[reply.stage for reply in replies]}")
        operates = any(isinstance(effect, do.Operate) for effect in effects)
        if event.id in self._finals and not isinstance(event.body, ReportState):
            first = self._finals[event.id]
            hold("once", replies[-1:] == [first] and not operates, f"{event.kind} is done again: {replies[-1:]}")
        elif replies:
            self._finals[event.id] = replies[-1]

    def _judge_words(self, record: Record) -> None:
        arguments = {key: value for key, value in record.data.items() if key != "display"}
        try:
            text = render(self._facts.car.language, record.name, arguments)
        except LocalError as error:
            text = ""
            self._facts.breaks("words", error)
        self._facts.hold("words", text, f"{record.name} says nothing")

    # --- when all is quiet ---

    def quiet(self) -> None:
        """Judge how long something has been under way."""
        state = self._facts.state
        for offer, job in state.jobs.items():
            self._hangs(f"package {offer}", job.state, LONGEST.get(job.state))
        for offer in [name for name in self._since if name.startswith("package ")]:
            if offer.removeprefix("package ") not in state.jobs:
                del self._since[offer]
        linking = LONGEST_LINK if state.account is Account.LINKING else None
        self._hangs("link", (state.account, state.link_request), linking)
        self._hangs("connection", state.connection, LONGEST_ATTACH if state.connection == "connecting" else None)

    def excuse(self) -> None:
        """What has been under way may take longer: something is broken."""
        self._since.clear()

    def _hangs(self, what: str, stands: object, longest: timedelta | None) -> None:
        now = self._facts.now
        before, since = self._since.get(what, (None, now))
        if before != stands:
            self._since[what] = (stands, now)
        elif longest is not None and isinstance(since, type(now)):
            self._facts.hold("stuck", now - since <= longest, f"{what} has been {stands} since {since}")

    def settled(self) -> None:
        """Judge what is left where nothing is under way."""
        agent, facts = self._facts.car.agent, self._facts
        if agent.online and facts.state.private_mode is PrivateMode.OFF:
            facts.hold("said", agent.unsaid == 0, f"{agent.unsaid} reports wait though the car is online")
        facts.hold("understood", not agent.rejected, f"the car refused what the backend said: {dict(agent.rejected)}")
