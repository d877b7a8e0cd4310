"""The codes that scenarios may name are those that the car's code holds."""

import inspect
import re

from pcm_agent.core import answering, assignments
from pcm_agent.core.jobs import installation
from pcm_agent.core.rules.packages import DOWNLOAD, INSTALLATION
from pcm_agent.core.rules.services import SERVICE
from pcm_agent.trust.refusals import REFUSALS
from simulator.scenario.words import EXPIRED, IN_THE_CLUSTER, OFFERS, conditions


def test_what_the_repositories_say_is_refused_with_these_codes_and_no_others() -> None:
    found = re.findall(r'refuse\("([a-z-]+)", "FOD', inspect.getsource(assignments))
    assert {*found, *REFUSALS} == set(OFFERS)


def test_the_cluster_shows_what_depends_on_the_place_of_an_error() -> None:
    shown = re.findall(r'Show\("([a-z-]+)", .*display\(turn\)\)', inspect.getsource(installation))
    assert sorted(shown) == sorted(IN_THE_CLUSTER)


def test_every_condition_of_a_package_or_a_service_is_known() -> None:
    assert {it.code for table in (DOWNLOAD, INSTALLATION, SERVICE) for it in table} <= set(conditions())


def test_a_command_that_came_too_late_has_this_code() -> None:
    assert f'code="{EXPIRED}"' in inspect.getsource(answering)
