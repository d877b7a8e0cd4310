"""The ways through the menus of every car: a tap has the effect of the event that the setting means."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from firmware_profiles import DataOff, Linking, Menu, Profile, Way, load_profile, profile_names
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event, MenuTapped
from pcm_agent.core.menu import OFF, ON
from pcm_agent.core.settings import SETTINGS, Page
from pcm_agent.core.state import User
from pcm_agent.core.states import Account, Lock, PrivateMode, Sim
from pcm_agent.protocol.messages import RefusalReported
from pcm_agent.protocol.people import Role
from pcm_agent.protocol.secret import Secret

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

PROFILES = {name: load_profile(name) for name in profile_names()}
Prepare = Callable[["Driver"], object]


@pytest.fixture
def cayenne(make_car: "Callable[..., Driver]") -> "Driver":
    car = make_car("cayenne-gen3", "DE")
    car.feed(on.PcmStarted())
    return car


def as_it_is(car: "Driver") -> None:
    """Nothing is to be prepared."""


def with_sim(car: "Driver") -> None:
    car.feed(on.SimInserted("DE", pin_required=True))
    assert car.state.sim is Sim.PIN_REQUIRED


def online(car: "Driver") -> None:
    if Way.INSERTED_SIM in car.profile.data.ways:
        car.feed(on.SimInserted("DE", pin_required=False), on.ApnEntered("internet"))
    car.go_online()


def offered(car: "Driver") -> None:
    """A package waits for the driver's consent."""
    online(car)
    car.order(car.offer(consent="ask"))


def owned(car: "Driver") -> None:
    """Its main user is logged in, and gave the security code."""
    online(car)
    car.state.account, car.state.porsche_id = Account.LINKED, "a@example.com"
    car.state.users = {"a@example.com": User(role=Role.MAIN, secured=True)}
    car.reload()


def switched(menu: Menu, turned_on: Event, turned_off: Event, before: Prepare = as_it_is) -> list["Tap"]:
    """A box that is empty at first: ticked, and the tick taken out again."""
    return [
        (menu, (), before, turned_on),
        (menu, (), lambda car: (before(car), car.feed(turned_on)), turned_off),
    ]


Tap = tuple[Menu, tuple[str, ...], Prepare, Event]


def taps(profile: Profile) -> list[Tap]:
    """What each setting of a car means, with what is typed there; said once more, apart from the core's own table."""
    private = switched(Menu.PRIVATE_MODE, on.PrivateModeEnabled(), on.PrivateModeDisabled(), online)
    data_off: dict[DataOff, list[Tap]] = {
        DataOff.MOBILE_DATA_SWITCH: [(Menu.DATA_OFF, (), online, on.MobileDataDisabled())],
        DataOff.PRIVATE_MODE: [(Menu.DATA_OFF, (), before, event) for _, _, before, event in private],
    }
    link: dict[Linking, list[Tap]] = {
        Linking.PAIRING_CODE: [
            (Menu.LINK_ACCOUNT, ("12345678",), online, on.PairingCodeEntered(Secret("12345678"))),
            (Menu.LINK_ACCOUNT, ("123",), online, on.PairingCodeEntered(Secret("123"))),
            (Menu.LINK_ACCOUNT, ("12345678",), as_it_is, on.PairingCodeEntered(Secret("12345678"))),
        ],
        Linking.PORSCHE_ID: [
            (
                Menu.LINK_ACCOUNT,
                ("a@example.com", "pass"),
                online,
                on.PorscheIdEntered("a@example.com", Secret("pass")),
            ),
            (
                Menu.LINK_ACCOUNT,
                ("a@example.com", "pass", "4711"),
                online,
                on.PorscheIdEntered("a@example.com", Secret("pass"), Secret("4711")),
            ),
        ],
    }
    known = [
        *switched(Menu.ROAMING, on.RoamingEnabled(), on.RoamingDisabled(), online),
        *data_off[profile.data.data_off],
        *private,
        (Menu.SIM_PIN, ("1234",), with_sim, on.SimPinEntered(Secret("1234"), store=True)),
        (Menu.SIM_PIN, ("1234",), as_it_is, on.SimPinEntered(Secret("1234"), store=True)),
        (Menu.SIM_PIN, ("12345678", "4321"), with_sim, on.SimPukEntered(Secret("12345678"), Secret("4321"))),
        (Menu.UPDATES, ("fod-1",), offered, on.PackageConsented("fod-1")),
        (Menu.APN, ("internet",), with_sim, on.ApnEntered("internet")),
        (Menu.HOTSPOT_SCAN, ("phone", "12345678"), online, on.HotspotChosen("phone", Secret("12345678"))),
        (Menu.HOTSPOT_SCAN, ("phone", "1234567"), online, on.HotspotChosen("phone", Secret("1234567"))),
        (Menu.HOTSPOT_SCAN, (), online, on.HotspotScanStarted()),
        (Menu.WAY_ORDER, tuple(profile.data.ways), online, on.WayOrderChosen(profile.data.ways)),
        (Menu.WAY_ORDER, tuple(profile.data.ways[::-1]), online, on.WayOrderChosen(profile.data.ways[::-1])),
        *switched(Menu.TRAFFIC, on.TrafficEnabled(), on.TrafficDisabled(), online),
        (Menu.UPDATES, (), online, on.UpdatesOpened()),
        (Menu.APP_CONNECTION, (), online, on.AppConnectionOpened()),
        (Menu.SERVICE_MODE, (), as_it_is, on.ServiceModeEnabled()),
        *switched(Menu.IN_CAR_HOTSPOT, on.SharingEnabled(), on.SharingDisabled(), online),
        *switched(
            Menu.MAP_UPDATES_OVER_MOBILE, on.MapUpdatesOverMobileAllowed(), on.MapUpdatesOverMobileForbidden(), online
        ),
        (Menu.LOG_OUT, (), owned, on.LoggedOut()),
        (Menu.LOG_OUT, (), as_it_is, on.LoggedOut()),
        (Menu.GUEST, (), owned, on.GuestChosen()),
        *switched(Menu.REMOTE_ACCESS, on.RemoteAccessAllowed(), on.RemoteAccessWithdrawn(), owned),
        (Menu.FACTORY_RESET, (), owned, on.FactoryResetConfirmed()),
        *link[profile.account.linking],
    ]
    return [tap for tap in known if tap[0] in profile.menus]


def tapped(way: tuple[str, ...], *typed: str) -> MenuTapped:
    return MenuTapped(way, tuple(map(Secret, typed)))


ROWS = {
    Menu.ROAMING: "CON-09",
    Menu.DATA_OFF: "CON-13",
    Menu.SIM_PIN: "CON-17",
    Menu.PRIVATE_MODE: "PRV-03",
    Menu.LINK_ACCOUNT: "IDN-04",
    Menu.TRAFFIC: "CON-24",
    Menu.IN_CAR_HOTSPOT: "CON-26",
}
"""The rows that say where a setting stands."""
TAPS = [
    pytest.param(
        name,
        *tap,
        id=f"{name}-{tap[0]}-{number}",
        marks=[pytest.mark.requirement(ROWS[tap[0]])] if tap[0] in ROWS else [],
    )
    for name, profile in PROFILES.items()
    for number, tap in enumerate(taps(profile))
]


@pytest.mark.parametrize(("profile", "menu", "typed", "before", "event"), TAPS)
def test_a_tap_has_the_effect_of_the_event(
    make_car: "Callable[..., Driver]",
    *,
    profile: str,
    menu: Menu,
    typed: tuple[str, ...],
    before: Prepare,
    event: Event,
) -> None:
    told, tapping = make_car(profile, "DE"), make_car(profile, "DE")
    for car in (told, tapping):
        before(car)
    effects = told.feed(event)
    assert effects
    assert tapping.feed(tapped(tapping.profile.menus[menu], *typed)) == [do.TakeAs(event), *effects]
    assert tapping.vehicle.snapshot() == told.vehicle.snapshot()


@pytest.mark.parametrize("name", PROFILES)
def test_every_setting_of_every_car_is_known_and_tapped_above(name: str) -> None:
    menus = set(PROFILES[name].menus)
    assert menus == {tap[0] for tap in taps(PROFILES[name])} == menus & set(SETTINGS)


def below(profile: Profile, way: tuple[str, ...]) -> tuple[str, ...]:
    """What can be tapped next, in the order of the profile; ON stands before OFF."""
    paths = [path for menu, path in profile.menus.items() if menu in SETTINGS and path[: len(way)] == way]
    labels = [label for path in paths for label in ((ON, OFF) if path[len(way)] == OFF else (path[len(way)],))]
    return tuple(dict.fromkeys(labels))


def opened(profile: Profile, way: tuple[str, ...]) -> do.Show:
    entries = below(profile, way)
    return (
        do.Show("menu-open", {"menu": way[-1], "entries": entries})
        if way
        else do.Show("menu-top", {"entries": entries})
    )


@pytest.mark.parametrize("name", PROFILES)
def test_every_menu_shows_what_can_be_tapped_next(make_car: "Callable[..., Driver]", name: str) -> None:
    car = make_car(name, "DE")
    paths = [path for menu, path in car.profile.menus.items() if menu in SETTINGS]
    for place in {path[:length] for path in paths for length in range(len(path))}:
        assert car.feed(tapped(place)) == [opened(car.profile, place)]


@pytest.mark.requirement("CON-13")
@pytest.mark.parametrize("name", [name for name, it in PROFILES.items() if it.menus[Menu.DATA_OFF][-1] == OFF])
def test_a_way_that_ends_in_off_sets_it_off_and_its_neighbour_on(make_car: "Callable[..., Driver]", name: str) -> None:
    car = make_car(name, "DE")
    *above, off = car.profile.menus[Menu.DATA_OFF]
    for label, allowed in ((off, False), (off, False), (ON, True), (ON, True)):
        car.feed(tapped((*above, label)))
        assert car.state.mobile_data_allowed is allowed


@pytest.mark.requirement("PRV-03", "CON-14")
def test_private_mode_for_all_services_is_where_data_is_switched_off(taycan: "Driver") -> None:
    taycan.go_online()
    way = ("settings", "privacy-and-connect-settings", "private-mode", "private-mode-for-all-services")
    assert taycan.profile.menus[Menu.PRIVATE_MODE] == taycan.profile.menus[Menu.DATA_OFF] == way
    for mode in (PrivateMode.ON, PrivateMode.OFF):
        taycan.feed(tapped(way))
        assert taycan.at("private_mode") is mode


@pytest.mark.parametrize(
    ("menu", "text"),
    [
        (Menu.SIM_PIN, "sim-pin-needed"),
        (Menu.APN, "apn-needed"),
        (Menu.LINK_ACCOUNT, "pairing-code-needed"),
    ],
)
def test_a_page_without_an_entry_asks_for_it(cayenne: "Driver", menu: Menu, text: str) -> None:
    assert cayenne.feed(tapped(cayenne.profile.menus[menu])) == [do.Show(text)]


def test_a_login_page_asks_for_the_porsche_id(taycan: "Driver") -> None:
    assert taycan.feed(tapped(("settings", "account", "account-settings"))) == [do.Show("porsche-id-needed")]


def refused(code: str) -> list[do.Effect]:
    return [
        do.Refuse("MenuTapped", code, "CON-09", ()),
        do.Show(f"refused-{code}"),
        do.Publish(RefusalReported(event="MenuTapped", code=code, requirement="CON-09", blocked_by=())),
        do.Persist(),
    ]


OPTIONS = ("settings", "device-manager", "options")


@pytest.mark.requirement("CON-09")
@pytest.mark.parametrize(
    ("way", "ended"),
    [(("nowhere",), ()), ((*OPTIONS, "roaming"), OPTIONS), ((*OPTIONS, "roaming", "off"), OPTIONS)],
)
def test_a_wrong_way_is_refused_and_the_pcm_shows_where_it_ended(
    cayenne: "Driver", way: tuple[str, ...], ended: tuple[str, ...]
) -> None:
    refuse, *told = refused("menu-path-unknown")
    assert cayenne.feed(tapped(way)) == [refuse, opened(cayenne.profile, ended), *told]


def test_a_way_that_goes_on_behind_a_setting_is_refused(cayenne: "Driver") -> None:
    refuse, *told = refused("menu-path-unknown")
    way = cayenne.profile.menus[Menu.ROAMING]
    assert cayenne.feed(tapped((*way, "off"))) == [refuse, do.Show("menu-end", {"menu": way[-1]}), *told]
    assert not cayenne.state.roaming_allowed


@pytest.mark.parametrize("menu", [Menu.ROAMING, Menu.DATA_OFF, Menu.APN, Menu.HOTSPOT_SCAN])
def test_an_entry_of_another_kind_than_the_page_is_refused(cayenne: "Driver", menu: Menu) -> None:
    before = cayenne.vehicle.snapshot()
    assert cayenne.feed(tapped(cayenne.profile.menus[menu], "1", "2", "3")) == refused("menu-entry-wrong")
    assert cayenne.vehicle.snapshot() == before


def test_an_entry_where_a_menu_opens_is_refused(cayenne: "Driver") -> None:
    refuse, *told = refused("menu-entry-wrong")
    assert cayenne.feed(tapped(OPTIONS, "1234")) == [refuse, opened(cayenne.profile, OPTIONS), *told]


def test_a_setting_is_one_line_of_the_table(cayenne: "Driver", monkeypatch: pytest.MonkeyPatch) -> None:
    way, settings = cayenne.profile.menus[Menu.ROAMING], cast("dict[Menu, Page]", SETTINGS)  # else read only
    monkeypatch.delitem(settings, Menu.ROAMING)
    assert cayenne.feed(tapped(way))[0] == refused("menu-path-unknown")[0]
    monkeypatch.setitem(settings, Menu.ROAMING, Page(on.CarUnlocked()))
    assert cayenne.feed(tapped(way))[0] == do.TakeAs(on.CarUnlocked())
    assert cayenne.at("lock") is Lock.UNLOCKED


def test_a_word_that_is_none_of_those_to_choose_from_is_refused(
    cayenne: "Driver", monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(do.Show("sim-pin-needed"), {1: lambda way: on.WayFound(Way(way.reveal()))})
    monkeypatch.setitem(cast("dict[Menu, Page]", SETTINGS), Menu.ROAMING, page)  # else read only
    way = cayenne.profile.menus[Menu.ROAMING]
    assert cayenne.feed(tapped(way, "pigeon")) == refused("menu-entry-wrong")
    assert cayenne.feed(tapped(way, "hotspot"))[0] == do.TakeAs(on.WayFound(Way.HOTSPOT))
