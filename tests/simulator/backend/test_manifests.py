"""What cars say, signed, of what they have."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import Command, Look, PackageState
from simulator.backend.manifests import Attested, attested
from simulator.backend.records import OrderState
from simulator.clock import SimClock
from tests.simulator.backend.office import DONE, MIA, OTHER, PASSWORD, SECOND, VIN, Office, presence

SEATS = InstalledImage(function="seats", version="2.0", sha256="0f" * 32, release_counter=2)


def test_what_a_car_says_is_kept_and_shown(office: Office) -> None:
    assert attested(office.desk, VIN) is None
    office.hear(office.manifest(SEATS))
    assert attested(office.desk, VIN) == Attested((SEATS,), None)
    assert office.noted("manifest-checked") == [{"installed": "seats 2.0"}]
    office.hear(office.manifest(attack="image-unknown"))
    assert attested(office.desk, VIN) == Attested((), "image-unknown")
    assert office.noted("attack-reported") == [{"code": "image-unknown"}]


def test_one_that_is_replayed_is_dropped(office: Office) -> None:
    old = office.manifest(SEATS)
    office.hear(old)
    office.clock.jump(office.clock.now() + SECOND)
    office.hear(office.manifest())
    with pytest.raises(PeerError, match="manifest-replayed"):
        office.hear(old)
    assert attested(office.desk, VIN) == Attested((), None)


def test_one_that_comes_late_does_not_count_for_what_is_installed_now(office: Office) -> None:
    late = office.manifest(SEATS)
    office.clock.jump(office.clock.now() + SECOND)
    office.hear(office.manifest())
    office.hear(late)
    assert attested(office.desk, VIN) == Attested((), None)


@pytest.mark.requirement("FOD-09")
@pytest.mark.parametrize("wrong", [timedelta(days=3), timedelta(days=400), timedelta(days=-400)])
def test_a_car_whose_clock_is_wrong_is_billed_and_believed_once_it_is_right_again(
    office: Office, wrong: timedelta
) -> None:
    office.order()
    right = office.clock
    office.clock = SimClock(right.now() + wrong)
    office.hear(office.report(PackageState.ACTIVE))
    office.clock = right
    assert office.order_state() == (OrderState.ACTIVE, None, 1)
    (bill,) = office.bills()
    assert bill.due_at == right.now()
    office.hear(office.manifest(SEATS))
    assert attested(office.desk, VIN) == Attested((SEATS,), None)


def comes_online(office: Office, session: str) -> list[Command]:
    """What the car is asked in a new session, besides what waited; it does all of it."""
    office.hear(presence("online", session), channel="presence")
    asked = office.commands()
    for row in office.waiting():
        office.hear(DONE, channel="reply", kind=row.kind, correlation=row.id)
    return asked


def test_a_car_that_was_not_believed_is_asked_once_a_session_until_it_is(office: Office) -> None:
    assert comes_online(office, "1") == []
    manifest = office.manifest(SEATS)
    office.hear(manifest)
    with pytest.raises(PeerError, match="manifest-replayed"):
        office.hear(manifest)
    assert comes_online(office, "2") == [Look()]
    assert comes_online(office, "2") == []
    assert comes_online(office, "3") == [Look()]
    office.hear(office.manifest(SEATS))
    assert comes_online(office, "4") == []


@pytest.mark.requirement("FOD-09")
def test_a_car_that_has_what_it_has_not_attested_is_asked_until_it_is_billed(office: Office) -> None:
    office.order()
    assert comes_online(office, "1") == [Look()], "of the order itself"
    assert comes_online(office, "2") == []
    office.inbox.receive(office.message(office.report(PackageState.ACTIVE)))
    assert comes_online(office, "3") == [Look()]
    assert office.bills() == []
    office.inbox.receive(office.attestation())
    assert len(office.bills()) == 1
    assert comes_online(office, "4") == []


def test_one_that_the_car_did_not_sign_is_refused_and_leaves_nothing(office: Office) -> None:
    right = office.manifest(SEATS)
    with pytest.raises(PeerError, match="manifest-signature"):
        office.hear(replace(right, manifest=replace(right.manifest, installed=())))
    assert attested(office.desk, VIN) is None
    office.hear(right)
    assert attested(office.desk, VIN) == Attested((SEATS,), None)


def test_one_of_a_car_whose_unit_nobody_knows_is_refused(office: Office) -> None:
    office.desk.register("WP0ZZZY1ZPSA00003", MIA, PASSWORD, "DE")
    with pytest.raises(LocalError, match="unit-unknown"):
        office.hear(office.manifest(vin="WP0ZZZY1ZPSA00003"), vin="WP0ZZZY1ZPSA00003")
    office.desk.register(OTHER, MIA, PASSWORD, "DE")
    with pytest.raises(PeerError, match="manifest-foreign-vin"):
        office.hear(office.manifest(), vin=OTHER)


def test_a_car_whose_list_is_for_a_unit_that_it_has_no_more_gets_a_new_one(office: Office) -> None:
    office.order()
    office.hear(office.manifest(attack="metadata-foreign-ecu"))
    assert office.desk.stale == set(), "the list is right: somebody else's was served"
    director = office.depot.repositories.director
    director.register(replace(director.ecu(VIN), serial="PCM-OLD"), office.clock.now())
    office.clock.jump(office.clock.now() + SECOND)
    office.hear(office.manifest(attack="metadata-foreign-ecu"))
    assert office.desk.stale == {VIN}
    office.desk.publish_stale()
    assert len(office.listed()) == 1
