"""What the Director lists for a car is what its orders say, whatever fails; and nothing that the car can't take."""

import pytest

from pcm_agent.errors import LocalError, TransportError
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import Look, PackageState
from pcm_agent.trust.images import Consent, Ecu
from simulator.backend.database import DatabaseError
from simulator.backend.depot import Depot, Wanted
from simulator.backend.desk import DOWNLOAD_TIME
from simulator.backend.records import OrderState
from simulator.lab import START
from tests.simulator.backend.office import FUNCTION, MIA, OTHER, PASSWORD, VIN, Office


def test_what_has_ended_is_no_longer_listed(office: Office) -> None:
    office.order()
    office.order("power-steering-plus")
    assert list(office.listed()) == ["order-1.1", "order-2.1"]
    office.withdraw()
    office.desk.publish_stale()
    assert list(office.listed()) == ["order-2.1"]
    office.clock.jump(START + DOWNLOAD_TIME)
    office.desk.expire()
    office.desk.publish_stale()
    assert office.listed() == {}


def test_lists_are_those_of_the_orders_after_a_crash_between_them(office: Office) -> None:
    office.order()
    office.depot.repositories.director.withdraw(VIN, "order-1.1", START)
    release = office.depot.stock("by-hand", "1.0", 10)
    for offer in ("order-7.1", "by-hand"):
        other = office.depot.stock(offer, "1.0", 10) if offer != "by-hand" else release
        office.depot.repositories.director.assign(VIN, other, offer, START + DOWNLOAD_TIME, START)
    for _ in range(2):
        office.desk.publish_all()
        assert set(office.listed()) == {"order-1.1", "by-hand"}, "what is no order of ours is left alone"


def test_nothing_is_ordered_where_it_can_not_be_listed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwritable(name: str, content: bytes) -> None:
        raise TransportError("repository-unwritable", f"{name}: read-only")

    monkeypatch.setattr(office.depot.repositories.store, "write", unwritable)
    with pytest.raises(TransportError, match="repository-unwritable"):
        office.order()
    assert (office.waiting(), office.noted("order-placed")) == ([], [])


def unusable(*_: object) -> None:
    raise DatabaseError("database-unusable", "disk full")


def test_the_number_of_an_order_that_failed_is_never_that_of_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A car may have heard of the first."""
    with monkeypatch.context() as broken:
        broken.setattr(Depot, "publish", unusable)
        with pytest.raises(DatabaseError):
            office.order("function-a")
    assert office.order("function-b") == 2
    assert office.listed() == {"order-2.1": "function-b/1.0.pkg"}


def test_nothing_is_listed_before_the_order_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(office.desk, "command", unusable)
        with pytest.raises(DatabaseError):
            office.order("function-a")
    assert not office.depot.knows(VIN)


@pytest.mark.parametrize(("function", "consent"), [("function-b", "ordered"), (FUNCTION, "ask")])
def test_an_entry_of_the_same_name_that_says_something_else_does_not_stay(
    office: Office, function: str, consent: Consent
) -> None:
    office.order()
    right = office.depot.repositories.director.assigned(VIN)
    other = office.depot.stock(function, "1.0", 1000)
    office.depot.repositories.director.withdraw(VIN, "order-1.1", START)
    office.depot.repositories.director.assign(VIN, other, "order-1.1", START + DOWNLOAD_TIME, START, consent=consent)
    office.desk.publish_all()
    assert office.depot.repositories.director.assigned(VIN) == right


def test_a_car_without_an_order_that_is_listed_with_one_is_cleaned_at_the_start(office: Office) -> None:
    release = office.depot.stock(FUNCTION, "1.0", 10)
    office.depot.publish(VIN, {"order-1.1": Wanted(FUNCTION, "1.0", START + DOWNLOAD_TIME, "ordered")})
    office.depot.repositories.director.register(Ecu(OTHER, "PCM-by-hand", "pcm-taycan"), START)
    office.depot.repositories.director.assign(OTHER, release, "by-hand", START + DOWNLOAD_TIME, START)
    office.desk.publish_all()
    assert office.listed() == {}
    assert list(office.listed(OTHER)) == ["by-hand"]


def test_a_car_is_sold_nothing_that_its_unit_could_not_take(office: Office) -> None:
    content = b"for another hardware"
    office.depot.repositories.image.add(FUNCTION, "1.0", content, START, release_counter=1, hardware_ids=["pcm-pana"])
    with pytest.raises(LocalError, match="hardware-unknown"):
        office.order(length=len(content))
    with pytest.raises(LocalError, match="release-differs"):
        office.order(length=1)
    assert office.waiting() == []


def test_a_car_without_a_record_of_its_unit_is_sold_nothing(office: Office) -> None:
    office.desk.register("WP0ZZZY1ZPSA00003", MIA, PASSWORD, "DE")
    with pytest.raises(LocalError, match="unit-unknown"):
        office.order(vin="WP0ZZZY1ZPSA00003")


def attested(office: Office, function: str, counter: int) -> InstalledImage:
    """What the car says, signed, that it has."""
    image = InstalledImage(function=function, version="by hand", sha256="0f" * 32, release_counter=counter)
    office.hear(office.manifest(image))
    return image


@pytest.mark.requirement("FOD-04")
def test_a_car_is_sold_no_older_release_than_it_has_had(office: Office) -> None:
    """It would refuse its whole list for it."""
    attested(office, FUNCTION, 2)
    office.hear(office.manifest())
    attested(office, FUNCTION, 1)
    with pytest.raises(LocalError, match="release-outdated"):
        office.order()
    assert office.waiting() == []
    office.depot.stock(FUNCTION, "1.1", 10)
    office.desk.order(VIN, FUNCTION, 10, version="1.1", price_cents=1, currency="EUR", ask=False)
    office.order("another")
    assert set(office.listed()) == {"order-1.1", "order-2.1"}


def test_what_a_car_has_had_newer_meanwhile_is_listed_no_more_and_the_rest_stays(office: Office) -> None:
    office.order()
    office.order("another")
    attested(office, FUNCTION, 1)
    office.desk.publish_stale()
    assert set(office.listed()) == {"order-1.1", "order-2.1"}
    attested(office, FUNCTION, 2)
    office.desk.publish_stale()
    assert set(office.listed()) == {"order-2.1"}
    assert office.commands()[-1] == Look()
    assert office.order_state() == (OrderState.OPEN, "release-outdated", 0), "so that its owner sees why"
    assert office.noted("package-failed") == [{"order": 1, "code": "release-outdated"}]


def test_what_a_car_has_had_newer_meanwhile_is_not_offered_again(office: Office) -> None:
    office.order()
    office.hear(office.report(PackageState.FAILED, code="package-hash"))
    attested(office, FUNCTION, 2)
    with pytest.raises(LocalError, match="release-outdated"):
        office.desk.offer_again(VIN, FUNCTION)
    office.desk.publish_stale()
    for attack in ("metadata-expired", None):
        office.hear(office.manifest(attack=attack))
        office.hear(office.report(PackageState.FAILED, code="package-hash"))
        assert office.order_state() == (OrderState.OPEN, "release-outdated", 0)
