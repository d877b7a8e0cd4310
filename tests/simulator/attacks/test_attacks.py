"""Each attack on a running car, and the honest package after it; and each is seen to work once its defence is out."""

from collections.abc import Callable, Mapping

import msgspec
import pytest
from tuf.api.metadata import Root, Signed, Targets

from pcm_agent.core.events import CommandReceived
from pcm_agent.protocol.messages import PackageState
from pcm_agent.runtime import looking, transfer, wire
from pcm_agent.transport import Incoming
from pcm_agent.trust import floors, images, vehicle_manifest
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.images import Assignment, Ecu
from pcm_agent.trust.metadata import Target, Verified
from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS
from simulator.attacks import lies, moves
from simulator.attacks.attack import Attack
from simulator.attacks.heals import by_itself
from simulator.attacks.middle import virtual_ground
from simulator.attacks.places import place_of
from simulator.attacks.report import Conditions, Result, make_all
from simulator.attacks.stage import HAS, WANTS, Stage
from simulator.attacks.table import ATTACKS
from simulator.lab import running
from simulator.virtual import MemoryPackageFiles
from tests.waiting import virtual

VIRTUAL = [name for name, attack in ATTACKS.items() if not attack.live_only]
OVER_HTTP = ("foreign-keys", "rollback-images", "endless-images", "image-held-back", "slow-image", "tampered-image")
AT_ANOTHER_STEP = "it was not stopped at"
Patch = Callable[[pytest.MonkeyPatch], None]


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
@pytest.mark.parametrize("name", [*OVER_HTTP, "slow-metadata", "freeze-director", "replayed-manifest", "lying-look"])
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
    assert f"{AT_ANOTHER_STEP} {attack.stopped_at} [{attack.code}]" in result.problems
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


def any_signature(patch: pytest.MonkeyPatch) -> None:
    for role in (Root, Targets):
        patch.setattr(role, "verify_delegate", lambda *_: None)


def any_age(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Signed, "is_expired", lambda *_: False)


def any_version(patch: pytest.MonkeyPatch) -> None:
    def raised(before: Floors, verified: Verified) -> Floors:
        del before
        return floors.raised(Floors(), verified)

    patch.setattr(looking, "raised", raised)


def any_addressee(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(images, "_check_for", lambda *_: None)


def any_image(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(images, "_compare", lambda *_: None)


def any_counter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(looking, "judge", lambda verified, ecu, _: images.judge(verified, ecu, {}))


def unknown_images(patch: pytest.MonkeyPatch) -> None:
    """The Director is believed alone."""
    judge = images._judge

    def believed(wanted: Target, known: Target | None, ecu: Ecu, counters: Mapping[str, int]) -> Assignment:
        custom = {"function": WANTS, "version": "9.9", "hardware_ids": [wanted.custom["hardware_id"]]}
        custom["release_counter"] = wanted.custom["release_counter"]
        return judge(wanted, known or msgspec.structs.replace(wanted, custom=custom), ecu, counters)

    patch.setattr(images, "_judge", believed)


def any_bytes(patch: pytest.MonkeyPatch) -> None:
    async def complete(self: MemoryPackageFiles, offer_id: str, length: int, sha256: str) -> None:
        del length
        self._versions[sha256] = bytes(self._parts.pop(offer_id))

    async def verify(self: MemoryPackageFiles, function: str, sha256: str, comes_up: object) -> None:
        del self, function, sha256, comes_up

    patch.setattr(MemoryPackageFiles, "complete", complete)
    patch.setattr(MemoryPackageFiles, "verify", verify)


def any_rate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transfer, "SLOWEST", 0)


def any_nonce(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vehicle_manifest, "_remembered", lambda manifest, seen: seen)


def any_manifest(patch: pytest.MonkeyPatch) -> None:
    class Believed:
        @staticmethod
        def from_public_bytes(_: bytes) -> "Believed":
            return Believed()

        def verify(self, *_: bytes) -> None:
            pass

    patch.setattr(vehicle_manifest, "Ed25519PublicKey", Believed)


def any_vin(patch: pytest.MonkeyPatch) -> None:
    def unchecked(self: wire.Wire, message: Incoming) -> CommandReceived:
        vin = self.vin.encode()
        other = msgspec.json.decode(message.payload)["vin"].encode()
        return command(self, msgspec.structs.replace(message, payload=message.payload.replace(other, vin)))

    command = wire.Wire.command
    patch.setattr(wire.Wire, "command", unchecked)


@pytest.mark.parametrize(
    ("name", "defence", "problem"),
    [
        ("foreign-keys", any_signature, "its disk holds something else: seat-heating"),
        ("threshold", any_signature, AT_ANOTHER_STEP),
        ("root-without-old-keys", any_signature, AT_ANOTHER_STEP),
        ("freeze-director", any_age, AT_ANOTHER_STEP),
        ("rollback-director", any_version, AT_ANOTHER_STEP),
        ("rollback-images", any_version, AT_ANOTHER_STEP),
        ("vanished-function", any_version, AT_ANOTHER_STEP),
        ("fast-forward-director", any_version, AT_ANOTHER_STEP),
        ("another-vin", any_addressee, "its disk holds something else: seat-heating"),
        ("another-vin-empty", any_addressee, AT_ANOTHER_STEP),
        ("another-unit", any_addressee, "its disk holds something else: seat-heating"),
        ("image-counter", any_image, "it says that something else is installed"),
        ("image-hash", any_image, "the car has taken it up as a job"),
        ("rollback-release", any_counter, AT_ANOTHER_STEP),  # the next defence: no older one is installed
        ("stolen-director", unknown_images, "the car has taken it up as a job"),
        ("tampered-image", any_bytes, "its disk holds something else: seat-heating"),
        ("slow-image", any_rate, AT_ANOTHER_STEP),
        ("replayed-manifest", any_nonce, AT_ANOTHER_STEP),
        ("forged-manifest", any_manifest, "the backend believes that something else is installed"),
        ("foreign-command", any_vin, AT_ANOTHER_STEP),
    ],
)
def test_without_its_defence_an_attack_is_not_stopped(
    name: str, defence: Patch, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    defence(monkeypatch)
    result = made(ATTACKS[name])
    assert not result.stopped
    assert any(it.startswith(problem) for it in result.problems), result.problems


# --- what else is promised ---


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
        lies.meant_for_stranger(stage.forger)
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
