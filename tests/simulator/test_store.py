"""What the store's stories come to, to the second: bills, ends and refunds (FOD-09 to FOD-15)."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from pcm_agent.errors import LocalError
from simulator.backend.terms import months_after
from simulator.scenario.loader import LoadedScenario, ScenarioError, load_scenario
from simulator.scenario.reference import page
from simulator.session import Options, Outcome, run
from simulator.trace import Record
from tests.simulator.test_stories import RunVirtual, Steps, named


def story(name: str) -> LoadedScenario:
    return load_scenario(name)


@cache
def ran(name: str) -> list[Record]:
    outcome = run([story(name)], Options(live=False))
    assert outcome.passed
    return outcome.records


def activated(records: list[Record]) -> datetime:
    """When the function became active in the car."""
    first, *_ = named(records, "event", "PackageVerified")
    return first.time


@pytest.mark.requirement("FOD-09", "FOD-12")
def test_three_months_of_a_subscription_are_right_to_the_second() -> None:
    records = ran("monthly-subscription")
    began = activated(records)
    bills = named(records, "backend", "order-billed")
    assert [bill.time for bill in bills] == [months_after(began, number) for number in range(3)]
    assert [bill.data["amount"] for bill in bills] == ["19.90"] * 3
    (ended,) = named(records, "backend", "subscription-ended")
    assert ended.time == months_after(began, 3)
    (notice,) = named(records, "backend", "notice-given")
    assert notice.data["until"] == f"{ended.time:%Y-%m-%d %H:%M:%S}"


@pytest.mark.requirement("FOD-13")
def test_after_its_end_the_function_leaves_a_car_that_was_out_of_reach() -> None:
    records = ran("monthly-subscription")
    (ended,) = named(records, "backend", "subscription-ended")
    (removed,) = named(records, "event", "PackageRemoved")
    (back,) = [cell for cell in named(records, "event", "CellChanged") if cell.time > ended.time]
    assert removed.time - back.time < timedelta(minutes=11)


def test_the_same_seed_gives_the_same_three_months(run_virtual: RunVirtual, tmp_path: Path) -> None:
    texts = []
    for name in ("first", "second"):
        run_virtual(story("monthly-subscription"), seed=5, trace=tmp_path / name)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.requirement("STO-02")
def test_a_trial_ends_with_its_last_month_and_costs_nothing() -> None:
    records = ran("free-trial")
    (ended,) = named(records, "backend", "trial-ended")
    assert ended.time == months_after(activated(records), 3)
    assert named(records, "backend", "order-billed") == []


@pytest.mark.requirement("FOD-11")
def test_only_what_was_billed_is_paid_back() -> None:
    records = ran("order-revoked")
    (billed,) = named(records, "backend", "order-billed")
    (refunded,) = named(records, "backend", "bill-refunded")
    assert {key: refunded.data[key] for key in ("order", "amount", "currency")} == {
        key: billed.data[key] for key in ("order", "amount", "currency")
    }
    assert len(named(records, "backend", "order-revoked")) == 2


@pytest.mark.requirement("FOD-10", "IDN-14")
def test_the_sale_of_the_car_takes_nothing_out_of_it() -> None:
    records = ran("sold-with-a-function")
    assert named(records, "event", "PackageRemovalOrdered") == []
    assert len(named(records, "backend", "order-billed")) == 1


@pytest.mark.requirement("FOD-14", "FOD-15")
def test_what_does_not_fit_leaves_no_trace_but_that_it_was_declined() -> None:
    records = ran("not-for-this-car")
    assert [record.data["code"] for record in named(records, "backend", "declined")] == [
        "not-in-country",
        "not-for-car",
        "equipment-missing",
    ]
    assert [record.data["function"] for record in named(records, "backend", "order-placed")] == [
        "a-function-of-ones-own"
    ]


@pytest.mark.requirement("FOD-15")
def test_an_update_is_asked_for_and_never_billed() -> None:
    records = ran("online-updates")
    (asked,) = named(records, "shown", "package-consent")
    (agreed,) = named(records, "event", "PackageConsented")
    assert agreed.time - asked.time >= timedelta(minutes=10)
    assert named(records, "backend", "order-billed") == []


# --- what is declined ---


def test_a_step_that_is_declined_otherwise_than_expected_fails(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome: Outcome = run_virtual(steps("- do: {revoke: power-steering-plus}\n- expect: {declined: car-sold}\n"))
    (failure,) = outcome.verdicts[0].failures
    assert failure.found.endswith("[order-unknown]")
    assert failure.line == 5


def test_that_something_is_declined_does_not_hold_by_itself(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome: Outcome = run_virtual(steps("- do: {move: now}\n- expect: {declined: car-sold}\n  within: 1 s\n"))
    (failure,) = outcome.verdicts[0].failures
    assert failure.found == "declined: nothing"


def test_a_code_that_nobody_declines_with_is_refused_before_the_run(steps: Steps) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'car-sold'"):
        steps("- do: {move: now}\n- expect: {declined: car-solt}\n")
    assert "| `notice-too-late` |" in page()


def test_my_porsche_knows_no_update_for_a_car_in_nobodys_profile(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome: Outcome = run_virtual(steps('- do: {ignition: "on"}\n- expect: {updates_for_car: []}\n'))
    assert outcome.passed


def test_a_rig_tells_what_car_it_is(steps: Steps, run_virtual: RunVirtual) -> None:
    text = """\
- do: {register: {porsche_id: max@example.com, password: alpenpass-1}}
- do: {online_updates: "on"}
- do: {car_built: {profile: taycan, country: JP, equipment: [vehicle-tracking-system-plus]}}
- expect: {updates_for_car: [charging-planner, tracking-sensors]}
- do: {car_built: {profile: "718", country: JP}}
- expect: {updates_for_car: []}
"""
    outcome: Outcome = run_virtual(steps(text))
    assert outcome.passed, outcome.verdicts[0].failures


def test_an_order_of_a_trial_may_say_how_long_it_lasts(steps: Steps, run_virtual: RunVirtual) -> None:
    with pytest.raises(LocalError):
        steps("- do: {order: {function: intelligent-range-manager, kind: trial, months: 0}}\n")
    text = """\
- do: {register: {porsche_id: max@example.com, password: alpenpass-1}}
- do: {ignition: "on"}
- do: {radio: {access: lte}}
- do: {order: {function: intelligent-range-manager, size: 1 MB, kind: trial, months: 2}}
- expect: {order: {function: intelligent-range-manager, state: downloaded}}
- do: {ignition: "off"}
- do: {seats: vacant}
- do: {lock: locked}
- do: {wait: 11 min}
- do: {radio: {access: none}}
- do: {wait: 58 d}
- expect: {order: {function: intelligent-range-manager, state: active, contract: ending}}
- do: {wait: 3 d}
- expect: {order: {function: intelligent-range-manager, state: active, contract: ended}}
"""
    outcome: Outcome = run_virtual(steps(text))
    assert outcome.passed, outcome.verdicts[0].failures
