"""What is to be removed, what is installed, and the counters that outlast it."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageReported, PackageState
from tests.pcm_agent.core.by_hand import DAY, put
from tests.pcm_agent.core.conftest import FAR, FOD, FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pcm_agent.core.conftest import Driver


# --- what is to be removed ---


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("state", PackageState)
def test_only_what_is_active_is_removed_and_whatever_else_is_listed_as_removed_goes_its_way(
    make_car: "Callable[..., Driver]", state: PackageState
) -> None:
    unlisted, removed = make_car("taycan", "JP"), make_car("taycan", "JP")
    for car in (unlisted, removed):
        car.download()
        put(car, state)
    unlisted.take()
    removed.remove()
    if state is PackageState.ACTIVE:
        assert removed.job().state is PackageState.REMOVING
        assert "package-removing" in removed.shown()
    else:
        assert removed.last == unlisted.last
        assert removed.state == unlisted.state
    assert removed.refusals() == []


@pytest.mark.requirement("FOD-13")
def test_a_removal_that_is_listed_again_changes_nothing(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    for state in (PackageState.REMOVING, PackageState.REMOVED):
        assert taycan.job().state is state
        taycan.take(removals=[FOD, FOD])
        assert taycan.steps("package") == []
        assert taycan.refusals() == []
        taycan.wait(minutes=10)
        taycan.feed(on.PackageRemoved(FOD))
    assert taycan.state.installed == {}


def test_what_is_to_be_removed_and_was_never_heard_of_means_nothing(taycan: "Driver") -> None:
    taycan.activate()
    taycan.take(taycan.offer(), removals=["another"])
    assert taycan.job().state is PackageState.ACTIVE
    assert (list(taycan.state.jobs), taycan.refusals()) == ([FOD], [])


@pytest.mark.requirement("FOD-13")
def test_what_is_being_installed_when_it_is_to_be_removed_is_removed_after_the_next_look(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.take(removals=[FOD], good_until=taycan.now + DAY)
    assert taycan.job().state is PackageState.ACTIVATING
    taycan.feed(on.PackageInstalled(FOD), on.PackageVerified(FOD))
    assert taycan.job().state is PackageState.ACTIVE
    taycan.wait(days=1)
    assert taycan.at("metadata") is Metadata.CHECKING, "it looks by itself"
    taycan.feed(on.MetadataAccepted((), taycan.state.floors, FAR, removals=(FOD,)))
    assert taycan.job().state is PackageState.REMOVING


# --- what is installed ---

IMAGE = InstalledImage(function=FUNCTION, version="1.0.0", sha256="0" * 64, release_counter=1, offer_id=FOD)


def activate(car: "Driver", offer_id: str, **changes: object) -> None:
    """One more package, from the list to the active function."""
    car.go_online()
    car.order(car.offer(offer_id, **changes))
    car.feed(on.DownloadCompleted(offer_id))
    car.leave()
    car.wait(minutes=10)
    car.feed(on.PackageInstalled(offer_id), on.PackageVerified(offer_id))


def remove(car: "Driver", offer_id: str = FOD) -> None:
    car.remove(offer_id)
    car.wait(minutes=10)
    car.feed(on.PackageRemoved(offer_id))


@pytest.mark.requirement("FOD-04")
def test_the_counter_rises_once_the_new_version_has_proven_itself_and_not_before(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.PackageInstalled(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({}, {})
    assert taycan.of(do.ReportInstalled) == []
    taycan.feed(on.PackageVerified(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({FUNCTION: IMAGE}, {FUNCTION: 1})
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled(taycan.state.manifests)]


def test_a_version_that_does_not_prove_itself_is_not_installed(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.PackageInstalled(FOD), on.InstallationFailed(FOD, "package-hash"), on.PackageVerified(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({}, {})


@pytest.mark.requirement("FOD-08")
@pytest.mark.parametrize("done", [(), (on.PackageInstalled(FOD),)], ids=["activating", "verifying"])
@pytest.mark.parametrize("code", ["package-hash", "package-missing"])
def test_what_is_spoilt_on_the_disk_is_given_up_and_not_tried_again(
    taycan: "Driver", code: str, done: tuple[on.Event, ...]
) -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(*done, on.InstallationFailed(FOD, code))
    assert (taycan.job().state, taycan.job().code) == (PackageState.FAILED, code)
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    taycan.feed(on.CarUnlocked(), on.CarLocked())
    taycan.wait(minutes=20)
    assert taycan.of(do.InstallPackage) == []


@pytest.mark.requirement("FOD-13")
def test_the_counter_outlasts_the_function(taycan: "Driver") -> None:
    taycan.activate()
    taycan.take()
    remove(taycan)
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled(taycan.state.manifests)]
    assert (taycan.state.installed, taycan.state.counters) == ({}, {FUNCTION: 1})
    taycan.restart()
    assert taycan.state.counters == {FUNCTION: 1}


def test_a_counter_rises_with_each_newer_version_and_never_falls(taycan: "Driver") -> None:
    seen = []
    for number, counter in enumerate((2, 5, 5, 3, 7)):
        activate(taycan, f"offer-{number}", sha256=str(number) * 64, version=f"{number}", release_counter=counter)
        seen.append((taycan.state.installed[FUNCTION].version, taycan.state.counters[FUNCTION]))
    assert seen == [("0", 2), ("1", 5), ("2", 5), ("2", 5), ("4", 7)]


@pytest.mark.requirement("FOD-04")
def test_an_older_release_that_waited_is_given_up_once_a_newer_one_is_installed(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.CarUnlocked())
    older = taycan.offer("older", sha256="1" * 64)
    taycan.order(older)
    taycan.feed(on.DownloadCompleted("older"))
    taycan.leave()
    taycan.state.counters[FUNCTION] = 2  # a newer one of the same list came first
    taycan.reload()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == []
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage("older")]
    assert (taycan.job("older").state, taycan.job("older").code) == (PackageState.FAILED, "release-rollback")
    (told,) = [body for body in taycan.said() if isinstance(body, PackageReported)]
    assert (told.state, told.code) == (PackageState.FAILED, "release-rollback")
    assert "package-faulty" in taycan.shown()
    assert not [key for key in taycan.state.timers if "older" in key]


def test_each_function_has_a_counter_of_its_own(taycan: "Driver") -> None:
    taycan.activate()
    activate(taycan, "other", function="another", sha256="1" * 64, release_counter=9)
    assert taycan.state.counters == {FUNCTION: 1, "another": 9}
    assert sorted(taycan.state.installed) == ["another", FUNCTION]


@pytest.mark.requirement("FOD-13")
def test_an_older_version_that_is_taken_out_leaves_the_newer_one(taycan: "Driver") -> None:
    taycan.activate()
    activate(taycan, "newer", sha256="1" * 64, version="2.0.0", release_counter=2)
    remove(taycan)
    assert taycan.state.installed[FUNCTION].version == "2.0.0"
    remove(taycan, "newer")
    assert taycan.state.installed == {}


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize(("first", "second"), [(FOD, "twin"), ("twin", FOD)])
def test_the_same_version_from_two_orders_is_out_once_both_are(taycan: "Driver", first: str, second: str) -> None:
    taycan.activate()
    activate(taycan, "twin")
    assert taycan.state.installed == {FUNCTION: replace(IMAGE, offer_id="twin")}
    remove(taycan, first)
    assert taycan.state.installed == {FUNCTION: replace(IMAGE, offer_id=second)}
    remove(taycan, second)
    assert taycan.state.installed == {}


def test_what_the_car_no_longer_knows_to_be_installed_can_be_taken_out_all_the_same(taycan: "Driver") -> None:
    taycan.activate()
    taycan.state.installed.clear()
    taycan.reload()
    remove(taycan)
    assert taycan.job().state is PackageState.REMOVED
