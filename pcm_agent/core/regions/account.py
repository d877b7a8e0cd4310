"""The link between car and Porsche ID: by pairing code or by login, as the car's profile says (IDN-04, IDN-06).

Several people may be logged in; one of them, or a guest, uses the car. A key recalls who that was (IDN-10, IDN-11).
"""

from datetime import datetime, timedelta
from typing import cast

from firmware_profiles import Linking
from pcm_agent.core.effects import Publish, Show
from pcm_agent.core.events import (
    FactoryResetConfirmed,
    GuestChosen,
    KeyRecognised,
    LinkConfirmed,
    LinkRefused,
    LoggedOut,
    PairingCodeEntered,
    PorscheIdEntered,
    SecurityCodeReset,
    TimerFired,
    UserUnlinked,
)
from pcm_agent.core.region import Guard, Region, Row, Turn, refuse, show
from pcm_agent.core.state import User, VehicleState
from pcm_agent.core.states import Account, Connection, PrivateMode
from pcm_agent.protocol.messages import LoginRequested, PairingRequested, Report
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.login import code_verifier, login_proof, password_verifier

PAIRING_CODE_LENGTH = 8
ANSWER_TIME = timedelta(minutes=1)
"""How long the PCM waits for the backend's answer."""
TIMER = "link"
KEYS_KEPT = 8
"""So many keys are remembered; a car has fewer."""
LOST_KEPT = 8
"""So many requests that were given up are remembered; each has had a minute for its answer."""
FORGOTTEN = (
    "porsche_id", "users", "key", "keys", "shared_settings", "link_request", "stored_pin", "stored_pin_of",
    "pending_pin", "apn", "roaming_allowed", "mobile_data_allowed", "way_order", "rejected_ways", "hotspot",
    "hotspot_phone", "hotspots_found", "phone", "calling_phone", "devices", "map_over_mobile",
)  # fmt: skip
"""Facts that a factory reset brings back to what they were when the car left the factory (REM-02)."""


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


def private(turn: Turn) -> bool:
    """Private mode is on: nobody may be named to the backend."""
    return turn.state.private_mode is PrivateMode.ON


def answers_request(turn: Turn) -> bool:
    """The backend answers what the driver asked last."""
    return cast("LinkConfirmed | LinkRefused", turn.event).request_id == turn.state.link_request


def another_account(turn: Turn) -> bool:
    """The car is linked to another Porsche ID than the one that is confirmed."""
    return cast("LinkConfirmed", turn.event).porsche_id != turn.state.porsche_id


def no_guest_mode(turn: Turn) -> bool:
    """The car has no guest mode."""
    return not turn.car.profile.account.guest_mode


def no_key_memory(turn: Turn) -> bool:
    """The car's keys remember nobody."""
    return not turn.car.profile.account.key_memory


def _remembered(turn: Turn) -> str | None:
    return turn.state.keys.get(cast("KeyRecognised", turn.event).key)


def same_user(turn: Turn) -> bool:
    """The key was used last by whoever uses the car already."""
    return turn.state.porsche_id is not None and _remembered(turn) == turn.state.porsche_id


def known_user(turn: Turn) -> bool:
    """The key was used last by somebody who is still logged in."""
    return _remembered(turn) in turn.state.users


def logged_out_user(turn: Turn) -> bool:
    """The key was used last by somebody who is not logged in any more."""
    return _remembered(turn) is not None


def user_in_use(turn: Turn) -> bool:
    """It is about whoever uses the car."""
    return cast("UserUnlinked", turn.event).porsche_id == turn.state.porsche_id


def logged_in(turn: Turn) -> bool:
    """It is about somebody who is logged in."""
    return cast("UserUnlinked | SecurityCodeReset", turn.event).porsche_id in turn.state.users


def answer_overdue(turn: Turn) -> bool:
    """The backend has not answered in time."""
    return cast("TimerFired", turn.event).key == TIMER


def give_up_request(turn: Turn) -> None:
    """Nobody waits any more for the answer to what was asked last, if it has none yet."""
    lost = turn.state.lost_requests
    if turn.state.link_request is not None:
        lost[turn.state.link_request] = None
        turn.state.link_request = None
    while len(lost) > LOST_KEPT:
        del lost[next(iter(lost))]


def _request(turn: Turn, body: Report) -> None:
    """Ask the backend; every request has an id of its own, so that a late answer can't be taken for another's."""
    give_up_request(turn)
    turn.state.link_requests += 1
    turn.state.link_request = f"link-{turn.now:%Y%m%dT%H%M%S.%f}-{turn.state.link_requests}"
    turn.set_timer(TIMER, turn.now + ANSWER_TIME)
    turn.add(Publish(body, id=turn.state.link_request))


def request_pairing(turn: Turn) -> None:
    """Ask the backend whose pairing code this is."""
    _request(turn, PairingRequested(pairing_code=cast("PairingCodeEntered", turn.event).code))


def request_login(turn: Turn) -> None:
    """Prove to the backend that the driver knows the password; the password is forgotten at once."""
    event, at = cast("PorscheIdEntered", turn.event), _later_than_before(turn)
    verifier = password_verifier(event.porsche_id, event.password.reveal())
    proof = login_proof(verifier, turn.state.vin, event.porsche_id, at)
    code_proof = None
    if event.security_code is not None:
        verifier = code_verifier(event.porsche_id, event.security_code.reveal())
        code_proof = Secret(login_proof(verifier, turn.state.vin, event.porsche_id, at))
    body = LoginRequested(porsche_id=event.porsche_id, at=at, proof=Secret(proof), code_proof=code_proof)
    _request(turn, body)


def _later_than_before(turn: Turn) -> datetime:
    """Now; but later than each proof before, as the backend takes none else, though the clock was set back since."""
    before = turn.state.proved_at
    turn.state.proved_at = at = turn.now if before is None else max(turn.now, before + timedelta(microseconds=1))
    return at


def _use(state: VehicleState, porsche_id: str | None) -> None:
    """Somebody uses the car from now on, or a guest; the key remembers (IDN-11)."""
    state.porsche_id = porsche_id
    if state.key is not None:
        state.keys[state.key] = porsche_id


def keep_link(turn: Turn) -> None:
    """Keep whose car this is now. The request is answered for good: the same answer links nobody again later."""
    event = cast("LinkConfirmed", turn.event)
    turn.state.link_request = None
    user = turn.state.users.setdefault(event.porsche_id, User(role=event.role))
    user.role, user.secured = event.role, event.secured
    _use(turn.state, event.porsche_id)
    turn.cancel_timer(TIMER)
    turn.add(Show("account-linked", {"porsche_id": event.porsche_id}))


def forget_user(turn: Turn) -> None:
    """Whoever uses the car is forgotten."""
    turn.state.users.pop(str(turn.state.porsche_id))
    _use(turn.state, None)


def forget_other(turn: Turn) -> None:
    """Somebody is forgotten who does not use the car now."""
    del turn.state.users[cast("UserUnlinked", turn.event).porsche_id]


def forget_keys(turn: Turn) -> None:
    """No key names somebody who is no user of the car any more; the next one starts as a guest (IDN-14)."""
    gone = cast("UserUnlinked", turn.event).porsche_id
    turn.state.keys = {key: None if user == gone else user for key, user in turn.state.keys.items()}


def tell_unlinked(turn: Turn) -> None:
    """Say that the car is out of the profile."""
    turn.add(Show("account-unlinked", {"porsche_id": cast("UserUnlinked", turn.event).porsche_id}))


def leave_to_guest(turn: Turn) -> None:
    """A guest goes on."""
    _use(turn.state, None)


def keep_key(turn: Turn) -> None:
    """Keep which key is in use; it stands last among those that are remembered."""
    state, key = turn.state, cast("KeyRecognised", turn.event).key
    state.key = key
    state.keys[key] = state.keys.pop(key, None)
    while len(state.keys) > KEYS_KEPT:
        del state.keys[next(iter(state.keys))]


def recall(turn: Turn) -> None:
    """Whoever used the key last uses the car again."""
    turn.state.porsche_id = _remembered(turn)
    turn.add(Show("account-recalled", {"porsche_id": str(turn.state.porsche_id)}))


def recall_guest(turn: Turn) -> None:
    """A guest used the key last, or nobody yet."""
    turn.state.porsche_id = None
    turn.add(Show("account-guest"))


def ask_for_login(turn: Turn) -> None:
    """The key names somebody who has to log in anew."""
    turn.state.porsche_id = None
    turn.add(Show("account-login-needed", {"porsche_id": str(_remembered(turn))}))


def distrust(turn: Turn) -> None:
    """The security code that was proven is none any more."""
    turn.state.users[cast("SecurityCodeReset", turn.event).porsche_id].secured = False


def forget_everybody(turn: Turn) -> None:
    """Nobody is known any more, and nothing of them."""
    give_up_request(turn)
    fresh = VehicleState(vin=turn.state.vin, profile=turn.state.profile, market=turn.state.market)
    for name in FORGOTTEN:
        setattr(turn.state, name, getattr(fresh, name))
    turn.cancel_timer(TIMER)


def tell_refusal(turn: Turn) -> None:
    """Say why the backend did not link the car; nothing that comes later can change that answer."""
    turn.state.link_request = None
    turn.cancel_timer(TIMER)
    turn.add(Show(f"account-{cast('LinkRefused', turn.event).reason}"))


ANY = tuple(Account)
IDLE = (Account.UNLINKED, Account.LINKING)
SETTLED = (Account.UNLINKED, Account.LINKED)
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
        Row(PairingCodeEntered, Account.UNLINKED, None, (private,), (refuse("private-mode-on", "PRV-01"),)),
        Row(PairingCodeEntered, Account.UNLINKED, None, (offline,), (refuse("no-data-connection", "IDN-04"),)),
        Row(PairingCodeEntered, Account.UNLINKED, Account.LINKING, (), (request_pairing,)),
        Row(PorscheIdEntered, ANY, None, (_BY_CODE,), (refuse("linked-by-pairing-code", "IDN-04"),)),
        Row(PorscheIdEntered, Account.LINKED, None, (), (refuse("already-linked", "IDN-04"),)),
        Row(PorscheIdEntered, Account.LINKING, None, (), (refuse("link-in-progress", "IDN-04"),)),
        Row(PorscheIdEntered, Account.UNLINKED, None, (private,), (refuse("private-mode-on", "PRV-01"),)),
        Row(PorscheIdEntered, Account.UNLINKED, None, (offline,), (refuse("no-data-connection", "IDN-04"),)),
        Row(PorscheIdEntered, Account.UNLINKED, Account.LINKING, (), (request_login,)),
        Row(LinkConfirmed, (Account.LINKING, Account.UNLINKED), Account.LINKED, (answers_request,), (keep_link,)),
        Row(LinkConfirmed, (Account.LINKING, Account.UNLINKED), None, (), (refuse("link-not-requested", "IDN-06"),)),
        Row(LinkConfirmed, Account.LINKED, None, (another_account,), (refuse("already-linked", "IDN-06"),)),
        Row(LinkRefused, Account.LINKING, Account.UNLINKED, (answers_request,), (tell_refusal,)),
        Row(TimerFired, Account.LINKING, Account.UNLINKED, (answer_overdue,), (show("account-no-answer"),)),
        # who uses the car
        Row(LoggedOut, ANY, None, (_BY_CODE,), (refuse("no-such-setting", "IDN-10"),)),
        Row(LoggedOut, Account.LINKED, Account.UNLINKED, (), (forget_user, show("account-logged-out"))),
        Row(LoggedOut, IDLE, None, (), (refuse("not-logged-in", "IDN-10"),)),
        Row(GuestChosen, ANY, None, (no_guest_mode,), (refuse("no-guest-mode", "IDN-10"),)),
        Row(GuestChosen, Account.LINKED, Account.UNLINKED, (), (leave_to_guest, show("account-guest"))),
        Row(KeyRecognised, ANY, None, (no_key_memory,), (refuse("no-key-memory", "IDN-11"),)),
        Row(KeyRecognised, Account.LINKING, None, (), (keep_key,)),
        Row(KeyRecognised, Account.LINKED, None, (same_user,), (keep_key,)),
        Row(KeyRecognised, SETTLED, Account.LINKED, (known_user,), (give_up_request, recall, keep_key)),
        Row(KeyRecognised, SETTLED, Account.UNLINKED, (logged_out_user,), (ask_for_login, keep_key)),
        Row(KeyRecognised, SETTLED, Account.UNLINKED, (), (recall_guest, keep_key)),
        Row(UserUnlinked, Account.LINKED, Account.UNLINKED, (user_in_use,), (forget_user, forget_keys, tell_unlinked)),
        Row(UserUnlinked, ANY, None, (logged_in,), (forget_other, forget_keys)),
        Row(UserUnlinked, ANY, None, (), (forget_keys,)),
        Row(SecurityCodeReset, ANY, None, (logged_in,), (distrust,)),
        Row(FactoryResetConfirmed, ANY, Account.UNLINKED, (), (forget_everybody, show("factory-reset-done"))),
    ),
    field="account",
    otherwise={
        LinkConfirmed: "it was linked to this Porsche ID before",
        LinkRefused: "an answer that nobody waits for any more",
        TimerFired: "another timer, or the answer has come",
        GuestChosen: "a guest drives already",
        SecurityCodeReset: "nobody who is logged in",
    },
)
