"""All that the driver reads, in the languages of the PCM: one Fluent file a language, one message a text id.

    render("en", "package-waiting", {"function": "intelligent-range-manager", "reasons": ("charging-cable",)})

The ids and arguments are those of the core's `Show`. Besides them stand `blocked-…`, one a condition of the core's
rules, `cause-…`, one a code with which a function fails, and `function-…`, the names of functions that have one.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from firmware_profiles import load_labels, load_services
from pcm_agent.errors import LocalError

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle
    from fluent.syntax.ast import Placeable, Resource, TextElement

LANGUAGES = ("ja", "en", "de")
"""ISO 639-1 codes of the languages that the PCM speaks."""


def render(language: str, text: str, arguments: Mapping[str, str | int | Sequence[str]]) -> str:
    """The message as the driver reads it.

    Args:
        language: one of `LANGUAGES`.
        text: the id of the message.
        arguments: what the message names. `function` and `service` are shown by their names where they have one, `menu`
            and each of `entries` by the label of the menus, `cause` by what the code means; another sequence is one of
            condition codes, shown as a list of what they mean.

    Raises:
        LocalError: `language-unknown`; or `text-missing` where there is no such message, no text for a condition,
            or an argument that the message needs is not given.
    """
    bundle = _bundle(language)
    return _format(bundle, language, text, {name: _said(language, name, arguments[name]) for name in arguments})


def text_ids(language: str) -> frozenset[str]:
    """The ids of all messages of a language.

    Raises:
        LocalError: `language-unknown`.
    """
    from fluent.syntax.ast import Message

    return frozenset(entry.id.name for entry in _resource(language).body if isinstance(entry, Message))


def outline(language: str, text: str) -> str:
    """A message without arguments, for those who write about it: each is an ellipsis, a choice is its last variant.

    Raises:
        LocalError: `language-unknown`, `text-missing`.
    """
    from fluent.syntax.ast import Message, SelectExpression, TextElement

    def said(element: "TextElement | Placeable") -> str:
        if isinstance(element, TextElement):
            return element.value
        chosen = element.expression
        if not isinstance(chosen, SelectExpression):
            return "…"
        variants = [variant for variant in chosen.variants if variant.default]
        return "".join(map(said, variants[0].value.elements))

    for entry in _resource(language).body:
        if isinstance(entry, Message) and entry.id.name == text and entry.value is not None:
            return " ".join("".join(map(said, entry.value.elements)).split())
    raise LocalError("text-missing", f"there is no text {text!r} in {language!r}")


@cache
def _resource(language: str) -> "Resource":
    from fluent.runtime import FluentResource

    if language not in LANGUAGES:
        raise LocalError("language-unknown", f"{language!r} is none of the languages {', '.join(LANGUAGES)}")
    return FluentResource(files(__name__).joinpath(f"{language}.ftl").read_text(encoding="utf-8"))


@cache
def _bundle(language: str) -> "FluentBundle":
    """The messages ready to be formatted, without marks for mixed writing directions: all three run left to right."""
    from fluent.runtime import FluentBundle

    resource = _resource(language)
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource)
    return bundle


def _said(language: str, name: str, value: str | int | Sequence[str]) -> str | int:
    """An argument in words of the language."""
    if isinstance(value, int):
        return value
    if name == "entries":
        return " · ".join(_label(language, label) for label in value)
    if not isinstance(value, str):
        return _listed(language, value)
    said = _SAID_BY_NAME.get(name)
    return said(language, value) if said else value


def _cause(language: str, code: str) -> str:
    """What a code means, as part of a sentence; one that has no text of its own is unknown to the driver."""
    text = f"cause-{code}"
    return render(language, text if _bundle(language).has_message(text) else "cause-unknown", {})


def _service_name(language: str, service: str) -> str:
    """A service as the catalogue of services calls it; one that is not there by its id."""
    facts = load_services().get(service)
    return facts.name.in_(language) if facts else service


def _label(language: str, label: str) -> str:
    """An entry of the menus as the car's own data call it."""
    return load_labels()[label].in_(language)


def _listed(language: str, conditions: Sequence[str]) -> str:
    from babel.lists import format_list

    return format_list([render(language, f"blocked-{condition}", {}) for condition in conditions], locale=language)


def _function_name(language: str, function: str) -> str:
    text = f"function-{function}"
    return render(language, text, {}) if _bundle(language).has_message(text) else function


_SAID_BY_NAME: Mapping[str, Callable[[str, str], str]] = {
    "cause": _cause,
    "function": _function_name,
    "menu": _label,
    "service": _service_name,
}
"""The arguments that are shown by a name of their own."""


def _format(bundle: "FluentBundle", language: str, text: str, arguments: dict[str, str | int]) -> str:
    pattern = bundle.get_message(text).value if bundle.has_message(text) else None
    if pattern is None:
        raise LocalError("text-missing", f"there is no text {text!r} in {language!r}")
    said, errors = bundle.format_pattern(pattern, arguments)
    if errors:
        raise LocalError("text-missing", f"text {text!r} in {language!r}: {errors[0]}")
    return str(said)
