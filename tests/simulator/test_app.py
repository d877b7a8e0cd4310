import pytest

from pcm_agent.core import events as on
from pcm_agent.errors import TransportError
from pcm_agent.texts import LANGUAGES, render
from simulator.clock import SimClock
from simulator.faults.disk import FaultyFiles
from simulator.lab import START
from simulator.virtual import MemoryPackageFiles
from simulator.world import World
from simulator.world.app import App, Phone


@pytest.mark.requirement("IDN-17")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_app_speaks_the_language_of_the_phone(language: str) -> None:
    app = App(Phone())
    before = app.connection()
    app.phone.language = language
    assert app.language == language
    assert app.connection() == render(language, "app-disconnected", {})
    assert (app.connection() == before) is (language == "en")


@pytest.mark.requirement("IDN-18")
def test_the_app_shows_its_connection_to_the_car() -> None:
    heard: list[on.Event] = []
    world = World(SimClock(START))
    world.connect(heard.append)
    world.connect_app("de", online=False)
    assert world.app.connection() == render("de", "app-connected", {})
    world.connect_app()
    assert world.app.language == "de"
    world.disconnect_app()
    assert world.app.connection() == render("de", "app-disconnected", {})
    assert heard == [on.AppConnected(online=False), on.AppConnected(online=True), on.AppDisconnected()]


async def test_a_disk_fails_as_often_as_it_is_told_to() -> None:
    world = World(SimClock(START))
    files = FaultyFiles(MemoryPackageFiles(), world.disk, SimClock(START))
    world.disk.installations = 1
    await files.append("fod-1", b"bytes")
    assert await files.received("fod-1") == 5
    digest = "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
    await files.complete("fod-1", 5, digest)
    with pytest.raises(TransportError) as caught:
        await files.install("f", digest)
    assert caught.value.code == "disk-unwritable"
    await files.install("f", digest)
    await files.verify("f", digest)
    world.functions_to_fail = 1
    assert [await world.comes_up("f") for _ in range(3)] == [False, True, True]
