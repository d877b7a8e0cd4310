import gc
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from simulator.scenario.loader import LoadedScenario, load_scenario, shipped_scenarios
from simulator.session import Options, Outcome, run
from simulator.trace import Record, domain_events, read_trace

STORIES = ("taycan-function-on-demand", "cayenne-roaming")
FUNCTION = "intelligent-range-manager"

RunVirtual = Callable[..., Outcome]
Steps = Callable[[str], LoadedScenario]


@cache
def ran(name: str) -> Outcome:
    """A shipped scenario, run in virtual time."""
    return run([load_scenario(name)], Options(live=False))


def named(records: list[Record], kind: str, name: str) -> list[Record]:
    return [record for record in records if record.kind == kind and record.name == name]


def test_the_stories_are_shipped() -> None:
    assert set(STORIES) <= set(shipped_scenarios())


# --- the function on demand ---


@pytest.fixture(scope="module")
def taycan() -> list[Record]:
    outcome = run([load_scenario(STORIES[0])], Options(live=False))
    assert outcome.passed
    return outcome.records


@pytest.mark.requirement("FOD-09")
def test_the_function_is_billed_once_at_its_price_after_it_became_active(taycan: list[Record]) -> None:
    (bill,) = named(taycan, "backend", "order-billed")
    assert bill.data.items() >= {"order": 1, "function": FUNCTION, "amount": "46000.00", "currency": "JPY"}.items()
    (active,) = [
        record
        for record in taycan
        if record.kind == "transition" and record.name == "package" and record.data["target"] == "active"
    ]
    assert active.seq < bill.seq


@pytest.mark.requirement("PRV-02", "FOD-02")
def test_nothing_is_downloaded_while_private_mode_is_on(taycan: list[Record]) -> None:
    states = [
        (record.data["source"], record.data["target"])
        for record in taycan
        if record.kind == "transition" and record.name in ("package", "private_mode", "private-mode")
    ]
    off = states.index(("on", "off"))
    assert ("off", "on") in states[:off]
    assert ("consented", "paused") in states[:off]
    assert all(target != "downloading" for _, target in states[:off])
    assert ("paused", "downloading") in states[off:]
    (paused,) = named(taycan, "shown", "package-paused")
    assert list(paused.data["reasons"]) == ["private-mode"]


@pytest.mark.requirement("FOD-03", "FOD-04")
def test_only_the_complete_download_raises_the_message(taycan: list[Record]) -> None:
    (ready,) = named(taycan, "shown", "package-ready")
    (completed,) = named(taycan, "event", "DownloadCompleted")
    assert completed.seq < ready.seq
    assert (ready.time - named(taycan, "event", "PrivateModeDisabled")[0].time).total_seconds() < 60


@pytest.mark.requirement("FOD-06")
def test_the_charging_cable_is_named_as_the_one_thing_in_the_way(taycan: list[Record]) -> None:
    *_, last = named(taycan, "shown", "package-waiting")
    assert list(last.data["reasons"]) == ["charging-cable"]
    (pulled,) = named(taycan, "event", "ChargingCableDisconnected")
    (installed,) = named(taycan, "event", "PackageInstalled")
    assert (installed.time - pulled.time).total_seconds() == pytest.approx(600, abs=1)


@pytest.mark.requirement("CON-15")
def test_the_taycan_takes_data_from_its_embedded_sim_and_shows_its_type(taycan: list[Record]) -> None:
    assert [record.name for record in taycan if record.kind == "symbol"][:3] == ["none", "3G", "LTE"]
    attached = named(taycan, "event", "BearerAttached")
    assert {record.data["way"] for record in attached} == {"embedded-sim"}


# --- across the border ---


@pytest.fixture(scope="module")
def cayenne() -> list[Record]:
    outcome = run([load_scenario(STORIES[1])], Options(live=False))
    assert outcome.passed
    return outcome.records


def test_the_car_is_linked_by_the_code_that_my_porsche_shows(cayenne: list[Record]) -> None:
    assert [record.name for record in cayenne if record.kind == "backend" and "link" in record.name] == [
        "link-refused",
        "link-confirmed",
    ]
    assert [record.name for record in cayenne if record.kind == "shown"][:2] == [
        "account-pairing-code-unknown",
        "account-linked",
    ]


@pytest.mark.requirement("CON-08", "CON-12", "CON-15")
def test_abroad_there_is_data_only_once_roaming_is_on(cayenne: list[Record]) -> None:
    (abroad,) = [record for record in cayenne if record.name == "CellChanged" and record.data["country"] == "CH"]
    (allowed,) = named(cayenne, "event", "RoamingEnabled")
    (warning,) = named(cayenne, "shown", "roaming-free")
    between = [record for record in cayenne if abroad.seq < record.seq < allowed.seq]
    assert named(between, "event", "BearerAttached") == []
    assert [record for record in between if record.kind == "sent"] == []
    assert [record.name for record in between if record.kind == "symbol"] == ["none"]
    assert (allowed.time - abroad.time).total_seconds() >= 20 * 60
    assert allowed.seq < warning.seq
    assert named(cayenne[warning.seq :], "event", "BearerAttached")
    assert [record.name for record in cayenne[warning.seq :] if record.kind == "symbol"] == ["LTE"]


def test_a_connection_that_is_gone_is_seen_by_the_backend(cayenne: list[Record]) -> None:
    names = [record.name for record in cayenne if record.kind == "backend" and record.name.startswith("car-")]
    assert names == ["car-online", "car-offline", "car-online", "car-offline"]


# --- another with each seed, and the same however it is run ---


def test_another_seed_gives_another_car(run_virtual: RunVirtual) -> None:
    story = load_scenario(STORIES[1])
    vins = {run_virtual(story, seed=seed).records[1].car for seed in (1, 2, 3)}
    assert len(vins) == 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_any_seed_passes(run_virtual: RunVirtual, seed: int) -> None:
    outcome = run_virtual(*[load_scenario(name) for name in STORIES], seed=seed)
    assert [verdict.failures for verdict in outcome.verdicts] == [[], []]
    assert len(named(outcome.records, "backend", "order-billed")) == 1


@pytest.mark.live
@pytest.mark.slow
def test_live_and_virtual_give_the_same_domain_events(run_virtual: RunVirtual, tmp_path: Path) -> None:
    """Nor does the broker keep anything of a car whose scenario is over, else the next one's backend hears of it."""
    stories = [load_scenario(name) for name in STORIES]
    virtual = run_virtual(*stories)
    live = run(stories, Options(live=True, speed=20.0, trace=tmp_path / "live.jsonl"))
    assert [verdict.failures for verdict in live.verdicts] == [[], []]
    found, expected = domain_events(live.records), domain_events(virtual.records)
    assert found.keys() == expected.keys()
    for lane, events in expected.items():
        assert found[lane] == events, lane
    assert domain_events(read_trace(tmp_path / "live.jsonl")) == expected
    assert {record.name for record in live.records if record.kind == "note"} == {"heartbeat"}


# --- smaller scenarios: pytest collects their files, and runs them; here is what they say besides ---


@pytest.mark.requirement("CON-17")
def test_a_stored_pin_is_used_without_a_question() -> None:
    outcome = ran("inserted-sim")
    assert outcome.passed
    assert len(named(outcome.records, "shown", "sim-pin-needed")) == 2, "once a SIM"
    assert len(named(outcome.records, "event", "SimUnlocked")) == 4


@pytest.mark.requirement("CON-19")
def test_a_wrong_apn_gives_no_data() -> None:
    outcome = ran("inserted-sim")
    assert outcome.passed
    rejected = named(outcome.records, "event", "BearerRejected")
    assert {record.data["reason"] for record in rejected} == {"apn-unknown"}
    assert len(rejected) > 5


@pytest.mark.requirement("CON-16", "CON-20")
def test_a_hotspot_needs_a_password_of_eight_characters_that_is_right() -> None:
    outcome = ran("phone-hotspot")
    assert outcome.passed
    assert len(named(outcome.records, "event", "HotspotRefused")) == 1
    (refusal,) = [record for record in outcome.records if record.kind == "refusal"]
    assert refusal.data["requirement"] == "CON-20"
    symbols = [record.data for record in outcome.records if record.kind == "symbol"]
    assert [(symbol["wifi"], symbol.get("letter")) for symbol in symbols] == [
        (False, None),
        (True, None),
        (False, None),
    ]
    assert {symbol["corner"] for symbol in symbols} == {"bottom-left"}


@pytest.mark.requirement("CON-13")
def test_mobile_data_can_be_switched_off() -> None:
    outcome = ran("mobile-data-off[profile=cayenne-gen3]")
    assert outcome.passed
    (off,) = named(outcome.records, "event", "MobileDataDisabled")
    (on,) = named(outcome.records, "event", "MobileDataEnabled")
    assert (on.time - off.time).total_seconds() >= 3600
    assert [record for record in outcome.records[off.seq : on.seq] if record.kind in ("sent", "arrived")] == []


@pytest.mark.requirement("FOD-13")
def test_the_end_of_a_subscription_removes_the_function() -> None:
    outcome = ran("subscription-ended")
    assert outcome.passed
    (locked,) = named(outcome.records, "event", "CarLocked")[-1:]
    (removed,) = named(outcome.records, "event", "PackageRemoved")
    assert (removed.time - locked.time).total_seconds() == pytest.approx(600, abs=1)


def test_a_scenario_that_is_over_at_once_leaves_nothing_undone(steps: Steps, run_virtual: RunVirtual) -> None:
    assert run_virtual(steps('- do: {ignition: "on"}')).passed
    gc.collect()  # what nobody had awaited would be a warning, and so an error, now


@pytest.mark.requirement("FOD-01")
def test_an_order_without_a_download_ends_after_28_days() -> None:
    outcome = ran("never-downloaded")
    assert outcome.passed
    (placed,) = named(outcome.records, "backend", "order-placed")
    (cancelled,) = named(outcome.records, "backend", "order-expired")
    assert (cancelled.time - placed.time).total_seconds() == 28 * 24 * 3600
    assert named(outcome.records, "backend", "order-billed") == []


@pytest.mark.requirement("CON-25")
def test_a_service_appears_only_after_the_restart() -> None:
    outcome = ran("service-after-restart")
    assert outcome.passed
    (provided,) = [
        record
        for record in named(outcome.records, "event", "CommandReceived")
        if record.data["kind"] == "provide-service"
    ]
    (new,) = named(outcome.records, "shown", "service-new")
    between = outcome.records[provided.seq : new.seq]
    assert (new.time - provided.time).total_seconds() >= 3600
    assert len(named(between, "event", "IgnitionTurnedOn")) == 1
    assert [record.name for record in between if record.kind == "shown"] == []


@pytest.mark.requirement("CON-24")
def test_traffic_works_only_with_data_service_and_switch() -> None:
    outcome = ran("service-after-restart")
    assert outcome.passed
    reasons = [tuple(record.data["reasons"]) for record in named(outcome.records, "shown", "service-unavailable")]
    assert reasons == [
        ("not-linked", "switched-off"),
        ("switched-off",),
        ("no-data",),
        ("private-mode",),
        ("no-data",),
    ]


@pytest.mark.requirement("SEC-01", "SEC-03")
def test_an_alarm_reaches_the_centre_and_nobody_in_the_car() -> None:
    outcome = ran("silent-alarm")
    assert outcome.passed
    alarms = named(outcome.records, "backend", "alarm-noted")
    assert [(alarm.data["alarm"], alarm.data["cause"]) for alarm in alarms] == [
        ("silent", "driver-card"),
        ("theft", "tampering"),
        ("theft", "tilt"),
    ]
    assert len(named(outcome.records, "backend", "owner-called")) == 3
    raised = [record for record in outcome.records if record.kind == "transition" and record.name == "alarm"]
    assert {record.cause for record in raised} & {
        record.cause for record in outcome.records if record.kind == "shown"
    } == set()
    assert "0100" not in "".join(str(record) for record in outcome.records if record.kind != "step")


@pytest.mark.requirement("FOD-07", "FOD-09")
def test_a_failed_activation_heals_and_is_billed_once() -> None:
    outcome = ran("activation-that-heals")
    assert outcome.passed
    (failed,) = named(outcome.records, "event", "InstallationFailed")
    (installed,) = named(outcome.records, "event", "PackageInstalled")
    between = outcome.records[failed.seq : installed.seq]
    (locked,) = named(between, "event", "CarLocked")
    assert (installed.time - locked.time).total_seconds() == pytest.approx(600, abs=1)
    assert len(named(outcome.records, "backend", "order-billed")) == 1


# --- what does not hold ---


def test_an_expectation_that_does_not_hold_says_where_and_what_instead(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome = run_virtual(
        steps('- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n- expect: {symbol: E, access: edge}\n')
    )
    assert not outcome.passed
    (failure,) = outcome.verdicts[0].failures
    assert (failure.file, failure.line) == ("test.pcm.yaml", 7)
    assert failure.expected == "access: edge, symbol: E"
    assert failure.found == "access: lte, symbol: LTE"


def test_never_ends_when_it_happens(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome = run_virtual(
        steps(
            '- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n'
            '- never: {connection: connected}\n  during: 1 h\n- do: {ignition: "off"}\n'
        )
    )
    (failure,) = outcome.verdicts[0].failures
    assert failure.expected == "never connection: connected"
    assert failure.found == "connection: connected"
    last = outcome.records[-1].time
    assert (last - outcome.records[0].time).total_seconds() < 60
    assert named(outcome.records, "event", "IgnitionTurnedOff") == []


@pytest.mark.parametrize(
    ("do", "code"),
    [
        ("cancel_order: voice-control", "order-unknown"),
        ("offer_again: voice-control", "order-unknown"),
        ("end_subscription: voice-control", "order-unknown"),
        ("agree_to: voice-control", "package-unknown"),
        ("pairing_code: from-my-porsche", "car-unknown"),
        ("order: {function: power-steering-plus}", "car-unknown"),
    ],
)
def test_a_step_that_cannot_be_done_fails_and_what_comes_after_it_is_left_out(
    steps: Steps, run_virtual: RunVirtual, do: str, code: str
) -> None:
    failing, sound = steps(f'- do: {{ignition: "on"}}\n- do: {{{do}}}\n- do: {{move: now}}\n'), steps("- say: Fine.\n")
    outcome = run_virtual(failing, sound)
    (failure,) = outcome.verdicts[0].failures
    assert (failure.file, failure.line) == ("test.pcm.yaml", 6)
    assert failure.expected.startswith(do.partition(":")[0].replace("_", " "))
    assert failure.found.startswith("not done: ")
    assert failure.found.endswith(f"[{code}]")
    assert named(outcome.records, "event", "CarMoved") == []
    assert [verdict.passed for verdict in outcome.verdicts] == [False, True]
