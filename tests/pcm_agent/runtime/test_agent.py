"""What the agent commits before it acts, what it refuses, and what it never tells."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import CONTENT_TYPE, MAX_BYTES
from pcm_agent.protocol.messages import ConfigureReporting, Look, PairingRequested, Reply, ReportState, WithdrawPackage
from pcm_agent.protocol.secret import Secret
from pcm_agent.transport import Incoming, Outgoing
from simulator.faults.clock import CarClock
from simulator.lab import START
from simulator.virtual import MemoryJournal
from tests.messages import open_envelope, typed
from tests.pcm_agent.runtime.bad_peers import Scripted, Silent
from tests.pcm_agent.runtime.bench import OTHER_VIN, VIN, Bench, envelope
from tests.waiting import idle, virtual


class Brittle(MemoryJournal):
    """A journal that fails at one commit, and works before and after."""

    def __init__(self) -> None:
        super().__init__()
        self.works = True
        self.commits = 0

    def commit(self, snapshot: bytes | None, add: Sequence[tuple[int, Outgoing]], remove: Sequence[int]) -> None:
        self.commits += 1
        if not self.works:
            self.works = True
            raise TransportError("disk-full", "no space left on device")
        super().commit(snapshot, add, remove)


@virtual
async def test_what_could_not_be_committed_is_not_done_either() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    bench.boot()
    await idle()
    before = journal.load()
    journal.works = False
    bench.agent.feed(on.CellChanged("JP", Access.LTE))  # would ask the modem for a bearer
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))  # would open the session
    with pytest.raises(TransportError) as caught:
        await bench.task
    assert caught.value.code == "disk-full"
    assert bench.modem.asked == []
    assert bench.broker.at == []
    assert bench.clock.next_due() is None
    assert journal.load() == before
    assert len(bench.notes("disk-full")) == 1

    bench.boot()
    await bench.get_online()
    assert bench.modem.asked == ["attach"]


@virtual
async def test_message_that_follows_a_failed_commit_at_once_changes_nothing() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    await bench.get_online()
    before, asked = journal.load(), journal.commits
    heard = len(bench.heard)
    journal.works = False
    for number in ("c-1", "c-2", "c-3"):
        topic = f"pcm/v1/{VIN}/command/configure-reporting"
        payload = envelope(ConfigureReporting(heartbeat_seconds=5), number)
        bench.bus.deliver(Outgoing(topic=topic, payload=payload, id=number))
    with pytest.raises(TransportError):
        await bench.task
    await idle()
    assert journal.commits == asked + 1
    assert journal.load() == before
    assert not any(isinstance(body, Reply) for body in bench.bodies()[heard:])

    bench.boot()
    await bench.get_online()
    for number in ("c-1", "c-2", "c-3"):  # the backend keeps them until their result is in
        await bench.send(ConfigureReporting(heartbeat_seconds=5), number=number)
    assert [reply for reply in bench.replies() if reply[1] == "done"] == [(f"c-{n}", "done", None) for n in (1, 2, 3)]


@virtual
async def test_journal_that_fails_at_the_boot_ends_it() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    journal.works = False
    with pytest.raises(TransportError) as caught:
        bench.boot()
    assert caught.value.code == "disk-full"
    assert journal.load().snapshot is None


GOOD = envelope(ReportState(), "c-7")
DEEP = GOOD[:-3] + b"[" * 50_000 + b"]" * 50_000 + b"}"
CONFIGURE = "configure-reporting"


@pytest.mark.parametrize(
    ("kind", "payload", "code", "correlation"),
    [
        pytest.param("report-state", b"", "message-malformed", None, id="empty"),
        pytest.param("report-state", b"\xff\xfe\x00", "message-malformed", None, id="no-text"),
        pytest.param("report-state", b"[]", "message-malformed", None, id="no-object"),
        pytest.param("report-state", b'{"id": "c-7"}', "message-malformed", "c-7", id="id-only"),
        pytest.param("report-state", GOOD[:-1], "message-malformed", None, id="cut-off"),
        pytest.param("report-state", DEEP, "message-malformed", None, id="nested"),
        pytest.param("report-state", GOOD + b" " * MAX_BYTES, "message-oversized", None, id="oversized"),
        pytest.param("report-state", envelope(ReportState(), "c-7", vin=OTHER_VIN), "message-foreign-vin", "c-7"),
        pytest.param("report-state", envelope({}, "c-7", kind=CONFIGURE), "message-kind-mismatch", "c-7", id="kind"),
        pytest.param("self-destruct", envelope({}, "c-7", kind="self-destruct"), "command-unknown", "c-7"),
        pytest.param(CONFIGURE, envelope({}, "c-7", kind=CONFIGURE), "message-invalid", "c-7", id="field-missing"),
        pytest.param(
            CONFIGURE,
            envelope({"heartbeat_seconds": 0}, "c-7", kind=CONFIGURE),
            "message-invalid",
            "c-7",
            id="out-of-range",
        ),
        pytest.param(
            "withdraw-package",
            envelope({"offer_id": "../../etc"}, "c-7", kind="withdraw-package"),
            "message-invalid",
            "c-7",
            id="path-in-a-name",
        ),
    ],
)
def test_wrong_command_is_counted_noted_and_refused(
    kind: str, payload: bytes, code: str, correlation: str | None
) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        await bench.get_online()
        before = bench.agent.vehicle.snapshot()
        await bench.send_raw(f"command/{kind}", payload)
        assert bench.agent.rejected == {code: 1}
        assert len(bench.notes(code)) == 1
        assert bench.agent.vehicle.snapshot() == before
        assert bench.replies() == [(correlation, "refused", code)]
        assert bench.heard[-1].topic == f"pcm/v1/{VIN}/reply/{kind}"
        await bench.send(ReportState(), number="c-8")
        assert bench.replies()[-2:] == [("c-8", "received", None), ("c-8", "done", None)]

    test()


@virtual
async def test_sender_of_an_unreadable_message_is_found_by_its_mqtt5_correlation() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send_raw("command/report-state", b"\x00" * (MAX_BYTES + 1), correlation="from-mqtt5")
    assert bench.replies() == [("from-mqtt5", "refused", "message-oversized")]


@virtual
async def test_largest_message_that_is_allowed_is_read() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send_raw("command/report-state", GOOD + b" " * (MAX_BYTES - len(GOOD)))
    assert bench.replies() == [("c-7", "received", None), ("c-7", "done", None)]


@pytest.mark.parametrize(
    "topic",
    [
        f"pcm/v1/{VIN}/state",
        f"pcm/v1/{VIN}/event/heartbeat",
        f"pcm/v2/{VIN}/command/report-state",
        "",
        "/" * 100,
        f"sim/v1/{VIN}/world/ignition",
        f"pcm/v1/{OTHER_VIN}/command/report-state",
    ],
)
def test_message_on_a_topic_that_is_none_of_ours_is_counted_and_answered_to_nobody(topic: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        await bench.get_online()
        heard = len(bench.heard)
        foreign = topic.startswith(f"pcm/v1/{OTHER_VIN}")
        session = bench.bus._sessions[f"pcm-{VIN}"]
        session.offer(Incoming(topic=topic, payload=envelope(ReportState(), vin=OTHER_VIN)))
        await idle()
        assert bench.agent.rejected == {"message-foreign-vin" if foreign else "topic-unexpected": 1}
        assert len(bench.heard) == heard
        assert bench.agent.online

    test()


@pytest.mark.requirement("FOD-02")
@virtual
async def test_command_that_comes_twice_acts_once_and_is_answered_twice_alike() -> None:
    bench = Bench()
    bench.fetcher = Scripted(bench.depot, [Scripted.hang] * 9)
    await bench.get_online()
    await bench.offer()
    await bench.send(Look(), number="look-1")
    assert bench.replies() == [("look-1", "received", None), ("look-1", "done", None)] * 2
    assert bench.states() == ["offered", "consented", "downloading"]
    await bench.crash()
    bench.boot()
    await bench.get_online()
    await bench.send(Look(), number="look-1")
    assert bench.replies()[-2:] == [("look-1", "received", None), ("look-1", "done", None)]
    await bench.look()  # another look at the same list: no second job either
    assert bench.replies()[-2:] == [("look-2", "received", None), ("look-2", "done", None)]
    assert bench.states().count("offered") == 1
    assert list(bench.agent.vehicle.state.jobs) == ["order-1.1"]


@virtual
async def test_refused_command_that_comes_twice_is_refused_twice_alike() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send(WithdrawPackage(offer_id="order-9.9"))
    await bench.send(WithdrawPackage(offer_id="order-9.9"))
    assert bench.replies() == [("c-1", "received", None), ("c-1", "refused", "offer-unknown")] * 2


@virtual
async def test_expired_command_takes_no_effect() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send(ConfigureReporting(heartbeat_seconds=5), expires=START)
    assert bench.replies() == [("c-1", "received", None), ("c-1", "refused", "command-expired")]
    assert bench.agent.vehicle.state.heartbeat_seconds == 60
    later = START + timedelta(seconds=1)
    await bench.send(ConfigureReporting(heartbeat_seconds=5), number="c-2", expires=later)
    assert bench.agent.vehicle.state.heartbeat_seconds == 5


@virtual
async def test_answer_that_must_last_is_given_after_the_connection_is_back() -> None:
    bench = Bench()
    bench.boot()
    silent = bench.broker.inner = Silent(bench.broker.inner)
    await bench.get_online()
    await bench.send(ConfigureReporting(heartbeat_seconds=5))
    assert bench.replies() == []
    silent.works = True
    await bench.lose_data()
    await bench.find_data()
    assert bench.replies() == [("c-1", "done", None)]


PAIRING_CODE, PIN, PUK, NEW_PIN, WIFI, PASSWORD = (
    "86420975",
    "7913",
    "31415926",
    "2718",
    "wifi-s3cret",
    "p0rsche-s3cret",
)


@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
def test_secrets_stand_in_no_trace_no_note_and_no_message_but_the_pairing_code_on_the_wire(profile: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench(profile)
        bench.boot()
        for event in (
            on.IgnitionTurnedOn(),
            on.CellChanged("JP", Access.LTE),
            on.SimInserted("JP"),
            on.SimPinEntered(Secret(PIN), store=True),
            on.SimPinRejected(0),
            on.SimPukEntered(Secret(PUK), Secret(NEW_PIN)),
            on.SimUnlocked(),
            on.ApnEntered("internet"),
            on.BearerAttached(Way.INSERTED_SIM, Access.LTE),
            on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE),
            on.HotspotChosen("phone", Secret(WIFI)),
            on.PairingCodeEntered(Secret(PAIRING_CODE)),
            on.PorscheIdEntered("hanako@example.com", Secret(PASSWORD)),
        ):
            bench.agent.feed(event)
        await idle()
        assert bench.agent.online
        for number, body in enumerate(({"pin": PIN}, {"pairing_code": PAIRING_CODE})):
            await bench.send_raw("command/report-state", envelope(body, f"c-{number}", kind="report-state")[:-1])
        written = b"\n".join(msgspec.json.encode(record) for record in bench.trace.records).decode()
        spoken = [message for message in bench.heard if not isinstance(typed(message), PairingRequested)]
        heard = b"\n".join(message.payload for message in spoken).decode()
        for secret in (PAIRING_CODE, PIN, PUK, NEW_PIN, WIFI, PASSWORD):
            assert f'"{secret}"' not in written + heard
            if len(secret) > 4:  # four digits may stand in an id or a time by chance
                assert secret not in written + heard
        asked = [body for body in bench.bodies() if isinstance(body, PairingRequested)]
        expected = [] if profile == "taycan" else [PAIRING_CODE]
        assert [body.pairing_code.reveal() for body in asked] == expected
        assert ('"***"' in written) is True

    test()


@virtual
async def test_every_envelope_names_car_time_and_content_type() -> None:
    bench = Bench()
    await bench.get_online()
    for message in bench.heard:
        opened = open_envelope(message)
        assert (opened.content_type, opened.vin, opened.time) == (CONTENT_TYPE, VIN, START)


@virtual
async def test_a_clock_that_is_set_back_does_not_silence_the_heartbeat() -> None:
    bench = Bench()
    bench.shown = clock = CarClock(bench.clock)
    await bench.get_online()
    await bench.pass_time(30)
    clock.set_ahead(timedelta(days=-1))
    bench.heard.clear()
    await bench.pass_time(31)
    assert len([it for it in bench.heard if it.topic.endswith("/event/heartbeat")]) == 1
    await bench.pass_time(600)
    assert len([it for it in bench.heard if it.topic.endswith("/event/heartbeat")]) == 11
    await bench.stop()


@virtual
async def test_what_has_expired_does_not_become_fresh_because_the_clock_is_set_back() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.look()
    assert not bench.notes("metadata-expired")
    bench.agent.vehicle.state.clock = bench.clock.now() + timedelta(days=3650)
    await bench.look()
    assert bench.notes("metadata-expired")
    assert not bench.notes("root-expired"), "it goes no further than what vouches for it"
    await bench.stop()
