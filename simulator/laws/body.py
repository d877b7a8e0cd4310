"""What is done with a car: functions installed and removed, actions from afar, and what private mode leaves of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import PrivateMode, Remote
from pcm_agent.protocol.people import RemoteCommand, Role
from simulator.laws.facts import Facts


class BodyJudge:
    """Judges what is done with one car."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._counters: dict[str, int] = {}
        self.had: set[tuple[str, str]] = set()
        """Function and version: all that the car ever had."""

    def handled(self, event: Event, effects: Sequence[do.Effect], at: datetime) -> None:
        """Judge what came of an event at the instant at which the core had it; a commit may take a while after that."""
        facts = self._facts
        facts.body.learn(event, at)
        for effect in effects:
            match effect:
                case do.TakeAs():
                    facts.body.learn(effect.event, at)
                case do.InstallPackage():
                    self._judge_installation(event, at)
                case do.RemovePackage():
                    self._judge_removal(at)
                case do.Operate():
                    self._judge_remote(event)
                case do.StartDownload() | do.StartMapUpdate() | do.CheckMetadata():
                    private = facts.state.private_mode is PrivateMode.ON
                    fetched = private and not isinstance(effect, do.CheckMetadata)
                    facts.hold("private", not fetched, f"{type(effect).__name__} in private mode")
        if isinstance(event, on.PackageVerified | on.PackageRemoved):
            self._judge_counters()

    def _judge_installation(self, event: Event, at: datetime) -> None:
        """FOD-05 to FOD-07. What was begun before a power cut is taken up by whatever the car knows then."""
        facts = self._facts
        if isinstance(event, on.PcmStarted):
            return
        needed = facts.car.profile.installation
        facts.hold("installation", facts.body.ready(needed.minimum_battery_percent), f"installed: {facts.body}")
        self._judge_rest(at)

    def _judge_removal(self, at: datetime) -> None:
        """FOD-13."""
        self._facts.hold("installation", self._facts.body.left, f"removed: {self._facts.body}")
        self._judge_rest(at)

    def _judge_rest(self, at: datetime) -> None:
        """By a clock that is right, unless the car's own once ran faster: it measures the span by that one."""
        facts = self._facts
        span = timedelta(minutes=facts.car.profile.installation.settle_minutes)
        rested = facts.body.since is None or (at - facts.body.since) * facts.car.clock.fastest >= span
        facts.hold("installation", rested, f"the car was left at {facts.body.since} only")

    def _judge_counters(self) -> None:
        state = self._facts.state
        self.had |= {(name, image.version) for name, image in state.installed.items()}
        for name, counter in self._counters.items():
            self._facts.hold("counter", state.counters.get(name, 0) >= counter, f"the counter of {name} fell")
        self._counters = dict(state.counters)

    def _judge_remote(self, event: Event) -> None:
        """REM-01, REM-02, IDN-07, PRV-01."""
        facts, state = self._facts, self._facts.state
        command = event.body if isinstance(event, on.CommandReceived) else None
        facts.hold("private", state.private_mode is PrivateMode.OFF, "done from afar in private mode")
        facts.hold("remote", isinstance(command, RemoteCommand), "done without a command")
        facts.hold("remote", state.porsche_id is not None, "done from afar for a guest")
        allowed = state.remote is Remote.ALLOWED or not facts.car.profile.remote.allowed_in_pcm
        facts.hold("remote", allowed, "done though remote access is off")
        if isinstance(command, RemoteCommand):
            granted = command.role is Role.MAIN or (command.role is Role.ADDITIONAL and command.granted)
            facts.hold("remote", granted, f"done by a user without the right: {command.role}")
            facts.hold("remote", command.code_check != "wrong", "done with a wrong security code")
