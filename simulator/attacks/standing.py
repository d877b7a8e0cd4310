"""Who says on the broker, in the car's name, how orders stand: what the car itself has signed does not bear it out."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from pcm_agent.protocol.envelope import encode_body
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import KIND_OF, PackageReported, PackageState, Reply, WithdrawPackage
from pcm_agent.protocol.topics import Topic
from pcm_agent.trust.vehicle_manifest import sign
from simulator.attacks.places import ORDER, SIGNED
from simulator.attacks.seen import HAS, WANTS
from simulator.attacks.stage import SIZE, Stage
from simulator.attacks.words import last_manifest, message, own_key
from simulator.backend.following import NOT_ENDED
from simulator.backend.records import CommandRow, OrderState, SeenRow
from simulator.backend.subscriptions import revoke

Stood = tuple[OrderState, str | None, int]
"""State and error of an order, and how often it was billed."""


async def forged_active(stage: Stage) -> None:
    """Somebody says that a function is active that was only ordered."""
    stage.order()
    if await _report(stage, WANTS, PackageState.ACTIVE):
        _note_order(stage, WANTS, (OrderState.DOWNLOADED, None, 0), SIGNED)


async def had_once(stage: Stage) -> None:
    """A function was in the car, and what it said of it then was held back; its order was revoked, and it is gone."""
    stage.order()
    stage.send()
    await stage.comes_through()
    stage.held_back = _signed_besides(stage)
    await stage.come()
    revoke(stage.lab.desk, stage.vin, WANTS)
    await stage.look()
    await stage.leave()
    await stage.come()


def _signed_besides(stage: Stage) -> SignedVehicleManifest:
    """What the car has signed once more, and nobody has heard."""
    state = stage.car.agent.vehicle.state
    state.manifests += 1
    true = last_manifest(stage).manifest
    return sign(msgspec.structs.replace(true, number=state.manifests, time=stage.forger.now), own_key(stage))


async def held_back_manifest(stage: Stage) -> None:
    """Somebody says that a function is active that was ordered anew, and has it borne out by what the car said once."""
    stage.order()
    await _report(stage, WANTS, PackageState.ACTIVE)
    topic = Topic(stage.vin, "event", KIND_OF[SignedVehicleManifest])
    if await _heard(stage, topic, encode_body(stage.held_back)):
        _note_order(stage, WANTS, (OrderState.DOWNLOADED, None, 0), SIGNED)


async def reports_held_back(stage: Stage) -> None:
    """Nobody hears what the car reports of a function that was ordered and that it has by now; it is left and used."""
    stage.middle.swallowed.add(str(Topic(stage.vin, "event", KIND_OF[PackageReported])))
    stage.middle.swallowed.add(str(Topic(stage.vin, "state", "state")))  # it has the same reports
    stage.order()
    stage.send()
    await stage.until(lambda: stage.is_in(WANTS, PackageState.WAITING))
    await stage.leave()
    await stage.come()


async def active_unheard(stage: Stage) -> None:
    """The car looks once more, and signs what it has."""
    stage.tell()
    await stage.look()
    _note_order(stage, WANTS, (OrderState.ACTIVE, None, 1), SIGNED)


async def forged_removed(stage: Stage) -> None:
    """Somebody says that a function has left the car, which has it and is paid for it; then the car speaks again."""
    heard = await _report(stage, HAS, PackageState.REMOVED)
    stage.tell()
    await stage.look()
    if heard:
        _note_order(stage, HAS, (OrderState.ACTIVE, None, 1), SIGNED)


async def forged_cancelled(stage: Stage) -> None:
    """Somebody says that the car has cancelled what nobody wants cancelled."""
    stage.order()
    if await _report(stage, WANTS, PackageState.CANCELLED):
        _note_order(stage, WANTS, (OrderState.OPEN, NOT_ENDED, 0), ORDER, NOT_ENDED)


async def forged_refusal(stage: Stage) -> None:
    """What waits to be installed is cancelled; somebody answers in place of the car that it is active already."""
    stage.order()
    stage.send()
    await stage.until(lambda: stage.is_in(WANTS, PackageState.WAITING))
    stage.lab.desk.withdraw(stage.vin, WANTS)
    topic = Topic(stage.vin, "reply", KIND_OF[WithdrawPackage])
    refusal = encode_body(Reply(stage="refused", code="already-active"))
    await stage.publish(str(topic), message(stage, topic, refusal, correlation=_asked(stage, topic.kind)))
    await stage.until(lambda: any(it.name == "command-refused" for it in stage.records()))
    if await stage.until(lambda: stage.is_in(WANTS, PackageState.CANCELLED)):
        _note_order(stage, WANTS, (OrderState.CANCELLED, None, 0), ORDER)


def _asked(stage: Stage, kind: str) -> str:
    """The id of a command that waits for an answer."""
    with Session(stage.lab.desk.engine) as db:
        waiting = select(CommandRow.id).where(CommandRow.vin == stage.vin, CommandRow.kind == kind)
        return db.scalars(waiting).one()


async def _report(stage: Stage, function: str, state: PackageState) -> bool:
    """Report a package in place of the car; whether the backend has worked on it."""
    offer = stage.offer(function)
    body = PackageReported(offer_id=offer, function=function, version="1.0", state=state, length=SIZE)
    return await _heard(stage, Topic(stage.vin, "event", KIND_OF[PackageReported]), encode_body(body))


async def _heard(stage: Stage, topic: Topic, body: msgspec.Raw) -> bool:
    """Say something in place of the car; whether the backend has worked on it."""
    message_id = stage.new_id()
    await stage.publish(str(topic), message(stage, topic, body, message_id=message_id))

    def heard() -> bool:
        with Session(stage.lab.desk.engine) as db:
            return db.get(SeenRow, (stage.vin, message_id)) is not None

    return await stage.until(heard)


def _note_order(stage: Stage, function: str, right: Stood, place: str, code: str = "") -> None:
    """Note that an order stands as it must though the backend has heard a lie, or else how it stands."""
    found = stage.lab.desk.order_of(stage.vin, function)
    if found == right:
        stage.note(place, code)
    elif found is not None:
        state, error, bills = found
        stage.note(f"backend: {state}, {error or 'no error'}, bills: {bills}")
