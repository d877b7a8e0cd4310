"""Shrinking: what is left breaks the same law, nothing of it can be left out, and it is the same each time."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.explore import shrinking
from simulator.explore.exploring import text_of
from simulator.explore.living import Lived
from simulator.explore.shrinking import Shrinker, Shrunk, simpler_steps
from simulator.scenario.loader import parse_scenario

NEEDED = ("ignition", "radio", "private_mode")
NOISE = [{"do": {"wait": "2 d"}}, {"do": {"lock": "locked"}}, {"do": {"traffic": "on"}}]


def life_of(*names: str) -> dict[str, Any]:
    needed = [{"do": {name: "on"}} for name in names]
    steps = [step for one in needed for step in (*NOISE, one)] + NOISE
    return {"car": {"profile": "taycan", "country": "JP", "language": "ja", "equipment": ["x"]}, "steps": steps}


def judged(plain: Mapping[str, Any], seed: int) -> Lived:
    """A life breaks a law once it has all that is needed, in this order; the lock alone breaks another one."""
    left = list(NEEDED)
    for number, step in enumerate(plain["steps"], start=1):
        if left and left[0] in step["do"]:
            left.pop(0)
        if not left:
            return Lived(seed, number, "", "way", "", declined={0: "car-unknown"})
    return Lived(seed, len(plain["steps"]), "", "data" if NOISE[1] in plain["steps"] else "")


def shrunk(plain: dict[str, Any]) -> Shrunk:
    return Shrinker(plain, judged(plain, 7), judged).shrunk()


def test_only_what_is_needed_is_left() -> None:
    short = shrunk(life_of(*NEEDED))
    assert short.plain["steps"] == [{"do": {name: "on"}} for name in NEEDED]
    assert short.lived.law == "way"
    assert short.plain["car"] == {"profile": "taycan", "country": "DE", "language": "en"}


def test_the_same_life_gives_the_same_short_one() -> None:
    assert shrunk(life_of("lock", *NEEDED)) == shrunk(life_of("lock", *NEEDED))


def test_it_ends_even_where_nothing_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "MOST_RUNS", 5)
    assert shrunk(life_of(*NEEDED)).runs == 5


def test_a_wait_becomes_as_short_as_it_may_be() -> None:
    def needs_a_minute(plain: Mapping[str, Any], seed: int) -> Lived:
        spans = [step["do"]["wait"] for step in plain["steps"] if "wait" in step["do"]]
        long_enough = any(shrinking.SPANS.index(span) >= shrinking.SPANS.index("1 min") for span in spans)
        return Lived(seed, len(plain["steps"]), "", "stuck" if long_enough else "")

    plain = life_of()
    short = Shrinker(plain, needs_a_minute(plain, 1), needs_a_minute).shrunk()
    assert short.plain["steps"] == [{"do": {"wait": "1 min"}}]


def test_one_wait_takes_the_place_of_two() -> None:
    def needs_two_seconds(plain: Mapping[str, Any], seed: int) -> Lived:
        spans = [step["do"].get("wait") for step in plain["steps"]]
        enough = sum(shrinking.SPANS.index(span) + 1 for span in spans if span) >= 2 and {"lock": "x"} in [
            step["do"] for step in plain["steps"]
        ]
        return Lived(seed, len(plain["steps"]), "", "stuck" if enough else "")

    steps = [{"do": {"wait": "1 s"}}, {"do": {"lock": "x"}}, {"do": {"wait": "1 s"}}]
    plain = {"car": {"language": "en", "country": "DE"}, "steps": steps}
    short = Shrinker(plain, needs_two_seconds(plain, 1), needs_two_seconds).shrunk()
    assert short.plain["steps"] in (
        [{"do": {"lock": "x"}}, {"do": {"wait": "3 s"}}],
        [{"do": {"wait": "3 s"}}, steps[1]],
    )


def test_an_order_of_ones_own_stays_as_long_as_something_names_its_function() -> None:
    ordered = {"do": {"order": {"function": "seat-heating", "own": True}}}
    steps = [ordered, {"do": {"wait": "1 s"}}, {"do": {"give_notice": "seat-heating"}}]
    head = {"version": 1, "title": "Life 1", "car": {"profile": "taycan", "language": "en", "country": "DE"}}

    def breaks(plain: Mapping[str, Any], seed: int) -> Lived:
        parse_scenario(json.dumps(plain), "life.pcm.yaml")
        named = any("give_notice" in step["do"] for step in plain["steps"])
        return Lived(seed, len(plain["steps"]), "", "way" if named else "")

    plain = {**head, "steps": steps}
    assert Shrinker(plain, breaks(plain, 1), breaks).shrunk().plain["steps"] == [ordered, steps[2]]


def test_values_lose_what_they_need_not_have() -> None:
    order = {"function": "seat-heating", "size": "2 MB", "kind": "monthly", "price": "99.00 EUR"}
    assert list(simpler_steps({"do": {"order": order}})) == [
        {"do": {"order": {name: part for name, part in order.items() if name != gone}}} for gone in ("kind", "price")
    ]
    assert list(simpler_steps({"do": {"ignition": "on"}})) == []


def test_what_was_declined_is_expected_to_be_in_the_file() -> None:
    head = {"version": 1, "title": "Life 7", "car": {"profile": "taycan", "country": "DE"}}
    plain = {**head, "steps": [{"do": {"give_notice": "active-lane-keeping"}}, {"do": {"ignition": "on"}}]}
    text = text_of(Shrunk(plain, Lived(7, 2, "", "way", declined={0: "order-unknown"}), 1))
    steps = parse_scenario(text, "life.pcm.yaml").scenario.steps
    assert [step.expect.declined if step.expect else None for step in steps] == [None, "order-unknown", None]
    assert text.startswith("# It breaks the law way: data goes over the first way")
