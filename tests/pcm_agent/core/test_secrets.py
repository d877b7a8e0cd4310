"""What nobody may read stands in no text that people see."""

import pickle
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.protocol.envelope import encode_body, readable
from pcm_agent.protocol.messages import LoginRequested, PairingRequested
from pcm_agent.protocol.secret import MASK, Secret, masked, restored, revealed

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

WORD = "hunter2-83617254"
SECRET = Secret(WORD)
EVENTS: list[Event] = [
    on.SimPinEntered(SECRET, store=True),
    on.SimPukEntered(SECRET, SECRET),
    on.HotspotChosen("phone", SECRET),
    on.PairingCodeEntered(SECRET),
    on.PorscheIdEntered("ayumi@example.com", SECRET, SECRET),
    on.MenuTapped(("settings", "account", "account-settings"), (Secret("ayumi@example.com"), SECRET)),
    on.MenuTapped(("porsche-connect-settings",), (SECRET,)),
]


def texts(value: object) -> list[str]:
    return [repr(value), str(value), f"{value}", f"{value!r}", f"{value!s}", repr(readable(value)), repr([value])]


def test_all_events_with_a_secret_are_listed() -> None:
    with_secret = {
        kind
        for kind in Event.__subclasses__()
        if any(Secret in (hint, *get_args(hint)) for hint in kind.__annotations__.values())
    }
    assert with_secret == {type(event) for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_hides_its_secret(event: Event) -> None:
    for text in texts(event):
        assert WORD not in text
        assert MASK in text


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("car", ["taycan", "cayenne"])
def test_effects_hide_what_they_carry(request: pytest.FixtureRequest, car: str, event: Event) -> None:
    driver: Driver = request.getfixturevalue(car)
    driver.go_online()
    driver.feed(on.SimInserted("DE"))
    effects = driver.feed(event, on.SimUnlocked(), on.SimRemoved(), on.SimInserted("DE"), on.SimPinRejected(0))
    effects = [*effects, *driver.feed(event)]
    for effect in effects:
        assert WORD not in "".join(texts(effect))
    assert WORD not in repr(driver.state)
    assert WORD not in repr(driver.vehicle)


@pytest.mark.parametrize(
    "effect",
    [
        do.UnlockSim(SECRET),
        do.UnblockSim(SECRET, SECRET),
        do.JoinHotspot("phone", SECRET),
        do.Publish(PairingRequested(pairing_code=SECRET)),
    ],
)
def test_an_effect_hides_its_secret(effect: Effect) -> None:
    assert WORD not in "".join(texts(effect))


def test_a_secret_shows_itself_only_when_asked() -> None:
    assert SECRET.reveal() == WORD
    assert WORD.encode() not in pickle.dumps(SECRET)
    assert pickle.loads(pickle.dumps(SECRET)) == Secret(MASK)
    with pytest.raises(TypeError):
        vars(SECRET)


def test_secrets_compare_by_value_and_only_with_secrets() -> None:
    assert Secret(WORD) == SECRET
    assert hash(Secret(WORD)) == hash(SECRET)
    assert Secret("ü") != Secret("u")
    assert Secret(WORD) != WORD
    assert {SECRET: 1}[Secret(WORD)] == 1


def test_only_the_wire_and_the_journal_carry_secrets() -> None:
    body = PairingRequested(pairing_code=SECRET)
    assert WORD in bytes(encode_body(body)).decode()
    assert readable(body) == {"pairing_code": MASK}
    assert msgspec.json.decode(encode_body(body), type=PairingRequested, dec_hook=restored) == body
    assert LoginRequested.__annotations__["proof"] is Secret


def test_the_hooks_take_secrets_only() -> None:
    for hook in (masked, revealed):
        with pytest.raises(TypeError, match="cannot encode complex"):
            hook(1j)
    with pytest.raises(TypeError, match="Expected `str`, got `int`"):
        restored(Secret, 5)
    with pytest.raises(TypeError):
        restored(complex, "5")
