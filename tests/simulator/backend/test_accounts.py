"""Accounts at My Porsche, and how cars are linked to them."""

import pytest

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.protocol.messages import ConfirmLink, LoginRequested, PairingRequested, RefuseLink
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.login import login_proof, password_verifier
from tests.simulator.backend.office import MAX, MIA, OTHER, PASSWORD, SECOND, VIN, Office


@pytest.mark.requirement("IDN-05")
def test_the_pairing_code_is_shown_until_the_car_is_linked(office: Office) -> None:
    code = office.desk.pairing_code(VIN)
    assert len(code) == 8
    assert code.isdecimal()
    assert office.desk.register(VIN, MAX, PASSWORD, "DE") == code
    assert office.hear(PairingRequested(pairing_code=Secret(code)), message_id="ask-1") == VIN
    assert office.commands() == [ConfirmLink(request_id="ask-1", porsche_id=MAX)]
    with pytest.raises(LocalError) as caught:
        office.desk.pairing_code(VIN)
    assert caught.value.code == "car-already-linked"
    assert office.desk.register(VIN, MAX, PASSWORD, "DE") is None


@pytest.mark.parametrize("wrong", ["00000000", "", "\uff11" * 8, "9" * 1000])
def test_a_wrong_pairing_code_is_refused_and_the_right_one_stays(office: Office, wrong: str) -> None:
    office.hear(PairingRequested(pairing_code=Secret(wrong)), message_id="ask-1")
    assert office.commands() == [RefuseLink(request_id="ask-1", reason="pairing-code-unknown")]
    assert office.noted("link-confirmed") == []
    office.hear(PairingRequested(pairing_code=Secret(office.desk.pairing_code(VIN))), message_id="ask-2")
    assert office.commands()[1] == ConfirmLink(request_id="ask-2", porsche_id=MAX)


def test_a_pairing_code_is_used_up_once(office: Office) -> None:
    code = Secret(office.desk.pairing_code(VIN))
    office.hear(PairingRequested(pairing_code=code))
    office.hear(PairingRequested(pairing_code=code), message_id="again")
    assert office.commands()[1] == RefuseLink(request_id="again", reason="pairing-code-used")


def test_the_pairing_code_of_another_car_is_not_taken(office: Office) -> None:
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    office.hear(PairingRequested(pairing_code=Secret(office.desk.pairing_code(OTHER))))
    assert isinstance(office.commands()[0], RefuseLink)
    assert office.desk.pairing_code(OTHER)


def login(office: Office, porsche_id: str = MAX, password: str = PASSWORD, vin: str = VIN) -> LoginRequested:
    at = office.clock.now()
    proof = login_proof(password_verifier(porsche_id, password), vin, porsche_id, at)
    return LoginRequested(porsche_id=porsche_id, at=at, proof=Secret(proof))


def test_a_login_with_the_right_password_links_the_car(office: Office) -> None:
    office.hear(login(office), message_id="ask-1")
    assert office.commands() == [ConfirmLink(request_id="ask-1", porsche_id=MAX)]


@pytest.mark.parametrize(
    ("porsche_id", "password", "vin"),
    [(MAX, "wrong", VIN), ("nobody@example.com", PASSWORD, VIN), (MAX, PASSWORD, OTHER)],
    ids=["wrong password", "no such account", "made for another car"],
)
def test_a_login_that_proves_nothing_is_refused(office: Office, porsche_id: str, password: str, vin: str) -> None:
    office.desk.register(OTHER, MIA, "blossom-1", "DE")
    office.hear(login(office, porsche_id, password, vin), message_id="ask-1")
    assert office.commands() == [RefuseLink(request_id="ask-1", reason="login-rejected")]


def test_a_login_cannot_be_replayed(office: Office) -> None:
    request = login(office)
    office.hear(request)
    office.clock.jump(office.clock.now() + SECOND)
    office.hear(request, message_id="replayed")
    assert office.commands()[1] == RefuseLink(request_id="replayed", reason="login-rejected")
    office.hear(login(office), message_id="fresh")
    assert office.commands()[2] == ConfirmLink(request_id="fresh", porsche_id=MAX)


def test_a_login_without_a_time_zone_is_refused(office: Office) -> None:
    office.hear(login(office))
    at = office.clock.now().replace(tzinfo=None)
    with pytest.raises(PeerError, match="message-invalid"):
        office.hear(LoginRequested(porsche_id=MAX, at=at, proof=Secret("")))


def test_a_stranger_gets_neither_the_car_nor_its_pairing_code(office: Office) -> None:
    with pytest.raises(LocalError, match="car-of-another"):
        office.desk.register(VIN, MIA, PASSWORD, "DE")
    with pytest.raises(LocalError, match="password-wrong"):
        office.desk.register(OTHER, MAX, "guessed-1", "DE")
    assert office.desk.register(OTHER, MAX, PASSWORD, "DE") is not None
