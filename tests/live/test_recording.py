import signal
from pathlib import Path

import pytest

from simulator.traces.reading import read
from simulator.traces.replay import Replay, replay
from simulator.traces.skeleton import skeleton
from tests.live.helpers import Ear, Programs
from tests.waiting import eventually

VIN = "WP0ZZZY1ZPSA00001"
PASSWORD = "sunflower-4711"


def replayed(path: Path) -> Replay:
    result = replay(read(path))
    assert result.difference is None
    assert not result.left_out
    return result


@pytest.mark.live
async def test_a_live_session_is_recorded_and_replayed(programs: Programs, tmp_path: Path) -> None:
    recorded, own = tmp_path / "recorded.jsonl", tmp_path / "own.jsonl"
    _, url = await programs.broker("mosquitto")
    await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await ear.ask(f"register: {{porsche_id: max@example.com, password: {PASSWORD}}}")
        agent = await programs.agent(VIN, url, "--trace", str(own))
        await ear.until(lambda: ear.online)
        recorder = await programs.start("record", str(recorded), "--broker", url)
        await eventually(lambda: recorded.exists() and '"kind":"car"' in recorded.read_text("utf-8"))
        await ear.ask('ignition: "on"')
        await ear.ask(f"log_in: {{porsche_id: max@example.com, password: {PASSWORD}}}")
        await eventually(lambda: '"target":"linked"' in recorded.read_text("utf-8"))
        agent.kill()
        await agent.ended
        again = await programs.agent(VIN, url)
        await eventually(lambda: recorded.read_text("utf-8").count('"kind":"car"') == 2)
        await ear.ask("lock: unlocked")
        await eventually(lambda: "CarUnlocked" in recorded.read_text("utf-8"))
        assert await recorder.terminate() == 0
        assert await again.terminate() == 0
    for path in (recorded, own):
        assert PASSWORD not in path.read_text("utf-8")
        assert replayed(path).events >= 4
    assert '"kind":"backend","name":"link-confirmed"' in recorded.read_text("utf-8")
    assert "log_in: {porsche_id: max@example.com, password: placeholder}" in skeleton(read(recorded))
    assert "the driver logs in as max@example.com" in recorder.said


@pytest.mark.live
async def test_a_recorder_that_is_killed_leaves_what_it_had(programs: Programs, tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.jsonl"
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        await programs.agent(VIN, url)
        await ear.until(lambda: ear.online)
        recorder = await programs.start("record", str(recorded), "--broker", url)
        await eventually(lambda: recorded.exists() and '"kind":"car"' in recorded.read_text("utf-8"))
        await ear.ask("lock: unlocked")
        await eventually(lambda: "CarUnlocked" in recorded.read_text("utf-8"))
        recorder.kill()
        assert await recorder.ended == -signal.SIGKILL
    assert replayed(recorded).events == 1


async def test_nobody_to_record_from_is_status_3(programs: Programs, tmp_path: Path, nobody: str) -> None:
    status, said = await programs.run("record", str(tmp_path / "trace.jsonl"), "--broker", nobody)
    assert (status, "broker-unreachable" in said) == (3, True)
    (tmp_path / "file").touch()
    status, said = await programs.run("record", str(tmp_path / "file" / "trace.jsonl"), "--broker", nobody)
    assert (status, "trace-unwritable" in said) == (3, True)
