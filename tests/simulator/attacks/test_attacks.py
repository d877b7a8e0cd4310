"""Each attack on a running car, and the honest package after it; and each is seen to work once its defence is out."""

import msgspec
import pytest

from pcm_agent.protocol.messages import PackageState
from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS
from simulator.attacks import deltas, moves, stolen_keys
from simulator.attacks.attack import Attack
from simulator.attacks.heals import by_itself
from simulator.attacks.middle import virtual_ground
from simulator.attacks.places import place_of
from simulator.attacks.report import Conditions, Result, make_all
from simulator.attacks.seen import HAS
from simulator.attacks.stage import Stage
from simulator.attacks.table import ATTACKS
from simulator.backend.records import OrderKind
from simulator.lab import running
from tests.simulator.attacks.defences import WITHOUT
from tests.waiting import virtual

VIRTUAL = [name for name, attack in ATTACKS.items() if not attack.live_only]
OVER_HTTP = ("foreign-keys", "rollback-images", "endless-images", "image-held-back", "slow-image", "tampered-image")


def made(attack: Attack, *, live: bool = False) -> Result:
    return next(make_all([attack], Conditions(live=live)))


# --- each is stopped, and its honest twin is not ---


@pytest.mark.requirement("FOD-02", "FOD-04")
@pytest.mark.parametrize("name", VIRTUAL)
def test_an_attack_is_stopped_and_an_honest_package_comes_through_afterwards(name: str) -> None:
    attack, result = ATTACKS[name], made(ATTACKS[name])
    assert result.problems == ()
    assert (result.stopped_at, result.code) == (attack.stopped_at, attack.code)
    assert result.passed


@pytest.mark.slow
@pytest.mark.requirement("FOD-02", "FOD-04")
@pytest.mark.parametrize(
    "name", [*OVER_HTTP, "slow-metadata", "freeze-director", "replayed-manifest", "flood-of-looks"]
)
def test_the_same_over_real_http_and_mqtt(name: str) -> None:
    assert made(ATTACKS[name], live=True).problems == ()


def test_all_codes_that_a_look_or_a_manifest_can_end_with_are_tried() -> None:
    tried = {attack.code for attack in ATTACKS.values()}
    never = {"root-expired", "manifest-foreign-vin"}  # a year passes in the repository's own tests; a car has one key
    assert {*REFUSALS, *MANIFEST_REFUSALS} - tried == never


def test_the_same_seed_gives_the_same_result() -> None:
    assert made(ATTACKS["fast-forward-images"]) == made(ATTACKS["fast-forward-images"])


# --- without an attack nothing is stopped: what is said of an attack does not come from the stage ---


def nobody(forger: object) -> None:
    del forger


def changed(name: str, **change: object) -> Attack:
    return msgspec.structs.replace(ATTACKS[name], **change)


def test_where_nobody_attacks_nothing_is_stopped() -> None:
    attack = changed("foreign-keys", move=moves.at_look(nobody), heal=by_itself)
    result = made(attack)
    assert not result.stopped
    assert result.healed, "what was ordered came through in the meantime"
    assert f"it came to its end; it was to be stopped at {attack.stopped_at} [{attack.code}]" in result.problems
    assert "the backend has no signed report of metadata-signature" in result.problems
    assert any(problem.startswith("its disk holds something else: seat-heating") for problem in result.problems)


def test_a_lie_that_never_reaches_the_car_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def publish(self: Stage, topic: str, payload: bytes) -> None:
        del self, topic, payload

    monkeypatch.setattr(Stage, "publish", publish)
    assert not made(ATTACKS["lying-look"]).stopped


def test_an_attack_that_stays_is_one_of_which_the_car_does_not_heal() -> None:
    async def stays(stage: Stage) -> None:
        del stage

    result = made(changed("foreign-keys", heal=stays))
    assert (result.stopped, result.healed) == (True, False)
    assert result.problems == ("an honest package did not come through afterwards",)


# --- with a defence taken out, the attack is not stopped ---

NOTHING_TO_TAKE_OUT = frozenset((
    "no-metadata", "old-root",  # TUF's own form and order of files
    "partial-bundle-director", "partial-bundle-images", "image-held-back",  # what is not there can't be taken
    "lying-look", "old-offer", "removal-command", "unreadable-command",  # the car knows no such words
    "slow-metadata",  # needs real sockets
))  # fmt: skip


def test_of_each_attack_it_is_known_what_stops_it() -> None:
    assert WITHOUT.keys() | NOTHING_TO_TAKE_OUT == ATTACKS.keys()
    assert not WITHOUT.keys() & NOTHING_TO_TAKE_OUT


@pytest.mark.parametrize("name", WITHOUT)
def test_without_its_defence_an_attack_is_not_stopped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    defence, problem = WITHOUT[name]
    defence(monkeypatch)
    result = made(ATTACKS[name])
    assert not result.stopped
    assert any(it.startswith(problem) for it in result.problems), result.problems


# --- what else is promised ---


@virtual
async def test_an_honest_delta_comes_through_though_the_whole_image_is_held_back() -> None:
    """So the attacks on deltas are stopped for what is wrong with them."""
    stage = Stage(virtual_ground(1), 1)
    async with running(stage.lab):
        await stage.equip()
        release = deltas.honest(stage.honest(), {})
        stage.middle.forged[stage.forger.image_file(release)] = None
        stage.order(HAS, "1.2", OrderKind.UPDATE)
        await stage.look()
        await stage.until(lambda: (job := stage.job(HAS)) is not None and job.state is PackageState.WAITING)
        await stage.leave()
        assert stage.evidence().installed[HAS].version == "1.2"
        assert stage.stopped() == []


@pytest.mark.parametrize("name", ["tampered-delta", "delta-of-another-base"])
@virtual
async def test_an_update_whose_delta_was_refused_comes_whole_once_nobody_is_in_the_way(name: str) -> None:
    stage = Stage(virtual_ground(1), 1)
    async with running(stage.lab):
        await stage.equip()
        await ATTACKS[name].move(stage)
        await ATTACKS[name].heal(stage)
        assert await stage.comes_through()
        assert stage.evidence().installed[HAS].version == "1.2"


@virtual
async def test_a_slow_image_goes_on_from_where_it_was() -> None:
    stage = Stage(virtual_ground(1), 1)
    async with running(stage.lab):
        await stage.equip()
        await moves.slow_image(stage)
        job = stage.job()
        assert job is not None
        assert (job.code, job.received > 0) == ("transfer-slow", True)
        received = job.received
        stage.middle.clear()
        await stage.until(lambda: job.state is PackageState.WAITING)
        assert job.fetched <= received, "only what broke off is counted as fetched in vain"


@virtual
async def test_a_look_that_was_refused_is_retried_without_a_word() -> None:
    stage = Stage(virtual_ground(1), 1)
    async with running(stage.lab):
        await stage.equip()
        await moves.frozen("director")(stage)
        before = len(stage.lab.trace.records)
        stage.middle.clear()
        await stage.until(lambda: stage.job() is not None)
        kinds = [it.name.rpartition("/")[2] for it in stage.lab.trace.records[before:] if it.kind == "arrived"]
        assert "look" not in kinds


@virtual
async def test_an_attacker_leaves_no_trace_in_the_honest_repositories() -> None:
    stage = Stage(virtual_ground(1), 1)
    async with running(stage.lab):
        await stage.equip()
        store = stage.middle.depot.repositories.store
        before = {name: store.read(f"{stage.forger.car}/{name}") for name in store.names(stage.forger.car)}
        stolen_keys.meant_for_stranger(stage.forger)
        assert stage.middle.forged
        after = {name: store.read(f"{stage.forger.car}/{name}") for name in store.names(stage.forger.car)}
        assert after == before
        stage.middle.clear()
        assert stage.forger.repositories.director.assigned(stage.vin).keys() == {f"{HAS}/1.1.pkg"}


@pytest.mark.parametrize(
    ("code", "text", "place"),
    [
        ("metadata-expired", "http://b/director/VIN/timestamp.json: expired", "look: Director's timestamp"),
        ("metadata-signature", "http://b/director/VIN/2.root.json: was signed", "look: Director's root"),
        ("metadata-missing", "http://b/image/7.seat-heating.json: gone", "look: Image repository's seat-heating"),
        ("metadata-oversized", "http://b/image/timestamp.json sends more", "look: Image repository's timestamp"),
        ("metadata-rollback", "director/timestamp is version 1; 2 was seen", "look: versions seen before"),
        ("image-mismatch", "a/1.pkg: another length", "look: both repositories compared"),
        ("transfer-interrupted", "http://b/images/a/0f.1.pkg: broken", "transfer"),
        ("transfer-interrupted", "http://b/image/timestamp.json: slow", "look: Image repository's timestamp"),
        ("package-hash", "offer order-1.1: the download has 0f", "transfer"),
        ("manifest-replayed", "the manifest 1 was received before", "Director: manifest"),
        ("command-unknown", "there is no command", "MQTT: command"),
    ],
)
def test_where_it_was_stopped_is_read_from_code_and_sentence(code: str, text: str, place: str) -> None:
    assert place_of(code, text, "http://b/") == place
