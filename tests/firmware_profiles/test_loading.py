import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import msgspec
import pytest

from firmware_profiles import (
    Linking,
    Menu,
    Profile,
    ProfileError,
    ProfileErrorCode,
    Reading,
    load_countries,
    load_labels,
    load_profile,
    profile_names,
)


def test_own_file_is_a_profile_under_its_own_name(own_file: Path) -> None:
    profile = load_profile(str(own_file))

    assert profile.name == "my"
    assert profile.car.line == "Roadster"
    assert profile.car.generation == 2
    assert profile.sources["data.ways"].seeds == ("A180", "A182")
    assert profile.sources["data.parked_ways"].assumed == "nothing stays on"


def test_disputed_readings_are_kept_beside_the_value(own_file: Path) -> None:
    profile = load_profile(own_file)

    assert profile.car.model_years.first == 2018
    assert profile.sources["car.model_years.first"].disputed == (Reading(value=2019, seeds=("A130",)),)


def test_value_and_its_sources_may_stand_in_tables_of_their_own(own_file: Path) -> None:
    text = own_file.read_text(encoding="utf-8").replace('linking = { value = "pairing-code", source = ["A120"] }\n', "")
    text += """\
[account.linking]
value = "pairing-code"
source = ["A120"]
[[account.linking.disputed]]
value = "porsche-id"
source = ["A225"]
"""
    own_file.write_text(text, encoding="utf-8")

    profile = load_profile(own_file)

    assert profile.account.linking is Linking.PAIRING_CODE
    assert profile.sources["account.linking"].disputed == (Reading(value="porsche-id", seeds=("A225",)),)


def test_edit_of_an_own_file_shows_at_the_next_load(own_file: Path) -> None:
    before = load_profile(own_file)
    own_file.write_text(own_file.read_text(encoding="utf-8").replace("= 10,", "= 12,"), encoding="utf-8")

    after = load_profile(own_file)

    assert (before.installation.settle_minutes, after.installation.settle_minutes) == (10, 12)


def test_byte_order_mark_is_no_fault(own_file: Path) -> None:
    own_file.write_bytes(b"\xef\xbb\xbf" + own_file.read_bytes())

    assert load_profile(own_file).name == "my"


@pytest.mark.parametrize("name", profile_names())
def test_shipped_files_are_read_once(name: str) -> None:
    assert load_profile(name) is load_profile(name)
    assert load_countries() is load_countries()
    assert load_labels() is load_labels()


@pytest.mark.parametrize("name", profile_names())
def test_results_are_frozen(name: str) -> None:
    profile = load_profile(name)

    data: Any = profile.data
    with pytest.raises(AttributeError):
        data.sim_pin = True
    mappings: list[Any] = [profile.menus, profile.sources, load_countries(), load_labels()]
    for mapping in mappings:
        with pytest.raises(TypeError):
            mapping["x"] = None


@pytest.mark.parametrize("name", profile_names())
def test_profile_is_written_as_json(name: str) -> None:
    profile = load_profile(name)

    assert msgspec.json.decode(msgspec.json.encode(profile, enc_hook=dict), type=Profile) == profile


def test_error_reads_like_a_compiler_message() -> None:
    error = ProfileError(ProfileErrorCode.INVALID, "my.toml", 12, "data.roaming", "expected 'a', got 'b'")

    assert str(error) == "my.toml:12: data.roaming: expected 'a', got 'b' [profile-invalid]"


def test_error_survives_the_way_to_another_process(fault_of: Callable[[str, str], ProfileError]) -> None:
    error = fault_of('"switch"', '"on"')

    copy = pickle.loads(pickle.dumps(error))

    assert (str(copy), copy.line, copy.key) == (str(error), error.line, error.key)


def test_package_loads_nothing_from_the_layers_above() -> None:
    program = "import sys, firmware_profiles; print([name for name in sys.modules if name.startswith(('pcm_', 'sim'))])"
    seen = run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "[]"


def test_menu_ids_are_texts_too() -> None:
    assert Menu("data-off") == "data-off"
