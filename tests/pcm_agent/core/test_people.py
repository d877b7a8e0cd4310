"""Who uses the car: users, guests and keys, and the settings that go with them."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.regions import VEHICLE_REGIONS
from pcm_agent.core.regions.account import FORGOTTEN, KEYS_KEPT
from pcm_agent.core.regions.personal import settings_in_use
from pcm_agent.core.report import role_in_use
from pcm_agent.core.state import User, VehicleState
from pcm_agent.core.states import Access, Account, Personal
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import ConfirmLink, LoginRequested, RefuseLink
from pcm_agent.protocol.people import (
    ApplySettings,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.login import code_verifier, password_verifier, proof_holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcm_agent.core.events import Event
    from tests.pcm_agent.core.conftest import Driver

AYUMI, HIRO = "ayumi@example.com", "hiro@example.com"
SEATS, WEATHER = on.SettingChanged("seats", "low"), on.SettingChanged("weather", "Kyoto")
RED, BLUE = on.KeyRecognised("red"), on.KeyRecognised("blue")


def log_in(car: "Driver", porsche_id: str = AYUMI, role: Role = Role.MAIN, *, secured: bool = False) -> None:
    if not car.online():
        car.go_online()
    car.feed(on.PorscheIdEntered(porsche_id, Secret("a password")))
    request_id = str(car.state.link_request)
    answer = car.command(ConfirmLink(request_id=request_id, porsche_id=porsche_id, role=role, secured=secured))
    assert answer.stage == "done"


# --- linking ---


@pytest.mark.parametrize("role", Role)
def test_the_link_knows_its_role(taycan: "Driver", role: Role) -> None:
    log_in(taycan, role=role)
    assert role_in_use(taycan.state) is role
    taycan.restart()
    assert role_in_use(taycan.state) is role


@pytest.mark.requirement("IDN-09")
def test_an_additional_users_code_reads_as_no_data_connection_although_there_is_one(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(on.PairingCodeEntered(Secret("12345678")))
    cayenne.command(RefuseLink(request_id=str(cayenne.state.link_request), reason="no-data-connection"))
    assert cayenne.online()
    assert cayenne.shown() == ["account-no-data-connection"]
    assert cayenne.at("account") is Account.UNLINKED
    assert cayenne.at("remote").value == "off"


def test_the_security_code_is_proven_and_never_told(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PorscheIdEntered(AYUMI, Secret("a password"), Secret("4711")))
    [body] = taycan.said()
    assert isinstance(body, LoginRequested)
    assert body.code_proof is not None
    right, password = code_verifier(AYUMI, "4711"), password_verifier(AYUMI, "4711")
    assert proof_holds(right, taycan.state.vin, AYUMI, body.at, body.code_proof.reveal())
    assert not proof_holds(password, taycan.state.vin, AYUMI, body.at, body.code_proof.reveal())
    assert b"4711" not in taycan.vehicle.snapshot()


def test_without_a_security_code_there_is_no_proof_of_one(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PorscheIdEntered(AYUMI, Secret("a password")))
    [body] = taycan.said()
    assert isinstance(body, LoginRequested)
    assert body.code_proof is None


# --- guests ---


@pytest.mark.requirement("IDN-10")
def test_a_guests_settings_last_for_the_drive(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(SEATS)
    assert settings_in_use(taycan.state) == {"seats": "low"}
    assert taycan.said() == []
    taycan.feed(on.IgnitionTurnedOff())
    assert settings_in_use(taycan.state) == {}
    assert b"seats" not in taycan.vehicle.snapshot()


def test_a_car_without_guest_mode_keeps_its_settings(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(SEATS, on.IgnitionTurnedOff())
    assert settings_in_use(cayenne.state) == {"seats": "low"}
    cayenne.restart()
    assert settings_in_use(cayenne.state) == {"seats": "low"}


@pytest.mark.requirement("IDN-10")
def test_a_guests_settings_are_gone_after_a_power_cut_too(taycan: "Driver") -> None:
    taycan.feed(SEATS)
    taycan.restart()
    assert settings_in_use(taycan.state) == {}


@pytest.mark.requirement("IDN-10")
def test_a_guest_takes_over_and_the_user_stays_known(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(on.GuestChosen())
    assert taycan.shown() == ["account-guest"]
    assert (taycan.at("account"), taycan.state.porsche_id) == (Account.UNLINKED, None)
    assert list(taycan.state.users) == [AYUMI]
    assert taycan.feed(on.GuestChosen()) == []
    log_in(taycan, HIRO, Role.ADDITIONAL)
    assert list(taycan.state.users) == [AYUMI, HIRO]


def test_who_logs_in_again_after_a_guest_finds_the_settings(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(SEATS, on.GuestChosen())
    log_in(taycan, secured=True)
    assert settings_in_use(taycan.state) == {"seats": "low"}
    assert taycan.state.users[AYUMI].secured


def test_who_logs_out_is_forgotten_and_the_backend_hears_it(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(on.LoggedOut())
    assert taycan.shown() == ["account-logged-out"]
    assert taycan.said() == [UserLeft(porsche_id=AYUMI)]
    assert taycan.state.users == {}
    assert taycan.at("account") is Account.UNLINKED


# --- keys ---


@pytest.mark.requirement("IDN-11")
def test_a_key_recalls_who_used_it_last(taycan: "Driver") -> None:
    taycan.feed(RED)
    log_in(taycan)
    taycan.feed(SEATS, on.GuestChosen(), BLUE)
    log_in(taycan, HIRO, Role.ADDITIONAL)
    assert taycan.state.keys == {"red": None, "blue": HIRO}
    taycan.feed(RED)
    assert taycan.shown() == ["account-guest"]
    taycan.feed(BLUE)
    assert (taycan.shown(), taycan.state.porsche_id) == (["account-recalled"], HIRO)
    assert taycan.feed(BLUE)
    assert taycan.shown() == []


@pytest.mark.requirement("IDN-11")
def test_a_key_holds_the_id_only_and_brings_the_settings_back(taycan: "Driver") -> None:
    taycan.feed(RED)
    log_in(taycan)
    taycan.feed(SEATS, BLUE)
    assert settings_in_use(taycan.state) == {}
    taycan.restart()
    taycan.feed(RED)
    assert taycan.at("account") is Account.LINKED
    assert settings_in_use(taycan.state) == {"seats": "low"}
    assert taycan.state.keys == {"blue": None, "red": AYUMI}


def test_a_key_of_somebody_who_logged_out_asks_for_a_login(taycan: "Driver") -> None:
    taycan.feed(RED)
    log_in(taycan)
    taycan.feed(BLUE)
    log_in(taycan)
    taycan.feed(on.LoggedOut(), RED)
    assert taycan.of(do.Show)[-1] == do.Show("account-login-needed", {"porsche_id": AYUMI})
    assert taycan.state.porsche_id is None
    assert taycan.at("account") is Account.UNLINKED


def test_a_key_in_use_while_somebody_logs_in_is_theirs(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PorscheIdEntered(AYUMI, Secret("a password")), RED)
    assert taycan.at("account") is Account.LINKING
    taycan.command(ConfirmLink(request_id=str(taycan.state.link_request), porsche_id=AYUMI))
    assert taycan.state.keys == {"red": AYUMI}


def test_the_keys_that_were_used_last_are_remembered(taycan: "Driver") -> None:
    for number in range(KEYS_KEPT + 2):
        taycan.feed(on.KeyRecognised(f"key-{number}"))
    taycan.feed(on.KeyRecognised("key-3"))
    assert list(taycan.state.keys) == [*(f"key-{number}" for number in (2, *range(4, KEYS_KEPT + 2))), "key-3"]


# --- settings ---


@pytest.mark.requirement("IDN-12")
def test_settings_are_told_to_the_backend_at_once_or_once_there_is_data(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(SEATS)
    assert taycan.said() == [SettingsReported(porsche_id=AYUMI, settings={"seats": "low"})]
    taycan.feed(on.CellChanged("JP", None), WEATHER)
    assert SettingsReported not in map(type, taycan.said())
    taycan.restart()
    taycan.feed(on.CellChanged("JP", Access.LTE))
    assert taycan.at("personal") is Personal.UNTOLD
    taycan.feed(on.BearerAttached(taycan.profile.data.ways[0], Access.LTE))
    assert SettingsReported(porsche_id=AYUMI, settings={"seats": "low", "weather": "Kyoto"}) in taycan.said()
    assert taycan.at("personal") is Personal.TOLD


@pytest.mark.requirement("IDN-12")
def test_settings_of_the_account_hold_in_the_car(taycan: "Driver") -> None:
    log_in(taycan)
    assert taycan.command(ApplySettings(porsche_id=AYUMI, settings={"seats": "high"})).stage == "done"
    assert settings_in_use(taycan.state) == {"seats": "high"}
    assert taycan.said() == []
    taycan.feed(on.GuestChosen())
    taycan.command(ApplySettings(porsche_id=AYUMI, settings={"weather": "Nara"}))
    assert settings_in_use(taycan.state) == {}
    assert taycan.state.users[AYUMI].settings == {"weather": "Nara"}


def test_what_was_changed_here_and_not_told_is_newer(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(on.CellChanged("JP", None), SEATS)
    taycan.command(ApplySettings(porsche_id=AYUMI, settings={"seats": "high", "weather": "Nara"}))
    assert settings_in_use(taycan.state) == {"seats": "low", "weather": "Nara"}


# --- reset, sale, deletion ---


@pytest.mark.requirement("IDN-14")
def test_a_sold_car_knows_the_seller_no_more_and_keeps_its_functions(taycan: "Driver") -> None:
    taycan.activate()
    taycan.feed(on.IgnitionTurnedOn())
    log_in(taycan)
    jobs = dict(taycan.state.jobs)
    assert taycan.command(Unlink(porsche_id=AYUMI, role=Role.MAIN)).stage == "done"
    assert taycan.of(do.Show) == [do.Show("account-unlinked", {"porsche_id": AYUMI})]
    assert (taycan.state.users, taycan.state.porsche_id) == ({}, None)
    assert taycan.at("account") is Account.UNLINKED
    assert taycan.state.jobs == jobs


def test_a_user_who_does_not_use_the_car_now_is_forgotten_silently(taycan: "Driver") -> None:
    log_in(taycan)
    taycan.feed(on.GuestChosen())
    log_in(taycan, HIRO, Role.ADDITIONAL)
    taycan.command(Unlink(porsche_id=AYUMI, role=Role.MAIN))
    assert (taycan.shown(), list(taycan.state.users), taycan.state.porsche_id) == ([], [HIRO], HIRO)
    assert taycan.command(Unlink(porsche_id="eve@example.com", role=Role.VISITOR)).stage == "done"
    assert list(taycan.state.users) == [HIRO]


def test_a_reset_code_is_proven_no_more(taycan: "Driver") -> None:
    log_in(taycan, secured=True)
    taycan.command(ResetSecurityCode(porsche_id=HIRO, role=Role.ADDITIONAL))
    assert taycan.state.users[AYUMI].secured
    taycan.command(ResetSecurityCode(porsche_id=AYUMI, role=Role.MAIN))
    assert not taycan.state.users[AYUMI].secured


EVERYTHING: tuple["Event", ...] = (
    RED, SEATS, on.GuestChosen(), WEATHER, BLUE, on.SimInserted("DE", card="mine"),
    on.SimPinEntered(Secret("1234"), store=True),
    on.SimUnlocked(), on.ApnEntered("internet"), on.RoamingEnabled(), on.PrivateModeEnabled(), on.MobileDataDisabled(),
)  # fmt: skip


@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
def test_a_factory_reset_car_knows_nobody(make_car: "Callable[..., Driver]", profile: str) -> None:
    car = make_car(profile, "DE")
    car.go_online()
    car.state.users[AYUMI] = User(role=Role.MAIN, secured=True, settings={"seats": "high"})
    car.state.porsche_id, car.state.account, car.state.pending_pin = AYUMI, Account.LINKED, Secret("9999")
    car.reload()
    car.feed(*EVERYTHING)
    car.feed(on.FactoryResetConfirmed())
    assert "factory-reset-done" in car.shown()
    fresh = VehicleState(vin=car.state.vin, profile=car.state.profile, market=car.state.market)
    for name in (*FORGOTTEN, "private_mode", "remote", "account"):
        assert getattr(car.state, name) == getattr(fresh, name), name
    assert UserLeft(porsche_id=AYUMI) in car.said() or car.state.departed == [AYUMI]
    car.go_online()
    text = car.vehicle.snapshot().decode()
    for trace in ("ayumi", "high", "Kyoto", "1234", "9999", '"red"', '"blue"'):
        assert trace not in text, trace


def test_a_login_under_way_ends_with_a_factory_reset(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PorscheIdEntered(AYUMI, Secret("a password")))
    request = str(taycan.state.link_request)
    taycan.feed(on.FactoryResetConfirmed())
    assert "link" not in taycan.state.timers
    assert taycan.command(ConfirmLink(request_id=request, porsche_id=AYUMI)).code == "link-not-requested"


def test_a_car_may_remember_its_keys_without_a_guest_mode(taycan: "Driver") -> None:
    profile = replace(taycan.profile, account=replace(taycan.profile.account, guest_mode=False))
    vehicle = Vehicle.new("V", profile, taycan.market)
    assert [type(it) for it in vehicle.handle(RED, taycan.now)][-1] is do.Persist
    assert do.Refuse("GuestChosen", "no-guest-mode", "IDN-10") in vehicle.handle(on.GuestChosen(), taycan.now)


def test_every_fact_is_forgotten_by_a_factory_reset_or_stays_for_a_reason() -> None:
    """A new field of the state needs a decision."""
    regions = {region.field for region in VEHICLE_REGIONS}
    stays = {
        "vin", "profile", "market", "battery_percent", "way", "access", "cell", "sim_country", "sim_card",
        "sim_keeps_data", "hotspot_keeps_data", "symbol", "heartbeat_seconds", "jobs", "services", "timers", "answered",
        "clock", "version", "restarts", "link_requests", "departed", "app_online",
        "data_package_until", "data_package_days", "usage", "usage_month", "map_version", "map_length", "map_received",
        "floors", "roots", "metadata_refused", "metadata_attempts", "look_again", "look_interrupted", "vouched_until",
        "installed", "counters", "manifests", "proved_at", "lost_requests",
        "refused_offers",
    }  # fmt: skip
    assert regions | stays | set(FORGOTTEN) == set(VehicleState.__struct_fields__)
    assert not (stays & set(FORGOTTEN))


@pytest.mark.requirement("IDN-14")
def test_no_key_names_a_seller(taycan: "Driver") -> None:
    taycan.state.users, taycan.state.keys = {}, {"red-key": AYUMI, "blue-key": None}
    taycan.reload()
    taycan.feed(on.UserUnlinked(AYUMI, Role.MAIN))
    assert taycan.state.keys == {"red-key": None, "blue-key": None}


def test_a_link_that_was_refused_cannot_be_confirmed_later(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PorscheIdEntered(AYUMI, Secret("12345678")))
    request = str(taycan.state.link_request)
    taycan.feed(on.LinkRefused(request, "login-rejected"), on.LinkConfirmed(request, AYUMI))
    assert taycan.at("account") is Account.UNLINKED


def test_a_guests_setting_is_no_news(taycan: "Driver") -> None:
    taycan.feed(on.SettingChanged("weather", "Nara"), on.FactoryResetConfirmed())
    assert taycan.at("personal") is Personal.TOLD
    taycan.feed(on.SettingChanged("weather", "Nara"))
    assert taycan.at("personal") is Personal.TOLD
