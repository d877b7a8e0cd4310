"""How an attack is made on what a running car reads: metadata at a look, and images in a transfer."""

from pcm_agent.protocol.messages import PackageState
from simulator.attacks import deltas, lies, stolen_keys
from simulator.attacks.forge import IMAGE
from simulator.attacks.places import NOT_LISTED
from simulator.attacks.seen import HAS, WANTS
from simulator.attacks.stage import OVERNIGHT, Move, Stage
from simulator.backend.records import OrderKind

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
        stolen_keys.fast_forward(base)(stage.forger)
        stage.tell()
        await stage.look()
        stage.middle.clear()
        stage.order()
        await stage.look()

    return move


async def frozen_with_clock_behind(stage: Stage) -> None:
    """A day later the car sees what stood there before, and its clock is set back to when that was fresh."""
    stage.middle.forged.update(stage.forger.copied(stage.forger.car))
    await stage.overnight()
    stage.set_clock_back(OVERNIGHT)
    stage.order()
    await stage.look()


async def true_image_of_others(stage: Stage) -> None:
    """Nothing is wrong with the image, but that it is not for this car."""
    image = stage.honest().add(WANTS, "1.2", 3, hardware=stolen_keys.FOREIGN_HARDWARE)
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


def _job_is(stage: Stage, state: PackageState, function: str = WANTS) -> bool:
    job = stage.job(function)
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


def with_delta(lie: deltas.Lie) -> Move:
    """What the car has is to come in a newer version, as a delta; the whole image, which would do too, is held back."""

    async def move(stage: Stage) -> None:
        release = lie(stage.honest(), stage.forger.forged)
        stage.middle.forged[stage.forger.image_file(release)] = None
        stage.order(HAS, release.custom.version, OrderKind.UPDATE)
        await stage.look()
        await stage.until(lambda: stage.has_stopped("package-gone") or _job_is(stage, PackageState.WAITING, HAS))

    return move
