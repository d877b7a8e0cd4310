"""`pcm-sim do`: a hand on a car, or on the backend, that runs as a process of its own."""

import asyncio
import os
from io import StringIO
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from firmware_profiles import check_vin
from pcm_agent.errors import LocalError
from simulator.broker import BrokerAddress
from simulator.cli.functions import note_unknown
from simulator.cli.processes import DEFAULT_URL, BrokerUrl, Vin
from simulator.cli.refusing import RefusedAtWorkError
from simulator.scenario.functions import OF_ORDERS, unknown_in
from simulator.scenario.model import Do, given
from simulator.scenario.typed import explained

if TYPE_CHECKING:
    from pcm_agent.transport import Broker
    from simulator.rig import Answer


def do(
    action: Annotated[str, typer.Argument(help="One `do` of a scenario, such as 'ignition: \"on\"'.")],
    vin: Vin,
    broker: BrokerUrl = DEFAULT_URL,
) -> None:
    """Have something done to a running car or at the running backend, and print what came of it at once.

    Exit status 1: the car or the backend refused it. What comes later, such as the answer to a login, the agent shows.
    All actions with their values stand in docs/scenarios.md. `wait` moves the car's clock only, not the backend's.
    """
    from simulator.broker.client import client_at
    from simulator.scenario.actions import describe

    check_vin(vin)
    wanted, address = _parsed(action), BrokerAddress.parse(broker)
    _warn(wanted)
    answer = asyncio.run(_asked(client_at(address, f"do-{os.getpid()}"), vin, wanted))
    if "refused" in answer.result:
        typer.echo(f"refused by the car: {answer.result['refused']}")
        raise typer.Exit(1)
    more = "".join(f"; {key.replace('_', ' ')}: {value}" for key, value in answer.result.items())
    typer.echo(f"done: {describe(wanted)}{more}")


async def _asked(broker: "Broker", vin: str, do: Do) -> "Answer":
    """What came of it; a pairing code that My Porsche shows is asked for first.

    Raises:
        RefusedAtWorkError: it was not done.
        LocalError: it can't be done at all.
    """
    from simulator.rig import ask
    from simulator.scenario.actions import shown_code_in, with_code

    ((name, value),) = given(do).items()
    shown = shown_code_in(name, value)
    if shown is not None:
        answer = _done(await ask(broker, vin, Do(pairing_code=shown), "backend"))
        do = with_code(do, answer.result["pairing_code"])
    return _done(await ask(broker, vin, do))


def _done(answer: "Answer") -> "Answer":
    if answer.done:
        return answer
    misused = answer.code == "action-invalid"
    raise (LocalError if misused else RefusedAtWorkError)(answer.code or "refused", answer.text)


def _warn(do: Do) -> None:
    """Say of a function that the catalogue does not have it: what was ordered before is not known here."""
    ((name, value),) = given(do).items()
    if name in OF_ORDERS:
        note_unknown(str(value))


def _check_names(do: Do) -> None:
    """Let no name pass that could only be mistyped.

    Raises:
        LocalError: `action-invalid`: there is no such function, update or service.
    """
    if not any(name in OF_ORDERS for name in given(do)):
        for fault in unknown_in(do, ()):
            raise LocalError("action-invalid", ": ".join(fault))


def _parsed(text: str) -> Do:
    """The action in a text; an error names the place and what is expected there, but not the text: it holds secrets."""
    try:
        do = msgspec.convert(_with_capitals(YAML(typ="safe", pure=True).load(StringIO(text))), Do)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise LocalError("action-invalid", f"{place}this is no YAML; put the whole action into quotes") from None
    except msgspec.ValidationError as error:
        raise LocalError("action-invalid", ": ".join(filter(None, explained(error, Do)))) from None
    if len(given(do)) != 1:
        raise LocalError("action-invalid", "exactly one thing can be done at a time")
    _check_names(do)
    return do


def _with_capitals(plain: object) -> object:
    """The action with its country in capitals, however it was typed."""
    if not isinstance(plain, dict):
        return plain
    return {
        name: value.upper() if name == "country" and isinstance(value, str) else _with_capitals(value)
        for name, value in plain.items()
    }
