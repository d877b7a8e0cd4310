"""`pcm-sim attack` as it is typed, and its exit status."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pcm_agent.errors import TransportError
from pcm_agent.trust import images
from simulator.attacks import report, table
from simulator.attacks.attack import Attack
from simulator.attacks.report import Conditions, Result, make_all
from simulator.attacks.table import ATTACKS

PcmSim = Callable[..., Any]


def only(*names: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(table, "ATTACKS", {name: ATTACKS[name] for name in names})


def test_without_a_name_it_lists_all(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("attack")
    assert ended.status == 0
    lines = [line.rstrip() for line in ended.out.splitlines()]
    for attack in ATTACKS.values():
        (number,) = [number for number, line in enumerate(lines) if line.startswith(f"{attack.name} ")]
        assert lines[number].endswith(attack.tried)
        assert f"must be stopped at {attack.stopped_at}" in lines[number + 1]
        assert not attack.code or lines[number + 1].endswith(f"[{attack.code}]")
    told = json.loads(pcm_sim("attack", "--format", "json").out)
    assert [it["name"] for it in told] == list(ATTACKS)
    assert told[0].keys() == {"name", "tried", "stopped_at", "code"}


def test_names_are_whole_on_a_terminal_of_80_columns(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.rstrip() for line in pcm_sim("attack").out.splitlines()]
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(ATTACKS)
    assert max(map(len, lines)) <= 80


def test_a_short_list_has_a_name_and_a_place_a_line(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("attack", "--list")
    lines = [line.split(maxsplit=1) for line in ended.out.splitlines()]
    assert [name for name, _ in lines] == list(ATTACKS)
    assert all(place.startswith(ATTACKS[name].stopped_at) for name, place in lines)
    refused = pcm_sim("attack", "all", "--list")
    assert (refused.status, refused.out) == (2, "")
    assert "[options-exclude]" in refused.err


def test_a_quiet_attack_gives_the_verdict_and_what_went_wrong(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    only("old-root", "another-vin", "slow-metadata")(monkeypatch)
    assert pcm_sim("attack", "all", "--quiet").out == "2 of 2 attacks stopped, 2 of 2 cars healed\n"
    monkeypatch.setattr(images, "_check_for", lambda *_: None)
    ended = pcm_sim("attack", "all", "-q")
    assert ended.status == 1
    assert ended.out.startswith("another-vin ")
    assert "1 of 2 attacks stopped" in ended.out


def test_each_is_told_as_soon_as_it_is_over(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    only("old-root", "another-vin")(monkeypatch)

    def broken(attacks: list[Attack], conditions: Conditions) -> Iterator[Result]:
        yield from make_all(attacks[:1], conditions)
        raise TransportError("broker-unreachable", "gone")

    monkeypatch.setattr(report, "make_all", broken)
    ended = pcm_sim("attack", "all")
    assert ended.status == 3
    assert ended.out.startswith("old-root ")


def test_live_and_virtual_exclude_each_other(pcm_sim: PcmSim) -> None:
    for command in (["attack", "all"], ["run", "cayenne-roaming"]):
        ended = pcm_sim(*command, "--live", "--virtual")
        assert (ended.status, ended.out) == (2, "")
        assert "[options-exclude]" in ended.err


def test_one_attack_is_shown_in_two_lines(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("attack", "old-root")
    assert ended.status == 0
    first, second, _, last = [line.rstrip() for line in ended.out.splitlines()]
    assert first.split()[0] == "old-root"
    assert first.endswith(ATTACKS["old-root"].tried)
    assert second.strip() == "stopped at look: Director's root [metadata-rollback]; the car healed"
    assert last == "1 of 1 attacks stopped, 1 of 1 cars healed"


def test_a_program_gets_json(pcm_sim: PcmSim) -> None:
    (told,) = json.loads(pcm_sim("attack", "old-root", "--format", "json", "--seed", "7").out)
    assert told == {
        "name": "old-root",
        "tried": ATTACKS["old-root"].tried,
        "stopped_at": "look: Director's root",
        "code": "metadata-rollback",
        "stopped": True,
        "healed": True,
        "problems": [],
    }


def test_all_are_made_but_those_that_need_sockets(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    only("old-root", "slow-metadata", "lying-look")(monkeypatch)
    ended = pcm_sim("attack", "all")
    assert ended.status == 0
    assert "2 of 2 attacks stopped, 2 of 2 cars healed" in ended.out
    assert "left out: slow-metadata, which needs --live" in ended.out
    assert "stopped at look: what the Director lists; the car healed" in ended.out


def test_an_attack_that_is_not_stopped_ends_with_status_1(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    only("old-root", "another-vin")(monkeypatch)
    monkeypatch.setattr(images, "_check_for", lambda *_: None)
    ended = pcm_sim("attack", "all")
    assert ended.status == 1
    lines = ended.out.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith("another-vin ")]
    assert "NOT STOPPED" in lines[number + 1]
    assert any("its disk holds something else: seat-heating" in line for line in lines[number + 2 :])
    assert "1 of 2 attacks stopped" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frezze-director"], "there is no attack 'frezze-director'; did you mean 'freeze-director'? [attack-unknown]"),
        (["xyz"], "there is no attack 'xyz'; `pcm-sim attack` lists all [attack-unknown]"),
        (["slow-metadata"], "slow-metadata needs real sockets: say --live too [attack-live-only]"),
        (["all", "--broker", "amqtt"], "virtual time needs none [option-without-use]"),
    ],
)
def test_wrong_use_ends_with_status_2(pcm_sim: PcmSim, arguments: list[str], said: str) -> None:
    ended = pcm_sim("attack", *arguments)
    assert ended.status == 2
    assert said in ended.err


def test_names_are_completed() -> None:
    from simulator.cli.attacks import _known

    assert _known("freeze") == ["freeze-director", "freeze-images", "freeze-clock-back"]
    assert _known("al") == ["all"]
