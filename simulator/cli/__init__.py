"""The command `pcm-sim`.

Exit status: 0 all held; 1 an expectation failed, a step could not be done, or the car, the backend or a repository
refused what it was asked for; 2 wrong use, and nothing was done; 3 something outside failed; 130 interrupted;
141 nobody reads the output any more; 143 terminated. The three last are those of a shell for SIGINT, SIGPIPE, SIGTERM.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from enum import IntEnum
from io import TextIOWrapper
from pathlib import Path

import typer

from firmware_profiles import ProfileError, VinError
from pcm_agent.errors import LocalError, PeerError, TransportError
from simulator.broker.address import BrokerError
from simulator.cli import (
    attacks,
    cars,
    doing,
    errors,
    exploring,
    looking,
    packages,
    processes,
    running,
    scenarios,
    traces,
)
from simulator.cli.calling import as_called
from simulator.cli.refusing import RefusedAtWorkError

__all__ = ["app", "main"]


class Exit(IntEnum):
    """What the exit status means."""

    HELD = 0
    FAILED = 1
    MISUSED = 2
    OUTSIDE = 3
    INTERRUPTED = 130
    CUT_OFF = 141
    TERMINATED = 143


app = typer.Typer(
    name="pcm-sim",
    help="The vehicle side of a connected car, simulated: head units, a backend, and the MQTT between them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(running.run)
app.command("scenarios")(scenarios.scenarios)
app.command("profiles")(cars.profiles)
app.command("profile")(cars.profile)
app.command("diagram")(looking.diagram)
app.command("schema")(looking.schema)
app.command("errors")(errors.errors)
app.command("attack")(attacks.attack)
app.command("explore")(exploring.explore)
app.add_typer(packages.app, name="packages")
app.command("broker")(processes.broker)
app.command("backend")(processes.backend)
app.command("agent")(processes.agent)
app.command("do")(doing.do)
app.command("record")(processes.record)
app.command("trace")(traces.trace)
app.command("replay")(traces.replay)


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and end.", callback=looking.version),
) -> None:
    """Take what stands before the command."""


def main() -> None:
    """Run the command line, and say in one line what went wrong."""
    terminated = _terminated_like_interrupted()
    try:
        status: str | int | None = _guarded()
    except SystemExit as ended:
        status = ended.code
    sys.exit(Exit.TERMINATED if terminated else status)


def _guarded() -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="pcm-sim")
    except (LocalError, ProfileError, VinError) as error:
        return _said(error, Exit.FAILED if isinstance(error, RefusedAtWorkError) else Exit.MISUSED)
    except BrokerError as error:
        return _said(error, Exit.MISUSED if error.code == "broker-url-invalid" else Exit.OUTSIDE)
    except (TransportError, PeerError) as error:
        return _said(error, Exit.OUTSIDE)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        return _cut_off()
    return Exit.HELD


def _terminated_like_interrupted() -> list[int]:
    """Have SIGTERM, which CI services send, end a command as Ctrl-C does: in order. The list holds it once it came."""
    came: list[int] = []

    def terminate(number: int, _: object) -> None:
        came.append(number)
        signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, terminate)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for what it starts in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
    return came


def _cut_off() -> int:
    """Whoever read the output has enough of it, as `head` has: no more is said, neither now nor while Python ends."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, suppress(OSError):
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return Exit.CUT_OFF


def _said(error: Exception, status: Exit) -> int:
    typer.secho(as_called(f"pcm-sim: {error}"), fg=typer.colors.RED, err=True)
    return status
