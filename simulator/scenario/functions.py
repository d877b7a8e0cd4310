"""The functions that a scenario may name: those of the store's catalogue, and those that it orders as its own.

A name that is only mistyped would be sold, downloaded and installed like any other, and prove nothing. So a function
that the catalogue does not have is one only where an order says `own: true`; then all steps may name it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from firmware_profiles import load_services
from simulator.scenario.model import Do, Expect, Step
from simulator.scenario.words import instead_of

if TYPE_CHECKING:
    from simulator.backend.catalogue import Catalogue

PAGE = "docs/functions.md"
OF_ORDERS = ("offer_again", "cancel_order", "end_subscription", "give_notice", "revoke", "agree_to")
"""What is done with a function, named alone."""
HOW_OWN = "; a function of your own is ordered with own: true"
_ASKED_FOR = re.compile(r"(?:package|order|updates)\.(.+)\.[a-z_]+")
"""What `let` takes of a function."""


def _catalogue() -> "Catalogue":
    """Imported late: whoever asks for help needs no database."""
    from simulator.backend.catalogue import load_catalogue

    return load_catalogue()


def sold() -> tuple[str, ...]:
    """The names that the catalogue has, of functions and of online software updates."""
    catalogue = _catalogue()
    return (*catalogue.functions, *catalogue.updates)


def own_in(plain: object) -> frozenset[str]:
    """The functions of one's own that plain steps order."""
    if isinstance(plain, dict):
        order = plain.get("order")
        here = {str(order.get("function"))} if isinstance(order, dict) and order.get("own") is True else set()
        return frozenset(here).union(*map(own_in, plain.values()))
    return frozenset().union(*map(own_in, plain)) if isinstance(plain, (list, tuple)) else frozenset()


def unknown_names(step: Step, own: Collection[str]) -> Iterator[tuple[str, str]]:
    """The key of each function, update and service of a step that there is none of, and what there is instead."""
    if step.do is not None:
        yield from ((f"do.{key}", message) for key, message in unknown_in(step.do, own))
    for name in ("expect", "never", "until", "while_"):
        part: Expect | None = getattr(step, name)
        for key, message in _unknown_expected(part, own) if part is not None else ():
            yield f"{name.rstrip('_')}.{key}", message
    for name, what in (step.let or {}).items():
        asked = _ASKED_FOR.fullmatch(what)
        if asked:
            yield from _wrong(f"let.{name}", asked[1], (*sold(), *own))


def unknown_in(do: Do, own: Collection[str]) -> Iterator[tuple[str, str]]:
    """As `unknown_names`, of what is done."""
    catalogue = _catalogue()
    if do.order is not None and not do.order.own:
        yield from _unsold(do.order.function, (*catalogue.functions, *own))
    if do.offer_update is not None:
        yield from _wrong("offer_update", do.offer_update, tuple(catalogue.updates))
    if do.order_service is not None:
        yield from _no_service("order_service.service", do.order_service.service)
    if do.cancel_service is not None:
        yield from _no_service("cancel_service", do.cancel_service)
    for name in OF_ORDERS:
        function: str | None = getattr(do, name)
        if function is not None:
            yield from _wrong(name, function, (*sold(), *own), HOW_OWN)


def _unsold(function: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    if function in _catalogue().updates and function not in known:
        yield "order.function", f"{function!r} is an online update, which is not sold: take offer_update{HOW_OWN}"
    else:
        yield from _wrong("order.function", function, known, HOW_OWN)


def _unknown_expected(expect: Expect, own: Collection[str]) -> Iterator[tuple[str, str]]:
    known = (*sold(), *own)
    for name in ("package", "order", "updates"):
        part = getattr(expect, name)
        if part is not None:
            yield from _wrong(f"{name}.function", part.function, known, HOW_OWN)
    for name in ("attested", "updates_for_car"):
        for number, function in enumerate(getattr(expect, name) or ()):
            yield from _wrong(f"{name}[{number}]", function, known, HOW_OWN)
    if expect.service is not None:
        yield from _no_service("service.service", expect.service.service)


def _wrong(key: str, name: str, known: Collection[str], more: str = "") -> Iterator[tuple[str, str]]:
    if name not in known:
        yield key, f"nothing in {PAGE} is called {name!r}{instead_of(name, tuple(dict.fromkeys(known)), PAGE)}{more}"


def _no_service(key: str, name: str) -> Iterator[tuple[str, str]]:
    services = tuple(load_services())
    if name not in services:
        yield key, f"there is no service {name!r}{instead_of(name, services)}"


def with_own(order: Mapping[str, Any]) -> dict[str, Any]:
    """A plain order that says so where its function is not in the catalogue."""
    return {**order, **({} if order["function"] in _catalogue().functions else {"own": True})}
