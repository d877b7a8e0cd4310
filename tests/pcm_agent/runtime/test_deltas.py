"""An update by a delta: less is fetched, the same is installed; and whatever goes wrong, the package itself comes."""

from collections.abc import AsyncGenerator, Callable
from random import Random

import bsdiff4
import pytest

from pcm_agent.core import events as on
from pcm_agent.core.states import Purpose
from pcm_agent.errors import PeerError, TransportError
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.trust.images import Delta, image_url
from simulator.backend.depot import Wanted
from simulator.repository import Release
from simulator.virtual import MemoryPackageFiles
from tests.pcm_agent.runtime.bad_peers import Behaviour, Scripted
from tests.pcm_agent.runtime.bench import FUNCTION, LENGTH, OPEN_ENDED, Bench
from tests.pcm_agent.runtime.orders import leave
from tests.waiting import virtual


def newer(old: bytes) -> bytes:
    """An image of which a good part is new."""
    return old[:100_000] + Random(2).randbytes(400_000) + old[450_000:]


OLD = Random(1).randbytes(LENGTH)
NEW = newer(OLD)
RIGHT = bsdiff4.diff(OLD, NEW)


class Updating(Bench):
    """A car with version 1 installed, and version 2 with a delta in the repository."""

    def __init__(self, delta: bytes = RIGHT) -> None:
        super().__init__()
        self.delta = delta
        self.memory = self.files = MemoryPackageFiles()
        self.release: Release

    async def install_the_first(self) -> None:
        first = self._add("1.0", OLD, 1)
        await self.get_online()
        await self._order("1.0", 1)
        await leave(self)
        assert self.memory._active == {FUNCTION: first.sha256}
        self.release = self._add("2.0", NEW, 2, {first.sha256: self.delta})
        self.agent.feed(on.IgnitionTurnedOn())

    def _add(self, version: str, content: bytes, counter: int, deltas: dict[str, bytes] | None = None) -> Release:
        image = self.depot.repositories.image
        hardware = [self.depot.units.find("WP0ZZZY1ZSA000001").hardware_id]
        now = self.clock.now()
        return image.add(FUNCTION, version, content, now, release_counter=counter, hardware_ids=hardware, deltas=deltas)

    async def _order(self, version: str, number: int) -> None:
        self.listed = {f"order-{number}.1": Wanted(FUNCTION, version, OPEN_ENDED, "ordered")}
        await self.look()

    async def update(self) -> None:
        await self._order("2.0", 2)

    @property
    def second(self) -> PackageState:
        return self.agent.vehicle.state.jobs["order-2.1"].state

    def metered(self) -> int:
        return sum(use.bytes for use in self.agent.vehicle.state.usage if use.purpose is Purpose.PACKAGE)

    def reported(self) -> list[PackageReported]:
        return [body for body in self.bodies() if isinstance(body, PackageReported) and body.offer_id == "order-2.1"]

    async def ends_well(self) -> None:
        """The new version is installed, and is byte for byte what it must be."""
        await leave(self)
        assert self.second is PackageState.ACTIVE
        assert self.memory._active == {FUNCTION: self.release.sha256}
        assert self.memory._versions == {self.release.sha256: NEW}
        assert self.memory._parts == {}


@pytest.mark.requirement("FOD-02", "FOD-04")
@virtual
async def test_update_by_a_delta_fetches_less_and_installs_the_same() -> None:
    bench = Updating()
    await bench.install_the_first()
    assert bench.metered() == LENGTH
    await bench.update()
    assert bench.second is PackageState.WAITING
    assert bench.metered() == LENGTH + len(RIGHT)
    assert len(RIGHT) < LENGTH / 2
    report = bench.reported()[-1]
    assert (report.delta, report.received, report.length) == (True, len(RIGHT), len(RIGHT))
    await bench.ends_well()


@virtual
async def test_delta_goes_on_where_it_was_after_breaks_and_power_cuts() -> None:
    bench = Updating()
    await bench.install_the_first()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off, Scripted.a_little, Scripted.hang])
    await bench.crash()
    bench.boot()
    await bench.get_online()
    await bench.update()
    await bench.pass_time(10)
    await bench.crash()
    bench.boot()
    await bench.get_online()
    assert fetcher.offsets[:3] == [0, 300_000, 302_500]
    assert all(offset > 302_500 for offset in fetcher.offsets[3:])
    assert bench.reported()[-1].delta
    await bench.ends_well()


def spoilt(content: bytes) -> bytes:
    return content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]


async def server_error(content: bytes, offset: int) -> AsyncGenerator[bytes]:
    yield content[offset : offset + 1000]
    raise PeerError("url-unusable", "no such server")


FAILURES: dict[str, Behaviour] = {
    "package-gone": Scripted.gone,
    "package-hash": Scripted.other_bytes,
    "url-unusable": server_error,
}


@pytest.mark.requirement("FOD-02", "FOD-04")
@pytest.mark.parametrize("code", FAILURES)
def test_delta_that_cannot_be_had_gives_way_to_the_package(code: str) -> None:
    @virtual
    async def test() -> None:
        bench = Updating()
        await bench.install_the_first()
        before = bench.metered()
        await bench.crash()
        bench.fetcher = fetcher = Scripted(bench.depot, [FAILURES[code]])
        bench.boot()
        await bench.get_online()
        await bench.update()
        assert len(bench.notes(code)) == 1
        assert fetcher.offsets == [0, 0]
        assert bench.second is PackageState.WAITING
        assert bench.metered() - before > len(NEW)
        report = bench.reported()[-1]
        assert (report.delta, report.received, report.length, report.code) == (False, len(NEW), len(NEW), None)
        await bench.ends_well()

    test()


WRONG: dict[str, tuple[str, Callable[[], bytes]]] = {
    "garbage": ("delta-unusable", lambda: b"no delta at all"),
    "too long": ("delta-unusable", lambda: bsdiff4.diff(OLD, NEW + b"x")),
    "another image": ("package-hash", lambda: bsdiff4.diff(OLD, NEW[:-1] + b"x")),
    "cut off": ("delta-unusable", lambda: RIGHT[:-50]),
}


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize("name", WRONG)
def test_signed_delta_that_makes_something_else_gives_way_to_the_package(name: str) -> None:
    @virtual
    async def test() -> None:
        code, delta = WRONG[name]
        bench = Updating(delta())
        await bench.install_the_first()
        await bench.update()
        assert len(bench.notes(code)) == 1
        assert bench.second is PackageState.WAITING
        await bench.ends_well()

    test()


@virtual
async def test_delta_whose_base_is_gone_gives_way_to_the_package() -> None:
    class Forgetful(MemoryPackageFiles):
        async def patch(self, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
            self._versions.pop(delta.base_sha256)
            await super().patch(offer_id, delta, length, sha256)

    bench = Updating()
    bench.memory = bench.files = Forgetful()
    await bench.install_the_first()
    await bench.update()
    assert len(bench.notes("delta-base-missing")) == 1
    await bench.ends_well()


@virtual
async def test_what_was_patched_before_a_power_cut_is_not_fetched_again() -> None:
    class CutOff(MemoryPackageFiles):
        cuts = 1

        async def patch(self, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
            await super().patch(offer_id, delta, length, sha256)
            if self.cuts:
                self.cuts -= 1
                raise TransportError("disk-unwritable", "the power went")

    bench = Updating()
    bench.memory = bench.files = CutOff()
    await bench.install_the_first()
    await bench.update()
    await bench.pass_time(10)
    assert bench.metered() == LENGTH + len(RIGHT)
    await bench.ends_well()


@virtual
async def test_car_without_the_version_before_fetches_the_package() -> None:
    bench = Updating()
    bench.release = bench._add("2.0", NEW, 2, {"a" * 64: RIGHT})
    await bench.get_online()
    await bench.update()
    assert bench.metered() == len(NEW)
    await bench.ends_well()


@virtual
async def test_delta_that_is_no_shorter_is_left_alone() -> None:
    bench = Updating(RIGHT + bytes(LENGTH))
    await bench.install_the_first()
    await bench.update()
    assert bench.metered() == LENGTH + len(NEW)
    assert not any(report.delta for report in bench.reported())
    await bench.ends_well()


@virtual
async def test_planted_corruption_of_the_delta_on_the_server_costs_only_bytes() -> None:
    bench = Updating()
    await bench.install_the_first()
    (delta,) = bench.release.custom.deltas
    store, name = bench.depot.repositories.store, image_url("images", delta.path, delta.sha256)
    store.write(name, spoilt(store.read(name) or b""))
    await bench.update()
    assert len(bench.notes("package-hash")) == 1
    assert bench.metered() == LENGTH + len(RIGHT) + len(NEW)
    await bench.ends_well()
