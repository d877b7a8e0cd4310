"""Every shipped value says where it is from, and where the seeds disagree both readings are kept."""

import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from firmware_profiles import (
    Menu,
    Profile,
    Reading,
    Source,
    load_countries,
    load_disputes,
    load_labels,
    load_profile,
    load_services,
    load_usage,
    profile_names,
)
from tests.firmware_profiles.shipped import ID, MODERN, PANA, PROFILES, every_profile

# Lines of the two seed documents.
SEED_LENGTHS = {"A": 282, "B": 271}


def all_sources() -> Iterator[tuple[str, Source]]:
    usage = load_usage()
    owners: list[tuple[str, Mapping[str, Source]]] = [
        *((name, profile.sources) for name, profile in PROFILES.items()),
        *((code, country.sources) for code, country in load_countries().items()),
        *((label_id, label.sources) for label_id, label in load_labels().items()),
        *((service_id, service.sources) for service_id, service in load_services().items()),
        *((band.id, band.sources) for band in usage.bands),
        ("rates", usage.rate_sources),
    ]
    for owner, sources in owners:
        for key, source in sources.items():
            yield f"{owner}: {key}", source


def leaf_keys(value: object, path: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        yield path
        return
    for key, child in value.items():
        yield from leaf_keys(child, f"{path}.{key}" if path else key)


@every_profile
def test_every_value_has_a_source_and_every_source_a_value(profile: Profile) -> None:
    facts = msgspec.to_builtins(profile, enc_hook=dict)
    del facts["name"], facts["sources"], facts["assumed"], facts["file"]
    may_be_absent = {"car.generation", "car.note", "car.model_years.last", "account.code_places"}
    values = {key for key in leaf_keys(facts) if key in profile.sources or key not in may_be_absent}

    assert values == set(profile.sources)


def test_every_source_is_a_line_of_the_seeds_or_a_reason() -> None:
    cited = [
        (point, list(told.source)) for point, dispute in load_disputes().items() for told in dispute.readings.values()
    ]
    for where, source in all_sources():
        assert bool(source.seeds) != bool(source.assumed), where
        lines = [*source.seeds, *(seed for reading in source.disputed for seed in reading.seeds)]
        cited.append((where, lines + re.findall(r"\b[AB]\d+\b", source.assumed)))
    for where, lines in cited:
        for seed in lines:
            assert 1 <= int(seed[1:]) <= SEED_LENGTHS[seed[0]], where


# --- where the seeds disagree ---


def test_where_the_seeds_disagree_both_readings_are_kept() -> None:
    sources = PROFILES["cayenne-gen3"].sources

    assert sources["car.model_years.first"].disputed == (
        Reading(value=2018, seeds=("A130",), when="pairing-start=my2018"),
        Reading(value=2018, seeds=("A188", "B87"), when="cayenne-my2017=generation-2"),
    )
    assert sources["car.model_years.last"].disputed == (
        Reading(value=2020, seeds=("A221", "A225"), when="my2021=porsche-id"),
    )


def test_settings_or_devices_by_model_year_is_kept_as_another_reading() -> None:
    told = {
        (name, menu)
        for name, profile in PROFILES.items()
        for menu in (Menu.ROAMING, Menu.DATA_OFF, Menu.SIM_PIN)
        for reading in (profile.sources[f"menus.{menu}"].disputed if menu in profile.menus else ())
        if isinstance(reading.value, tuple) and reading.value == ("devices", *profile.menus[menu][1:])
    }

    assert told == {(PANA[0], Menu.ROAMING), (PANA[0], Menu.DATA_OFF)} | {
        (name, Menu.SIM_PIN) for name in (*PANA, *MODERN, *ID)
    }


def test_the_points_on_which_the_seeds_disagree() -> None:
    assert {point: (dispute.default, *dispute.readings) for point, dispute in load_disputes().items()} == {
        "my2021": ("pairing-code", "pairing-code", "porsche-id"),
        "911-gen7-end": ("my2019", "my2019", "my2018"),
        "macan-my2018": ("both", "both", "classic", "modern"),
        "pairing-start": ("my2017", "my2017", "my2018"),
        "cayenne-my2017": ("both", "both", "generation-2", "generation-3"),
        "code-place": ("both", "both", "connect-app", "my-porsche-app"),
    }


def test_each_side_but_the_default_changes_some_car() -> None:
    for point, dispute in load_disputes().items():
        for reading in dispute.readings:
            assumed = {name: load_profile(name, {point: reading}) for name in profile_names()}
            changed = [name for name, car in assumed.items() if replace(car, assumed={}) != PROFILES[name]]
            assert bool(changed) is (reading != dispute.default), (point, reading)
