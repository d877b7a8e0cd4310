"""Two repositories, the car that believes them, and whoever stands between the two."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import FetcherInterface, Updater

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import TransportError
from pcm_agent.trust.floors import Floors, raised
from pcm_agent.trust.images import Assignment, Ecu, judge
from pcm_agent.trust.metadata import Verified
from simulator.repository import MemoryStore, PackageRepositories, Release, SeededKeys
from simulator.repository.signing import Repository

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
VIN, OTHER_VIN = "WP0ZZZY1ZTSA00001", "WP0ZZZY1ZTSA00002"
HARDWARE = "pcm6"
ECU = Ecu(VIN, "PCM-0001", HARDWARE)
URL = "repositories"
DAYS_28 = timedelta(days=28)


class Bench:
    """An honest backend with three functions, one of them ordered for the car; a car that has looked once.

    Attributes:
        now: of backend and car.
        forged: files that somebody puts in place of the honest ones; None: holds them back.
        asked: the files that the car has asked for.
    """

    def __init__(self) -> None:
        self.now = NOW
        self.forged: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        self.broken: str | None = None
        self.repositories = PackageRepositories(MemoryStore(), SeededKeys(1))
        self.repositories.create(NOW)
        self.roots = self.repositories.roots()
        self.floors = Floors()
        self.counters: dict[str, int] = {}
        self.old = self.add("seat-heating", "1.0", 1)
        self.release = self.add("seat-heating", "1.1", 2)
        self.other = self.add("park-assist", "1.0", 1)
        self.repositories.director.register(ECU, NOW)
        self.repositories.director.register(Ecu(OTHER_VIN, "PCM-0002", HARDWARE), NOW)
        self.order(self.release)

    def add(self, function: str, version: str, counter: int, hardware: str = HARDWARE) -> Release:
        content = f"{function} {version}".encode() * 10
        return self.repositories.image.add(
            function, version, content, self.now, release_counter=counter, hardware_ids=[hardware]
        )

    def order(self, release: Release, vin: str = VIN) -> None:
        offer = f"order-{release.custom.function}"
        self.repositories.director.assign(vin, release, offer, self.now + DAYS_28, self.now)

    # --- the car ---

    async def fetch(self, url: str, limit: int) -> bytes | None:
        name = url.removeprefix(f"{URL}/")
        self.asked.append(name)
        if name == self.broken:
            raise TransportError("transfer-interrupted", f"{name}: too slow, more than {limit} bytes or not")
        return self.forged[name] if name in self.forged else self.repositories.lookup(name)

    async def verify(self) -> Verified:
        return await UptaneRepositories(self, URL, self.roots).check(VIN, None, self.now)

    async def look(self) -> tuple[Assignment, ...]:
        """What a car does each time: verify, raise the floors, judge; only then does anything change."""
        verified = await self.verify()
        floors = raised(self.floors, verified)
        assignments = judge(verified, ECU, self.counters)
        self.floors, self.roots = floors, verified.roots
        self.counters |= {each.function: each.release_counter for each in assignments}
        return assignments

    # --- whoever stands between ---

    def file(self, name: str) -> bytes:
        content = self.repositories.lookup(name)
        assert content is not None
        return content

    def newest(self, base: str, role: str) -> str:
        """The file that a role's metadata stands in now."""
        if role == "timestamp":
            return f"{base}/timestamp.json"
        state = self.line(base).state(base)
        version = state.snapshot if role == "snapshot" else state.listed[role].version
        return f"{base}/{version}.{role}.json"

    def line(self, base: str) -> Repository:
        repositories = self.repositories
        return repositories.image.repository if base == "image" else repositories.director.repository

    def edited(self, name: str, edit: Callable[[Any], None]) -> bytes:
        """A file with changes that nobody has signed."""
        metadata = Metadata[Any].from_bytes(self.file(name))
        edit(metadata.signed)
        return metadata.to_bytes()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Whatever is published meanwhile does not reach the car afterwards: it sees the files from before."""
        store = self.repositories.store
        assert isinstance(store, MemoryStore)
        before = dict(store._files)
        yield
        self.forged |= {name: before.get(name) for name in store._files.keys() | before.keys()}

    def as_director(self, edit: Callable[[Targets], None], vin: str = VIN) -> None:
        """Publish other targets for a car with the Director's own, stolen, keys."""
        base = f"director/{vin}"
        line = self.line(base)
        state = line.state(base)
        targets = line.targets(base, "targets", state)
        edit(targets)
        targets.version += 1
        line.publish(base, state, {"targets": (targets.version, line.sign("targets", targets))}, self.now)


CAR = f"director/{VIN}"


class _Reference(FetcherInterface):
    """Hands the reference client the same files."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(f"{URL}/")
        content = self._bench.forged[name] if name in self._bench.forged else self._bench.repositories.lookup(name)
        if content is None:
            raise DownloadHTTPError("there is none", 404)
        yield content


def reference_accepts(bench: Bench) -> bool:
    """Whether TUF's own updater takes both repositories; the oracle for our adapter."""
    try:
        wanted = _refreshed(bench, CAR, bench.roots.director, ())
        _refreshed(bench, "image", bench.roots.image, wanted)
    except (RepositoryError, DownloadError):
        return False
    return True


def _refreshed(bench: Bench, base: str, root: bytes, wanted: Iterable[str]) -> list[str]:
    """Let the reference client read a repository and look for images; the images that it names."""
    with TemporaryDirectory() as folder:
        updater = Updater(folder, f"{URL}/{base}", fetcher=_Reference(bench), bootstrap=root)
        updater._trusted_set.reference_time = bench.now
        updater.refresh()
        for path in wanted:
            updater.get_targetinfo(path)
        return list(updater._trusted_set.targets.targets)
