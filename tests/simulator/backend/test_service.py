"""The backend at work: what goes out when, and what it does when a broker or a database fails."""

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pcm_agent.protocol.messages import PackageState, PairingRequested, Presence, Reply
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.security import AlarmRaised
from pcm_agent.transport import Incoming, Outgoing
from simulator.backend.centre import alarms_of
from simulator.backend.database import DatabaseError
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.records import OrderState
from simulator.backend.service import Backend
from simulator.lab import START
from simulator.virtual import Bus, BusSession
from tests.simulator.backend.office import (
    CONNECTED,
    FUNCTION,
    MAX,
    MIA,
    OTHER,
    PASSWORD,
    SECOND,
    VIN,
    Office,
    app,
    bad_messages,
)
from tests.simulator.backend.works import Works, at_work
from tests.waiting import idle, virtual


@virtual
async def test_a_command_goes_out_when_the_car_is_online_and_once_a_session(office: Office) -> None:
    async with at_work(office) as works:
        office.order()
        works.backend.send_to(VIN)
        await idle()
        assert works.backend.quiet
        await works.car.comes_online()
        assert works.car.heard == ["look"]
        works.backend.send_to(VIN)
        await works.car.says(CONNECTED)
        await works.car.answers(works.car.arrived[0], Reply(stage="received"))
        assert works.car.heard == ["look"]

        await works.car.loses_the_network()
        await works.car.comes_online()
        assert works.car.heard == ["look", "look"]
        assert works.car.arrived[0].id == works.car.arrived[1].id
        await works.car.answers(works.car.arrived[1], Reply(stage="done"))

        await works.car.loses_the_network()
        await works.car.comes_online()
        assert len(works.car.arrived) == 2


@virtual
async def test_commands_go_out_in_the_order_in_which_they_were_left(office: Office) -> None:
    async with at_work(office) as works:
        office.order()
        office.desk.withdraw(VIN, FUNCTION)
        await works.car.comes_online()
        office.order("power-steering-plus")
        works.backend.send_to(VIN)
        await idle()
        assert works.car.heard == ["look", "withdraw-package", "look", "look"]


@pytest.mark.requirement("SEC-01")
@virtual
async def test_what_a_car_says_while_its_backend_is_away_is_worked_on_when_it_is_back(office: Office) -> None:
    alarm = AlarmRaised(alarm="theft", cause="tilt", at=office.clock.now())
    async with at_work(office) as works:
        await works.car.comes_online()
    await works.car.says(alarm)
    assert alarms_of(office.desk, VIN) == []
    async with at_work(office, works.bus):
        assert [it.cause for it in alarms_of(office.desk, VIN)] == ["tilt"]
    async with at_work(office, works.bus):
        assert len(alarms_of(office.desk, VIN)) == 1


@virtual
async def test_what_cannot_be_stored_is_refused_and_does_not_come_again(office: Office) -> None:
    """It waits at the broker: a backend that ended with it would end with it at each start."""
    beyond = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    async with at_work(office) as works:
        await works.car.comes_online()
        for at in (beyond, office.clock.now()):
            await works.car.says(AlarmRaised(alarm="theft", cause="tilt", at=at))
        assert works.backend.rejected == {"content-unusable": 1}
        assert len(alarms_of(office.desk, VIN)) == 1
    async with at_work(office, works.bus) as again:
        assert again.backend.rejected == {}
        assert len(alarms_of(office.desk, VIN)) == 1


@virtual
async def test_a_command_that_is_left_while_others_are_sent_goes_out_too(office: Office) -> None:
    bus = Bus()
    works = Works(office, bus)
    sent: list[Outgoing] = []

    def order_once_more(message: Outgoing) -> None:
        if not sent:
            office.order("power-steering-plus")
            works.backend.send_to(VIN)
        sent.append(message)

    works.backend = Backend(office.desk, bus.client("backend"), lambda *_: None, sent=order_once_more)
    task = asyncio.create_task(works.backend.run())
    await idle()
    office.order()
    await works.car.comes_online()
    assert works.car.heard == ["look", "look"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.requirement("REM-03")
@virtual
async def test_without_a_session_of_its_own_a_car_gets_remote_commands_only_and_by_the_app(office: Office) -> None:
    async with at_work(office) as works:
        app_end = works.bus.open("app", None, ["app/v1/+/command/+"])
        office.order()
        works.backend.send_to(VIN)
        office.desk.remote(VIN, RemoteAction.LOCK, MAX)
        works.backend.send_to(VIN)
        await idle()
        assert kinds(app_end) == []
        works.bus.deliver(outgoing(office.message(app("online", "first"), channel="presence", root="app")))
        await idle()
        assert kinds(app_end) == ["remote"]
        await works.car.comes_online()
        assert works.car.heard == ["look", "remote"]
        await works.car.loses_the_network()
        assert kinds(app_end) == ["remote"], "not answered yet, and the app is the way again"


def outgoing(message: Incoming) -> Outgoing:
    return Outgoing(topic=message.topic, payload=message.payload, id="")


def kinds(session: BusSession) -> list[str]:
    """The kinds of the commands that have come since the last look."""
    found = [message.topic.rpartition("/")[2] for message in session._arrived]
    session._arrived.clear()
    return found


@pytest.mark.requirement("REM-03")
@virtual
async def test_an_app_that_was_there_before_the_registration_is_known(office: Office) -> None:
    async with at_work(office) as works:
        message = office.message(app("online", "first"), vin=OTHER, channel="presence", root="app")
        works.bus.deliver(outgoing(message))
        await idle()
        office.desk.register(OTHER, MIA, PASSWORD, "DE")
        works.backend.send_to(OTHER)
        assert office.noted("app-online") == [{}]


@virtual
async def test_the_answer_to_a_pairing_goes_out_at_once(office: Office) -> None:
    async with at_work(office) as works:
        await works.car.comes_online()
        code = office.desk.pairing_code(VIN)
        await works.car.says(PairingRequested(pairing_code=Secret(code)))
        assert works.car.heard == ["confirm-link"]


@virtual
async def test_bad_messages_are_counted_and_noted_and_work_goes_on(office: Office) -> None:
    async with at_work(office) as works:
        await works.car.comes_online()
        bad = bad_messages(office)
        for message in bad.values():
            await works.car.session.publish(Outgoing(topic=message.topic, payload=message.payload, id=""))
        await idle()
        assert works.backend.rejected == dict.fromkeys(bad, 1)
        assert sorted(works.told) == sorted(bad)
        office.order()
        works.backend.send_to(VIN)
        await idle()
        assert works.car.heard == ["look"]


@pytest.mark.requirement("FOD-01")
@virtual
async def test_the_backend_itself_is_there_when_the_28_days_are_over(office: Office) -> None:
    async with at_work(office) as works:
        office.order()
        works.backend.send_to(VIN)
        await idle()
        office.clock.jump(START + DOWNLOAD_TIME - SECOND)
        assert office.order_state()[0] is OrderState.OPEN
        office.clock.jump(START + DOWNLOAD_TIME)
        assert office.order_state()[0] is OrderState.CANCELLED


@virtual
async def test_a_broker_that_is_down_is_told_once_and_tried_until_it_is_back(office: Office) -> None:
    async with at_work(office) as works:
        works.bus.stop()
        await idle()
        for _ in range(3):
            office.clock.jump(office.clock.now() + SECOND)
            await idle()
        assert not works.backend.connected.is_set()
        assert works.told == ["session-lost"]
        office.order()
        works.bus.up = True
        office.clock.jump(office.clock.now() + 4 * SECOND)  # the third pause, twice as long as the second
        await idle()
        assert works.backend.connected.is_set()
        await works.car.comes_online()
        assert works.car.heard == ["look"]


@virtual
async def test_a_backend_that_starts_again_goes_on_where_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'backend.sqlite'}"

    bus = Bus()
    first = Office(url)
    first.desk.register(VIN, MAX, PASSWORD, "DE")
    async with at_work(first, bus) as works:
        first.order()
        await works.car.comes_online()
        car = works.car
    first.desk.engine.dispose()
    assert car.heard == ["look"]
    await car.says(first.report(PackageState.STAGED))
    active = first.message(first.state(first.report(PackageState.ACTIVE)), channel="state", kind="state")
    await car.session.publish(Outgoing(topic=active.topic, payload=active.payload, id="", retain=True))
    word = first.attestation()

    second = Office(url)
    async with at_work(second, bus):
        assert car.heard == ["look", "look"], "its result was not in yet"
        await car.session.publish(Outgoing(topic=word.topic, payload=word.payload, id=""))
        await idle()
        assert second.order_state() == (OrderState.ACTIVE, None, 1)
    second.desk.engine.dispose()


@virtual
async def test_a_backend_that_can_keep_nothing_hears_nothing(office: Office) -> None:
    works = Works(office)
    task = asyncio.create_task(works.backend.run())
    await idle()
    with office.desk.engine.begin() as database:
        database.exec_driver_sql("DROP TABLE command")
    await works.car.comes_online()
    with pytest.raises(DatabaseError, match="no such table"):
        await task


@virtual
async def test_a_car_of_nobody_is_told_of_once(office: Office) -> None:
    async with at_work(office) as works:
        for number in range(5):
            message = office.message(
                Presence(status="online", session_id="s", firmware="f", profile="p"),
                vin=OTHER,
                channel="presence",
                kind="presence",
                message_id=str(number),
            )
            works.bus.deliver(Outgoing(topic=message.topic, payload=message.payload, id=""))
        await idle()
        assert works.backend.rejected["car-unknown"] == 5
        assert works.told == ["car-unknown"]
