"""Bugs to plant in the core, each with the law that it breaks: a judge that notices none would be worth nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from firmware_profiles import Menu, Way
from pcm_agent.core import (
    answering,
    assignments,
    attesting,
    backoff,
    commands,
    meter,
    report,
    settling,
    sharing,
    vehicle,
)
from pcm_agent.core.backoff import LONGEST_PAUSE
from pcm_agent.core.effects import Effect, ReportInstalled, ReportState, Show
from pcm_agent.core.events import Event, LinkConfirmed, MetadataAccepted, PackageRemoved
from pcm_agent.core.jobs import job, transfer
from pcm_agent.core.region import Turn
from pcm_agent.core.regions import connection, metadata, phone
from pcm_agent.core.rules import JOB_RULES, VEHICLE_RULES, data, maps, packages, personal, preconditions, remote
from pcm_agent.core.rules import metadata as metadata_rules
from pcm_agent.core.rules.phone import CALL_OVER_SIM
from pcm_agent.core.rules.rule import Condition, Rule
from pcm_agent.core.settings import PRIVATE_MODE, SETTINGS
from pcm_agent.core.state import Symbol, Use, VehicleState
from pcm_agent.core.states import Connection, Purpose, Sharing
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import ConfirmLink
from pcm_agent.protocol.people import Role
from tests.pcm_agent.core.lives.laws import Law

Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]
BUGS: list[tuple[Law, Bug]] = []


def breaks(law: Law) -> Callable[[Bug], Bug]:
    """Take a bug into the list."""

    def listed(bug: Bug) -> Bug:
        BUGS.append((law, bug))
        return bug

    return listed


def without(table: tuple[Condition, ...], *codes: str) -> tuple[Condition, ...]:
    """A table of conditions in which some are missing."""
    left = tuple(condition for condition in table if condition.code not in codes)
    assert len(left) == len(table) - len(codes)
    return left


def way_without(patch: Patch, way: Way, code: str) -> None:
    patch.setitem(data.WAY_CONDITIONS, way, without(data.WAY_CONDITIONS[way], code))


def vehicle_without(patch: Patch, name: str) -> None:
    left: tuple[Rule, ...] = tuple(rule for rule in VEHICLE_RULES if rule.name != name)
    assert len(left) == len(VEHICLE_RULES) - 1
    patch.setattr(settling, "VEHICLE_RULES", left)


# --- data ---


@breaks(Law.DATA)
def a_download_needs_no_data(patch: Patch) -> None:
    patch.setattr(packages, "DOWNLOAD", without(packages.DOWNLOAD, "no-data"))


@breaks(Law.DATA)
def a_map_needs_no_data(patch: Patch) -> None:
    patch.setattr(maps, "MAP_UPDATE", without(maps.MAP_UPDATE, "no-data"))


@breaks(Law.WAY)
def data_goes_on_where_it_may_not(patch: Patch) -> None:
    vehicle_without(patch, "data ends where it may not be used")


@breaks(Law.WAY)
def data_roams_though_nobody_allowed_it(patch: Patch) -> None:
    way_without(patch, Way.EMBEDDED_SIM, "roaming-off")


@breaks(Law.CALL)
def a_call_over_the_inserted_sim_begins_beside_embedded_data(patch: Patch) -> None:
    patch.setattr(phone, "CALL_OVER_SIM", without(CALL_OVER_SIM, "embedded-sim-data"))


@breaks(Law.CALL)
def embedded_data_begins_beside_a_call_over_the_inserted_sim(patch: Patch) -> None:
    way_without(patch, Way.EMBEDDED_SIM, "inserted-sim-call")


@breaks(Law.CALL)
def data_goes_on_beside_a_call_on_edge(patch: Patch) -> None:
    way_without(patch, Way.INSERTED_SIM, "call-on-the-same-line")


@breaks(Law.SYMBOL)
def the_symbol_knows_lte_alone(patch: Patch) -> None:
    def lte(state: VehicleState, corner: str) -> Symbol:
        true = report.status_symbol(state, corner)
        return Symbol("LTE", wifi=False, corner=corner) if true.letter else true

    patch.setattr(vehicle, "status_symbol", lte)


# --- people ---


@breaks(Law.PRIVATE)
def a_package_is_fetched_in_private_mode(patch: Patch) -> None:
    patch.setattr(packages, "DOWNLOAD", without(packages.DOWNLOAD, "private-mode"))


@breaks(Law.PRIVATE)
def private_mode_withholds_no_report(patch: Patch) -> None:
    patch.setattr(vehicle, "_personal", lambda _: False)


@breaks(Law.PRIVATE)
def private_mode_tells_who_drives(patch: Patch) -> None:
    patch.setattr(report, "PERSONAL_FIELDS", ())


@breaks(Law.NEWS)
def news_are_given_up_in_private_mode(patch: Patch) -> None:
    patch.setattr(personal, "PERSONAL_NEWS", without(personal.PERSONAL_NEWS, "private-mode"))


@breaks(Law.PEOPLE)
def everybody_is_the_main_user(patch: Patch) -> None:
    def confirmed(it: ConfirmLink) -> LinkConfirmed:
        return LinkConfirmed(it.request_id, it.porsche_id, Role.MAIN, it.secured)

    patch.setitem(commands.MEANINGS, ConfirmLink, confirmed)


@breaks(Law.REMOTE)
def a_guest_has_things_done_from_afar(patch: Patch) -> None:
    patch.setattr(remote, "REMOTE", without(remote.REMOTE, "guest-mode", "not-linked"))


@breaks(Law.REMOTE)
def an_additional_user_needs_no_right(patch: Patch) -> None:
    patch.setattr(remote, "REMOTE", without(remote.REMOTE, "right-missing"))


@breaks(Law.REMOTE)
def a_wrong_security_code_is_as_good_as_the_right_one(patch: Patch) -> None:
    patch.setattr(remote, "REMOTE", without(remote.REMOTE, "security-code-wrong"))


@breaks(Law.ONCE)
def a_command_that_comes_twice_is_done_twice(patch: Patch) -> None:
    patch.setattr(answering, "ANSWERS_KEPT", 0)


# --- packages and the meter ---


@breaks(Law.TRANSFER)
def a_package_waits_for_ever(patch: Patch) -> None:
    patch.setattr(settling, "JOB_RULES", JOB_RULES[1:])


@breaks(Law.LOOK)
def a_car_that_is_told_to_look_does_not(patch: Patch) -> None:
    vehicle_without(patch, "the car looks at the repositories where nothing blocks it")


@breaks(Law.LOOK)
def what_is_refused_is_fetched_every_five_minutes_for_ever(patch: Patch) -> None:
    patch.setattr(metadata, "LONGEST_PAUSE_REFUSED", LONGEST_PAUSE)


@breaks(Law.LOOK)
def over_a_bad_link_the_car_looks_every_four_hours(patch: Patch) -> None:
    def pause_after(attempts: int, jitter: float, longest: timedelta = metadata.LONGEST_PAUSE_REFUSED) -> timedelta:
        return backoff.pause_after(attempts, jitter, longest)

    patch.setattr(metadata, "pause_after", pause_after)


@breaks(Law.LOOK)
def the_pause_outlasts_the_link_that_broke_off(patch: Patch) -> None:
    patch.setattr(metadata_rules, "_link_is_gone", lambda _: None)


@breaks(Law.METER)
def looks_cost_nothing(patch: Patch) -> None:
    patch.setattr(metadata, "book", lambda *_: None)


@breaks(Law.LOOK)
def nobody_ever_confirms_what_was_said(patch: Patch) -> None:
    patch.setattr(metadata, "CONFIRM", "another")


@breaks(Law.LISTED)
def what_was_downloaded_is_installed_though_it_is_no_longer_listed(patch: Patch) -> None:
    patch.setattr(assignments, "NOT_YET_ACTIVATING", job.NOT_YET_STAGED)


@breaks(Law.LISTED)
def what_is_too_old_is_begun_all_the_same(patch: Patch) -> None:
    patch.setattr(packages, "DOWNLOAD", without(packages.DOWNLOAD, "confirmation-due"))


@breaks(Law.REFUSED)
def what_is_not_followed_of_a_list_is_told_with_every_look(patch: Patch) -> None:
    def follow(turn: Turn, accepted: MetadataAccepted) -> None:
        turn.state.refused_offers.clear()
        whole(turn, accepted)

    whole = assignments.follow
    patch.setattr(assignments, "follow", follow)


@breaks(Law.COUNTER)
def a_function_takes_its_counter_along(patch: Patch) -> None:
    def handle(self: Vehicle, event: Event, now: datetime) -> list[Effect]:
        effects = whole(self, event, now)
        if isinstance(event, PackageRemoved):
            self.state.counters.clear()
        return effects

    whole = Vehicle.handle
    patch.setattr(Vehicle, "handle", handle)


@breaks(Law.MANIFEST)
def the_director_is_not_told_what_became_active(patch: Patch) -> None:
    patch.setattr(attesting, "ReportInstalled", lambda _: Show("told"))


@breaks(Law.MANIFEST)
def a_manifest_has_the_number_of_the_one_before(patch: Patch) -> None:
    patch.setattr(attesting, "ReportInstalled", lambda number: ReportInstalled(number // 2 + 1))


@breaks(Law.INSTALLATION)
def a_function_is_installed_while_somebody_sits_in_the_car(patch: Patch) -> None:
    for state, table in packages.PRECONDITIONS.items():
        patch.setitem(packages.PRECONDITIONS, state, without(table, "car-occupied"))


@breaks(Law.INSTALLATION)
def a_function_gets_nothing_of_what_it_demands(patch: Patch) -> None:
    for state, table in packages.PRECONDITIONS.items():
        kept = tuple(condition for condition in table if condition not in preconditions.BY_FUNCTION)
        patch.setitem(packages.PRECONDITIONS, state, kept)


@breaks(Law.RESTORED)
def a_demand_that_fails_is_noticed_only_when_something_else_happens(patch: Patch) -> None:
    patch.setattr(packages, "demands", lambda _: ())


@breaks(Law.INSTALLATION)
def what_failed_is_tried_again_as_soon_as_it_is_confirmed(patch: Patch) -> None:
    patch.setattr(packages, "LEFT_FOR_GOOD", packages.INSTALLATION)


@breaks(Law.INSTALLATION)
def what_is_listed_no_longer_is_removed(patch: Patch) -> None:
    def follow(turn: Turn, accepted: MetadataAccepted) -> None:
        listed = {it.offer_id for it in accepted.assignments}
        lost = tuple(offer_id for offer_id in turn.state.jobs if offer_id not in listed)
        whole(turn, replace(accepted, removals=lost))

    whole = assignments.follow
    patch.setattr(assignments, "follow", follow)


@breaks(Law.INSTALLATION)
def a_function_is_never_installed(patch: Patch) -> None:
    patch.setattr(settling, "JOB_RULES", JOB_RULES[:1])


@breaks(Law.MAP)
def a_map_is_never_loaded(patch: Patch) -> None:
    vehicle_without(patch, "a map update is loaded where nothing blocks it")


@breaks(Law.METER)
def bytes_are_counted_twice(patch: Patch) -> None:
    def book(turn: Turn, purpose: Purpose, count: int) -> None:
        meter.book(turn, purpose, 2 * count)

    patch.setattr(transfer, "book", book)


@breaks(Law.METER)
def a_negative_use_is_counted(patch: Patch) -> None:
    def book(turn: Turn, purpose: Purpose, count: int) -> None:
        meter.book(turn, purpose, count)
        if count < 0 and turn.state.way is not None:
            turn.state.usage.append(Use(purpose, turn.state.way, charged=False, bytes=count))

    patch.setattr(connection, "book", book)


@breaks(Law.SHARING)
def passengers_need_no_data_package(patch: Patch) -> None:
    def shared(state: VehicleState) -> bool:
        on = state.sharing is Sharing.ON and state.mobile_data_allowed
        return on and state.connection is Connection.CONNECTED

    patch.setattr(sharing, "data_is_shared", shared)


# --- the vehicle itself ---


class _Deaf(NamedTuple):
    """Stands in for what has changed."""


@breaks(Law.TOLD)
def no_state_is_ever_new(patch: Patch) -> None:
    patch.setattr(vehicle, "fingerprint", lambda _: _Deaf())


@breaks(Law.RESTORED)
def the_snapshot_leaves_something_out(patch: Patch) -> None:
    def snapshot(self: Vehicle) -> bytes:
        apn, self.state.apn = self.state.apn, None
        kept = whole(self)
        self.state.apn = apn
        return kept

    whole = Vehicle.snapshot
    patch.setattr(Vehicle, "snapshot", snapshot)


@breaks(Law.COMMITTED)
def nothing_is_committed(patch: Patch) -> None:
    patch.setattr(vehicle, "Persist", ReportState)


@breaks(Law.TIMERS)
def a_timer_is_forgotten_and_not_cancelled(patch: Patch) -> None:
    def cancel_timer(turn: Turn, key: str) -> None:
        turn.state.timers.pop(key, None)

    patch.setattr(Turn, "cancel_timer", cancel_timer)


@breaks(Law.MENU)
def a_switch_is_only_ever_turned_on(patch: Patch) -> None:
    table: Any = SETTINGS
    patch.setitem(table, Menu.PRIVATE_MODE, PRIVATE_MODE._replace(is_on=lambda _: False))
