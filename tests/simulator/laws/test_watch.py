"""A scenario with `invariants: on` is judged by the laws: a breach ends it, and is told with what led there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pcm_agent.core.events import Event
from pcm_agent.core.rules import packages
from pcm_agent.runtime.agent import Agent
from simulator.backend import manifests, subscriptions
from simulator.backend.desk import Desk
from simulator.backend.records import OrderRow
from simulator.scenario.loader import parse_scenario
from simulator.scenario.verdict import Verdict
from simulator.session import Options, run

PcmSim = Callable[..., Any]
STORY = """\
version: 1
title: Bought, and never left alone
invariants: {invariants}
car: {{profile: taycan, country: JP}}
steps:
  - do: {{register: {{porsche_id: hanako@example.com, password: sakura-2026}}}}
  - do: {{ignition: "on"}}
  - do: {{radio: {{access: lte}}}}
  - do: {{order: {{function: seat-heating, own: true, size: 64 kB, price: 99.00 EUR}}}}
  - do: {{wait: 1 min}}
  - do: {{seats: occupied}}
  - do: {{ignition: "off"}}
  - do: {{wait: 20 min}}
  - do: {{wait: 20 min}}
"""


def verdict_of(invariants: str, text: str = STORY) -> Verdict:
    loaded = parse_scenario(text.format(invariants=invariants), "bought.pcm.yaml")
    return run([loaded], Options(live=False)).verdicts[0]


def install_at_once(patch: pytest.MonkeyPatch) -> None:
    """A function is installed though somebody sits in the car."""
    for state, table in packages.PRECONDITIONS.items():
        kept = tuple(condition for condition in table if condition.code != "car-occupied")
        patch.setitem(packages.PRECONDITIONS, state, kept)


@pytest.mark.parametrize("invariants", ["on", "off"])
def test_a_sound_program_passes_either_way(invariants: str) -> None:
    assert verdict_of(invariants).passed


def test_what_a_car_has_signed_is_in_the_books_though_its_clock_was_ahead() -> None:
    ahead = "  - do: {{clock: {{ahead: 2 h}}}}\n  - do: {{seats: vacant}}\n"
    story = STORY.replace("  - do: {{seats: occupied}}\n", ahead) + "  - do: {{clock: right}}\n"
    assert verdict_of("on", story).passed


def test_a_breach_fails_the_step_in_which_it_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    install_at_once(monkeypatch)
    verdict = verdict_of("on")
    (failure,) = verdict.failures
    assert (failure.law, failure.step, failure.line) == ("installation", 8, 13)
    assert "once the car was left alone" in failure.expected
    assert "empty=False" in failure.found
    assert failure.story


def test_without_invariants_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    install_at_once(monkeypatch)
    assert verdict_of("off").passed


def test_an_agent_that_breaks_down_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(self: Agent, event: Event) -> None:
        if type(event).__name__ == "IgnitionTurnedOff":
            raise KeyError("the car's own fault")
        whole(self, event)

    whole = Agent._handle
    monkeypatch.setattr(Agent, "_handle", handle)
    (failure,) = verdict_of("on").failures
    assert failure.law == "alive"
    assert "the car's own fault" in failure.found


def test_a_backend_that_breaks_down_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def activated(*_: object) -> None:
        raise KeyError("the backend's own fault")

    monkeypatch.setattr("simulator.backend.manifests.activated", activated)
    (failure,) = verdict_of("on", STORY.replace("occupied", "vacant")).failures
    assert (failure.law, "the backend's own fault" in failure.found) == ("alive", True)


def test_what_is_had_and_not_billed_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "bill", lambda *_: None)
    (failure,) = verdict_of("on", STORY.replace("occupied", "vacant")).failures
    assert failure.law == "bill"


def test_only_the_first_breach_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    install_at_once(monkeypatch)
    monkeypatch.setattr(subscriptions, "bill", lambda *_: None)
    assert [failure.law for failure in verdict_of("on").failures] == ["installation"]


def test_the_next_scenario_of_a_run_is_not_judged_by_the_watch_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install_at_once(monkeypatch)
    watched, other = (parse_scenario(STORY.format(invariants=it), "bought.pcm.yaml") for it in ("on", "off"))
    outcome = run([watched, other], Options(live=False))
    assert [verdict.passed for verdict in outcome.verdicts] == [False, True]


def test_the_command_tells_the_law_and_ends_with_1(
    pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install_at_once(monkeypatch)
    file = tmp_path / "bought.pcm.yaml"
    file.write_text(STORY.format(invariants="on"), encoding="utf-8")
    ended = pcm_sim("run", str(file), "--virtual", "--quiet")
    assert ended.status == 1
    assert "expected that a function is installed, or removed, once the car was left alone" in ended.out


# --- whom a law believes ---

ALONE = STORY.replace("occupied", "vacant") + "  - do: {{lock: locked}}\n  - do: {{wait: 11 min}}\n"
CALLED_OFF_BEFORE = ALONE.replace(
    "  - do: {{wait: 1 min}}\n",
    "  - do: {{cancel_order: seat-heating}}\n"
    "  - do: {{order: {{function: seat-heating, size: 64 kB, price: 99.00 EUR}}}}\n"
    "  - do: {{wait: 1 min}}\n",
    1,
)


def test_a_contract_that_begins_when_the_car_has_not_said_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_soon(desk: Desk, db: Session, order: OrderRow, at: datetime) -> None:
        subscriptions.activated(desk, db, order, at - timedelta(seconds=1))

    assert verdict_of("on", ALONE).passed
    monkeypatch.setattr(manifests, "activated", too_soon)
    (failure,) = verdict_of("on", ALONE).failures
    assert (failure.law, "the car said" in failure.found) == ("bill", True)


def test_what_the_car_has_signed_to_have_and_no_contract_begins_for_breaks_a_law(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifests, "activated", lambda *_: None)
    (failure,) = verdict_of("on", ALONE).failures
    assert (failure.law, "has not begun" in failure.found) == ("bill", True)


def test_an_order_that_was_called_off_excuses_no_other_one_of_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict_of("on", CALLED_OFF_BEFORE).passed
    monkeypatch.setattr(manifests, "follow", lambda *_: None)
    (failure,) = verdict_of("on", CALLED_OFF_BEFORE).failures
    assert (failure.law, "order-2.1" in failure.found) == ("agree", True)


@pytest.mark.parametrize("broken", ["backend: crashed", "broker: down", "power: cut", "clock: {{behind: 400 d}}"])
def test_a_life_that_ends_while_something_is_broken_is_not_taken_for_sound(broken: str) -> None:
    (failure,) = verdict_of("on", STORY + f"  - do: {{{{{broken}}}}}\n").failures
    assert (failure.law, failure.step) == ("judged", 10)
    assert verdict_of("off", STORY + f"  - do: {{{{{broken}}}}}\n").passed
