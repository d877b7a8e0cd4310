"""Links that are confirmed when nobody in the car asks for them any more (IDN-06, IDN-14)."""

from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import events as on
from pcm_agent.core.regions.account import LOST_KEPT
from pcm_agent.core.states import Account
from pcm_agent.protocol.messages import ConfirmLink
from pcm_agent.protocol.people import UserLeft
from pcm_agent.protocol.secret import Secret

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

AYUMI, HIRO = "ayumi@example.com", "hiro@example.com"


def ask(car: "Driver", porsche_id: str = AYUMI) -> str:
    """A login that gets no answer in time; its request's id."""
    car.feed(on.PorscheIdEntered(porsche_id, Secret("a password")))
    request = str(car.state.link_request)
    car.feed(on.TimerFired("link"))
    car.take()
    return request


def left(car: "Driver") -> list[UserLeft]:
    """Who is said to have left, since this was asked last."""
    return [body for body in car.said() if isinstance(body, UserLeft)]


def test_whoever_was_linked_after_a_factory_reset_is_said_to_have_left(taycan: "Driver") -> None:
    """The backend has them in its books, and the car knows them no more."""
    taycan.go_online()
    request = ask(taycan)
    taycan.feed(on.FactoryResetConfirmed())
    taycan.take()
    taycan.command(ConfirmLink(request_id=request, porsche_id=AYUMI))
    assert left(taycan) == [UserLeft(porsche_id=AYUMI, request_id=request)]


def test_a_link_of_the_first_of_two_logins_is_told_with_its_request(taycan: "Driver") -> None:
    """By which the backend knows that the link of the second one stands."""
    taycan.go_online()
    first, second = ask(taycan), ask(taycan)
    taycan.command(ConfirmLink(request_id=first, porsche_id=AYUMI))
    assert left(taycan) == [UserLeft(porsche_id=AYUMI, request_id=first)]
    taycan.take()
    taycan.command(ConfirmLink(request_id=second, porsche_id=AYUMI))
    assert left(taycan) == []
    assert (taycan.at("account"), list(taycan.state.users)) == (Account.LINKED, [AYUMI])


@pytest.mark.requirement("IDN-11")
def test_a_login_without_an_answer_is_given_up_when_a_key_recalls_somebody(taycan: "Driver") -> None:
    """Its link would come to a car that somebody else uses, or has logged out of since."""
    taycan.go_online()
    taycan.feed(on.KeyRecognised("red"))
    taycan.feed(on.PorscheIdEntered(HIRO, Secret("a password")))
    taycan.command(ConfirmLink(request_id=str(taycan.state.link_request), porsche_id=HIRO))
    taycan.feed(on.KeyRecognised("blue"))
    request = ask(taycan)
    taycan.feed(on.KeyRecognised("red"), on.LoggedOut())
    taycan.take()
    assert taycan.command(ConfirmLink(request_id=request, porsche_id=AYUMI)).code == "link-not-requested"
    assert left(taycan) == [UserLeft(porsche_id=AYUMI, request_id=request)]
    assert taycan.state.users == {}


def test_links_that_the_car_never_asked_for_leave_no_trace(taycan: "Driver") -> None:
    taycan.go_online()
    request = ask(taycan)
    ask(taycan)
    taycan.feed(on.PrivateModeEnabled())
    before = dict(taycan.state.lost_requests)
    for number in range(20):
        taycan.feed(on.LinkConfirmed(f"link-{number}", f"{number}@example.com"))
    assert taycan.state.lost_requests == before
    for _ in range(3):
        taycan.feed(on.LinkConfirmed(request, AYUMI))
    taycan.take()
    taycan.feed(on.PrivateModeDisabled())
    assert left(taycan) == [UserLeft(porsche_id=AYUMI, request_id=request)]
    taycan.take()
    taycan.feed(on.LinkConfirmed(request, AYUMI))
    assert left(taycan) == [], "it was told once, which is for good"


def test_the_newest_requests_are_remembered_and_no_more(taycan: "Driver") -> None:
    taycan.go_online()
    requests = [ask(taycan) for _ in range(LOST_KEPT + 3)]
    assert list(taycan.state.lost_requests) == requests[2:-1]
    taycan.restart()
    assert list(taycan.state.lost_requests) == requests[2:-1]
