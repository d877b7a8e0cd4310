"""How scenarios are to be run, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pcm_agent import __version__
from simulator.choice import CarChoice
from simulator.scenario.loader import SUFFIX, LoadedScenario, shipped_scenarios
from simulator.scenario.verdict import Verdict
from simulator.trace import FORMAT, Record


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        live: with sockets, files and a broker; else in virtual time.
        seed: for everything that is drawn.
        speed: seconds of the simulation in a real one, infinity waits for nothing; live only.
        broker: as `simulator.broker.start_broker` takes it, live only.
        car: in place of the scenario's, if it names one; what it assumes holds in any case.
        country: in place of the scenario's.
        trace: file for the records, as they come.
        takes_no: what can't be done is taken note of, and fails no step.
        absent: cells that cannot exist, with the reason; they are told in the trace.
        jobs: how many processes run scenarios side by side; virtual time only. The trace is the same with any number.
    """

    live: bool = True
    seed: int = 1
    speed: float = 1.0
    broker: str = "auto"
    car: CarChoice = field(default_factory=CarChoice)
    country: str | None = None
    trace: Path | None = None
    takes_no: bool = False
    absent: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 1


@dataclass
class Outcome:
    """What a run gave: a verdict a scenario, as far as it got, and all records."""

    verdicts: list[Verdict]
    records: list[Record]

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return all(verdict.passed for verdict in self.verdicts)


def again(scenarios: Sequence[LoadedScenario], options: Options) -> tuple[str, ...]:
    """The arguments of `pcm-sim` that give the same cars the same scenarios again, and no password of a broker."""
    names = [_name(loaded) for loaded in scenarios]
    car = options.car
    arguments = ["run", *names, "--live" if options.live else "--virtual", "--seed", str(options.seed)]
    for option, value in (
        ("--profile", car.profile),
        ("--line", car.line),
        ("--model-year", car.model_year),
        *(("--assume", f"{point}={reading}") for point, reading in car.assume.items()),
        ("--country", options.country),
        ("--speed", None if options.speed == 1 else f"{options.speed:g}"),
        ("--broker", None if options.broker == "auto" or "@" in options.broker else options.broker),
    ):
        arguments += [option, str(value)] if value is not None else []
    return tuple(arguments)


def _name(loaded: LoadedScenario) -> str:
    """What a cell is run by: a shipped scenario by its name, another one by its file."""
    short = loaded.file.removesuffix(SUFFIX)
    return f"{short}{loaded.name.removeprefix(loaded.file)}" if short in shipped_scenarios() else loaded.name


def header(names: list[str], options: Options) -> dict[str, object]:
    """The first record of a trace: what is run, and how."""
    return {
        "format": FORMAT,
        "version": __version__,
        "seed": options.seed,
        "mode": "live" if options.live else "virtual",
        "scenarios": names,
        **({"assume": dict(options.car.assume)} if options.car.assume else {}),
        **({"not_applicable": dict(options.absent)} if options.absent else {}),
    }
