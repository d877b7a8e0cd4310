from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Menu
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Account
from pcm_agent.protocol.messages import ConfirmLink, LoginRequested, PairingRequested, RefuseLink
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.login import password_verifier, proof_holds

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

CODE = on.PairingCodeEntered(Secret("12345678"))
LOGIN = on.PorscheIdEntered("ayumi@example.com", Secret("a password"))


def request_of(car: "Driver") -> str:
    assert car.state.link_request is not None
    return car.state.link_request


@pytest.mark.requirement("IDN-04")
def test_linked_by_pairing_code(cayenne: "Driver") -> None:
    assert cayenne.profile.menus[Menu.LINK_ACCOUNT] == ("porsche-connect-settings",)
    cayenne.go_online()
    cayenne.feed(LOGIN)
    assert cayenne.refusals() == [("linked-by-pairing-code", "IDN-04", ())]
    cayenne.feed(CODE)
    assert cayenne.at("account") is Account.LINKING
    assert cayenne.of(do.Publish) == [
        do.Publish(PairingRequested(pairing_code=Secret("12345678")), id=request_of(cayenne))
    ]
    assert cayenne.command(ConfirmLink(request_id=request_of(cayenne), porsche_id="ayumi@example.com")).stage == "done"
    assert cayenne.at("account") is Account.LINKED
    assert cayenne.state.porsche_id == "ayumi@example.com"
    assert cayenne.shown() == ["account-linked"]
    assert "link" not in cayenne.state.timers


@pytest.mark.requirement("IDN-04")
def test_linked_by_porsche_id(taycan: "Driver") -> None:
    assert taycan.profile.menus[Menu.LINK_ACCOUNT] == ("settings", "account", "account-settings")
    taycan.go_online()
    taycan.feed(CODE)
    assert taycan.refusals() == [("linked-by-porsche-id", "IDN-04", ())]
    taycan.feed(LOGIN)
    assert taycan.at("account") is Account.LINKING
    [request] = taycan.of(do.Publish)
    body = request.body
    assert isinstance(body, LoginRequested)
    verifier = password_verifier("ayumi@example.com", "a password")
    assert proof_holds(verifier, taycan.state.vin, body.porsche_id, body.at, body.proof.reveal())
    assert b"a password" not in taycan.vehicle.snapshot()
    taycan.command(ConfirmLink(request_id=request_of(taycan), porsche_id="ayumi@example.com"))
    assert taycan.at("account") is Account.LINKED


@pytest.mark.requirement("IDN-04")
def test_each_login_is_later_than_the_one_before_though_the_clock_was_set_back(taycan: "Driver") -> None:
    taycan.go_online()
    instants = []
    for days in (400, -400, 0, 800):
        taycan.now += timedelta(days=days)
        taycan.feed(LOGIN)
        [request] = taycan.of(do.Publish)
        assert isinstance(request.body, LoginRequested)
        verifier = password_verifier("ayumi@example.com", "a password")
        assert proof_holds(
            verifier, taycan.state.vin, "ayumi@example.com", request.body.at, request.body.proof.reveal()
        )
        instants.append(request.body.at)
        taycan.command(RefuseLink(request_id=request_of(taycan), reason="login-rejected"))
    assert instants == sorted(set(instants))
    assert instants[-1] == taycan.now


@pytest.mark.requirement("IDN-06")
def test_an_answer_links_once_however_often_it_is_given(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(LOGIN)
    answer = ConfirmLink(request_id=request_of(taycan), porsche_id="ayumi@example.com")
    assert taycan.command(answer).stage == "done"
    assert taycan.command(answer).stage == "done", "under another command id it says nothing new"
    assert taycan.shown() == []
    taycan.feed(on.LoggedOut())
    assert taycan.command(answer).code == "link-not-requested"
    assert taycan.at("account") is Account.UNLINKED
    assert taycan.state.porsche_id is None


@pytest.mark.requirement("IDN-04")
@pytest.mark.parametrize(
    "code",
    [
        "",
        "1234567",
        "123456789",
        "1234567a",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        " 1234567",
        "١٢٣٤٥٦٧٨",
    ],
)
def test_a_pairing_code_has_eight_digits(cayenne: "Driver", code: str) -> None:
    cayenne.go_online()
    cayenne.feed(on.PairingCodeEntered(Secret(code)))
    assert cayenne.refusals() == [("pairing-code-malformed", "IDN-04", ())]
    assert cayenne.at("account") is Account.UNLINKED


@pytest.mark.parametrize("reason", ["pairing-code-unknown", "login-rejected"])
def test_a_refused_link_says_why_and_can_be_tried_again(cayenne: "Driver", reason: str) -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    first = request_of(cayenne)
    cayenne.command(RefuseLink(request_id=first, reason="pairing-code-unknown"))
    assert cayenne.at("account") is Account.UNLINKED
    assert cayenne.shown() == ["account-pairing-code-unknown"]
    cayenne.feed(CODE)
    assert request_of(cayenne) != first
    cayenne.feed(on.LinkRefused(request_of(cayenne), reason))
    assert cayenne.shown() == [f"account-{reason}"]


def test_the_backend_has_a_minute_to_answer(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    cayenne.wait(seconds=59)
    assert cayenne.at("account") is Account.LINKING
    cayenne.wait(seconds=1)
    assert cayenne.at("account") is Account.UNLINKED
    assert "account-no-answer" in cayenne.shown()


def test_an_answer_that_comes_late_still_links(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    cayenne.wait(minutes=2)
    cayenne.command(ConfirmLink(request_id=request_of(cayenne), porsche_id="ayumi@example.com"))
    assert cayenne.at("account") is Account.LINKED


def test_another_requests_answer_is_no_answer(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    reply = cayenne.command(ConfirmLink(request_id="another", porsche_id="eve@example.com"))
    assert (reply.stage, reply.code, reply.requirement) == ("refused", "link-not-requested", "IDN-06")
    cayenne.command(RefuseLink(request_id="another", reason="login-rejected"))
    assert cayenne.at("account") is Account.LINKING
    assert cayenne.state.porsche_id is None


def test_nobody_is_linked_who_did_not_ask(cayenne: "Driver") -> None:
    reply = cayenne.command(ConfirmLink(request_id="another", porsche_id="eve@example.com"))
    assert (reply.stage, reply.code) == ("refused", "link-not-requested")
    assert cayenne.at("account") is Account.UNLINKED


def test_a_link_that_is_confirmed_twice_is_done_twice(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    confirmed = ConfirmLink(request_id=request_of(cayenne), porsche_id="ayumi@example.com")
    assert [cayenne.command(confirmed).stage for _ in range(2)] == ["done", "done"]


def test_another_timer_does_not_end_the_wait_for_an_answer(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    cayenne.state.timers["another"] = cayenne.now
    cayenne.reload()
    cayenne.feed(on.TimerFired("another"))
    assert cayenne.at("account") is Account.LINKING


def test_a_link_in_progress_outlasts_a_restart(cayenne: "Driver") -> None:
    cayenne.go_online()
    cayenne.feed(CODE)
    cayenne.restart()
    assert do.SetTimer("link", cayenne.now + timedelta(minutes=1)) in cayenne.last
    cayenne.wait(minutes=1)
    assert cayenne.at("account") is Account.UNLINKED
