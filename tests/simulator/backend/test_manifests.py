"""What cars say, signed, of what they have."""

import pytest
from msgspec.structs import replace

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.protocol.manifest import InstalledImage
from simulator.backend.manifests import AHEAD, Attested, attested
from tests.simulator.backend.office import MIA, OTHER, PASSWORD, SECOND, VIN, Office

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


def test_one_of_the_far_future_is_refused_and_hides_none_that_follows(office: Office) -> None:
    ahead = Office()
    ahead.clock.jump(office.clock.now() + AHEAD + SECOND)
    with pytest.raises(PeerError, match="manifest-ahead"):
        office.hear(ahead.manifest(SEATS))
    assert attested(office.desk, VIN) is None
    office.hear(office.manifest(SEATS))
    assert attested(office.desk, VIN) == Attested((SEATS,), None)


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
