from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_profiles import ProfileError, load_profile

# The tests count lines in this text: line 1 is `digital_manual`.
SOUND_PROFILE = """\
digital_manual = { value = true, source = ["B251"] }
[car]
line = { value = "Roadster", assumed = "a car of our own" }
generation = { value = 2, assumed = "a car of our own" }
family = { value = "bench", assumed = "a car of our own" }
[car.model_years]
first = { value = 2018, source = ["A192"], disputed = [{ value = 2019, source = ["A130"] }] }
last = { value = 2020, assumed = "a car of our own" }
[data]
ways = { value = ["inserted-sim", "hotspot"], source = ["A180", "A182"] }
parked_ways = { value = [], assumed = "nothing stays on" }
roaming = { value = "switch", source = ["A192"] }
data_off = { value = "mobile-data-switch", source = ["A204"] }
sim_pin = { value = true, source = ["A210"] }
[account]
linking = { value = "pairing-code", source = ["A120"] }
guest_mode = { value = false, assumed = "not told" }
key_memory = { value = false, assumed = "not told" }
[status]
symbol_corner = { value = "bottom-left", source = ["B109"] }
[installation]
settle_minutes = { value = 10, source = ["A264"] }
minimum_battery_percent = { value = 50, assumed = "not told" }
[menus]
roaming = { value = ["settings", "roaming"], source = ["A192"] }
data-off = { value = ["settings", "off"], source = ["A204"] }
sim-pin = { value = ["settings", "save-pin"], source = ["A210"] }
link-account = { value = ["porsche-connect-settings"], source = ["A132"] }
apn = { value = ["settings", "access-point-name"], assumed = "not told" }
hotspot-scan = { value = ["device-manager", "data-connection"], source = ["B143"] }
way-order = { value = ["settings", "order-of-connections"], assumed = "not told" }
in-car-hotspot = { value = ["device-manager", "share-data-connection"], source = ["B167"] }
private-mode = { value = ["settings", "private-mode"], assumed = "not told" }
remote-access = { value = ["settings", "remote-access"], assumed = "not told" }
traffic = { value = ["map", "real-time-traffic"], source = ["B131"] }
updates = { value = ["updates"], source = ["B209"] }
map-updates-over-mobile = { value = ["map", "over-mobile-data"], assumed = "not told" }
service-mode = { value = ["settings", "service-mode"], assumed = "not told" }
factory-reset = { value = ["settings", "factory-settings"], assumed = "not told" }
app-connection = { value = ["my-account", "pcm-services"], source = ["B253"] }
[account.code_places]
value = ["my-porsche"]
source = ["A160"]
[phone]
carplay = { value = true, assumed = "not told" }
wireless_carplay = { value = true, assumed = "not told" }
[remote]
allowed_in_pcm = { value = true, assumed = "not told" }
[security]
driver_card = { value = "vehicle-tracking-system-plus", source = ["B177"] }
[equipment]
options = { value = ["wireless-carplay", "vehicle-tracking-system-plus"], assumed = "not told" }
"""


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(SOUND_PROFILE, encoding="utf-8")
    return path


@pytest.fixture
def fault_of(own_file: Path) -> Callable[[str, str], ProfileError]:
    def fault_of(old: str, new: str) -> ProfileError:
        """Return the fault that a sound profile has after one replacement."""
        assert SOUND_PROFILE.count(old) == 1, f"{old!r} must name one place"
        own_file.write_text(SOUND_PROFILE.replace(old, new), encoding="utf-8")
        with pytest.raises(ProfileError) as caught:
            load_profile(own_file)
        assert caught.value.file == str(own_file)
        return caught.value

    return fault_of
