"""What time it is for metadata and for jobs, after a clock that was set back and after one that was ahead."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import age
from pcm_agent.core import events as on
from pcm_agent.core.states import Metadata
from tests.pcm_agent.core.conftest import refused

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

pytestmark = pytest.mark.requirement("FOD-04")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAR_AHEAD = timedelta(days=400)


def accepts(car: "Driver", *, good_for: timedelta = 7 * DAY, vouched_for: timedelta = DAY) -> None:
    """A look at which timestamps expire sooner than what they say of jobs."""
    listed = (car.offer(),)
    found = on.MetadataAccepted(listed, car.state.floors, car.now + good_for, vouched_until=car.now + vouched_for)
    car.feed(on.LookOrdered(), found)
    assert car.at("metadata") is Metadata.CURRENT


def judged_by(car: "Driver") -> datetime:
    return age.of_a_look(car.state, car.now)


def is_too_old(car: "Driver") -> bool:
    car.feed(on.CarUnlocked())
    return "confirmation-due" in (car.job().blocked_by or ())


def test_a_car_that_has_accepted_nothing_goes_by_its_clock(taycan: "Driver") -> None:
    assert judged_by(taycan) == taycan.now
    taycan.feed(on.CarLeft())
    taycan.now -= DAY
    assert judged_by(taycan) == taycan.now


def test_a_clock_that_is_set_back_makes_no_timestamp_fresh_again(taycan: "Driver") -> None:
    taycan.go_online()
    accepts(taycan)
    expires = taycan.now + DAY
    taycan.now += 3 * HOUR
    assert judged_by(taycan) == taycan.now, "time passes"
    taycan.now += DAY
    taycan.feed(on.CarLeft())
    assert judged_by(taycan) == taycan.now > expires
    taycan.now -= DAY
    assert judged_by(taycan) == expires, "from then on it is refused"
    taycan.reload()
    assert judged_by(taycan) == expires


def test_a_clock_that_is_set_back_makes_no_job_fresh_again(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PrivateModeEnabled())  # so nothing has begun yet
    accepts(taycan)
    taycan.now += 8 * DAY
    assert is_too_old(taycan)
    taycan.now -= 8 * DAY
    assert is_too_old(taycan)


def test_a_clock_that_was_ahead_for_a_moment_is_believed_no_further_than_the_timestamps(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.PrivateModeEnabled())  # so nothing has begun yet
    accepts(taycan)
    expires = taycan.now + DAY
    taycan.now += FAR_AHEAD
    assert is_too_old(taycan)
    taycan.now -= FAR_AHEAD
    assert judged_by(taycan) == expires, "what is signed anew expires later"
    taycan.now += 12 * HOUR
    accepts(taycan)
    assert judged_by(taycan) == expires, "of the time before so much is sure"
    assert not is_too_old(taycan)
    taycan.now += 13 * HOUR
    assert judged_by(taycan) == taycan.now


def test_a_look_that_is_refused_says_nothing_of_the_time(taycan: "Driver") -> None:
    taycan.go_online()
    accepts(taycan)
    taycan.now += FAR_AHEAD
    taycan.feed(on.CarUnlocked())
    taycan.now -= FAR_AHEAD
    before = taycan.state.clock, taycan.state.vouched_until
    taycan.feed(*refused("metadata-expired"))
    assert taycan.state.metadata_refused
    assert (taycan.state.clock, taycan.state.vouched_until) == before
