"""The page `docs/scenarios.md`: how scenarios are written, from the typed model, the core's tables and the texts."""

import ast
import inspect
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import get_type_hints

import msgspec
from msgspec import Struct

from firmware_profiles import load_profile, profile_names
from pcm_agent.texts import LANGUAGES, outline, text_ids
from simulator.backend.declined import DECLINED
from simulator.cars import read
from simulator.markdown import table
from simulator.rig import SCENARIO_ACTIONS
from simulator.scenario.capturable import DETAILS, PLAIN, details_of
from simulator.scenario.examples import DONE, EXPECTED, FAULTS, HEAD, LANES, MATRIX, MORE, NAMES, PYTHON, UNITS
from simulator.scenario.library_page import library_section
from simulator.scenario.model import CarPart, Do, Expect, Scenario, Step
from simulator.scenario.samples import SECTIONS, as_yaml, part_in, sample, words_in
from simulator.scenario.words import conditions, refusal_codes

_KINDS = {
    "dict": "readings by point",
    "int": "a number",
    "bool": "true or false",
    "str": "text",
    "datetime": "an instant",
}


def page() -> str:
    """The page in Markdown, ready to be written."""
    return "\n".join([
        HEAD, *_keys("The file", Scenario), *_keys("The car", CarPart), *_keys("Steps", Step), LANES, NAMES,
        *_capturable(), MATRIX, "All of it in one scenario:\n", f"```yaml\n{MORE}```\n",
        "## What is done: `do`\n", DONE, *_actions(), "## What must hold: `expect` and `never`\n", EXPECTED,
        *_members(Expect, (None,)), "## Units\n", *_units(), *_menus(), *_messages(), *_refusals(), *_declined(),
        *_conditions(), *library_section(), PYTHON,
    ])  # fmt: skip


def members(kind: type[Struct]) -> dict[str, tuple[object, str]]:
    """The keys of a part with their types and what is said of them: of the key itself, else of its own part."""
    hints, told = get_type_hints(kind, include_extras=True), _told(kind)
    return {
        field.encode_name: (hints[field.name], told.get(field.name) or _summary(hints[field.name]))
        for field in msgspec.structs.fields(kind)
    }


# --- sections ---


def _keys(title: str, kind: type[Struct]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from _members(kind, (None,))


def _actions() -> Iterator[str]:
    for group in dict.fromkeys(_groups(Do).values()):
        yield f"### {group[0].upper()}{group[1:]}\n"
        if group == "faults":
            yield FAULTS.format(", ".join(f"`{name}`" for name in sorted(SCENARIO_ACTIONS)))
        yield from _members(Do, (group,))


def _members(kind: type[Struct], groups: Sequence[str | None]) -> Iterator[str]:
    of = _groups(kind)
    required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}
    rows = [
        (f"`{name}`" + (", required" if name in required else ""), _value(hint), sample(name, hint), told)
        for name, (hint, told) in members(kind).items()
        if of.get(name) in groups
    ]
    yield from table(("key", "value", "example", ""), rows)


def _capturable() -> Iterator[str]:
    rows = [("", ", ".join(f"`{name}`" for name in PLAIN))]
    for part in DETAILS:
        form = f"`{part}.`" if part == "centre" else f"`{part}.NAME.`"
        rows.append((form, ", ".join(f"`{detail}`" for detail in details_of(part))))
    yield from table(("", "what `let` can take"), rows)


def _units() -> Iterator[str]:
    yield from table(("", "such as", ""), [(what, *how) for what, how in UNITS.items()])


def _menus() -> Iterator[str]:
    car = max(map(load_profile, profile_names()), key=lambda profile: len(profile.menus))
    yield "## Menus\n"
    yield "`menu` names entries from the top of the car's own menus, in one of three languages, or by their ids."
    yield "Capitals and widths make no difference. The PCM refuses a way that the car does not have; unless the next"
    yield "step expects that, the step fails, and says where the way ended and what there is instead."
    yield f"`pcm-sim profile NAME --language ja` shows all ways of a car; these are a {car.car.line}'s:\n"
    rows = [
        (menu, *(f"`[{', '.join(read(path, language))}]`" for language in LANGUAGES))
        for menu, path in sorted(car.menus.items())
    ]
    yield from table(("", *LANGUAGES), rows)


def _messages() -> Iterator[str]:
    yield "## What the driver reads: `shown`\n"
    yield "In English; an ellipsis stands for what changes. A refusal shows `refused-` and its code: see below.\n"
    ids = sorted(text for text in text_ids("en") if not text.startswith(("refused-", "blocked-", "function-")))
    yield from table(("id", "text"), [(f"`{text}`", outline("en", text)) for text in ids])


def _refusals() -> Iterator[str]:
    yield "## Why the car refuses: `refused`\n"
    yield "Besides, an offer that can't be trusted is refused with `signature-invalid`, `manifest-foreign-vin`,"
    yield "`offer-changed` or `offer-expired`, and a command from the app with the first of the"
    yield "[conditions](#conditions-blocked_by) that does not hold.\n"
    known = text_ids("en")
    rows = [
        (f"`{code}`", ", ".join(regions), outline("en", f"refused-{code}") if f"refused-{code}" in known else "")
        for code, regions in refusal_codes().items()
    ]
    yield from table(("code", "region", "what the driver reads"), rows)


def _declined() -> Iterator[str]:
    yield "## Why My Porsche declines: `declined`\n"
    yield "The store and support included. A step that is declined fails, unless the next one expects the code.\n"
    yield from table(("code", "why"), [(f"`{code}`", why) for code, why in DECLINED.items()])


def _conditions() -> Iterator[str]:
    yield "## Conditions: `blocked_by`\n"
    rows = [(f"`{code}`", outline("en", f"blocked-{code}")) for code in conditions()]
    yield from table(("code", "what stands in the way"), rows)


# --- types in words ---


def _value(hint: object) -> str:
    """What may stand there: the words, the form, or the keys of a part."""
    part = part_in(hint)
    if part is None:
        return _plain(hint)
    keys = [_member(field, *members(part)[field.encode_name]) for field in msgspec.structs.fields(part)]
    return "<br>".join([*filter(None, [_choice(hint)]), *keys])


def _member(field: msgspec.structs.FieldInfo, hint: object, told: str) -> str:
    default = field.default
    left_out = f" ({as_yaml(default)})" if default and isinstance(default, (str, int)) else " (optional)"
    note = "" if field.required else left_out
    return f"`{field.encode_name}`{note}: {_plain(hint)}" + (f". {told}" if told else "")


def _plain(hint: object) -> str:
    """The words that are allowed, or the form; both where both are."""
    words, form = _choice(hint), _form(hint)
    return " · ".join(filter(None, (words, form))) if not words or "description=" in str(hint) else words


def _choice(hint: object) -> str:
    return " · ".join(f"`{word}`" for word in words_in(hint))


def _form(hint: object) -> str:
    """The form of a value that is not one of a few words."""
    if "dict[typing.Annotated" in str(hint) and CarPart.__name__ not in str(hint):
        return "values by name"
    for part, section in SECTIONS.items():
        if re.search(rf"\.{part.__name__}\b", str(hint)):
            return section
    found = re.findall(r"description='([^']*)'", str(hint))
    inner = next((words for name, words in _KINDS.items() if re.search(rf"\b{name}\b", str(hint))), "")
    return found[0] if found else f"list of {inner}" if "tuple" in str(hint) else inner


# --- what the source says ---


@cache
def _told(kind: type[Struct]) -> dict[str, str]:
    """The docstrings under the fields."""
    [definition] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(definition, ast.ClassDef)
    told: dict[str, str] = {}
    for pair in pairwise(definition.body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(doc))):
                told[name] = " ".join(doc.split())
    return told


@cache
def _groups(kind: type[Struct]) -> dict[str, str]:
    """The comment that stands above each field, or above the first of several."""
    group, groups = "", dict[str, str]()
    for comment, name in re.findall(r"^    (?:# (.+)|(\w+):.*)$", inspect.getsource(kind), re.MULTILINE):
        group = comment or group
        if name and group:
            groups[name] = group
    return groups


def _summary(hint: object) -> str:
    part = part_in(hint)
    return " ".join(str(part.__doc__).split()) if part else ""
