"""Logins that the backend answers late: in the end car and backend agree on who is linked (IDN-06)."""

import pytest

from pcm_agent.protocol.people import UserLeft
from simulator.backend.records import LinkRow
from simulator.scenario.loader import parse_scenario
from simulator.session import Options, run
from tests.simulator.backend.office import MAX, VIN, Office
from tests.simulator.test_people import pair

TWICE = """\
version: 1
title: Two logins while the backend is away
invariants: "on"
car: {profile: taycan, country: JP}
steps:
  - do: {register: {porsche_id: hanako@example.com, password: sakura-2026}}
  - do: {ignition: "on"}
  - do: {radio: {country: JP, access: lte}}
  - expect: {session: open}
  - do: {backend: crashed}
  - do: {log_in: {porsche_id: hanako@example.com, password: sakura-2026}}
  - do: {wait: 2 min}
  - do: {log_in: {porsche_id: hanako@example.com, password: sakura-2026}}
  - do: {wait: 5 s}
  - do: {backend: started}
  - do: {wait: 10 min}
  - expect: {account: linked}
"""


def test_of_two_logins_without_an_answer_the_second_links_the_car() -> None:
    """The law `people` is judged at the end of the wait."""
    verdict = run([parse_scenario(TWICE, "twice.pcm.yaml")], Options(live=False)).verdicts[0]
    assert verdict.passed, verdict.failures


@pytest.mark.parametrize(("request_id", "linked"), [("ask", False), (None, False), ("ask-before", True)])
def test_only_the_link_of_the_request_that_is_named_ends(request_id: str | None, linked: bool) -> None:
    office = Office()
    office.desk.register(VIN, MAX, "sakura-2026", "DE")
    pair(office, office.desk.pairing_code(VIN), "ask")
    office.hear(UserLeft(porsche_id=MAX, request_id=request_id))
    with office.desk.transaction() as db:
        assert (db.get(LinkRow, (VIN, MAX)) is not None) is linked
