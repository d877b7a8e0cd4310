import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.trace import read_trace

CODE, WRONG = "73918465", "73918464"
PASSWORD, WRONG_CODE = "Kranich;7%Wolke", "60417395"
PIN, PUK, NEW_PIN, WIFI, BAD_WIFI = "831947", "46120938", "750264", "Muschel~88'Regen", "Muschel~88'Sturm"

TAYCAN = f"""\
version: 1
title: A function with unusual secrets
car: {{profile: taycan, country: JP, language: ja}}
steps:
  - do: {{register: {{porsche_id: hanako@example.com, password: "{PASSWORD}"}}}}
  - do: {{order_service: {{service: remote-access, days: 30}}}}
  - do: {{ignition: "on"}}
  - do: {{radio: {{access: lte}}}}
  - expect: {{session: open}}
  - do: {{log_in: {{porsche_id: hanako@example.com, password: "{PASSWORD}x"}}}}
  - expect: {{account: unlinked, shown: account-login-rejected}}
  - do: {{log_in: {{porsche_id: hanako@example.com, password: "{PASSWORD}"}}}}
  - expect: {{account: linked}}
  - do: {{security_code: {{porsche_id: hanako@example.com, code: "{CODE}"}}}}
  - do: {{log_out: now}}
  - do: {{wait: 10 s}}
  - do: {{log_in: {{porsche_id: hanako@example.com, password: "{PASSWORD}", security_code: "{WRONG}"}}}}
  - expect: {{shown: account-security-code-wrong}}
  - do: {{wait: 10 s}}
  - do: {{log_in: {{porsche_id: hanako@example.com, password: "{PASSWORD}", security_code: "{CODE}"}}}}
  - do: {{remote_access: "on"}}
  - do: {{remote: {{action: unlock, by: hanako@example.com, security_code: "{CODE}"}}}}
  - expect: {{lock: unlocked}}
  - do: {{remote: {{action: lock, by: hanako@example.com, security_code: "{WRONG}"}}}}
  - expect: {{remote_reply: security-code-wrong}}
  - do: {{insert_sim: {{country: JP, pin: "{PIN}", puk: "{PUK}"}}}}
  - do: {{sim_pin: {{pin: "{PIN}"}}}}
  - expect: {{refused: no-sim-slot}}
"""
CAYENNE = f"""\
version: 1
title: A link and a SIM with unusual secrets
car: {{profile: cayenne-gen3, country: DE, language: de}}
steps:
  - do: {{register: {{porsche_id: max@example.com, password: "{PASSWORD}"}}}}
  - do: {{ignition: "on"}}
  - do: {{radio: {{access: lte}}}}
  - expect: {{session: open}}
  - do: {{pairing_code: "{WRONG_CODE}"}}
  - expect: {{shown: account-pairing-code-unknown}}
  - do: {{pairing_code: from-my-porsche}}
  - expect: {{account: linked}}
  - do: {{insert_sim: {{country: DE, pin: "{PIN}", puk: "{PUK}"}}}}
  - do: {{sim_pin: {{pin: "9{PIN}"}}}}
  - do: {{sim_pin: {{pin: "{PIN}", store: true}}}}
  - expect: {{sim: ready}}
  - do: {{remove_sim: now}}
  - do: {{insert_sim: {{country: DE, pin: "{NEW_PIN}", puk: "{PUK}"}}}}
  - do: {{wait: 10 s}}
  - do: {{sim_pin: {{pin: "9{PIN}"}}}}
  - do: {{wait: 10 s}}
  - do: {{sim_pin: {{pin: "8{PIN}"}}}}
  - do: {{wait: 10 s}}
  - do: {{sim_pin: {{pin: "7{PIN}"}}}}
  - expect: {{sim: puk-required}}
  - do: {{sim_puk: {{puk: "{PUK}", new_pin: "{NEW_PIN}"}}}}
  - expect: {{sim: ready}}
  - do: {{open_hotspot: {{ssid: Phone, password: "{WIFI}"}}}}
  - do: {{join_hotspot: {{ssid: Phone, password: "{BAD_WIFI}"}}}}
  - expect: {{shown: hotspot-refused}}
  - do: {{join_hotspot: {{ssid: Phone, password: "{WIFI}"}}}}
  - do: {{wait: 10 s}}
  - expect: {{session: closed}}
"""
SECRETS = (PASSWORD, CODE, WRONG, WRONG_CODE, PIN, PUK, NEW_PIN, WIFI, BAD_WIFI)


def check(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        assert text, name
        for secret in SECRETS:
            for form in (secret, secret.replace("'", "&#39;"), secret.replace("'", "\\u0027")):
                assert form not in text, f"{secret} stands in the {name}"


SPEED = {"--virtual": (), "--live": ("--speed", "inf")}


@pytest.mark.parametrize("mode", ["--virtual", pytest.param("--live", marks=[pytest.mark.live, pytest.mark.slow])])
def test_no_secret_stands_in_anything_that_people_read(
    pcm_sim: Callable[..., Any], tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taycan.pcm.yaml").write_text(TAYCAN, encoding="utf-8")
    Path("cayenne.pcm.yaml").write_text(CAYENNE, encoding="utf-8")
    written = {"trace": Path("trace.jsonl"), "report": Path("report.html"), "junit": Path("junit.xml")}
    places = [argument for name, path in written.items() for argument in (f"--{name}", str(path))]
    ended = pcm_sim("run", "./taycan.pcm.yaml", "./cayenne.pcm.yaml", mode, "--verbose", *SPEED[mode], *places)

    # The last expectation fails on purpose, so that failures are told too.
    assert ended.status == 1, ended
    records = read_trace(written["trace"])
    assert [record.data["text"] for record in records if record.kind == "failed"] == ["session: closed"]
    (found,) = [record for record in records if record.name == "link-confirmed" and "max" in str(record.data)]
    assert found.data == {"porsche_id": "max@example.com"}
    check({name: path.read_text(encoding="utf-8") for name, path in written.items()})
    check({"output": ended.out + ended.err})


def test_the_pairing_code_that_my_porsche_shows_stands_nowhere(pcm_sim: Callable[..., Any], tmp_path: Path) -> None:
    code = f"{random.Random('1 backend').randrange(100_000_000):08}"
    trace = tmp_path / "trace.jsonl"
    ended = pcm_sim("run", "cayenne-roaming", "--virtual", "--seed", "1", "--trace", trace, "--verbose")
    assert ended.status == 0
    assert code not in trace.read_text(encoding="utf-8") + ended.out


@pytest.mark.parametrize("step", [f'{{sim_pin: {{pin: "{PIN}", keep: true}}}}', f'{{pairing_code: ["{WRONG_CODE}"]}}'])
def test_what_is_wrong_with_a_scenario_is_said_without_its_secrets(
    pcm_sim: Callable[..., Any], tmp_path: Path, step: str
) -> None:
    path = tmp_path / "bad.pcm.yaml"
    path.write_text(f"version: 1\ntitle: t\ncar: {{profile: taycan, country: JP}}\nsteps:\n  - do: {step}\n", "utf-8")
    ended = pcm_sim("run", path, "--virtual")
    assert ended.status == 2
    assert PIN not in ended.err
    assert WRONG_CODE not in ended.err
