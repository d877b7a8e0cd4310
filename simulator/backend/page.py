"""The page `docs/functions.md`: what the store sells for which cars, as it stands in the data."""

from collections.abc import Iterator, Mapping

from firmware_profiles import Source, load_countries, load_profile, profile_names
from simulator.backend.catalogue import FitFacts, Function, Update, load_catalogue
from simulator.markdown import table

_HEAD = """\
# Functions and updates

Generated from `simulator/backend/data/functions.toml` by `simulator/backend/page.py`; do not edit.

These are the functions on demand that the emulated store sells, and the online software updates that it has, with the
cars that can have them. A scenario names them in `order`, `offer_update`, `package` and wherever else it speaks of one:

```yaml
- do: {order: {function: active-lane-keeping, size: 5 MB}}
- expect: {package: {function: active-lane-keeping, state: waiting}}
```

A car that cannot have a function is declined it, with `not-for-car`, `not-in-country` or `equipment-missing`: order one
that stands beside its profile [below](#by-car), or expect the code.

A backend that runs by itself and has not been told what the factory built takes any function for one that fits the car;
`pcm-sim do 'car_built: {profile: …, country: …}'` tells it.
"""
_OWN = """\
## Functions of your own

A name that stands in none of these tables is an error of the scenario, with the nearest one that does. Whoever means a
function of their own says so where it is ordered; from then on every step of the scenario may name it, and every car
that has functions on demand at all may have it:

```yaml
- do: {order: {function: my-own-function, own: true, size: 5 MB}}
```

`pcm-sim do 'order: …'` wants the same `own: true`. The other actions of `pcm-sim do`, and `pcm-sim packages add`,
cannot know what was ordered or made before: they do what they are asked for with any name, and say on standard error
that these tables do not have it, and which name is nearest.
"""
_TERMS = {"perpetual": "for good", "monthly": "by the month", "trial": "on trial"}


def page() -> str:
    """The page in Markdown, ready to be written."""
    return "\n".join([_HEAD, *_functions(), *_updates(), *_cars(), _OWN])


def _functions() -> Iterator[str]:
    yield "## Functions on demand\n"
    rows = [
        (f"`{it.id}`", _who(it), _where(it), _equipment(it), _terms(it), _source(it.sources, "profiles"))
        for it in load_catalogue().functions.values()
    ]
    yield from table(("function", "cars", "not sold in", "needs", "sold", "why these cars"), rows)


def _updates() -> Iterator[str]:
    yield "## Online software updates\n"
    rows = [
        (f"`{it.id}`", _who(it), _where(it), _equipment(it), it.version, _source(it.sources, "profiles"))
        for it in load_catalogue().updates.values()
    ]
    yield from table(("update", "cars", "not in", "needs", "version", "why these cars"), rows)


def _cars() -> Iterator[str]:
    yield "## By car\n"
    catalogue, countries = load_catalogue(), load_countries().values()
    rows = [
        (f"`{name}`", load_profile(name).car.line, _those(catalogue.functions, name), _those(catalogue.updates, name))
        for name in profile_names()
    ]
    yield from table(("profile", "car", "functions", "updates"), rows)
    without = ", ".join(country.code for country in countries if not country.functions_on_demand)
    yield f"Countries without any functions on demand (*assumed*): {without}.\n"


def _those(things: Mapping[str, Function] | Mapping[str, Update], profile: str) -> str:
    return ", ".join(f"`{it.id}`" for it in things.values() if profile in it.profiles)


def _who(it: FitFacts) -> str:
    return ", ".join(f"`{name}`" for name in it.profiles)


def _where(it: FitFacts) -> str:
    return ", ".join(it.countries_without)


def _equipment(it: FitFacts) -> str:
    return ", ".join(f"`{name}`" for name in it.equipment)


def _terms(it: Function) -> str:
    months = f" ({it.trial_months} {'month' if it.trial_months == 1 else 'months'})"
    return ", ".join(_TERMS[kind] + (months if kind == "trial" else "") for kind in it.kinds)


def _source(sources: Mapping[str, Source], key: str) -> str:
    source = sources[key]
    return ", ".join(source.seeds) or f"*assumed*: {source.assumed}"
