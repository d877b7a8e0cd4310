"""Two repositories, the car that believes them, and whoever stands between the two."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from tempfile import TemporaryDirectory

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient import FetcherInterface, Updater

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import TransportError
from pcm_agent.trust.floors import Floors, raised
from pcm_agent.trust.images import Assignment, Ecu, judge
from pcm_agent.trust.metadata import Verified
from simulator.attacks.forge import Forger
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
VIN, OTHER_VIN = "WP0ZZZY1ZTSA00001", "WP0ZZZY1ZTSA00002"
HARDWARE = "pcm6"
ECU = Ecu(VIN, "PCM-0001", HARDWARE)
URL = "repositories"


class Bench(Forger):
    """An honest backend with three functions, one of them ordered for the car; a car that has looked once.

    Args:
        remembers: whether the car knows at a look what it has read at the last one, as cars that stay on do.

    Attributes:
        asked: the files that the car has asked for.
    """

    def __init__(self, *, remembers: bool = False) -> None:
        super().__init__(PackageRepositories(MemoryStore(), SeededKeys(1)), {}, ECU, OTHER_VIN, lambda: self._at)
        self._at = NOW
        self.asked: list[str] = []
        self.broken: str | None = None
        self.repositories.create(NOW)
        self.roots = self.repositories.roots()
        self._looking = UptaneRepositories(self, URL, self.roots) if remembers else None
        self.floors = Floors()
        self.counters: dict[str, int] = {}
        self.old = self.add("seat-heating", "1.0", 1)
        self.release = self.add("seat-heating", "1.1", 2)
        self.other = self.add("park-assist", "1.0", 1)
        self.repositories.director.register(ECU, NOW)
        self.repositories.director.register(Ecu(OTHER_VIN, "PCM-0002", HARDWARE), NOW)
        self.order(self.release)

    @property
    def now(self) -> datetime:
        """Of backend and car."""
        return self._at

    @now.setter
    def now(self, now: datetime) -> None:
        self._at = now

    # --- the car ---

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        name = url.removeprefix(f"{URL}/")
        self.asked.append(name)
        if name == self.broken:
            raise TransportError("transfer-interrupted", f"{name}: too slow, more than {limit} bytes or not")
        content = self.forged[name] if name in self.forged else self.repositories.lookup(name)
        came(len(content or b""))
        return content

    async def verify(self) -> Verified:
        looking = self._looking or UptaneRepositories(self, URL, self.roots)
        return await looking.check(VIN, self.roots, self.now)

    async def look(self) -> tuple[Assignment, ...]:
        """What a car does each time: verify, raise the floors, judge; only then does anything change."""
        verified = await self.verify()
        floors = raised(self.floors, verified)
        assignments = judge(verified, ECU, self.counters)
        self.floors, self.roots = floors, verified.roots
        self.counters |= {each.function: each.release_counter for each in assignments}
        return assignments

    # --- whoever stands between ---

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Whatever is published meanwhile does not reach the car afterwards: it sees the files from before."""
        store = self.repositories.store
        assert isinstance(store, MemoryStore)
        before = dict(store._files)
        yield
        self.forged.update({name: before.get(name) for name in store._files.keys() | before.keys()})


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
