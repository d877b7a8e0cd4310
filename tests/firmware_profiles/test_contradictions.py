"""A profile whose values contradict one another is refused with the place of the one that can't be."""

import pytest

from tests.firmware_profiles.faults import FaultOf, place


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param("= 2020,", "= 2017,", 8, "car.model_years.last", "2017 is before the first, 2018", id="years"),
        pytest.param(
            "value = []", 'value = ["embedded-sim"]', 11, "data.parked_ways", "'embedded-sim' is not among data.ways",
            id="parked-way-that-the-car-lacks",
        ),
        pytest.param(
            '"inserted-sim", "hotspot"]', '"inserted-sim", "inserted-sim"]', 10, "data.ways",
            "'inserted-sim' stands there twice", id="way-twice",
        ),
        pytest.param(
            "value = []", 'value = ["hotspot", "hotspot"]', 11, "data.parked_ways", "'hotspot' stands there twice",
            id="parked-way-twice",
        ),
        pytest.param(
            '"inserted-sim", "hotspot"]', '"hotspot"]', 14, "data.sim_pin",
            "there is no 'inserted-sim' among data.ways that could ask for a PIN", id="pin-without-sim",
        ),
        pytest.param(
            'true, source = ["A210"]', 'false, source = ["A210"]', 27, "menus.sim-pin",
            "data.sim_pin says that there is no such setting", id="pin-menu-without-pin",
        ),
        pytest.param(
            'sim-pin = { value = ["settings", "save-pin"], source = ["A210"] }', "", 24, "menus.sim-pin",
            "missing key: data.sim_pin says that there is such a setting", id="pin-without-menu",
        ),
        pytest.param(
            '"switch"', '"automatic"', 25, "menus.roaming", "data.roaming says that there is no such setting",
            id="roaming-menu-without-switch",
        ),
        pytest.param(
            'roaming = { value = ["settings", "roaming"], source = ["A192"] }', "", 24, "menus.roaming",
            "missing key: data.roaming says that there is such a setting", id="switch-without-roaming-menu",
        ),
        pytest.param(
            'data-off = { value = ["settings", "off"], source = ["A204"] }', "", 24, "menus.data-off",
            "missing key: every car has this setting", id="no-way-to-switch-data-off",
        ),
        pytest.param(
            'link-account = { value = ["porsche-connect-settings"], source = ["A132"] }', "", 24, "menus.link-account",
            "missing key: every car has this setting", id="no-way-to-link",
        ),
        pytest.param(
            'apn = { value = ["settings", "access-point-name"], assumed = "not told" }', "", 24, "menus.apn",
            "missing key: data.ways says that there is such a setting", id="slot-without-apn-menu",
        ),
        pytest.param(
            'hotspot-scan = {', 'guest = {', 24, "menus.hotspot-scan",
            "missing key: data.ways says that there is such a setting", id="hotspot-without-menu",
        ),
        pytest.param(
            '[account.code_places]', 'log-out = { value = ["apps"], assumed = "x" }\n[account.code_places]', 41,
            "menus.log-out", "account.linking says that there is no such setting", id="log-out-without-a-login",
        ),
        pytest.param(
            '[account.code_places]', 'guest = { value = ["apps"], assumed = "x" }\n[account.code_places]', 41,
            "menus.guest", "account.guest_mode says that there is no such setting", id="guest-menu-without-guests",
        ),
        pytest.param(
            "allowed_in_pcm = { value = true", "allowed_in_pcm = { value = false", 34, "menus.remote-access",
            "remote.allowed_in_pcm says that there is no such setting", id="remote-menu-that-nothing-needs",
        ),
        pytest.param(
            '["settings", "service-mode"]', '["settings", "off"]', 38, "menus.service-mode",
            "stands at the same place as menus.data-off", id="two-settings-at-one-place",
        ),
        pytest.param(
            '["settings", "private-mode"]', '["settings", "off"]', 33, "menus.private-mode",
            "stands at the same place as menus.data-off", id="private-mode-in-place-of-another-switch",
        ),
        pytest.param(
            '["settings", "factory-settings"]', '["settings", "off", "factory-settings"]', 39, "menus.factory-reset",
            "stands behind menus.data-off", id="setting-behind-a-setting",
        ),
        pytest.param(
            '"mobile-data-switch"', '"private-mode"', 26, "menus.data-off",
            "data.data_off says that this is the setting of menus.private-mode", id="two-private-modes",
        ),
        pytest.param(
            '[account.code_places]\nvalue = ["my-porsche"]\nsource = ["A160"]', "", 15, "account.code_places",
            "missing key: account.linking says that there is a code", id="code-that-nobody-sees",
        ),
        pytest.param(
            '"pairing-code"', '"porsche-id"', 41, "account.code_places",
            "account.linking says that there is no code", id="place-for-no-code",
        ),
        pytest.param(
            '[phone]\ncarplay = { value = true', '[phone]\ncarplay = { value = false', 46, "phone.wireless_carplay",
            "phone.carplay says that there is none", id="wireless-nothing",
        ),
        pytest.param(
            '"wireless-carplay", "vehicle', '"vehicle', 53, "equipment.options",
            "phone.wireless_carplay says otherwise about 'wireless-carplay'", id="equipment-that-cannot-be-ordered",
        ),
        pytest.param(
            'card = { value = "vehicle-tracking-system-plus"', 'card = { value = "vehicle-tracking-system"', 50,
            "security.driver_card", "'vehicle-tracking-system' is not among equipment.options", id="no-card-reader",
        ),
        pytest.param(
            'card_registered_by = { value = "dealer", source = ["B177"] }', "", 49, "security.card_registered_by",
            "stands with security.driver_card, or not at all", id="card-that-nobody-registers",
        ),
        pytest.param('"off"]', '"of"]', 26, "menus.data-off", "unknown label 'of'", id="unknown-label"),
    ],
)  # fmt: skip
def test_profile_that_contradicts_itself_is_refused(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-invalid", line, key)
    assert error.message == message
