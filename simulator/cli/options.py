"""What several commands take: which car, which country, which language."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from firmware_profiles import assumptions
from pcm_agent.errors import LocalError
from pcm_agent.texts import LANGUAGES
from simulator.choice import CarChoice


class Form(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


Live = Annotated[bool, typer.Option("--live", help="With sockets, files and a broker.")]
Virtual = Annotated[bool, typer.Option("--virtual", help="In virtual time, without any of these.")]
Line = Annotated[str | None, typer.Option("--line", help="Model line, with --model-year in place of a profile.")]
ModelYear = Annotated[int | None, typer.Option("--model-year", help="Model year, with --line in place of a profile.")]
Assume = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="POINT=READING",
        help="Take this side where the sources disagree: see `profiles`.",
    ),
]


def _capitals(code: str | None) -> str | None:
    return code.upper() if code else code


CountryCode = Annotated[
    str, typer.Option("--country", help="Where it was sold (ISO 3166-1 alpha-2).", callback=_capitals)
]
OtherCountry = Annotated[
    str | None,
    typer.Option("--country", help="Sell the car in this country in place of the scenario's.", callback=_capitals),
]


def car_choice(profile: str | None, line: str | None, model_year: int | None, assume: list[str] | None) -> CarChoice:
    """Which car the options name, if any.

    Raises:
        ProfileError: no such assumption.
    """
    return CarChoice(profile, line, model_year, assumptions(assume or ()))


def check_language(language: str) -> None:
    """Let a language pass that the PCM speaks.

    Raises:
        LocalError: `language-unknown`.
    """
    if language not in LANGUAGES:
        raise LocalError("language-unknown", f"{language!r} is none of {', '.join(LANGUAGES)}")


def is_live(*, live: bool, virtual: bool, default: bool) -> bool:
    """Whether sockets are wanted.

    Raises:
        LocalError: `options-exclude`.
    """
    if live and virtual:
        raise LocalError("options-exclude", "--live and --virtual exclude each other; say one of them")
    return live or (default and not virtual)


def check_places(**files: Path | None) -> None:
    """Let no two files be written to one place; a device or a pipe may take several.

    Raises:
        LocalError: `options-exclude`.
    """
    taken: dict[Path, str] = {}
    for option, file in files.items():
        if file is None or (file.exists() and not file.is_file()):
            continue
        other = taken.setdefault(file.resolve(), option)
        if other != option:
            raise LocalError("options-exclude", f"--{other} and --{option} both name {file}; name two files")
