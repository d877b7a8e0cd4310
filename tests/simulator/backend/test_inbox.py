"""What the backend makes of messages: replies, presence, and those that are none."""

from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.errors import PeerError
from pcm_agent.protocol.messages import Heartbeat, PackageState, Presence, Reply
from pcm_agent.protocol.security import AlarmRaised
from pcm_agent.transport import Incoming
from simulator.backend.inbox import SEEN_KEPT
from simulator.backend.records import SeenRow
from simulator.lab import START
from tests.simulator.backend.office import (
    CONNECTED,
    MIA,
    OTHER,
    PASSWORD,
    SECOND,
    VIN,
    Office,
    app,
    bad_messages,
    presence,
)


def test_the_same_report_again_has_no_effect(office: Office) -> None:
    office.order()
    message = office.message(office.report(PackageState.ACTIVE))
    office.inbox.receive(message)
    notes = list(office.notes)
    assert office.inbox.receive(message) is None
    assert office.notes == notes


def test_a_command_is_kept_until_its_result_is_in(office: Office) -> None:
    office.order()
    (command,) = office.waiting()

    def answer(stage: Literal["received", "done"]) -> None:
        office.hear(Reply(stage=stage), channel="reply", kind="look", correlation=command.id)

    answer("received")
    (row,) = office.waiting()
    assert row.received
    answer("done")
    assert office.waiting() == []
    answer("done")
    assert len(office.noted("command-done")) == 1


@pytest.mark.parametrize("correlation", [None, "", "unknown"])
def test_a_reply_to_nothing_has_no_effect(office: Office, correlation: str | None) -> None:
    office.order()
    office.hear(Reply(stage="done"), channel="reply", kind="look", correlation=correlation)
    assert len(office.waiting()) == 1


def test_a_car_cannot_answer_for_another(office: Office) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.order()
    (command,) = office.waiting()
    office.hear(Reply(stage="done"), vin=OTHER, channel="reply", kind="look", correlation=command.id)
    assert len(office.waiting()) == 1


def test_a_will_that_comes_late_ends_only_its_own_session(office: Office) -> None:
    assert office.hear(presence("online", "first"), channel="presence") == VIN
    assert office.hear(presence("online", "second"), channel="presence") == VIN
    assert office.hear(presence("offline", "first"), channel="presence") is None
    assert office.noted("car-offline") == []
    office.hear(presence("offline", "second"), channel="presence")
    assert office.noted("car-offline") == [{}]
    assert len(office.noted("car-online")) == 2


@pytest.mark.requirement("REM-03")
def test_an_app_is_there_until_its_own_will_says_otherwise(office: Office) -> None:
    assert office.hear(app("online", "first"), channel="presence", root="app") == VIN
    assert office.hear(app("online", "second"), channel="presence", root="app") == VIN
    assert office.hear(app("offline", "first"), channel="presence", root="app") is None
    assert office.noted("app-offline") == []
    office.hear(app("offline", "second"), channel="presence", root="app")
    office.hear(app("offline", "second"), channel="presence", root="app")
    assert office.noted("app-offline") == [{}]
    assert len(office.noted("app-online")) == 2


def seen(office: Office) -> list[str]:
    with Session(office.desk.engine) as db:
        return sorted(db.scalars(select(SeenRow.message_id)))


def alarm(office: Office, message_id: str) -> None:
    office.hear(AlarmRaised(alarm="theft", cause="tilt", at=START), message_id=message_id)


@pytest.mark.requirement("SEC-03")
def test_alarm_that_is_repeated_after_months_in_the_garage_has_no_second_effect(office: Office) -> None:
    office.hear(presence("online", "first"), channel="presence")
    alarm(office, "unacknowledged")
    for number, days in enumerate((91, 182, 273)):
        office.clock.jump(START + timedelta(days=days))
        office.hear(presence("online", f"later-{number}"), channel="presence")
        alarm(office, "unacknowledged")
        alarm(office, f"new-{number}")
    assert len(office.noted("alarm-noted")) == 4


def test_reports_are_known_as_long_as_they_may_come_again_and_then_forgotten(office: Office) -> None:
    office.hear(presence("online", "first"), channel="presence")
    alarm(office, "old")
    office.clock.jump(START + SEEN_KEPT)
    alarm(office, "young")
    office.hear(presence("online", "second"), channel="presence")
    assert seen(office) == ["old", "young"]
    office.clock.jump(START + SEEN_KEPT + SECOND)
    alarm(office, "youngest")
    assert seen(office) == ["old", "young", "youngest"], "once a session is often enough"
    office.hear(presence("online", "third"), channel="presence")
    assert seen(office) == ["young", "youngest"]


@pytest.mark.parametrize("code", bad_messages(Office()))
def test_a_bad_message_has_no_effect(office: Office, code: str) -> None:
    office.order()
    notes = list(office.notes)
    with pytest.raises(PeerError) as caught:
        office.inbox.receive(bad_messages(office)[code])
    assert caught.value.code == code
    assert office.notes == notes
    assert office.bills() == []


@pytest.mark.parametrize("topic", ["", "x", f"pcm/v1/{VIN}/command/look", f"sim/v1/{VIN}/world/ignition"])
def test_a_message_on_a_topic_that_is_not_a_cars_is_refused(office: Office, topic: str) -> None:
    with pytest.raises(PeerError) as caught:
        office.inbox.receive(Incoming(topic=topic, payload=b"{}"))
    assert caught.value.code == "topic-unexpected"


def test_heartbeats_and_reports_for_people_change_nothing(office: Office) -> None:
    notes = list(office.notes)
    assert office.hear(Heartbeat(state_version=1)) is None
    assert office.hear(CONNECTED) is None
    assert office.notes == notes


def test_strangers_are_remembered_up_to_a_limit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.backend.inbox.STRANGERS_KEPT", 2)
    online = Presence(status="online", session_id="s", firmware="f", profile="p")
    for vin in ("WP0ZZZY1ZPSA00003", "WP0ZZZY1ZPSA00004", OTHER):
        with pytest.raises(PeerError, match="car-unknown"):
            office.inbox.receive(office.message(online, vin=vin, channel="presence", kind="presence"))
    assert [vin for vin, _ in office.inbox._strangers] == ["WP0ZZZY1ZPSA00004", OTHER]
