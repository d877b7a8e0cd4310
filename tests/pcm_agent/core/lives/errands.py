"""Moves of what comes over the data connection: packages, maps, what passengers use, and what the backend watches."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firmware_profiles import Menu
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Platform, Purpose, TheftSensor
from pcm_agent.protocol.messages import Look, WithdrawPackage
from pcm_agent.protocol.security import CloseAlarm
from pcm_agent.protocol.sharing import BookDataPackage
from pcm_agent.trust.floors import Floor, Floors
from pcm_agent.trust.images import Delta
from tests.pcm_agent.core.conftest import FUNCTION
from tests.pcm_agent.core.lives.life import TASTES, Life
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


def deltas(number: int, counter: int) -> tuple[Delta, ...]:
    """From each version before; the older it is the longer."""
    return tuple(
        Delta(base_sha256=f"{number}{older}" * 32, path=f"{older}", length=600 - 200 * older, sha256="d" * 64)
        for older in range(1, counter)
    )


IMAGES = tuple(
    {
        "function": function,
        "version": f"{counter}.0",
        "sha256": f"{number}{counter}" * 32,
        "release_counter": counter,
        "deltas": deltas(number, counter),
    }
    for number, function in enumerate((FUNCTION, "power-steering-plus"))
    for counter in (1, 2, 3)
)
"""Two functions in three versions each."""
DEMANDS = ((), (), (), ("no-call",), ("climate-off", "battery-80"), ("private-mode-off", "connected"), ("full-moon",))
"""What a function may demand of the car; the last of them no car knows."""
SPANS_OF_TRUST = (timedelta(minutes=4), timedelta(hours=1), timedelta(days=3), timedelta(days=30))
FAILURES = (
    on.MetadataRefused("metadata-missing", jitter=0.5, fetched=500),
    on.MetadataRefused("metadata-missing", jitter=0.1),
    on.MetadataRefused("metadata-expired"),
    on.MetadataRefused("metadata-signature"),
    on.MetadataRefused("image-mismatch", Floors({"director/root": Floor(2, "keys")})),
    on.MetadataInterrupted("connection-lost", 1.0, 30),
)


def listing(life: Life, dice: Random) -> on.MetadataAccepted:
    """What the Director says now."""
    until = life.car.now + dice.choice(SPANS_OF_TRUST)
    listed, removals = tuple(life.director.values()), tuple(life.removals)
    return on.MetadataAccepted(listed, life.car.state.floors, until, removals=removals, fetched=dice.choice((0, 9000)))


def repositories(life: Life, dice: Random) -> None:
    """They answer, if they are asked, and once in a while too late."""
    if life.judge.packages.looks.reading or dice.random() < 0.2:
        life.feed(listing(life, dice) if dice.random() < 0.7 else dice.choice(FAILURES))


def broken_repositories(life: Life, dice: Random) -> None:
    """They come to nothing for hours, whoever looks, and however often; then somebody may say that they are mended."""
    life.command(Look())
    for _ in range(dice.choice((2, 18))):
        if life.judge.packages.looks.reading:
            life.feed(FAILURES[0] if dice.random() < 0.8 else dice.choice(FAILURES))
        life.wait(timedelta(hours=dice.choice((1, 5))))
    if dice.random() < 0.5:
        life.command(Look())
    else:
        life.feed(on.IgnitionTurnedOn())


def offer(life: Life, dice: Random) -> str:
    """The Director lists something new; its id."""
    offer_id = f"fod-{life.offers}"
    life.offers += 1
    life.director[offer_id] = life.car.offer(
        offer_id,
        length=1000,
        not_after=life.car.now + timedelta(days=dice.choice((28, 28, 28, 0))),
        consent=dice.choice(("ordered", "ordered", "ordered", "ask")),
        preconditions=dice.choice(DEMANDS),
        **dice.choice(IMAGES),
    )
    return offer_id


def look(life: Life, dice: Random) -> None:
    """The car is told to look, and believes what it finds."""
    life.command(Look())
    if life.judge.packages.looks.reading:
        life.feed(listing(life, dice))


def order(life: Life, dice: Random) -> None:
    """Something new is listed, or not any more, or with other bytes than before."""
    fate = dice.random()
    if life.director and fate < 0.3:
        del life.director[dice.choice(list(life.director))]
    elif life.director and fate < 0.4:
        offer_id = dice.choice(list(life.director))
        life.director[offer_id] = replace(life.director[offer_id], sha256="f" * 64)
    elif life.director and fate < 0.5:
        offer_id = dice.choice(list(life.director))
        life.director[offer_id] = replace(life.director[offer_id], consent=dice.choice(("ordered", "ask")))
    else:
        life.feed(on.PackageConsented(offer(life, dice)))
    life.command(Look())
    repositories(life, dice)
    if life.director and dice.random() < 0.5:
        life.feed(on.PackageConsented(dice.choice(list(life.director))))


def order_and_fetch(life: Life, dice: Random) -> None:
    go_public(life, dice)
    drive_off(life, dice)
    offer_id = offer(life, dice)
    look(life, dice)
    fetch(life, offer_id, "completed")


def order_and_activate(life: Life, dice: Random) -> None:
    """All the way, where nothing comes between, and sometimes something does."""
    order_and_fetch(life, dice)
    life.feed(*MENDING)
    if dice.random() < 0.4:
        life.feed(dice.choice(BREAKING))
    life.wait(timedelta(minutes=11))
    work_on_files(life, dice)
    work_on_files(life, dice)


def fail_and_stay(life: Life, dice: Random) -> None:
    """An installation fails, nobody comes to the car, and it is told that all is as it was."""
    order_and_fetch(life, dice)
    life.feed(*MENDING)
    life.wait(timedelta(minutes=11))
    failing, life.work = [effect for effect in life.work if isinstance(effect, do.InstallPackage)], []
    life.feed(*[on.InstallationFailed(effect.offer_id, "disk-full") for effect in failing])
    life.wait(timedelta(hours=2))
    look(life, dice)
    life.wait(timedelta(minutes=11))


def fetch(life: Life, offer_id: str, how: str) -> None:
    """What becomes of a transfer; never is more there than there is of the package, or of the delta in its place."""
    if offer_id not in life.judge.packages.fetching:
        return
    length = life.judge.packages.packages[offer_id].length
    events: dict[str, Event] = {
        "progressed": on.DownloadProgressed(offer_id, min(300, length)),
        "unusable": on.DeltaUnusable(offer_id, "delta-unusable", min(350, length), 20),
        "completed": on.DownloadCompleted(offer_id),
        "repeated": on.DownloadCompleted(offer_id, 400),
        "interrupted": on.DownloadInterrupted(offer_id, "server-error"),
        "cut": on.DownloadInterrupted(offer_id, "server-error", min(700, length), 200, 100, 0.5),
        "costly": on.DownloadInterrupted(offer_id, "server-error", min(300, length), 10**9, 0, 1.0),
        "failed": on.DownloadFailed(offer_id, "package-hash", min(900, length), 50),
    }
    life.feed(events[how])


def transfer(life: Life, dice: Random) -> None:
    for offer_id in sorted(life.judge.packages.fetching):
        fetch(
            life,
            offer_id,
            dice.choice(("progressed", "completed", "repeated", "interrupted", "cut", "costly", "failed", "unusable")),
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
    if dice.random() < 0.5:
        life.command(WithdrawPackage(offer_id=offer_id))
        if dice.random() < 0.5:  # else nobody has cancelled it: somebody else has spoken
            life.director.pop(offer_id, None)
            look(life, dice)
        return
    life.director.pop(offer_id, None)
    life.removals[offer_id] = None
    look(life, dice)
    if dice.random() < 0.3:  # else it is listed until the end of days: the car must not mind
        del life.removals[offer_id]
