"""Commands that the app on a phone hands over, with the car online or not."""

from datetime import timedelta

import pytest

from pcm_agent.core import events as on
from pcm_agent.protocol.envelope import decode, decode_body
from pcm_agent.protocol.messages import KIND_OF, ConfirmLink, Reply, ReportState
from pcm_agent.protocol.people import RemoteAction, RemoteCommand, Role
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import ProvideService
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.transport import Incoming, Outgoing
from simulator.lab import START
from tests.pcm_agent.runtime.bench import VIN, Bench, envelope
from tests.waiting import idle, virtual

COMMAND = RemoteCommand(action=RemoteAction.LOCK, porsche_id="ayumi@example.com", role=Role.MAIN, code_check="right")


def handed_over(body: object = COMMAND, kind: str = "remote", number: str = "c-1") -> Incoming:
    return Incoming(topic=f"app/v1/{VIN}/command/{kind}", payload=envelope(body, number, kind=kind))


def answers(carried: list[Outgoing]) -> list[tuple[str, str | None, str, str | None]]:
    found: list[tuple[str, str | None, str, str | None]] = []
    for message in carried:
        topic = parse_topic(message.topic)
        assert topic is not None
        reply = decode_body(decode(message.payload, topic), Reply)
        found.append((message.topic, message.correlation, reply.stage, reply.code))
    return found


@pytest.mark.requirement("REM-03")
@virtual
async def test_car_without_data_answers_by_the_app_what_came_by_it() -> None:
    bench = Bench()
    bench.boot()
    bench.agent.feed(on.AppConnected(online=True))
    bench.agent.hear(handed_over())
    await idle()
    topic = f"app/v1/{VIN}/reply/remote"
    assert answers(bench.modem.carried) == [
        (topic, "c-1", "received", None),
        (topic, "c-1", "refused", "remote-access-off"),
    ]
    assert bench.heard == []
    assert [record.name for record in bench.trace.records if record.kind == "arrived"] == [handed_over().topic]


async def open_to_remote_access(bench: Bench) -> None:
    """Let the main user order the service, log in and allow it; then the car loses its data."""
    await bench.get_online()
    await bench.send(ProvideService(service="remote-access", until=START + timedelta(days=365)), number="order")
    bench.agent.feed(on.PorscheIdEntered(COMMAND.porsche_id, Secret("alpenpass-1")))
    request = str(bench.agent.vehicle.state.link_request)
    await bench.send(ConfirmLink(request_id=request, porsche_id=COMMAND.porsche_id, secured=True), number="link")
    bench.agent.feed(on.RemoteAccessAllowed())
    await bench.lose_data()
    assert not bench.agent.online
    bench.heard.clear()


@pytest.mark.requirement("REM-03")
@virtual
async def test_car_without_data_does_what_the_app_hands_over() -> None:
    bench = Bench()
    await open_to_remote_access(bench)
    bench.agent.feed(on.AppConnected(online=True))
    bench.agent.hear(handed_over())
    await idle()
    topic = f"app/v1/{VIN}/reply/remote"
    assert answers(bench.modem.carried) == [(topic, "c-1", "received", None), (topic, "c-1", "done", None)]
    assert bench.modem.asked[-1] == "operate lock"
    assert bench.heard == []


@pytest.mark.requirement("REM-03")
@virtual
async def test_with_neither_car_nor_phone_online_nothing_is_done() -> None:
    bench = Bench()
    await open_to_remote_access(bench)
    bench.agent.feed(on.AppConnected(online=False))
    bench.agent.hear(handed_over())
    await idle()
    assert answers(bench.modem.carried)[-1][2:] == ("refused", "no-data")
    assert "operate lock" not in bench.modem.asked


@pytest.mark.requirement("REM-03")
@virtual
async def test_command_that_comes_by_the_app_and_then_over_the_session_acts_once() -> None:
    bench = Bench()
    await bench.get_online()
    bench.agent.hear(handed_over())
    await bench.send(COMMAND)
    assert len(bench.modem.carried) == 2
    assert bench.replies() == [("c-1", "received", None), ("c-1", "refused", "remote-access-off")]


@pytest.mark.requirement("REM-03")
@virtual
async def test_app_may_hand_over_nothing_but_remote_commands() -> None:
    bench = Bench()
    bench.boot()
    bench.agent.hear(handed_over(ReportState(), "report-state"))
    assert answers(bench.modem.carried) == [(f"app/v1/{VIN}/reply/report-state", "c-1", "refused", "command-unknown")]
    assert bench.agent.rejected == {"command-unknown": 1}


@pytest.mark.parametrize("body", [COMMAND, ReportState()])
@virtual
async def test_answer_that_the_app_does_not_take_was_not_sent(body: object) -> None:
    bench = Bench()
    bench.boot()
    bench.modem.carries = False
    bench.agent.hear(handed_over(body, KIND_OF[type(body)]))
    assert [record.name for record in bench.trace.records if record.kind == "sent"] == []
    bench.modem.carries = True
    bench.agent.hear(handed_over(body, KIND_OF[type(body)]))
    sent = [record.name for record in bench.trace.records if record.kind == "sent"]
    assert sent == [message.topic for message in bench.modem.carried] != []
