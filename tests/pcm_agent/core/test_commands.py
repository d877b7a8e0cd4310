from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.answering import ANSWERS_KEPT
from pcm_agent.protocol.messages import ConfigureReporting, Look, Reply, ReportState, WithdrawPackage
from pcm_agent.trust.floors import Floors
from tests.pcm_agent.core.conftest import FAR

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


def test_report_state_changes_nothing(taycan: "Driver") -> None:
    taycan.go_online()
    before = taycan.vehicle.snapshot()
    effects = taycan.feed(on.CommandReceived("c", "report-state", ReportState()))
    assert effects == [
        do.Answer("c", "report-state", Reply(stage="received"), durable=False),
        do.ReportState(),
        do.Answer("c", "report-state", Reply(stage="done"), durable=False),
    ]
    assert taycan.vehicle.snapshot() == before
    assert taycan.feed(on.CommandReceived("c", "report-state", ReportState())) == effects


def test_a_lasting_command_is_answered_durably(taycan: "Driver") -> None:
    taycan.command(ConfigureReporting(heartbeat_seconds=5), "c")
    received, done = taycan.of(do.Answer)
    assert (received.durable, done.durable) == (False, True)
    assert isinstance(taycan.last[-1], do.Persist)


def test_a_repeated_command_takes_effect_once_and_is_answered_as_before(taycan: "Driver") -> None:
    taycan.go_online()
    first = taycan.command(Look(), "c")
    assert taycan.of(do.CheckMetadata)
    taycan.feed(on.MetadataAccepted((), Floors(), FAR))
    assert taycan.command(Look(), "c") == first
    assert not [effect for effect in taycan.last if not isinstance(effect, do.Answer)]
    refused = taycan.command(WithdrawPackage(offer_id="another"), "d")
    assert refused.stage == "refused"
    assert taycan.command(WithdrawPackage(offer_id="another"), "d") == refused
    taycan.restart()
    assert taycan.command(WithdrawPackage(offer_id="another"), "d") == refused


@pytest.mark.requirement("REM-03")
def test_a_command_that_came_by_the_app_is_answered_the_same_way_and_nothing_waits(taycan: "Driver") -> None:
    body = ConfigureReporting(heartbeat_seconds=5)
    taycan.feed(on.CommandReceived("c", "configure-reporting", body, over_app=True))
    answers = taycan.of(do.Answer)
    assert [(answer.reply.stage, answer.over_app, answer.durable) for answer in answers] == [
        ("received", True, False),
        ("done", True, False),
    ]
    taycan.command(body, "c")
    assert [(answer.over_app, answer.durable) for answer in taycan.of(do.Answer)] == [(False, False), (False, True)]


def test_an_answer_outlives_its_commands_expiry(taycan: "Driver") -> None:
    expires = taycan.now + timedelta(minutes=1)
    taycan.command(ConfigureReporting(heartbeat_seconds=5), "c", expires)
    taycan.wait(minutes=2)
    assert taycan.command(ConfigureReporting(heartbeat_seconds=5), "c", expires).stage == "done"


def test_so_many_answers_are_remembered(taycan: "Driver") -> None:
    for number in range(ANSWERS_KEPT + 2):
        taycan.command(ConfigureReporting(heartbeat_seconds=5), f"n-{number}")
    assert list(taycan.state.answered) == [f"n-{number}" for number in range(2, ANSWERS_KEPT + 2)]


def test_heartbeat_interval_holds_at_once(taycan: "Driver") -> None:
    taycan.command(ConfigureReporting(heartbeat_seconds=86_400))
    assert "heartbeat" not in taycan.state.timers
    taycan.go_online()
    assert taycan.state.timers["heartbeat"] == taycan.now + timedelta(days=1)
    taycan.command(ConfigureReporting(heartbeat_seconds=5))
    assert taycan.state.timers["heartbeat"] == taycan.now + timedelta(seconds=5)
    taycan.wait(seconds=11)
    assert len(taycan.of(do.Publish)) == 2
