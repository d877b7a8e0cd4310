"""The link between car and Porsche ID: by pairing code or by login, as the car's profile says (IDN-04, IDN-06)."""

from datetime import timedelta
from typing import cast

from firmware_profiles import Linking
from pcm_agent.core.effects import Publish, Show
from pcm_agent.core.events import (
    LinkConfirmed,
    LinkRefused,
    PairingCodeEntered,
    PorscheIdEntered,
    TimerFired,
)
from pcm_agent.core.region import Guard, Region, Row, Turn, refuse, show
from pcm_agent.core.states import Account, Connection
from pcm_agent.protocol.messages import LoginRequested, PairingRequested, Report
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.login import login_proof, password_verifier

PAIRING_CODE_LENGTH = 8
ANSWER_TIME = timedelta(minutes=1)
"""How long the PCM waits for the backend's answer."""
TIMER = "link"


def _linked_by(linking: Linking) -> Guard:
    def linked_by(turn: Turn) -> bool:
        return turn.car.profile.account.linking is linking

    linked_by.__name__ = f"linked by {linking}"
    return linked_by


def malformed_code(turn: Turn) -> bool:
    """What was typed can't be a pairing code."""
    code = cast("PairingCodeEntered", turn.event).code.reveal()
    return not (len(code) == PAIRING_CODE_LENGTH and code.isascii() and code.isdigit())


def offline(turn: Turn) -> bool:
    """There is no data connection to ask the backend over."""
    return turn.state.connection is not Connection.CONNECTED


def answers_request(turn: Turn) -> bool:
    """The backend answers what the driver asked last."""
    return cast("LinkConfirmed | LinkRefused", turn.event).request_id == turn.state.link_request


def another_account(turn: Turn) -> bool:
    """The car is linked to another Porsche ID than the one that is confirmed."""
    return cast("LinkConfirmed", turn.event).porsche_id != turn.state.porsche_id


def answer_overdue(turn: Turn) -> bool:
    """The backend has not answered in time."""
    return cast("TimerFired", turn.event).key == TIMER


def _request(turn: Turn, body: Report) -> None:
    """Ask the backend; every request has an id of its own, so that a late answer can't be taken for another's."""
    turn.state.link_requests += 1
    turn.state.link_request = f"link-{turn.now:%Y%m%dT%H%M%S.%f}-{turn.state.link_requests}"
    turn.set_timer(TIMER, turn.now + ANSWER_TIME)
    turn.add(Publish(body, id=turn.state.link_request))


def request_pairing(turn: Turn) -> None:
    """Ask the backend whose pairing code this is."""
    _request(turn, PairingRequested(pairing_code=cast("PairingCodeEntered", turn.event).code))


def request_login(turn: Turn) -> None:
    """Prove to the backend that the driver knows the password; the password is forgotten at once."""
    event = cast("PorscheIdEntered", turn.event)
    verifier = password_verifier(event.porsche_id, event.password.reveal())
    proof = login_proof(verifier, turn.state.vin, event.porsche_id, turn.now)
    _request(turn, LoginRequested(porsche_id=event.porsche_id, at=turn.now, proof=Secret(proof)))


def keep_link(turn: Turn) -> None:
    """Keep whose car this is now."""
    turn.state.porsche_id = cast("LinkConfirmed", turn.event).porsche_id
    turn.cancel_timer(TIMER)
    turn.add(Show("account-linked", {"porsche_id": turn.state.porsche_id}))


def tell_refusal(turn: Turn) -> None:
    """Say why the backend did not link the car."""
    turn.cancel_timer(TIMER)
    turn.add(Show(f"account-{cast('LinkRefused', turn.event).reason}"))


ANY = tuple(Account)
_BY_ID = _linked_by(Linking.PORSCHE_ID)
_BY_CODE = _linked_by(Linking.PAIRING_CODE)

ACCOUNT = Region(
    "account",
    Account,
    Account.UNLINKED,
    (
        Row(PairingCodeEntered, ANY, None, (_BY_ID,), (refuse("linked-by-porsche-id", "IDN-04"),)),
        Row(PairingCodeEntered, Account.LINKED, None, (), (refuse("already-linked", "IDN-04"),)),
        Row(PairingCodeEntered, Account.LINKING, None, (), (refuse("link-in-progress", "IDN-04"),)),
        Row(
            PairingCodeEntered, Account.UNLINKED, None, (malformed_code,), (refuse("pairing-code-malformed", "IDN-04"),)
        ),
        Row(PairingCodeEntered, Account.UNLINKED, None, (offline,), (refuse("no-data-connection", "IDN-04"),)),
        Row(PairingCodeEntered, Account.UNLINKED, Account.LINKING, (), (request_pairing,)),
        Row(PorscheIdEntered, ANY, None, (_BY_CODE,), (refuse("linked-by-pairing-code", "IDN-04"),)),
        Row(PorscheIdEntered, Account.LINKED, None, (), (refuse("already-linked", "IDN-04"),)),
        Row(PorscheIdEntered, Account.LINKING, None, (), (refuse("link-in-progress", "IDN-04"),)),
        Row(PorscheIdEntered, Account.UNLINKED, None, (offline,), (refuse("no-data-connection", "IDN-04"),)),
        Row(PorscheIdEntered, Account.UNLINKED, Account.LINKING, (), (request_login,)),
        Row(LinkConfirmed, (Account.LINKING, Account.UNLINKED), Account.LINKED, (answers_request,), (keep_link,)),
        Row(LinkConfirmed, (Account.LINKING, Account.UNLINKED), None, (), (refuse("link-not-requested", "IDN-06"),)),
        Row(LinkConfirmed, Account.LINKED, None, (another_account,), (refuse("already-linked", "IDN-06"),)),
        Row(LinkRefused, Account.LINKING, Account.UNLINKED, (answers_request,), (tell_refusal,)),
        Row(TimerFired, Account.LINKING, Account.UNLINKED, (answer_overdue,), (show("account-no-answer"),)),
    ),
    field="account",
    otherwise={
        LinkConfirmed: "it was linked to this Porsche ID before",
        LinkRefused: "an answer that nobody waits for any more",
        TimerFired: "another timer, or the answer has come",
    },
)
