"""Broker, backend and agent as three processes, driven as a person at a desk drives them."""

import socket
from functools import partial
from pathlib import Path

import pytest

from pcm_agent.protocol.messages import PackageState
from tests.live.helpers import Ear, Home, Program, Programs
from tests.waiting import eventually

VIN = "WP0ZZZY1ZSA000001"
FUNCTION = "intelligent-range-manager"
REGISTER = "register: {porsche_id: hanako@example.com, password: sakura-2026}"


def _said_of_the_broker(program: Program) -> bool:
    return "broker-unreachable" in program.said


def _twice(program: Program, word: str) -> bool:
    return program.said.count(word) == 2


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.requirement("FOD-04", "FOD-06", "FOD-09")
@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
async def test_three_processes_take_an_order_to_its_bill(programs: Programs, tmp_path: Path, kind: str) -> None:
    broker, url = await programs.broker(kind)
    backend = await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await ear.ask(REGISTER)
        agent = await programs.agent(VIN, url, "--speed", "4")
        await ear.until(lambda: ear.online and ear.state is not None)

        await ear.ask('ignition: "on"')
        await ear.ask("log_in: {porsche_id: hanako@example.com, password: sakura-2026}")
        await ear.until(lambda: ear.state is not None and ear.state.account == "linked")
        status, said = await programs.run(
            "do", "--vin", VIN, "--broker", url, f"order: {{function: {FUNCTION}, size: 200 kB, price: 249.00 EUR}}"
        )
        assert (status, said) == (0, f"done: order: {FUNCTION}, 200 kB\n")
        await ear.until(lambda: ear.package is not None and ear.package.state is PackageState.WAITING)
        assert Home(tmp_path).ledger(VIN).bills == 0
        for fact in ('ignition: "off"', "seats: vacant", "lock: locked"):
            await ear.ask(fact)
        await ear.until(lambda: ear.package is not None and ear.package.blocked_by == ())
        assert ear.package is not None
        assert ear.package.state is PackageState.WAITING
        await ear.ask("wait: 10 min")
        await ear.until(lambda: ear.package is not None and ear.package.state is PackageState.ACTIVE)
        await eventually(lambda: Home(tmp_path).ledger(VIN).bills)

        assert await agent.terminate() == 0
        await ear.until(lambda: not ear.online)
        assert len(ear.activations) == 1
    assert await backend.terminate() == 0
    assert await broker.terminate() == 0
    ledger = Home(tmp_path).ledger(VIN)
    assert (ledger.orders, ledger.bills, ledger.commands) == (["active"], 1, 0)
    assert list((Home(tmp_path).packages(VIN) / "parts").iterdir()) == []
    secrets = ("sakura-2026",)
    assert not any(secret in program.said for program in programs.started for secret in secrets)


@pytest.mark.live
async def test_car_that_is_registered_while_it_is_online_can_be_linked(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await programs.agent(VIN, url)
        await ear.until(lambda: ear.online and ear.state is not None)
        await ear.ask(REGISTER)
        await ear.ask("log_in: {porsche_id: hanako@example.com, password: sakura-2026}")
        await ear.until(lambda: ear.state is not None and ear.state.account == "linked", limit=5)


@pytest.mark.live
async def test_agent_goes_on_where_it_was_after_it_was_ended_in_order(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        first = await programs.agent(VIN, url, "--speed", "4")
        await ear.until(lambda: ear.online)
        await ear.ask("battery: 42")
        await ear.until(lambda: ear.state is not None and ear.state.battery_percent == 42)
        assert await first.terminate() == 0
        await ear.until(lambda: not ear.online)
        ear.forget()
        await programs.agent(VIN, url, "--speed", "4")
        await ear.until(lambda: ear.online and ear.state is not None)
        assert ear.state is not None
        assert ear.state.battery_percent == 42
        assert len(ear.sessions) == 2


@pytest.mark.live
async def test_agent_and_backend_wait_for_a_broker_that_is_not_there_yet(programs: Programs, nobody: str) -> None:
    port = nobody.rpartition(":")[2]
    agent = await programs.agent(VIN, nobody, "--speed", "4")
    backend = await programs.start("backend", "--broker", nobody)
    for program in (agent, backend):  # its session and the rig's wire, once each
        await eventually(partial(_twice, program, "broker-unreachable"))
    await programs.start("broker", "--port", port, "--kind", "mosquitto")
    await eventually(lambda: "broker-back" in agent.said)
    async with Ear(nobody, VIN).open() as ear:
        await ear.until(lambda: ear.online)
        await ear.ask(REGISTER)
    assert agent.said.count("broker-unreachable") == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("agent", "--vin", VIN, "--profile", "taycan", "--broker", "amqp://bench"), "broker-url-invalid"),
        (("backend", "--broker", "bench:1883"), "broker-url-invalid"),
        (("do", "--vin", VIN, "--broker", "mqtt://:1883", 'ignition: "on"'), "broker-url-invalid"),
        (("broker", "--kind", "rabbit"), "broker-kind-unknown"),
        (("agent", "--vin", "WP0", "--profile", "taycan"), "vin-invalid"),
        (("agent", "--vin", VIN, "--profile", "taycan", "--country", "XX"), "country-unknown"),
        (("agent", "--vin", VIN, "--profile", "boxster-1996"), "profile"),
        (("agent", "--vin", VIN, "--profile", "taycan", "--language", "tlh"), "language-unknown"),
        (("do", "--vin", VIN, "ignition: sideways"), "action-invalid"),
        (("do", "--vin", VIN, "{"), "action-invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
async def test_wrong_use_is_status_2_and_one_line(programs: Programs, arguments: tuple[str, ...], code: str) -> None:
    status, said = await programs.run(*arguments)
    assert status == 2
    assert code in said
    assert "Traceback" not in said


async def test_nobody_there_is_status_3(programs: Programs, nobody: str) -> None:
    status, said = await programs.run("do", "--vin", VIN, "--broker", nobody, 'ignition: "on"')
    assert status == 3
    assert "broker-unreachable" in said
    status, said = await programs.run("run", "cayenne-roaming", "--broker", nobody)
    assert status == 3
    assert "broker-unreachable" in said


@pytest.mark.live
async def test_refused_action_is_told_to_whoever_asked(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    backend = await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await ear.ask(REGISTER)
        answer = await ear.ask("cancel_order: power-steering-plus")
        assert (answer.done, answer.code) == (False, "order-unknown")
    status, said = await programs.run("do", "--vin", VIN, "--broker", url, "cancel_order: power-stering-plus")
    assert status == 1
    assert "order-unknown" in said
    assert "did you mean 'power-steering-plus'?" in said
    assert backend.running


async def test_port_or_folder_that_cannot_be_used_is_status_3(programs: Programs, tmp_path: Path, nobody: str) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "below")
    status, said = await programs.run(
        "agent", "--vin", VIN, "--profile", "taycan", "--broker", nobody, "--data", folder
    )
    assert (status, "journal-unwritable" in said) == (3, True)
    status, said = await programs.run("backend", "--broker", nobody, "--data", folder)
    assert (status, "disk-unwritable" in said) == (3, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, said = await programs.run("backend", "--broker", nobody, "--port", port)
        assert (status, "http-port-unusable" in said) == (3, True)
        status, said = await programs.run("broker", "--kind", "mosquitto", "--port", port)
        assert (status, "broker-port-unusable" in said) == (3, True)
    assert "Traceback" not in said


@pytest.mark.live
async def test_second_backend_on_the_same_folder_is_refused(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await ear.ask(REGISTER)
    status, said = await programs.run("backend", "--broker", url)
    assert (status, "folder-in-use" in said) == (3, True)


@pytest.mark.live
async def test_what_the_car_refuses_is_status_1(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        await programs.agent(VIN, url)
        await ear.until(lambda: ear.online)
        status, said = await programs.run("do", "--vin", VIN, "--broker", url, 'roaming: "on"')
        assert (status, said) == (1, "refused by the car: no-such-setting\n")


@pytest.mark.live
async def test_a_way_through_the_menus_can_be_tapped_from_outside(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        await programs.agent(VIN, url)
        await ear.until(lambda: ear.online)
        assert (await ear.ask("menu: [設定, アカウント, アカウントの設定]")).done
        wrong = "menu: [Settings, Account, Roaming]"
        status, said = await programs.run("do", "--vin", VIN, "--broker", url, wrong)
    assert status == 1
    assert "there is no 'Roaming' under Settings > Account; there is: Account settings" in said


@pytest.mark.live
async def test_time_beyond_the_calendar_ends_nobody(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        agent = await programs.agent(VIN, url)
        await ear.until(lambda: ear.online)
        answers = [await ear.ask("wait: 999999 d") for _ in range(4)]
        assert (answers[-1].done, answers[-1].code) == (False, "time-out-of-range")
        assert agent.running


@pytest.mark.live
async def test_second_agent_on_the_same_folder_is_refused(programs: Programs) -> None:
    _, url = await programs.broker("mosquitto")
    async with Ear(url, VIN).open() as ear:
        first = await programs.agent(VIN, url)
        await ear.until(lambda: ear.online)
        arguments = ("agent", "--vin", VIN, "--broker", url, "--profile")
        status, said = await programs.run(*arguments, "taycan")
        assert (status, "journal-in-use" in said) == (3, True)
        assert await first.terminate() == 0
    status, said = await programs.run(*arguments, "cayenne-gen3")
    assert (status, "folder-of-another-car" in said) == (2, True)


@pytest.mark.live
@pytest.mark.requirement("FOD-02")
async def test_backend_that_comes_back_elsewhere_says_where_its_packages_are(
    programs: Programs, tmp_path: Path
) -> None:
    _, url = await programs.broker("mosquitto")
    backend = await programs.start("backend", "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await ear.ask(REGISTER)
        await programs.agent(VIN, url, "--speed", "4")
        await ear.until(lambda: ear.online)
        await ear.ask(f"order: {{function: {FUNCTION}, size: 200 kB}}")
        await ear.until(lambda: ear.package is not None and ear.package.state is PackageState.PAUSED)
        assert await backend.terminate() == 0
        await programs.start("backend", "--broker", url)
        await ear.ask('ignition: "on"')
        await ear.until(lambda: ear.package is not None and ear.package.state is PackageState.WAITING)


@pytest.mark.live
@pytest.mark.requirement("IDN-01")
@pytest.mark.parametrize(
    "action", ["pairing_code: from-my-porsche", "menu: {path: [Porsche Connect settings], enter: from-my-porsche}"]
)
async def test_the_code_that_my_porsche_shows_is_typed_from_outside(programs: Programs, action: str) -> None:
    _, url = await programs.broker("mosquitto")
    await programs.start("backend", "--broker", url)
    do = ("do", "--vin", VIN, "--broker", url)
    async with Ear(url, VIN).open() as ear:
        await programs.start("agent", "--vin", VIN, "--profile", "cayenne-gen3", "--country", "DE", "--broker", url)
        await ear.until(lambda: ear.online and ear.state is not None)
        direct = await ear.ask("pairing_code: from-my-porsche")
        assert (direct.done, direct.code) == (False, "action-invalid")
        status, said = await programs.run(*do, action)
        assert (status, "car-unknown" in said) == (1, True)
        await ear.ask(REGISTER)
        status, said = await programs.run(*do, action)
        assert (status, said) == (
            0,
            "done: " + {"p": "pairing code", "m": "menu: Porsche Connect settings"}[action[0]] + "\n",
        )
        await ear.until(lambda: ear.state is not None and ear.state.account == "linked")


async def test_a_backend_with_other_repositories_leaves_alone_whom_cars_trust(
    programs: Programs, tmp_path: Path, nobody: str
) -> None:
    trust = tmp_path / "pcm-sim" / "trust" / "trust.json"
    first = await programs.start("backend", "--broker", nobody)
    await eventually(trust.exists)
    assert await first.terminate() == 0
    assert "◆ what the backend did" in first.said
    before, other = trust.read_bytes(), tmp_path / "other"
    backend = ("backend", "--broker", nobody, "--data", str(other))
    status, said = await programs.run(*backend)
    assert (status, trust.read_bytes()) == (2, before)
    assert "[trust-of-others]" in said
    assert not (other / "repositories").exists()
    own = tmp_path / "own" / "trust.json"
    await programs.start(*backend, "--trust", str(own))
    await eventually(own.exists)
    assert trust.read_bytes() == before


async def test_an_agent_says_that_its_unit_is_another_one(programs: Programs, tmp_path: Path, nobody: str) -> None:
    key = Home(tmp_path).folder / "cars" / VIN / "unit.key"
    said = []
    for _ in range(3):
        agent = await programs.agent(VIN, nobody)
        await eventually(partial(_said_of_the_broker, agent))
        assert await agent.terminate() == 0
        said.append("unit-replaced" in agent.said)
        if len(said) == 2:
            key.unlink()
    assert said == [False, False, True]
