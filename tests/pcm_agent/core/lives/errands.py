"""Moves of what comes over the data connection: packages, maps, what passengers use, and what the backend watches."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firmware_profiles import Menu
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Platform, Purpose, TheftSensor
from pcm_agent.protocol.messages import (
    RemovePackage,
    WithdrawPackage,
)
from pcm_agent.protocol.security import CloseAlarm
from pcm_agent.protocol.sharing import BookDataPackage
from tests.pcm_agent.core.lives.life import TASTES, Life
from tests.pcm_agent.core.lives.packages import FORGED
from tests.pcm_agent.core.lives.roads import BREAKING, MENDING, drive_off, go_public, tap

if TYPE_CHECKING:
    from pcm_agent.core.events import Event


def passengers(life: Life, dice: Random) -> None:
    if not life.judge.world.sharing or dice.random() < 0.2:
        tap(life, Menu.IN_CAR_HOTSPOT)
    life.feed(on.DeviceJoined(dice.choice(TASTES), dice.choice(tuple(Platform)), dice.random() < 0.5))
    if dice.random() < 0.6:
        days = dice.choice((None, 1, 30))
        life.command(BookDataPackage(until=life.car.now + timedelta(days=dice.choice((-1, 1, 9))), renewed_days=days))
    life.feed(on.DataUsed(Purpose.PASSENGERS, 1000))


def use_data(life: Life, dice: Random) -> None:
    life.feed(on.DataUsed(dice.choice(tuple(Purpose)), dice.choice((-5, 0, 1, 10_000))))


def update_map(life: Life, dice: Random) -> None:
    fate = dice.random()
    if fate < 0.4:
        life.feed(on.MapUpdateOffered(dice.choice(("2026.1", "2026.2", "2026.3")), 1000))
        if not life.judge.world.map_over_mobile:
            tap(life, Menu.MAP_UPDATES_OVER_MOBILE)
    elif fate < 0.5:
        tap(life, Menu.MAP_UPDATES_OVER_MOBILE)
    else:
        life.feed(on.MapUpdateProgressed(dice.choice((300, 900))) if fate < 0.8 else on.MapUpdateLoaded())


def app(life: Life, dice: Random) -> None:
    life.feed(dice.choice((on.AppConnected(), on.AppConnected(online=False), on.AppDisconnected())))


def theft(life: Life, dice: Random) -> None:
    life.feed(dice.choice((on.CarMoved(), on.TheftSensorTripped(dice.choice(tuple(TheftSensor))))))
    if dice.random() < 0.5:
        life.command(CloseAlarm())


# --- packages ---


def order(life: Life, dice: Random) -> str:
    """A package is offered, or one that was offered before once more; its id."""
    known = life.judge.packages.packages
    if known and dice.random() < 0.4:
        offer_id = dice.choice(list(known))
        changed = replace(known[offer_id].offer.manifest, version="2.0.0")
        life.command(life.car.signed(changed) if dice.random() < 0.2 else known[offer_id].offer)
        return offer_id
    offer_id = f"fod-{len(known)}"
    offer = life.car.offer(offer_id, length=1000, not_after=life.car.now + timedelta(days=dice.choice((28, 28, 28, 0))))
    if dice.random() < 0.1:
        life.command(replace(offer, manifest=replace(offer.manifest, offer_id=FORGED)))
    life.command(replace(offer, consent=dice.choice(("ordered", "ordered", "ordered", "ask"))))
    if dice.random() < 0.5:
        life.feed(on.PackageConsented(offer_id))
    return offer_id


def order_and_fetch(life: Life, dice: Random) -> None:
    go_public(life, dice)
    drive_off(life, dice)
    fetch(life, order(life, dice), "completed")


def order_and_activate(life: Life, dice: Random) -> None:
    """All the way, where nothing comes between, and sometimes something does."""
    order_and_fetch(life, dice)
    life.feed(*MENDING)
    if dice.random() < 0.4:
        life.feed(dice.choice(BREAKING))
    life.wait(timedelta(minutes=11))
    work_on_files(life, dice)
    work_on_files(life, dice)


def fetch(life: Life, offer_id: str, how: str) -> None:
    if offer_id not in life.judge.packages.fetching:
        return
    events: dict[str, Event] = {
        "progressed": on.DownloadProgressed(offer_id, 500),
        "completed": on.DownloadCompleted(offer_id),
        "repeated": on.DownloadCompleted(offer_id, 400),
        "interrupted": on.DownloadInterrupted(offer_id, "server-error"),
        "cut": on.DownloadInterrupted(offer_id, "server-error", 700, 200, 100, 0.5),
        "costly": on.DownloadInterrupted(offer_id, "server-error", 300, 10**9, 0, 1.0),
        "failed": on.DownloadFailed(offer_id, "package-hash", 900, 50),
    }
    life.feed(events[how])


def transfer(life: Life, dice: Random) -> None:
    for offer_id in sorted(life.judge.packages.fetching):
        fetch(
            life,
            offer_id,
            dice.choice(("progressed", "completed", "repeated", "interrupted", "cut", "costly", "failed")),
        )


def work_on_files(life: Life, dice: Random) -> None:
    work, life.work = life.work, []
    for effect in work:
        offer_id = str(getattr(effect, "offer_id", ""))
        done: dict[type[do.Effect], Event] = {
            do.InstallPackage: on.PackageInstalled(offer_id),
            do.VerifyPackage: on.PackageVerified(offer_id),
            do.DiscardPackage: on.PackageDiscarded(offer_id),
            do.RemovePackage: on.PackageRemoved(offer_id),
        }
        life.feed(done[type(effect)] if dice.random() < 0.85 else on.InstallationFailed(offer_id, "disk-full"))


def decide(life: Life, dice: Random) -> None:
    offer_id = dice.choice([*life.judge.packages.packages, "fod-0", "another"])
    life.command(dice.choice((WithdrawPackage(offer_id=offer_id), RemovePackage(offer_id=offer_id))))
