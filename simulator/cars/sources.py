"""The page `docs/sources.md`: each line of the two documents that is cited, and what rests on it, in our own words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from firmware_profiles import (
    Menu,
    Profile,
    Source,
    load_countries,
    load_disputes,
    load_labels,
    load_profile,
    load_services,
    load_usage,
    profile_names,
)
from simulator.cars.words import facts, paths, read, said, who

CITATION = re.compile(r"\b([AB][0-9]+)\b")
PAGE = "sources.md"
_HEAD = """\
# Sources

Generated from `docs/requirements.yaml` and `firmware_profiles/data/`; do not edit. A test keeps it current.

The simulation follows two question-and-answer documents that the manufacturer published in Japanese, **A** and **B**.
They are not part of this repository. A citation such as [A176](#a176) is the letter of a document and the number of a
line in it. Each line that is cited has an entry here, with the rows of [requirements.yaml](requirements.yaml) and the
facts of [the cars](profiles.md) that rest on it. All words are our own.

*Assumed* stands where a line gives a reason to assume something, but does not say it; *elsewhere* where the documents
disagree, and the line says something else than what is taken.
"""

Told = Mapping[str, Sequence[str]]
"""What rests on each line, by citation."""


def linked(text: str) -> str:
    """The text with a link from each citation to its entry."""
    return CITATION.sub(lambda found: f"[{found[1]}]({PAGE}#{found[1].lower()})", text)


def sources_page(requirements: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The page in Markdown.

    Args:
        requirements: the rows by area, as they stand in `docs/requirements.yaml`.
    """
    told = _told(requirements)
    return "\n".join([_HEAD, *(line for letter in "AB" for line in _document(letter, told))])


def _document(letter: str, told: Told) -> Iterator[str]:
    lines = sorted((line for line in told if line[0] == letter), key=lambda line: int(line[1:]))
    yield f"## Document {letter}\n"
    yield " · ".join(f"[{line[1:]}](#{line.lower()})" for line in lines) + "\n"
    for line in lines:
        yield f"### {line}\n"
        yield from (f"- {item}" for item in dict.fromkeys(told[line]))
        yield ""


def _told(requirements: Mapping[str, Sequence[Mapping[str, Any]]]) -> Told:
    told: dict[str, list[str]] = defaultdict(list)
    for text, item in (*_rows(requirements), *_cars(), *_disputes(), *_tables()):
        for line in CITATION.findall(text):
            told[line].append(item)
    return told


Item = tuple[str, str]
"""A text with citations, and what rests on them."""


def _rows(requirements: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Item]:
    for rows in requirements.values():
        for row in rows:
            yield ", ".join(row["seed"]), f"**{row['id']}** {row['text']}"


def _cars() -> Iterator[Item]:
    """What is so of which cars, and where their settings are; each once, with the cars that share it."""
    cars = [load_profile(name) for name in profile_names()]
    shared: dict[tuple[str, str], list[Profile]] = defaultdict(list)
    for car in cars:
        for source, fact in (*_facts(car), *_menus(car)):
            shared[source, fact].append(car)
    for (source, fact), those in shared.items():
        yield source, f"{fact} · {who(those, cars)}"


def _facts(car: Profile) -> Iterator[Item]:
    for fact in facts(car):
        yield fact.source, _item(fact.title, fact.value, fact.source)
        yield from ((source, f"{fact.title} *elsewhere*: {value}") for value, source in fact.others)


def _menus(car: Profile) -> Iterator[Item]:
    for menu in Menu:
        if menu in car.menus:
            key, title = f"menus.{menu}", f"where `{menu}` is"
            source = said(car.sources[key])
            yield source, _item(title, " > ".join(read(car.menus[menu], "en")), source)
            yield from ((source, f"{title} *elsewhere*: {path}") for path, source in paths(car, key, "en"))


def _disputes() -> Iterator[Item]:
    for dispute in load_disputes().values():
        for reading in dispute.readings.values():
            yield ", ".join(reading.source), f"in dispute: {dispute.question} {_sentence(reading.says)}"


def _tables() -> Iterator[Item]:
    """What is the same for all cars: words of the menus, countries, services, use of data."""
    for label in load_labels().values():
        yield from _sourced(f"the menu entry “{label.en}”", label.sources)
    yield from _countries()
    for service in load_services().values():
        yield from _sourced(f"the service “{service.name.en}”", service.sources)
    usage = load_usage()
    yield from _sourced("how much data is used", usage.rate_sources)
    for band in usage.bands:
        yield from _sourced(f"use of data, band `{band.id}`", band.sources)


def _countries() -> Iterator[Item]:
    """What is so of each country, or of all of them."""
    countries = load_countries().values()
    shared: dict[Item, list[str]] = defaultdict(list)
    for country in countries:
        for line, item in _sourced("", country.sources):
            shared[line, item].append(country.name.en)
    for (line, item), names in shared.items():
        yield line, f"{'every country' if len(names) == len(countries) else ', '.join(names)}{item}"


def _sourced(what: str, sources: Mapping[str, Source]) -> Iterator[Item]:
    """One item a line, with all the keys that rest on it."""
    keys: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for key, source in sources.items():
        for line in CITATION.findall(said(source)):
            keys[line, bool(source.assumed)].append(_key(key))
    for (line, assumed), names in keys.items():
        yield line, f"{what}{' *assumed*' if assumed else ''}: {_listed(names)}"


def _key(dotted: str) -> str:
    """A dotted key in words: `name.ja` is the Japanese name."""
    names = {"name.ja": "Japanese name", "ja": "in Japanese", "en": "in English", "de": "in German"}
    return names.get(dotted, dotted.replace("_", " ").replace(".", " "))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _item(title: str, value: str, source: str) -> str:
    return f"{title}{' *assumed*' if source.startswith('assumed: ') else ''}: {value}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
