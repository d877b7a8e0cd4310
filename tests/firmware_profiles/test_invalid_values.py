"""A value that can't be, or has no source, is named with its line, its key and what was expected."""

import pytest

from firmware_profiles import Menu
from tests.firmware_profiles.faults import FaultOf, place


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param(
            '"switch"', '"on"', 12, "data.roaming", "expected one of 'automatic', 'switch', got 'on'", id="bad-choice"
        ),
        pytest.param(
            '"switch"', "3", 12, "data.roaming", "expected one of 'automatic', 'switch', got integer", id="no-text"
        ),
        pytest.param(
            '"hotspot"]',
            '"wifi"]',
            10,
            "data.ways[1]",
            "expected one of 'embedded-sim', 'hotspot', 'inserted-sim', got 'wifi'",
            id="bad-choice-in-array",
        ),
        pytest.param("= 10,", '= "ten",', 22, "installation.settle_minutes", "expected integer, got string", id="type"),
        pytest.param("= 10,", "= true,", 22, "installation.settle_minutes", "expected integer, got boolean", id="bool"),
        pytest.param("= 10,", "= 0,", 22, "installation.settle_minutes", "expected integer >= 1", id="below"),
        pytest.param("= 2020,", '= "now",', 8, "car.model_years.last", "expected integer, got string", id="optional"),
        pytest.param('= "Roadster"', '= ""', 3, "car.line", "expected string of length >= 1", id="empty-text"),
        pytest.param(
            '["inserted-sim", "hotspot"]', "[]", 10, "data.ways", "expected array of length >= 1", id="empty-array"
        ),
        pytest.param("= true, source = [\"B251\"]", '= 1979-05-27, source = ["B251"]', 1, "digital_manual",
                     "expected boolean, got date", id="date"),
        pytest.param(
            'roaming = { value = "switch"', 'rooming = { value = "switch"', 12, "data.rooming",
            "unknown key, expected one of 'data_off', 'parked_ways', 'roaming', 'sim_pin', 'ways'", id="unknown-key",
        ),
        pytest.param("[status]", "[[status]]", 19, "status", "expected table, got array", id="array-of-tables"),
        pytest.param(
            'symbol_corner = { value = "bottom-left", source = ["B109"] }', "", 19, "status.symbol_corner",
            "missing key", id="missing-key",
        ),
        pytest.param("[status]\nsymbol_corner", "[data.status]\nsymbol_corner", 19, "data.status",
                     "unknown key, expected one of 'data_off', 'parked_ways', 'roaming', 'sim_pin', 'ways'",
                     id="unknown-table"),
        pytest.param(
            "data-off = {", "data_off_menu = {", 26, "menus.data_off_menu",
            f"expected one of {', '.join(repr(menu.value) for menu in sorted(Menu))}, got 'data_off_menu'",
            id="unknown-menu",
        ),
        pytest.param('["settings", "off"]', '"off"', 26, "menus.data-off", "expected array, got string",
                     id="menu-type"),
        pytest.param('["settings", "off"]', "[]", 26, "menus.data-off", "expected array of length >= 1", id="no-path"),
        pytest.param('"off"]', "1]", 26, "menus.data-off[1]", "expected string, got integer", id="label-type"),
        pytest.param(
            "value = 2019,", 'value = "2019",', 7, "car.model_years.first", "expected integer, got string",
            id="disputed-reading-of-another-type",
        ),
        pytest.param(
            "value = 2019,", "value = [1],", 7, "car.model_years.first.disputed[0].value[0]",
            "expected string, got integer", id="disputed-reading-that-no-value-can-be",
        ),
        pytest.param(
            '"A264"', '"C264"', 22, "installation.settle_minutes.source[0]",
            "expected string matching regex '^[AB][0-9]+$'", id="source-that-no-seed-has",
        ),
        pytest.param(
            'value = "switch",', 'value = "switch", because = "x",', 12, "data.roaming.because",
            "unknown key, expected one of 'assumed', 'disputed', 'source', 'value'", id="unknown-word-beside-value",
        ),
        pytest.param('value = "switch",', "", 12, "data.roaming.value", "missing key", id="source-without-value"),
        pytest.param(
            'symbol_corner = { value = "bottom-left", source = ["B109"] }', 'value = { symbol_corner = "x" }', 19,
            "status", "expected a plain value, got table", id="one-source-for-a-table",
        ),
    ],
)  # fmt: skip
def test_invalid_value_is_named_with_its_place_and_what_was_expected(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-invalid", line, key)
    assert error.message == message


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param(
            '{ value = "switch", source = ["A192"] }', '"switch"', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"` beside it', id="bare-value",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`', id="neither",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch", source = [], assumed = "" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`', id="both-empty",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch", source = ["A192"], assumed = "too" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`, not both', id="both",
        ),
    ],
)  # fmt: skip
def test_value_without_a_source_is_refused(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-source-missing", line, key)
    assert error.message == message


def test_unknown_key_is_better_news_than_its_missing_source(fault_of: FaultOf) -> None:
    error = fault_of("[status]", 'colour = "red"\n[status]')

    assert place(error) == ("profile-invalid", 19, "account.colour")
