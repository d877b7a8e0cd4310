import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import firmware_profiles
from simulator.scenario import loader
from simulator.scenario.loader import ScenarioError, load_scenario, parse_scenario
from simulator.scenario.model import duration, price, size

from_yaml = YAML(typ="safe", pure=True)
PACKAGE = Path(loader.__file__).parent
SCHEMA = PACKAGE / "scenario.schema.json"

# The tests count lines in this text: line 1 is `version`.
SOUND = """\
version: 1
title: A test
car:
  profile: taycan
  country: JP
steps:
  - say: First.
    do: {ignition: "on"}
  - expect:
      ignition: "on"
    within: 10 s
  - never: {connection: connected}
    during: 1 min
"""


def fault(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "test.pcm.yaml")
    return caught.value


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} must name one place"
    return SOUND.replace(old, new)


def with_step(step: str) -> str:
    """The sound scenario with one more step, in line 14."""
    return f"{SOUND}  - {step}\n"


def test_the_sound_scenario_is_sound() -> None:
    loaded = parse_scenario(SOUND, "test.pcm.yaml")
    assert loaded.lines == (7, 9, 12)
    assert loaded.car.profile == "taycan"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "allowed"),
    [
        ("title: A test", "title: A test\nauthor: me", 3, "author", "version, title, description, requirements, tags"),
        (
            "  country: JP",
            "  country: JP\n  colour: red",
            6,
            "car.colour",
            "profile, line, model_year, assume, country, language, equipment, vin",
        ),
        (
            "    within: 10 s",
            "    witihn: 10 s",
            11,
            "steps[1].witihn",
            "say, car, do, expect, within, until, never, during",
        ),
        ('{ignition: "on"}', '{ignitoin: "on"}', 8, "steps[0].do.ignitoin", "docs/scenarios.md lists the"),
        ('      ignition: "on"', '      ignitoin: "on"', 10, "steps[1].expect.ignitoin", "docs/scenarios.md lists the"),
        ("{connection: connected}", "{data: true}", 12, "steps[2].never.data", "docs/scenarios.md lists the"),
        ('{ignition: "on"}', "{radio: {axess: lte}}", 8, "steps[0].do.radio.axess", "access, country"),
        (
            '      ignition: "on"',
            "      package:\n        function: power-steering-plus\n        status: active",
            12,
            "steps[1].expect.package.status",
            "function, state, blocked_by, code",
        ),
        (
            "{connection: connected}",
            "{order: {function: power-steering-plus, state: open, bill: 1}}",
            12,
            "steps[2].never.order.bill",
            "function, state, bills, error",
        ),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_allowed_ones(
    old: str, new: str, line: int, key: str, allowed: str
) -> None:
    error = fault(changed(old, new))
    assert (error.code, error.line, error.key) == ("scenario-invalid", line, key)
    said = re.sub(r"^steps\[(\d)\]\.", lambda step: f"step {int(step[1]) + 1}: ", key)
    place = f"test.pcm.yaml:{line}:{error.column}"
    assert str(error).startswith(f"{place}: {said}: unknown key")
    listed = allowed if allowed.startswith("docs") else f"allowed here are: {allowed}"
    assert f"; {listed}" in str(error)


@pytest.mark.parametrize("key", ["a.b", "car.x", "steps[0]", "a[1].b", "x y", '"`"', "1", "null", "[a]", "<<x"])
def test_a_key_may_look_like_anything(key: str) -> None:
    error = fault(f"{SOUND}? {key}\n: 1\n")
    assert error.code == "scenario-invalid"
    assert error.message.startswith("test.pcm.yaml:")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "expected"),
    [
        ("version: 1", "version: 2", 1, "version", "2"),
        ("version: 1", 'version: "1"', 1, "version", "a whole number must stand here, not text"),
        ("version: 1\n", "", 1, "", "version"),
        ("title: A test", "title: 7", 2, "title", "text must stand here, not a whole number; write it in quotes"),
        ("title: A test", "title: [A, test]", 2, "title", "text must stand here, not a list"),
        ("title: A test", "title: t\nrequirements: CON-01", 3, "requirements", "a list must stand here, not text"),
        ("title: A test", "title: t\nrequirements: [CON-1]", 3, "requirements[0]", "not of the form"),
        ("  profile: taycan\n", "", 3, "car", "profile"),
        ("country: JP", "country: Japan", 5, "car.country", "not of the form"),
        ("country: JP", "country: JP\n  language: fr", 6, "car.language", "fr"),
        ("country: JP", "country: JP\n  vin: WP0ZZZ", 6, "car.vin", "expected 17 characters, got 6"),
        ("country: JP", "country: JP\n  vin: WP0ZZZY1ZPSA0000I", 6, "car.vin", "position 17"),
        ('{ignition: "on"}', "{ignition: start}", 8, "steps[0].do.ignition", "start"),
        (
            '{ignition: "on"}',
            "{ignition: true}",
            8,
            "steps[0].do.ignition",
            "true or false can't stand here; allowed are: on, off",
        ),
        (
            '{ignition: "on"}',
            "on",
            8,
            "steps[0].do",
            "keys with values must stand here, not text; such as do: {ignition",
        ),
        ('{ignition: "on"}', "{battery: 101}", 8, "steps[0].do.battery", "at most 100 must stand here (percent)"),
        (
            '{ignition: "on"}',
            "{battery: full}",
            8,
            "steps[0].do.battery",
            "a whole number must stand here, not text; such as battery: 40",
        ),
        ('{ignition: "on"}', "{sim_pin: {pin: 4711}}", 8, "steps[0].do.sim_pin.pin", "write it in quotes"),
        ('{ignition: "on"}', "{wait: 10}", 8, "steps[0].do.wait", "expected here: such as 500 ms"),
        ('{ignition: "on"}', "{wait: 10 minutes}", 8, "steps[0].do.wait", "not of the form"),
        ('{ignition: "on"}', "{wait: -1 s}", 8, "steps[0].do.wait", "not of the form"),
        ('{ignition: "on"}', "{wait: 99999999999 d}", 8, "steps[0].do.wait", "not of the form"),
        (
            '{ignition: "on"}',
            "{use_data: {purpose: metadata, size: 1 kB}}",
            8,
            "steps[0].do.use_data.purpose",
            "metadata",
        ),
        ('{ignition: "on"}', "{order: {function: Ö}}", 8, "steps[0].do.order.function", "not of the form"),
        ('{ignition: "on"}', "{order: {function: ../x}}", 8, "steps[0].do.order.function", "not of the form"),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, size: 40}}",
            8,
            "steps[0].do.order.size",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, size: 40 GB}}",
            8,
            "steps[0].do.order.size",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, size: 0 B}}",
            8,
            "steps[0].do.order.size",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, size: 99999 MB}}",
            8,
            "steps[0].do.order.size",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, price: 249 EUR}}",
            8,
            "steps[0].do.order.price",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{order: {function: power-steering-plus, price: 249.00}}",
            8,
            "steps[0].do.order.price",
            "expected here: such as 249.00 EUR",
        ),
        (
            '{ignition: "on"}',
            f"{{order: {{function: power-steering-plus, price: {'9' * 30}.00 EUR}}}}",
            8,
            "steps[0].do.order.price",
            "not of the form",
        ),
        (
            '{ignition: "on"}',
            "{register: {porsche_id: max, password: p}}",
            8,
            "steps[0].do.register.porsche_id",
            "not of the form",
        ),
        ("within: 10 s", "within: soon", 11, "steps[1].within", "not of the form"),
        ("during: 1 min", "during: 1 m", 13, "steps[2].during", "not of the form"),
        ("connection: connected", "connection: up", 12, "steps[2].never.connection", "up"),
        ("profile: taycan", "profile: tycan", 4, "car.profile", "known are"),
        (
            "connection: connected",
            "shown: private-mod-on",
            12,
            "steps[2].never.shown",
            "did you mean 'private-mode-on'",
        ),
        ("connection: connected", "shown: xyzzy", 12, "steps[2].never.shown", "the PCM never says 'xyzzy'"),
        ('{ignition: "on"}', "{radio: {access: lte, country: QQ}}", 8, "steps[0].do.radio.country", "no country"),
        ("profile: taycan", "profile: ./nowhere.toml", 4, "car.profile", "nowhere.toml"),
        (
            "country: JP",
            "country: US\n  vin: WP0ZZZY1ZPSA00001",
            6,
            "car.vin",
            "position 9: expected the check digit '0'",
        ),
        ("profile: taycan", "line: Macan", 3, "car", "by its line and model year"),
        ("profile: taycan", 'profile: "718"\n  line: "718"', 3, "car", "not by both"),
        ("profile: taycan", "line: Carrera\n  model_year: 2020", 4, "car.line", "known are 718, 911"),
        ("profile: taycan", "line: Macan\n  model_year: 2018", 5, "car.model_year", "[profile-ambiguous]"),
        ("profile: taycan", "line: Macan\n  model_year: 1999", 5, "car.model_year", "[profile-unknown]"),
        ("country: JP", "country: JP\n  assume: {my2021: fax}", 6, "car.assume.my2021", "[assumption-unknown]"),
        ("country: JP", "country: JP\n  assume: [my2021]", 6, "car.assume", "such as assume: {my2021: porsche-id}"),
        ("country: JP", "country: XX", 5, "car.country", "unknown country; all 45 stand in docs/profiles.md"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_was_expected(
    old: str, new: str, line: int, key: str, expected: str
) -> None:
    error = fault(changed(old, new))
    assert (error.code, error.line, error.key) == ("scenario-invalid", line, key)
    assert expected in str(error).partition(": ")[2]


@pytest.mark.parametrize(
    ("step", "column", "key", "expected"),
    [
        (
            "never: {refused: sim-blockd}\n    during: 1 s",
            13,
            "never.refused",
            "no car refuses anything with 'sim-blockd'; did you mean 'sim-blocked'?; also near: no-sim-slot; all",
        ),
        (
            "expect: {refused: nonsense}",
            14,
            "expect.refused",
            "no car refuses anything with 'nonsense'; all 86 stand in docs/scenarios.md",
        ),
        (
            "expect: {package: {function: power-steering-plus, state: paused, blocked_by: [no-data, privat-mode]}}",
            92,
            "expect.package.blocked_by[1]",
            "'privat-mode' is no condition; did you mean 'private-mode'?; ",
        ),
        (
            "never: {service: {service: remote-access, state: unavailable, blocked_by: [offline]}}\n    during: 1 s",
            80,
            "never.service.blocked_by[0]",
            "'offline' is no condition; all 48 stand in docs/scenarios.md",
        ),
        (
            "expect: {cluster: package-fault}",
            14,
            "expect.cluster",
            "the instrument cluster never says 'package-fault'; did you mean 'package-faulty'?; known are: package-fa",
        ),
        ("expect: {cluster: package-ready}", 14, "expect.cluster", "the instrument cluster never says 'package-ready'"),
        (
            "expect: {remote_reply: no-dat}",
            14,
            "expect.remote_reply",
            "no car answers the app with 'no-dat'; did you mean 'no-data'?; all 15 stand in docs/scenarios.md",
        ),
    ],
)
def test_a_code_that_no_car_ever_says_is_refused_before_the_run(
    step: str, column: int, key: str, expected: str
) -> None:
    error = fault(with_step(step))
    assert (error.code, error.line, error.column, error.key) == ("scenario-invalid", 14, column, f"steps[3].{key}")
    assert str(error).startswith(f"test.pcm.yaml:14:{column}: step 4: {key}: {expected}")


@pytest.mark.parametrize(
    "step",
    [
        "expect: {refused: no-data}",
        "expect: {refused: offer-expired}",
        "expect: {refused: sim-blocked}",
        "expect: {cluster: package-faulty}",
        "expect: {remote_reply: done}",
        "expect: {remote_reply: command-expired}",
        "expect: {package: {function: power-steering-plus, state: paused, blocked_by: []}}",
        "expect: {service: {service: radio, state: ended}}",
    ],
)
def test_codes_that_a_car_says_are_taken(step: str) -> None:
    assert len(parse_scenario(with_step(step), "test.pcm.yaml").scenario.steps) == 4


def test_a_profile_of_ones_own_is_found_from_the_folder_of_the_scenario(tmp_path: Path) -> None:
    shipped = (Path(firmware_profiles.__file__).parent / "data" / "taycan.toml").read_text("utf-8")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.toml").write_text(shipped, "utf-8")
    (tmp_path / "own.pcm.yaml").write_text(changed("profile: taycan", "profile: profiles/mine.toml"), "utf-8")
    loaded = load_scenario(str(tmp_path / "own.pcm.yaml"))
    assert loaded.car.choice.resolve().name == "mine"


def test_a_car_may_be_given_by_line_and_model_year() -> None:
    text = changed("profile: taycan", "line: Cayenne\n  model_year: 2021\n  assume: {my2021: porsche-id}")
    assert parse_scenario(text, "test.pcm.yaml").car.choice.resolve().name == "cayenne-gen3-2022"
    assert parse_scenario(text.replace("porsche-id", "pairing-code"), "x").car.choice.resolve().name == ("cayenne-gen3")


def test_a_vin_with_the_check_digit_of_its_market_is_taken() -> None:
    text = changed("country: JP", "country: US\n  vin: WP0ZZZY10PSA00001")
    assert parse_scenario(text, "test.pcm.yaml").car.vin == "WP0ZZZY10PSA00001"


@pytest.mark.parametrize(
    ("step", "key", "message"),
    [
        ('do: {ignition: "on", lock: locked}', "steps[3].do", "exactly one thing"),
        ("do: {}", "steps[3].do", "exactly one thing"),
        ('{do: {ignition: "on"}, expect: {ignition: "on"}}', "steps[3]", "one of do, expect, never, let"),
        (
            '{expect: {ignition: "on"}, never: {ignition: "off"}, during: 1 s}',
            "steps[3]",
            "one of do, expect, never, let",
        ),
        ("expect: {}", "steps[3].expect", "something must be expected"),
        ("{never: {}, during: 1 s}", "steps[3].never", "something must be named"),
        ("never: {connection: connected}", "steps[3]", "never stands together with either during or while"),
        ('{expect: {ignition: "on"}, during: 1 s}', "steps[3]", "stand together with never"),
        ('{do: {ignition: "on"}, within: 1 s}', "steps[3].within", "within stands with expect"),
        ("{}", "steps[3]", "one of say, do, expect, never"),
    ],
)
def test_a_step_that_makes_no_sense_is_named(step: str, key: str, message: str) -> None:
    error = fault(with_step(step))
    assert (error.code, error.line, error.key) == ("scenario-invalid", 14, key)
    assert message in str(error)


def test_a_step_may_only_say_something() -> None:
    assert parse_scenario(with_step("say: The end."), "test.pcm.yaml").scenario.steps[-1].say == "The end."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (changed("title: A test", "title: [A test"), 2),
        (changed("  country: JP", "\tcountry: JP"), 5),
        (changed("title: A test", "title: A test\ntitle: Another"), 3),
        (changed("title: A test", "title: *nobody"), 2),
        (changed("title: A test", "title: !!python/object:os.system x"), 2),
        (f"{SOUND}---\n{SOUND}", 14),
    ],
)
def test_yaml_that_cannot_be_read_is_named_with_its_line(text: str, line: int) -> None:
    error = fault(text)
    assert error.code == "scenario-syntax"
    assert error.line == line
    assert str(error).startswith(f"test.pcm.yaml:{line}:{error.column}: ")


@pytest.mark.parametrize("text", ["\x00", "title: \x07", "a: &a [*a]", "&a {b: *a}", "[" * 1200, "- " * 1200])
def test_hostile_yaml_is_refused(text: str) -> None:
    assert fault(text).code in ("scenario-syntax", "scenario-invalid")


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "just words\n", "7\n", "steps: []\n"])
def test_a_file_without_a_scenario_is_refused(text: str) -> None:
    error = fault(text)
    assert error.code == "scenario-invalid"
    assert str(error).startswith("test.pcm.yaml:1:1: ")


@given(st.text(max_size=60))
def test_no_text_breaks_the_loader(text: str) -> None:
    with pytest.raises(ScenarioError):
        parse_scenario(text, "test.pcm.yaml")


# --- files ---


def test_of_a_missing_file_it_is_said_where_the_shipped_ones_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(tmp_path / "none.pcm.yaml"))
    assert caught.value.code == "scenario-unknown"
    assert "shipped ones: pcm-sim scenarios" in str(caught.value)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(tmp_path))
    assert caught.value.code == "scenario-unreadable"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.pcm.yaml"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    assert caught.value.code == "scenario-unreadable"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (changed("during: 1 min", "during: soon"), ":13:5: step 3: during: "),
        (changed("title: A test", "title: [A test"), ":2:8: "),
        ("", ":1:1: "),
        (None, ": "),
    ],
)
def test_nothing_is_started_with_a_bad_scenario(
    pcm_sim: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, place: str
) -> None:
    def start(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr("simulator.session.run", start)
    path = tmp_path / "bad.pcm.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    for mode in ("--live", "--virtual"):
        ended = pcm_sim("run", "cayenne-roaming", path, mode, "--trace", tmp_path / "trace.jsonl")
        assert ended.status == 2
        assert ended.err.startswith(f"pcm-sim: {path}{place}")
        assert ended.out == ""
    assert not (tmp_path / "trace.jsonl").exists()


# --- units ---


@pytest.mark.parametrize(
    ("text", "seconds"), [("500 ms", 0.5), ("30s", 30), ("1.5 min", 90), ("2 h", 7200), ("28 d", 28 * 86400)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text).total_seconds() == seconds


def test_sizes_and_prices() -> None:
    assert [size(text) for text in ("300 B", "64 kB", "40MB")] == [300, 64_000, 40_000_000]
    assert price("249.00 EUR") == (24_900, "EUR")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("profile: taycan", "profile: 718", "write it in quotes"),
        (
            "country: JP",
            "country: JP\n  profile: macan-pre-facelift\n  equipment: [wireless-carplay]",
            "can't be ordered",
        ),
        ('{ignition: "on"}', "{order_service: {service: fax, days: 1}}", "there is no service 'fax'; known are:"),
    ],
)
def test_what_no_car_and_no_store_has_is_said_before_anything_starts(old: str, new: str, expected: str) -> None:
    text = changed(old, new)
    if "macan-pre-facelift" in text:
        text = text.replace("  profile: taycan\n", "", 1)
    assert expected in str(fault(text))


def test_a_part_alone_is_told_that_it_can_only_be_included() -> None:
    text = "version: 1\ntitle: A part\nsteps:\n- do: {lock: locked}\n"
    assert "a file without one can only be included" in fault(text).message
