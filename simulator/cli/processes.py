"""`pcm-sim broker`, `backend`, `agent`, `record`: the parts of the simulation as processes of their own."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from firmware_profiles import check_vin
from pcm_agent.errors import LocalError
from pcm_agent.texts import render
from simulator.broker import BrokerAddress, start_broker
from simulator.choice import equipment_of, market_of
from simulator.cli.calling import as_called
from simulator.cli.options import Assume, CountryCode, Line, ModelYear, car_choice, check_language
from simulator.timeline import LEGEND_OF_AGENT, LEGEND_OF_BACKEND, CarLabel, Timeline
from simulator.trace import Trace

DEFAULT_URL = "mqtt://127.0.0.1:1883"
FASTEST = 86_400
"""A day in a second: an agent's clock follows real time, and would soon be at the end of the calendar."""
BrokerUrl = Annotated[str, typer.Option("--broker", help="URL of the broker.")]
Vin = Annotated[str, typer.Option(help="Vehicle identification number.")]
Trust = Annotated[Path | None, typer.Option(help="File with the repositories that cars trust; the backend writes it.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show messages on the wire too.")]


def state_folder() -> Path:
    """Where processes on a desk keep what must last (XDG base directories)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "pcm-sim"


def trust_file() -> Path:
    """What cars on a desk trust; beside it, in `cars`, which unit is in which car."""
    return state_folder() / "trust" / "trust.json"


def broker(
    *,
    port: Annotated[int, typer.Option(help="TCP port; 0 chooses a free one.", min=0, max=65535)] = 1883,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    kind: Annotated[str, typer.Option(help="auto, mosquitto or amqtt.")] = "auto",
) -> None:
    """Run a broker until interrupted."""
    if kind not in ("auto", "mosquitto", "amqtt"):
        raise LocalError("broker-kind-unknown", f"{kind!r} is none of auto, mosquitto, amqtt")

    async def serve() -> None:
        async with start_broker(kind, port=port, host=host, log=typer.echo) as running:
            typer.echo(f"ready: {running.address}")
            await asyncio.Event().wait()

    _until_stopped(serve())


def backend(
    *,
    broker: BrokerUrl = DEFAULT_URL,
    data: Annotated[Path | None, typer.Option(help="Folder for database and repositories.")] = None,
    trust: Trust = None,
    host: Annotated[str, typer.Option(help="Address to serve the repositories on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port to serve them on; 0 chooses a free one.", min=0, max=65535)] = 0,
    verbose: Verbose = False,
) -> None:
    """Run the backend until interrupted."""
    from simulator.processes.backend import BackendOptions, run_backend

    folder = data or state_folder() / "backend"
    options = BackendOptions(_url(broker), folder, trust or trust_file(), host, port)
    typer.secho(as_called(LEGEND_OF_BACKEND), dim=True)
    _until_stopped(
        run_backend(
            options, _print_to(Console(highlight=False), {}, verbose=verbose), lambda text: typer.echo(as_called(text))
        )
    )


def agent(
    *,
    vin: Vin,
    profile: Annotated[str | None, typer.Option(help="What car it is: see `pcm-sim profiles`.")] = None,
    line: Line = None,
    model_year: ModelYear = None,
    assume: Assume = None,
    country: CountryCode = "DE",
    equipment: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What was ordered with it: see `pcm-sim profile`.")
    ] = None,
    language: Annotated[str, typer.Option(help="What the driver reads: ja, en or de.")] = "en",
    broker: BrokerUrl = DEFAULT_URL,
    data: Annotated[Path | None, typer.Option(help="Folder for journal and packages.")] = None,
    trust: Trust = None,
    speed: Annotated[float, typer.Option(help="Seconds of its clock in a real one.", min=0.01, max=FASTEST)] = 1.0,
    trace: Annotated[Path | None, typer.Option(help="Write all that happens to this file (JSONL).")] = None,
    verbose: Verbose = False,
) -> None:
    """Run one car's head unit, with a simulated world around it, until interrupted."""
    from simulator.processes.agent import AgentOptions, run_agent

    check_language(language)
    car, market = car_choice(profile, line, model_year, assume).resolve(), market_of(country)
    check_vin(vin, market)
    ordered = equipment_of(car, equipment or ())
    folder = data or state_folder() / "cars" / vin
    key = trust or trust_file()
    options = AgentOptions(vin, car, market, _url(broker), folder, key, speed, ordered, language, trace)
    label = CarLabel(f"{car.car.line} · {market.name.en}", language)
    typer.secho(LEGEND_OF_AGENT, dim=True)
    _until_stopped(run_agent(options, _print_to(Console(highlight=False), {vin: label}, verbose=verbose)))


def record(
    file: Annotated[Path, typer.Argument(help="Where to write the trace (JSONL); what stood there is replaced.")],
    *,
    broker: BrokerUrl = DEFAULT_URL,
    verbose: Verbose = False,
) -> None:
    """Write what the agents and backends on a broker do as a trace, until interrupted; `replay` plays it again.

    It may begin and end at any time: of each car its state is written first. Secrets are masked.
    """
    from simulator.broker.client import client_at
    from simulator.clock import SimClock
    from simulator.traces.recording import Recorder
    from simulator.traces.showing import labelling
    from simulator.traces.writing import opened

    client = client_at(BrokerAddress.parse(broker), f"record-{os.getpid()}")
    cars: dict[str, CarLabel] = {}

    async def work() -> None:
        with opened(file, by_line=True) as written:
            trace = Trace(SimClock(datetime.now(UTC)), written, keep=False)
            trace.listen(partial(labelling, cars))
            _print_to(Console(highlight=False), cars, verbose=verbose)(trace)
            await Recorder(client, f"record-{os.getpid()}", trace, typer.echo).run()

    _until_stopped(work())


def _url(text: str) -> str:
    BrokerAddress.parse(text)
    return text


def _print_to(console: Console, cars: dict[str, CarLabel], *, verbose: bool) -> Callable[[Trace], None]:
    """Have a process's trace printed as a timeline."""

    def watch(trace: Trace) -> None:
        trace.listen(Timeline(console, cars, render=render, verbose=verbose))

    return watch


def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until done, interrupted or terminated; the two last ones end it in order, with a farewell."""

    async def guarded() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(guarded())
