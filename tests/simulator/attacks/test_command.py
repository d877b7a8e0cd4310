"""`pcm-sim attack` as it is typed, and its exit status."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pcm_agent.trust import images
from simulator.attacks import table
from simulator.attacks.table import ATTACKS

PcmSim = Callable[..., Any]


def only(*names: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(table, "ATTACKS", {name: ATTACKS[name] for name in names})


def test_without_a_name_it_lists_all(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("attack")
    assert ended.status == 0
    for attack in ATTACKS.values():
        assert any(
            line.startswith(f"{attack.name} ") and attack.tried in line and attack.stopped_at in line
            for line in ended.out.splitlines()
        )
    told = json.loads(pcm_sim("attack", "--format", "json").out)
    assert [it["name"] for it in told] == list(ATTACKS)
    assert told[0].keys() == {"name", "tried", "stopped_at", "code"}


def test_one_attack_is_shown_in_a_row(pcm_sim: PcmSim) -> None:
    ended = pcm_sim("attack", "old-root")
    assert ended.status == 0
    head, row, _, last = ended.out.splitlines()
    assert head.split() == ["attack", "what", "was", "tried", "stopped", "at", "code", "healed"]
    assert row.split()[0] == "old-root"
    assert "look: Director's root" in row
    assert row.split()[-2:] == ["metadata-rollback", "yes"]
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
    assert " –  " in next(line for line in ended.out.splitlines() if line.startswith("lying-look"))


def test_an_attack_that_is_not_stopped_ends_with_status_1(pcm_sim: PcmSim, monkeypatch: pytest.MonkeyPatch) -> None:
    only("old-root", "another-vin")(monkeypatch)
    monkeypatch.setattr(images, "_check_for", lambda *_: None)
    ended = pcm_sim("attack", "all")
    assert ended.status == 1
    assert "NOT STOPPED" in next(line for line in ended.out.splitlines() if line.startswith("another-vin "))
    assert "another-vin: its disk holds something else: seat-heating" in ended.out
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
