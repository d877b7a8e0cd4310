"""What is no profile at all: another shape, no TOML, no file, no known name."""

from pathlib import Path

import pytest

from firmware_profiles import ProfileError, ProfileErrorCode, load_profile, profile_names
from tests.firmware_profiles.faults import place


@pytest.mark.parametrize(
    "text",
    ["value = 1", "value = { car = 1 }\nassumed = 'all of it'", "menus = 1", "menus = { value = 1, assumed = 'x' }"],
)
def test_file_of_another_shape_is_refused_without_a_crash(own_file: Path, text: str) -> None:
    own_file.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file)

    assert caught.value.code is ProfileErrorCode.INVALID
    assert caught.value.line == 1


def test_fault_of_an_empty_file_is_the_first_missing_key(own_file: Path) -> None:
    own_file.write_text("", encoding="utf-8")

    with pytest.raises(ProfileError, match=r"my\.toml:1: \w+: missing key \[profile-invalid\]$"):
        load_profile(own_file)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("a = 1\nb = = 2\n", 2, "Invalid value", id="in-a-line"),
        pytest.param("a = 1\nb = [", 2, "Invalid value", id="at-the-end"),
        pytest.param("a", 1, "Expected '=' after a key in a key/value pair", id="at-the-end-of-one-line"),
        pytest.param("a = " + "1" * 5000, None, "Exceeds the limit", id="beyond-what-python-reads"),
        pytest.param("a = " + "[" * 20_000, None, "nested too deeply", id="too-deep"),
        pytest.param("a." * 40 + "a = 1", None, "nested too deeply", id="too-deep-by-dots"),
    ],
)
def test_text_that_is_not_toml_is_refused(own_file: Path, text: str, line: int | None, message: str) -> None:
    own_file.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file)

    assert place(caught.value) == ("profile-syntax", line, "")
    assert caught.value.message.startswith(message)


def test_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    with pytest.raises(ProfileError) as caught:
        load_profile(str(missing))

    assert place(caught.value) == ("profile-unreadable", None, "")
    assert str(caught.value) == f"{missing}: cannot be read: No such file or directory [profile-unreadable]"


def test_file_that_is_not_utf8_is_unreadable(own_file: Path) -> None:
    own_file.write_bytes(b"\xff\xfe")

    with pytest.raises(ProfileError, match="can't decode byte 0xff") as caught:
        load_profile(own_file)

    assert place(caught.value) == ("profile-unreadable", None, "")


@pytest.mark.parametrize("name", ["no\0such.toml", "no/\0such"])
def test_path_that_no_system_allows_is_unreadable(name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(name)

    assert caught.value.code is ProfileErrorCode.UNREADABLE


def test_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("taycn")

    assert place(caught.value) == ("profile-unknown", None, "")
    assert str(caught.value) == (
        f"taycn: no such profile, known are {', '.join(profile_names())}; did you mean taycan? [profile-unknown]"
    )


def test_unknown_name_unlike_all_others_gets_no_guess() -> None:
    with pytest.raises(ProfileError, match=r"known are 718, .*, taycan \[profile-unknown\]$"):
        load_profile("x")


@pytest.mark.parametrize("name", ["labels", "countries", "services", "usage", "disputes", "modern", ""])
def test_other_data_files_are_no_profiles(name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(name)

    assert caught.value.code is ProfileErrorCode.UNKNOWN
