import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pcm_agent.errors import TransportError
from simulator.report import CarLabel, write_report
from simulator.report.figure import draw
from simulator.report.lanes import columns_of, lanes_of
from simulator.report.shapes import WIDTH
from simulator.report.story import Scenario, Story, scenarios_of
from simulator.trace import Kind, Record

TAYCAN = "WP0ZZZY1ZPSA00001"
CAYENNE = "WP1ZZZ9YZPDA00002"
CARS = {TAYCAN: CarLabel("Taycan · Japan", "ja"), CAYENNE: CarLabel("Cayenne · Germany", "de")}
START = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
HOSTILE = "</title><script>alert('x')</script><img src=\"http://evil.example/x\">&\x1b"
VOID = {"meta", "br", "link", "img", "hr"}


def render(language: str, text: str, arguments: Mapping[str, str | int | Sequence[str]]) -> str:
    return f"{language}|{text}|{arguments.get('function', '')}"


class Page(HTMLParser):
    """Elements with their attributes, and the text of the whole page; unbalanced tags are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def having(self, tag: str, name: str) -> list[dict[str, str | None]]:
        return [attrs for found, attrs in self.elements if found == tag and name in (attrs.get("class") or "").split()]


class Records(list[Record]):
    """A trace made by hand."""

    now = START
    car = ""

    def put(self, kind: Kind, name: str, /, after: float = 0, cause: int | None = None, **data: object) -> int:
        self.now += timedelta(seconds=after)
        record = Record(seq=len(self), time=self.now, car=self.car, kind=kind, name=name, data=data, cause=cause)
        self.append(record)
        return record.seq

    def scenario(self, title: str, vin: str) -> None:
        self.car = vin
        self.put("scenario", title, title=title, vin=vin, file="a.pcm.yaml", requirements=["FOD-06"])

    def event(self, name: str, region: str, source: str, target: str, /, after: float = 1) -> None:
        cause = self.put("event", name, after)
        self.put("transition", region, source=source, target=target, cause=cause)

    def step(self, number: int, text: str) -> None:
        self.put("step", str(number), text=text, line=number, file="a.pcm.yaml")


def story(*, failed: bool = False, hostile: str = "") -> Records:
    records = Records()
    records.put("run", "run", mode="virtual", seed=42, version="0.1.0", scenarios=["a"])
    records.scenario(f"An order{hostile}", TAYCAN)
    records.step(1, f"The car starts{hostile}")
    records.event("IgnitionTurnedOn", "ignition", "off", "on")
    cause = records.put("event", "BearerAttached", 1)
    records.put("transition", "connection", source="connecting", target="connected", cause=cause)
    records.put("symbol", "LTE", letter="LTE", wifi=False, cause=cause)
    records.put("sent", f"pcm/v1/{TAYCAN}/event/connection", bytes=400, body={"secret": "body"})
    records.put("sent", f"pcm/v1/{TAYCAN}/event/connection", bytes=600, body={})
    records.put("held", "1", text=f"there is data{hostile}", line=2, file="a", found="", requirements=["CON-01"])
    records.step(2, "The owner orders")
    records.put("backend", "order-placed", function="f-one", amount="299.00", currency="EUR")
    records.put("arrived", f"pcm/v1/{TAYCAN}/command/look", bytes=700, body={})
    assigned = {"offer_id": "o-1", "function": "f-one", "version": "1", "length": 10}
    cause = records.put("event", "MetadataAccepted", 1, assignments=[assigned])
    records.put("transition", "package", offer_id="o-1", source="consented", target="paused", cause=cause)
    records.put("shown", "package-paused", function=f"f-one{hostile}", cause=cause)
    cause = records.put("event", "PairingCodeEntered", 1, code="***")
    records.put("refusal", "linked-by-porsche-id", requirement="IDN-04", blocked_by=["charging-cable"], cause=cause)
    records.step(3, "Ten minutes pass")
    records.event("PrivateModeDisabled", "private_mode", "on", "off", 600)
    if failed:
        records.put("failed", "3", text=f"billed once{hostile}", line=9, file="a.pcm.yaml", found=f"two{hostile}")
    return records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def written(path: Path, records: Sequence[Record], title: str = "A run") -> Page:
    write_report(path, records, title=title, cars=CARS, render=render)
    return Page(path.read_text(encoding="utf-8"))


def only(records: Sequence[Record]) -> Scenario:
    (scenario,) = scenarios_of(records)
    return scenario


def test_the_header_says_what_was_run_and_how_it_ended(path: Path) -> None:
    text = written(path, story()).text
    assert "held all 1 expectations" in text
    assert "mode virtual seed 42 virtual time 10 min 4 s version 0.1.0" in text
    assert f"Taycan · Japan · {TAYCAN} · from Thursday 15 January 2026, 08:30:00 UTC · 10 min 4 s" in text
    assert "requirements: FOD-06" in text


def test_a_failure_is_marked_in_header_section_figure_and_table(path: Path) -> None:
    held, failed = written(path, story()), written(path, story(failed=True))
    assert "1 of 2 expectations did not hold" in failed.text
    assert "billed once found: two" in failed.text
    for tag, name in (("span", "verdict"), ("rect", "alarm"), ("g", "failed"), ("tr", "failed")):
        assert failed.having(tag, name), name
    assert failed.having("article", "failure")
    assert failed.having("details", "wrong")
    assert not [
        attrs for _, attrs in held.elements if {"wrong", "failed", "alarm"} & set((attrs.get("class") or "").split())
    ]


def test_a_run_that_expects_nothing_claims_nothing(path: Path) -> None:
    records = Records()
    records.put("run", "run", mode="virtual", seed=1)
    records.scenario("Empty", TAYCAN)
    page = written(path, records)
    assert "nothing was expected" in page.text
    assert not page.having("span", "verdict")
    assert "0 scenarios" not in written(path, []).text


def test_the_tables_hold_what_happened(path: Path) -> None:
    text = written(path, story()).text
    assert "08:30:03 ja|package-paused|f-one en|package-paused|f-one" in text
    assert "PairingCodeEntered" not in text  # the records made by hand name no event in the refusal
    assert "linked-by-porsche-id IDN-04 charging-cable" in text
    assert "order placed · f-one, 299.00 EUR" in text
    assert "car → backend event/connection 2 1.0 kB" in text
    assert "backend → car command/look 1 700 B" in text
    assert "all 3 1.7 kB" in text


def test_bodies_of_messages_are_not_in_the_page(path: Path) -> None:
    written(path, story())
    assert "secret" not in path.read_text(encoding="utf-8")


def test_requirements_stand_at_an_expectation_only_where_they_are_its_own(path: Path) -> None:
    records = story()
    records.put("held", "3", text="same", line=9, file="a", found="", requirements=["FOD-06"])
    assert len(written(path, records).having("span", "req")) == 1


def test_hostile_text_stays_text(path: Path) -> None:
    page = written(path, story(failed=True, hostile=HOSTILE), title=f"T{HOSTILE}")
    assert not [tag for tag, _ in page.elements if tag in {"script", "img", "link", "iframe"}]
    assert "An order</title><script>alert('x')</script>" in page.text
    assert "\x1b" not in path.read_text(encoding="utf-8")
    assert page.elements[0][0] == "html"


def test_the_page_needs_nothing_from_elsewhere(path: Path) -> None:
    page = written(path, story(failed=True))
    text = path.read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert not [attrs for _, attrs in page.elements if {"src", "srcset"} & set(attrs)]
    links = {attrs["href"] for _, attrs in page.elements if "href" in attrs}
    assert links
    assert links <= {f"#{attrs['id']}" for _, attrs in page.elements if "id" in attrs}
    (policy,) = [attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv")]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_light_dark_phone_and_print_are_cared_for(path: Path) -> None:
    page = written(path, story())
    text = path.read_text(encoding="utf-8")
    for query in ("prefers-color-scheme: dark", "max-width: 600px", "@media print"):
        assert query in text
    assert any(attrs.get("name") == "viewport" for _, attrs in page.elements)
    assert page.having("div", "scroll")


# --- the figure ---


def test_only_regions_that_changed_have_a_lane(path: Path) -> None:
    page = written(path, story())
    names = [text.strip() for text in page.words]
    for name in ("ignition", "connection", "status corner", "private mode", "f-one"):
        assert name in names
    for name in ("lock", "roaming", "sim", "account"):
        assert name not in names


def test_lanes_stand_in_the_order_of_the_regions_with_packages_last() -> None:
    lanes = lanes_of(columns_of(only(story()).records))
    assert [lane.name for lane in lanes] == ["ignition", "connection", "status corner", "private mode", "f-one"]


def test_a_lane_is_covered_from_beginning_to_end_without_gap() -> None:
    columns = columns_of(only(story()).records)
    for lane in lanes_of(columns):
        for before, after in zip(lane.spans, lane.spans[1:], strict=False):
            assert before.end == after.first
        assert lane.spans[-1].end == len(columns)
        if lane.key != "o-1":
            assert lane.spans[0].first == 0


def test_a_region_that_changes_twice_at_once_shows_both_states() -> None:
    records = Records()
    records.scenario("Twice", TAYCAN)
    cause = records.put("event", "X")
    for source, target in (("downloading", "staged"), ("staged", "waiting"), ("waiting", "waiting")):
        records.put("transition", "package", offer_id="o-1", source=source, target=target, cause=cause)
    (lane,) = lanes_of(columns_of(only(records).records))
    assert [state.state for state in lane.spans] == ["staged", "waiting"]


def test_an_event_without_consequence_and_progress_take_no_room() -> None:
    records = story()
    before = len(columns_of(only(records).records))
    records.put("event", "CarLocked", 1)
    cause = records.put("event", "DownloadProgressed", 1, received=5)
    records.put("sent", "pcm/v1/x/event/heartbeat", bytes=1, cause=cause)
    assert len(columns_of(only(records).records)) == before


def test_the_same_state_means_different_things_in_different_regions() -> None:
    records = Records()
    records.scenario("Tones", TAYCAN)
    records.event("A", "charging", "disconnected", "connected")
    records.event("B", "connection", "connecting", "connected")
    tones = {lane.key: lane.spans[-1].tone for lane in lanes_of(columns_of(only(records).records))}
    assert tones == {"charging": "wait", "connection": "good"}


def test_time_that_jumps_is_told_and_takes_no_room(path: Path) -> None:
    page = written(path, story())
    assert "10 min later" in page.text
    (jump,) = page.having("path", "jump")
    assert float((jump["d"] or "").removeprefix("M").split()[0]) < WIDTH


def test_every_state_has_room_for_its_name_and_every_strip_fits() -> None:
    records = story()
    for number in range(80):
        records.event("E", "connection", "connected" if number % 2 else "disconnected", f"state-{number}-long-name")
    figure = draw(Story.of(records, CARS, render), only(records))
    assert len(figure.strips) > 1
    texts = {box.text for strip in figure.strips for box in strip.boxes}
    assert {f"state-{number}-long-name" for number in range(80)} <= texts
    for strip in figure.strips:
        assert strip.width <= WIDTH + 0.5
        assert all(box.x >= 0 and box.x + box.width <= strip.width + 0.5 for box in strip.boxes)


def test_every_message_step_and_expectation_is_drawn(path: Path) -> None:
    page = written(path, story(failed=True))
    assert len(page.having("g", "sent")) == 2
    assert len(page.having("g", "arrived")) == 1
    assert len(page.having("g", "step")) == 3
    assert len(page.having("g", "held")) == 1


def test_two_cars_in_one_scenario_are_grouped_and_named() -> None:
    records = story()
    records.car = CAYENNE
    records.event("IgnitionTurnedOn", "ignition", "off", "on")
    records.car = TAYCAN
    figure = draw(Story.of(records, CARS, render), only(records))
    assert [label.text for label in figure.labels if label.kind == "car"] == ["Taycan · Japan", "Cayenne · Germany"]


def test_a_late_record_belongs_to_the_scenario_of_its_car() -> None:
    records = story()
    records.scenario("Second", CAYENNE)
    records.car = TAYCAN
    records.put("held", "3", text="late", line=1, file="a", found="")
    first, second = scenarios_of(records)
    assert first.records[-1].data["text"] == "late"
    assert second.records == []


# --- the file ---


@pytest.mark.parametrize("place", ["missing/report.html", "."])
def test_an_unwritable_path_is_a_clear_error(tmp_path: Path, place: str) -> None:
    with pytest.raises(TransportError) as caught:
        written(tmp_path / place, story())
    assert caught.value.code == "report-unwritable"
    assert str(tmp_path) in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_breaks_off_leaves_what_was_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulator.files.os.fsync", full)
    with pytest.raises(TransportError, match="No space left on device"):
        written(path, story())
    assert path.read_text() == "old"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_report_replaces_an_older_one_and_keeps_a_link_to_it(path: Path, tmp_path: Path) -> None:
    path.write_text("old")
    link = tmp_path / "latest.html"
    link.symlink_to(path)
    written(link, story())
    assert link.is_symlink()
    assert re.match("<!doctype html>", path.read_text(encoding="utf-8"))


def test_something_that_is_no_file_is_written_to_directly(path: Path) -> None:
    device = Path("/dev/null")
    write_report(device, story(), title="A run", cars=CARS, render=render)
    assert device.is_char_device()
