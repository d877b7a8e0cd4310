"""What the page says of a whole run: what failed, the matrix, the requirements, and how large it may become."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from simulator.report import page
from simulator.report.catalogue import catalogue
from simulator.report.coverage import FOREIGN, Proof, Topic, coverage
from simulator.report.endings import Ending
from simulator.report.figure import FIRST, LAST, draw
from simulator.report.grid import FEW, UNKNOWN, grid
from simulator.report.story import Scenario, Story, scenarios_of
from simulator.report.words import CarLabel
from simulator.trace import Kind, Record

START = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
TOPICS = {"data": {"CON-01": "one", "CON-02": "two"}, "orders": {"FOD-01": "three"}}
HEADINGS = ("h1", "h2", "h3", "h4")


def render(language: str, text: str, arguments: Mapping[str, str | int | Sequence[str]]) -> str:
    return f"{language}|{text}|{arguments.get('function', '')}"


class Run(list[Record]):
    """A trace made by hand: every scenario has a car of its own."""

    now = START
    car = ""

    def __init__(self, *scenarios: str, absent: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.put("run", "run", mode="virtual", seed=7, scenarios=list(scenarios), not_applicable=absent or {})

    def put(self, kind: Kind, name: str, after: float = 0, /, **data: object) -> Record:
        self.now += timedelta(seconds=after)
        self.append(Record(seq=len(self), time=self.now, car=self.car, kind=kind, name=name, data=data))
        return self[-1]

    def scenario(self, file: str, profile: str = "p-one", cell: str = "", rows: Sequence[str] = ()) -> None:
        self.car = f"VIN{len(self)}"
        data = {"title": f"Title of {file}", "file": file, "profile": profile, "vin": self.car}
        data |= {"cell": cell} if cell else {}
        self.put("scenario", file, requirements=list(rows), **data)

    def change(self, number: int = 0) -> None:
        cause = self.put("event", "Happened", 1)
        states = (f"state-{number}", f"state-{number + 1}")
        data = {"source": states[0], "target": states[1]}
        self.append(
            Record(
                seq=len(self), time=self.now, car=self.car, kind="transition", name="sim", data=data, cause=cause.seq
            )
        )

    def held(self, *rows: str) -> None:
        self.put("held", "1", text="it is on", found="on", file="a", line=3, requirements=list(rows))

    def failed(self, *rows: str, **more: object) -> Record:
        data = {"text": "it is off", "found": "on", "file": "dir/a", "line": 4, "requirements": list(rows)}
        return self.put("failed", "2", **data, **more)

    def story(self, again: Sequence[str] = ()) -> Story:
        cars = {record.car: CarLabel(f"Car {record.car}", "en") for record in self}
        return Story.of(self, cars, render, again)


class Outline(HTMLParser):
    """The headings' levels, the chips of the matrix by row, and the text of what failed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.chips: list[tuple[str, str]] = []
        self.failures: list[str] = []
        self._in: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag in HEADINGS:
            self.levels.append(HEADINGS.index(tag))
        if "chip" in classes:
            self.chips.append((classes[1], ""))
        if tag == "article":
            self.failures.append("")
        if tag in ("article", "a", "span"):
            self._in.append("chip" if "chip" in classes else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("article", "a", "span"):
            self._in.pop()

    def handle_data(self, data: str) -> None:
        if "chip" in self._in:
            tone, text = self.chips[-1]
            self.chips[-1] = (tone, text + data)
        if "article" in self._in:
            self.failures[-1] = " ".join(f"{self.failures[-1]} {data}".split())


def matrix_run() -> Run:
    """Four cells: held, failed, broken off and never begun, and one that cannot exist."""
    cells = [f"trip[profile=p-one,way={way}]" for way in ("a", "b", "c", "d")]
    run = Run(*cells, absent={"trip[profile=p-two,way=a]": "no such slot"})
    run.scenario("trip", cell="profile=p-one,way=a", rows=["CON-01"])
    run.held("CON-01")
    run.scenario("trip", cell="profile=p-one,way=b", rows=["CON-01"])
    run.change()
    run.failed("CON-01")
    run.scenario("trip", cell="profile=p-one,way=c", rows=["CON-01"])
    run.failed("CON-01", broken_off=True)
    return run


# --- what failed ---


def test_each_failure_says_where_what_seed_and_how_to_have_it_again() -> None:
    again = ["pcm-sim run good", "pcm-sim run 'trip[way=b]' --seed 7", "pcm-sim run three"]
    outline = Outline(page(matrix_run().story(again), "A run"))
    assert outline.failures[0] == (
        "Title of trip [profile=p-one,way=b] ✗ failed where dir/a:4 expected it is off found on rows CON-01 "
        f"car Car VIN3 · VIN3 seed 7 again {again[1]}"
    )
    assert len(outline.failures) == 2
    assert "! broken off" in outline.failures[1]


def test_the_summary_counts_every_ending_apart() -> None:
    story = matrix_run().story()
    assert story.endings == {
        Ending.HELD: 1, Ending.FAILED: 1, Ending.BROKEN_OFF: 1, Ending.NOT_BEGUN: 1, Ending.NOT_APPLICABLE: 1,
    }  # fmt: skip
    text = re.sub(r"<[^>]*>", "", page(story, "A run"))
    for counted in ("1 ✗ failed", "1 ! broken off", "1 … not begun", "1 ✓ held", "1 – not applicable"):
        assert counted in text


def test_headings_skip_no_level() -> None:
    run = matrix_run()
    run.put("shown", "text", 1)
    levels = Outline(page(run.story(), "A run")).levels
    assert levels[0] == 0
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert 3 in levels


# --- the matrix ---


def test_each_cell_stands_in_its_row_and_column_with_sign_and_word() -> None:
    (line,) = grid(matrix_run().story()).lines
    endings = {profile: [chip.ending for chip in crossing] for profile, crossing in line.crossings.items()}
    assert endings == {
        "p-one": [Ending.HELD, Ending.FAILED, Ending.BROKEN_OFF, Ending.NOT_BEGUN],
        "p-two": [Ending.NOT_APPLICABLE],
    }
    assert [chip.anchor for chip in line.crossings["p-one"]] == ["s1", "s2", "s3", ""]
    assert Outline(page(matrix_run().story(), "A run")).chips == [
        ("right", "✓ a, held"),
        ("wrong", "✗ b, failed"),
        ("wrong", "! c, broken off"),
        ("wait", "… d, not begun"),
        ("still", "– a, not applicable"),
    ]


def test_a_cell_that_cannot_exist_says_why() -> None:
    assert "no such slot" in page(matrix_run().story(), "A run")


def test_many_cells_of_one_scenario_and_car_are_counted_and_the_wrong_ones_shown() -> None:
    run = Run()
    for number in range(FEW + 3):
        run.scenario("trip", cell=f"profile=p-one,way={number}")
        (run.failed if number == 5 else run.held)()
    (line,) = grid(run.story()).lines
    crossing = line.crossings["p-one"]
    assert crossing.many
    assert crossing.counts == [(Ending.FAILED, 1), (Ending.HELD, FEW + 2)]
    assert [chip.text for chip in crossing.wrong] == ["5"]
    assert Outline(page(run.story(), "A run")).chips[0] == ("wrong", "✗ 5, failed")


@pytest.mark.parametrize(("later", "column"), [("trip[way=b]", "p-one"), ("other", UNKNOWN)])
def test_a_cell_without_a_profile_of_its_own_stands_with_its_neighbours_or_apart(later: str, column: str) -> None:
    run = Run("trip[way=a]", later)
    run.scenario("trip", cell="way=a")
    run.held()
    found = grid(run.story())
    assert found.profiles == list(dict.fromkeys(["p-one", column]))
    assert found.lines[-1].crossings[column][-1].ending is Ending.NOT_BEGUN


# --- requirements ---


def rows(run: Run) -> dict[str, Proof]:
    topics: list[Topic] = coverage(scenarios_of(run), TOPICS)
    return {row.id: row.proof for topic in topics for row in topic.rows}


def test_a_row_is_proved_only_by_a_scenario_that_held_to_its_end() -> None:
    run = Run()
    run.scenario("a", rows=["CON-01"])
    run.held("CON-01")
    run.held("CON-02")
    assert rows(run) == {"CON-01": Proof.PROVED, "CON-02": Proof.PROVED, "FOD-01": Proof.NONE}
    run.failed("CON-01")
    assert rows(run) == {"CON-01": Proof.FAILED, "CON-02": Proof.UNSETTLED, "FOD-01": Proof.NONE}


def test_one_failure_outweighs_what_others_prove_and_all_are_named() -> None:
    run = Run()
    for number in range(3):
        run.scenario(f"dir/a{min(number, 1)}.pcm.yaml", rows=["CON-01"])
        (run.held if number else run.failed)("CON-01")
    topic, _ = coverage(scenarios_of(run), TOPICS)
    assert [(told.proof, told.name, len(told.scenarios)) for told in topic.rows[0].witnesses] == [
        (Proof.FAILED, "a0", 1),
        (Proof.PROVED, "a1", 2),
    ]


def test_a_scenario_that_expects_nothing_proves_nothing() -> None:
    run = Run()
    run.scenario("a", rows=["CON-01"])
    assert rows(run)["CON-01"] is Proof.NONE


def test_a_row_that_the_catalogue_lacks_has_a_topic_of_its_own() -> None:
    run = Run()
    run.scenario("a", rows=["MY-1"])
    run.held("MY-1")
    last = coverage(scenarios_of(run), TOPICS)[-1]
    assert (last.name, [row.id for row in last.rows]) == (FOREIGN, ["MY-1"])
    assert "MY-1" in page(run.story(), "A run")


def test_the_catalogue_of_the_package_is_that_of_the_docs() -> None:
    assert "CON-01" in catalogue()["connection"]
    assert len({row for topic in catalogue().values() for row in topic}) == sum(map(len, catalogue().values()))


# --- pictures ---


def marks(story: Story, scenario: Scenario, kind: str) -> int:
    return sum(mark.kind == kind for strip in draw(story, scenario).strips for mark in strip.marks)


def test_messages_are_arrows_between_the_rails_of_their_own_car() -> None:
    run = Run()
    cars = ("VIN1", "VIN-2")
    run.put("scenario", "a", vin="VIN1", cars={name: {"vin": name} for name in cars})
    for car in cars:
        run.car = car
        run.change()
        run.put("sent", f"pcm/v1/{car}/event/x", bytes=1)
        run.put("arrived", f"pcm/v1/{car}/command/y", bytes=1)
    story = run.story()
    figure = draw(story, story.scenarios[0])
    assert [label.text for label in figure.labels if label.kind == "car"] == ["Car VIN1", "Car VIN-2"]
    heights = {mark.y for strip in figure.strips for mark in strip.marks}
    rails = [label.y for label in figure.labels if label.text == "car"]
    assert heights == {rail + 11 for rail in rails}
    assert (marks(story, story.scenarios[0], "sent"), marks(story, story.scenarios[0], "arrived")) == (2, 2)


def test_a_very_long_scenario_leaves_the_middle_out_but_no_failure() -> None:
    run = Run()
    run.scenario("a")
    for number in range(2000):
        run.change(number)
        if number == 1000:
            run.failed()
    story = run.story()
    figure = draw(story, story.scenarios[0])
    assert len(figure.strips) == FIRST + LAST + 1
    assert marks(story, story.scenarios[0], "failed") == 1
    assert sum(strip.skipped > 0 for strip in figure.strips) == 2
    assert "moments are left out here" in page(story, "A run")


def test_strips_are_about_equally_long() -> None:
    for count in range(20, 60):
        run = Run()
        run.scenario("a")
        for number in range(count):
            run.change(number)
        story = run.story()
        widths = [strip.width for strip in draw(story, story.scenarios[0]).strips]
        assert min(widths) > max(widths) / 2


def test_months_have_dates_and_seconds_have_clocks_that_never_overlap() -> None:
    run = Run()
    run.scenario("a")
    for number, pause in enumerate([1, 1, 1, 90 * 86_400, 1, 70, 1, 40 * 86_400, 1, 1, 1] * 3):
        run.now += timedelta(seconds=pause)
        run.change(number)
    story = run.story()
    for strip in draw(story, story.scenarios[0]).strips:
        assert strip.times[1].kind == "date"
        clocks = [mark.x for mark in strip.times if mark.kind == "time"]
        assert all(after - before >= 57 for before, after in pairwise(clocks))
        assert all(mark.x + 55 <= strip.width + 1 for mark in strip.times if mark.kind == "time")
    text = page(story, "A run")
    assert "15 Apr 2026" in text
    assert "90 d later" in text


# --- size ---


def test_a_page_that_grows_too_large_keeps_the_pictures_of_what_failed() -> None:
    run = Run()
    for number in range(6):
        run.scenario(f"a{number}")
        run.change()
        (run.failed if number == 5 else run.held)()
    story = run.story([f"pcm-sim run a{number}" for number in range(6)])
    whole, small = page(story, "A run"), page(story, "A run", budget=1)
    assert whole.count('class="chart"') == 6
    assert small.count('class="chart"') == 1
    assert small.count("left out to keep the page small") == 5
    assert small.index('class="chart"') > small.index('id="s5"')
    assert "<code>pcm-sim run a0 --report FILE</code>" in small
    assert len(small) < len(whole)


def test_few_scenarios_are_open_and_of_many_only_those_that_failed() -> None:
    run = Run()
    for number in range(3):
        run.scenario(f"a{number}")
        run.held()
    opened = re.compile(r'<details class="scenario \w+" open>')
    assert len(opened.findall(page(run.story(), "A run"))) == 3
    run.scenario("a3")
    run.failed()
    assert opened.findall(page(run.story(), "A run")) == ['<details class="scenario wrong" open>']


def test_print_opens_what_is_folded() -> None:
    styles = page(matrix_run().story(), "A run").partition("@media print")[2]
    assert "::details-content { content-visibility: visible" in styles
