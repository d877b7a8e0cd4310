"""What somebody without keys can do to the files that a car reads, one function a lie."""

from collections.abc import Callable

from tuf.api.metadata import Signed

from pcm_agent.trust.images import Ecu
from simulator.attacks.forge import IMAGE, ONLINE, Forger
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys

Lie = Callable[[Forger], None]
TOO_MUCH = b" " * 600_000
"""More than any file of metadata may have; JSON is none the worse for it."""
FOREIGN_SEED = -1
"""Of the keys of whoever has none that the car trusts."""


def foreign_keys(forger: Forger) -> None:
    """Both repositories are somebody else's, as far on as the true ones, with other images of the same names."""
    foreign = PackageRepositories(MemoryStore(), SeededKeys(FOREIGN_SEED))
    foreign.create(forger.now)
    for release in forger.repositories.image.releases():
        it = release.custom
        foreign.image.add(
            it.function,
            it.version,
            f"foreign {release.path}".encode(),
            forger.now,
            release_counter=it.release_counter,
            hardware_ids=it.hardware_ids,
        )
    them = Forger(foreign, {}, forger.ecu, forger.stranger, lambda: forger.now)
    foreign.director.register(forger.ecu, forger.now)
    them.order(foreign.image.release(forger.release.custom.function, forger.release.custom.version))
    bring_up(them, forger.car, forger)
    while _version(them, IMAGE) < _version(forger, IMAGE):
        foreign.image.refresh(forger.now, force=True)
    folders = (forger.car, IMAGE, *(f"images/{name}" for name in foreign.store.names("images")))
    forger.forged.update({n: c for n, c in them.copied(*folders).items() if not n.endswith(".root.json")})


def bring_up(behind: Forger, base: str, ahead: Forger) -> None:
    """Sign a car's metadata so often that no version gives it away beside that of the attacked car."""
    while _version(behind, base) < _version(ahead, ahead.car):
        behind.repositories.director.refresh(base.partition("/")[2], behind.now, force=True)


def _version(forger: Forger, base: str) -> int:
    return forger.line(base).state(base).timestamp


def wrong_signature(base: str, role: str) -> Lie:
    """One digit of a signature is another."""

    def lie(forger: Forger) -> None:
        name = forger.newest(at_base(forger, base), role)
        content = bytearray(forger.file(name))
        at = content.index(b'"sig":"') + 10
        content[at] = ord("0") if content[at] != ord("0") else ord("1")
        forger.forged[name] = bytes(content)

    return lie


def at_base(forger: Forger, base: str) -> str:
    """`director` is the Director of the attacked car."""
    return forger.car if base == "director" else base


def edited_timestamp(forger: Forger) -> None:
    """A word is another one after it was signed."""
    name = f"{forger.car}/timestamp.json"
    forger.forged[name] = forger.edited(name, _older)


def _older(signed: Signed) -> None:
    signed.version -= 1


def mixed(base: str, role: str) -> Lie:
    """The file of an older state stands under the name of the newest."""

    def lie(forger: Forger) -> None:
        where = at_base(forger, base)
        old = forger.file(forger.newest(where, role))
        forger.newer_states()
        forger.forged[forger.newest(where, role)] = old

    return lie


def held_back(base: str, role: str) -> Lie:
    """One file of the newest state is missing."""

    def lie(forger: Forger) -> None:
        forger.newer_states()
        forger.forged[forger.newest(at_base(forger, base), role)] = None

    return lie


def endless(base: str, role: str) -> Lie:
    """A file of the newest state, which the car does not have yet, does not end where it should."""

    def lie(forger: Forger) -> None:
        forger.newer_states()
        name = forger.newest(at_base(forger, base), role)
        forger.forged[name] = forger.file(name) + TOO_MUCH

    return lie


def no_metadata(forger: Forger) -> None:
    """A file is JSON, and nothing else that it should be."""
    forger.forged[f"{forger.car}/timestamp.json"] = b'{"signed": 1, "signatures": []}'


def of_another_car(forger: Forger) -> None:
    """Authentic in all, but for another VIN; as far on as the car's own, so that no version gives it away."""
    _know_stranger(forger)
    forger.order(forger.release, forger.stranger)
    _serve_as_own(forger)


def empty_of_another_car(forger: Forger) -> None:
    """uptane-standard#202: what lists nothing bears no VIN in its targets."""
    _know_stranger(forger)
    forger.repositories.director.refresh(forger.stranger, forger.now, force=True)
    _serve_as_own(forger)


def _know_stranger(forger: Forger) -> None:
    stranger = Ecu(forger.stranger, "PCM-0002", forger.ecu.hardware_id)
    forger.repositories.director.register(stranger, forger.now)


def _serve_as_own(forger: Forger) -> None:
    base = forger.base_of(forger.stranger)
    bring_up(forger, base, forger)
    for name in [forger.newest(base, role) for role in ONLINE]:
        forger.forged[name.replace(forger.stranger, forger.ecu.vin)] = forger.file(name)


def tampered_image(forger: Forger) -> None:
    """The bytes of the image are others, as many as they should be."""
    name = forger.image_file(forger.release)
    forger.forged[name] = bytes(byte ^ 1 for byte in forger.file(name))


def endless_image(forger: Forger) -> None:
    """The image does not end where it should."""
    name = forger.image_file(forger.release)
    forger.forged[name] = forger.file(name) + TOO_MUCH


def image_held_back(forger: Forger) -> None:
    """All metadata is there, and the image is not."""
    forger.forged[forger.image_file(forger.release)] = None
