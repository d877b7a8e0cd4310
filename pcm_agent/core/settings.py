"""What each setting in the menus means: one entry a setting, the same for all cars that have it.

Where a setting stands is data of the car (`Profile.menus`); here stands which event a tap on it is. A setting that
differs between cars is a function of the profile.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from firmware_profiles import DataOff, Linking, Menu, Profile, Way
from pcm_agent.core import events as on
from pcm_agent.core.effects import Show
from pcm_agent.core.events import Event
from pcm_agent.core.state import VehicleState
from pcm_agent.core.states import PrivateMode, Remote, ServiceMode, Sharing, Traffic
from pcm_agent.protocol.secret import Secret


class Switch(NamedTuple):
    """A box to tick: a tap turns it over, unless the way itself ends in ON or OFF."""

    turned_on: Event
    turned_off: Event
    is_on: Callable[[VehicleState], bool]


class Page(NamedTuple):
    """Something that opens at a tap; what is typed there, by the number of fields, is an event of its own.

    What makes the event of the fields raises ValueError for a word that is none of those to choose from.
    """

    opened: Event | Show
    typed: Mapping[int, Callable[..., Event]] = {}


Setting = Switch | Page


def _apn(name: Secret) -> Event:
    return on.ApnEntered(name.reveal())


def _pin(pin: Secret) -> Event:
    """This page is there to store it (CON-17)."""
    return on.SimPinEntered(pin, store=True)


def _puk(puk: Secret, new_pin: Secret) -> Event:
    return on.SimPukEntered(puk, new_pin)


def _consent(offer_id: Secret) -> Event:
    """What the Updates page offers to install (FOD-05)."""
    return on.PackageConsented(offer_id.reveal())


def _hotspot(ssid: Secret, password: Secret) -> Event:
    return on.HotspotChosen(ssid.reveal(), password)


def _ways(*ways: Secret) -> Event:
    return on.WayOrderChosen(tuple(Way(way.reveal()) for way in ways))


def _login(porsche_id: Secret, password: Secret, security_code: Secret | None = None) -> Event:
    return on.PorscheIdEntered(porsche_id.reveal(), password, security_code)


PRIVATE_MODE = Switch(
    on.PrivateModeEnabled(), on.PrivateModeDisabled(), lambda state: state.private_mode is PrivateMode.ON
)
MOBILE_DATA = Switch(on.MobileDataEnabled(), on.MobileDataDisabled(), lambda state: state.mobile_data_allowed)
DATA = {DataOff.MOBILE_DATA_SWITCH: MOBILE_DATA, DataOff.PRIVATE_MODE: PRIVATE_MODE}
LINK = {
    Linking.PAIRING_CODE: Page(Show("pairing-code-needed"), {1: on.PairingCodeEntered}),
    Linking.PORSCHE_ID: Page(Show("porsche-id-needed"), {2: _login, 3: _login}),
}

SETTINGS: Mapping[Menu, Setting | Callable[[Profile], Setting]] = {
    Menu.ROAMING: Switch(on.RoamingEnabled(), on.RoamingDisabled(), lambda state: state.roaming_allowed),
    Menu.DATA_OFF: lambda profile: DATA[profile.data.data_off],
    Menu.PRIVATE_MODE: PRIVATE_MODE,
    Menu.SIM_PIN: Page(Show("sim-pin-needed"), {1: _pin, 2: _puk}),
    Menu.APN: Page(Show("apn-needed"), {1: _apn}),
    Menu.HOTSPOT_SCAN: Page(on.HotspotScanStarted(), {2: _hotspot}),
    Menu.WAY_ORDER: Page(Show("way-order-needed"), dict.fromkeys((2, 3), _ways)),
    Menu.TRAFFIC: Switch(on.TrafficEnabled(), on.TrafficDisabled(), lambda state: state.traffic is Traffic.ON),
    Menu.UPDATES: Page(on.UpdatesOpened(), {1: _consent}),
    Menu.APP_CONNECTION: Page(on.AppConnectionOpened()),
    Menu.SERVICE_MODE: Switch(
        on.ServiceModeEnabled(), on.ServiceModeDisabled(), lambda state: state.service_mode is ServiceMode.ON
    ),
    Menu.IN_CAR_HOTSPOT: Switch(on.SharingEnabled(), on.SharingDisabled(), lambda state: state.sharing is Sharing.ON),
    Menu.MAP_UPDATES_OVER_MOBILE: Switch(
        on.MapUpdatesOverMobileAllowed(), on.MapUpdatesOverMobileForbidden(), lambda state: state.map_over_mobile
    ),
    Menu.LOG_OUT: Page(on.LoggedOut()),
    Menu.GUEST: Page(on.GuestChosen()),
    Menu.REMOTE_ACCESS: Switch(
        on.RemoteAccessAllowed(), on.RemoteAccessWithdrawn(), lambda state: state.remote is not Remote.OFF
    ),
    Menu.FACTORY_RESET: Page(on.FactoryResetConfirmed()),
    Menu.LINK_ACCOUNT: lambda profile: LINK[profile.account.linking],
}
"""CON-09, CON-13, CON-14, CON-17, CON-19, CON-20, CON-24, CON-26, CON-29, PRV-03, IDN-04, REM-01."""


def setting_of(menu: Menu, profile: Profile) -> Setting:
    """What a setting is on a car."""
    setting = SETTINGS[menu]
    return setting if isinstance(setting, Switch | Page) else setting(profile)
