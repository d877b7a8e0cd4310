"""Files that extend others: values leaf by leaf, faults where they stand."""

from pathlib import Path

import pytest

from firmware_profiles import Menu, ProfileError, ProfileErrorCode, Way, family_names, load_profile, profile_names


def place(error: ProfileError) -> tuple[str, str, int | None, str]:
    return error.code.value, Path(error.file).name, error.line, error.key


def fault(path: Path) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    return caught.value


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_families_are_no_profiles() -> None:
    assert set(family_names()) == {"car", "sim-slot", "classic", "device-manager", "modern", "id"}
    assert not set(family_names()) & set(profile_names())


@pytest.mark.parametrize("name", [*family_names(), *profile_names()])
def test_a_file_of_ones_own_may_extend_every_family_and_profile(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "mine.toml", f'extends = "{name}"\n')
    if name in profile_names():
        profile, shipped = load_profile(path), load_profile(name)
        assert (profile.name, profile.car, profile.menus) == ("mine", shipped.car, shipped.menus)
        assert profile.sources == shipped.sources
    else:
        assert fault(path).message == "missing key"


def test_a_child_says_only_what_is_different(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "mine.toml",
        'extends = "taycan"\n[car.model_years]\nlast = { value = 2024, assumed = "mine" }\n'
        '[menus]\nupdates = { value = ["settings", "updates"], source = ["B209"] }\n',
    )

    profile, shipped = load_profile(path), load_profile("taycan")

    assert (profile.car.model_years.first, profile.car.model_years.last) == (2020, 2024)
    assert profile.sources["car.model_years.last"].assumed == "mine"
    assert profile.sources["car.model_years.first"] == shipped.sources["car.model_years.first"]
    assert profile.menus[Menu.UPDATES] == ("settings", "updates")
    assert profile.menus[Menu.TRAFFIC] == shipped.menus[Menu.TRAFFIC]


def test_a_parent_is_found_from_the_folder_of_its_child(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", "parent.toml", 'extends = "../grandparent.toml"\n[status]\n')
    write(tmp_path, "grandparent.toml", 'extends = "718"\ndigital_manual = { value = true, assumed = "mine" }\n')
    path = write(tmp_path, "mine.toml", 'extends = "deep/parent.toml"\n')

    assert load_profile(path).digital_manual


def test_what_is_inherited_can_be_taken_away(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "mine.toml",
        'extends = "cayenne-gen3"\n[data]\nways = { value = ["embedded-sim", "inserted-sim"], assumed = "mine" }\n'
        '[menus]\nhotspot-scan = { absent = true, assumed = "mine" }\n'
        '[car]\nmodel_years.last = { absent = true, assumed = "still built" }\n',
    )

    profile = load_profile(path)

    assert profile.data.ways == (Way.EMBEDDED_SIM, Way.INSERTED_SIM)
    assert Menu.HOTSPOT_SCAN not in profile.menus
    assert "menus.hotspot-scan" not in profile.sources
    assert profile.car.model_years.last is None


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        (
            "[menus]\nguest = { absent = true, assumed = 'x' }",
            3,
            "menus.guest",
            "there is nothing inherited to take away",
        ),
        ("[menus]\nguest = { absent = false, assumed = 'x' }", 3, "menus.guest.absent", "invalid enum value"),
        ("[menus]\nguest = { absent = true, value = 1 }", 3, "menus.guest.value", "unknown key"),
        ("[car]\nline = { absent = true, assumed = 'x' }", 3, "car.line", "missing key"),
        ("[menus]\nroaming = { absent = true, assumed = 'x' }", 3, "menus.roaming", "missing key: data.roaming says"),
        ("menus = { value = 1, assumed = 'x' }", 2, "menus", "expected table, got integer"),
        ("data.ways.first = { value = 1, assumed = 'x' }", 2, "data.ways", "expected array, got table"),
        ("[data]\nrooming = { value = 1, assumed = 'x' }", 3, "data.rooming", "unknown key"),
        ("[colour]\nred = { value = 1, assumed = 'x' }", 2, "colour", "unknown key"),
        (
            "[data]\nways = { value = ['embedded-sim', 'inserted-sim', 'hotspot', 'hotspot'], assumed = 'x' }",
            3,
            "data.ways",
            "'hotspot' stands there twice",
        ),
    ],
)
def test_a_fault_of_the_child_is_named_in_the_child(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    error = fault(write(tmp_path, "mine.toml", f'extends = "718"\n{text}\n'))

    assert place(error) == ("profile-invalid", "mine.toml", line, key)
    assert message in error.message


def test_a_fault_of_the_parent_is_named_in_the_parent(tmp_path: Path) -> None:
    write(tmp_path, "parent.toml", 'extends = "718"\n\n[data]\nroaming = { value = "on", assumed = "x" }\n')
    path = write(
        tmp_path, "mine.toml", 'extends = "./parent.toml"\n[data]\nsim_pin = { value = true, assumed = "x" }\n'
    )
    assert place(fault(path)) == ("profile-invalid", "parent.toml", 4, "data.roaming")

    write(tmp_path, "parent.toml", 'extends = "718"\n[data]\nroaming = { value = "automatic" }\n')
    path = write(
        tmp_path, "mine.toml", 'extends = "./parent.toml"\n[menus]\nroaming = { absent = true, assumed = "x" }\n'
    )
    assert place(fault(path)) == ("profile-source-missing", "parent.toml", 3, "data.roaming")

    path = write(
        tmp_path, "mine.toml", 'extends = "./parent.toml"\n[data]\nroaming = { value = "switch", assumed = "x" }\n'
    )
    assert load_profile(path).data.roaming == "switch", "what the child says itself is no fault of the parent's"


def test_a_contradiction_is_named_where_its_value_stands(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.toml", 'extends = "718"\n[data]\nroaming = { value = "automatic", assumed = "x" }\n')

    error = fault(path)

    assert place(error) == ("profile-invalid", "families/classic.toml".rpartition("/")[2], error.line, "menus.roaming")
    assert error.message == "data.roaming says that there is no such setting"


def test_a_car_without_a_slot_gets_none_by_contradiction(tmp_path: Path) -> None:
    ways = 'ways = { value = ["embedded-sim", "inserted-sim"], assumed = "x" }\n'
    error = fault(write(tmp_path, "mine.toml", f'extends = "taycan"\n[data]\n{ways}'))

    assert place(error) == ("profile-invalid", "mine.toml", 1, "menus.apn")
    assert error.message == "missing key: data.ways says that there is such a setting"


@pytest.mark.parametrize(
    ("parent", "code", "message"),
    [
        ('"taycn"', "profile-unknown", "no such family or profile, known are car, "),
        ('"./nowhere.toml"', "profile-unreadable", "nowhere.toml cannot be read: No such file or directory"),
        ("3", "profile-invalid", "expected string, got integer"),
        ('""', "profile-invalid", "expected string of length >= 1"),
    ],
)
def test_a_parent_that_cannot_be_had_is_named_in_the_child(
    tmp_path: Path, parent: str, code: str, message: str
) -> None:
    error = fault(write(tmp_path, "mine.toml", f"# mine\nextends = {parent}\n"))

    assert place(error) == (code, "mine.toml", 2, "extends")
    assert message in error.message


def test_the_nearest_parent_is_proposed(tmp_path: Path) -> None:
    assert fault(write(tmp_path, "mine.toml", 'extends = "modem"\n')).message.endswith("did you mean modern?")


def test_a_parent_that_is_not_toml_is_named_itself(tmp_path: Path) -> None:
    write(tmp_path, "parent.toml", "a = 1\nb = = 2\n")

    assert place(fault(write(tmp_path, "mine.toml", 'extends = "./parent.toml"\n'))) == (
        "profile-syntax",
        "parent.toml",
        2,
        "",
    )


def test_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "b.toml", '\nextends = "./a.toml"\n')
    path = write(tmp_path, "a.toml", 'extends = "./b.toml"\n')

    error = fault(path)

    assert place(error) == ("profile-invalid", "b.toml", 2, "extends")
    assert error.message == f"extends itself: {path} > {tmp_path / 'b.toml'} > {path}"


def test_a_file_that_extends_itself_is_refused(tmp_path: Path) -> None:
    assert fault(write(tmp_path, "a.toml", 'extends = "./a.toml"\n')).code is ProfileErrorCode.INVALID


def test_a_file_may_bear_the_name_of_the_shipped_one_that_it_extends(tmp_path: Path) -> None:
    assert load_profile(write(tmp_path, "taycan.toml", 'extends = "taycan"\n')).car == load_profile("taycan").car
