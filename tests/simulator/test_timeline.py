import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from pcm_agent.texts import render
from simulator.report.figures import size, span
from simulator.report.words import backend_words, event_words
from simulator.report.wrap import wrapped
from simulator.timeline import CarLabel, Timeline
from simulator.trace import Kind, Record

JAPANESE = "WP0ZZZY1ZPSA00001"
BRITISH = "WP1ZZZ9YZPDA00002"
CARS = {JAPANESE: CarLabel("Taycan · Japan", "ja"), BRITISH: CarLabel("Cayenne · Great Britain", "en")}
START = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
FUNCTION = "intelligent-range-manager"
OFFER: dict[str, Any] = {
    "assignments": [{"offer_id": "o-1", "function": FUNCTION, "version": "1.0", "length": 40_000_000}],
}
REJECTED = "the network gives no data over the inserted SIM: apn-unknown"
ESCAPE = "\x1b[31m"


class Story:
    """Feeds records to a timeline; each call gives what it printed."""

    def __init__(self, *, terminal: bool = False, width: int = 100, verbose: bool = False, no_color: bool = False):
        self.out = io.StringIO()
        console = Console(file=self.out, force_terminal=terminal, width=width, no_color=no_color)
        self.timeline = Timeline(console, CARS, render=render, verbose=verbose)
        self.now = START
        self.seq = 0

    def __call__(self, kind: Kind, name: str, /, car: str = JAPANESE, after: float = 0, **data: object) -> str:
        begin = self.out.tell()
        self.now += timedelta(seconds=after)
        self.timeline(Record(seq=self.seq, time=self.now, car=car, kind=kind, name=name, data=data))
        self.seq += 1
        return self.out.getvalue()[begin:]

    def begin(self) -> "Story":
        self("run", "run", car="", mode="virtual", seed=7)
        self("scenario", "A story", title="A story", vin=JAPANESE)
        self("step", "1", text="The car starts", line=3, file="a.pcm.yaml")
        return self


@pytest.fixture
def story() -> Story:
    return Story().begin()


def test_a_scenario_is_headed_by_title_car_mode_and_seed(story: Story) -> None:
    head = story.out.getvalue()
    assert "A story ─" in head
    assert f"Taycan · Japan · {JAPANESE} · virtual, seed 7" in head
    assert "Thursday 15 January 2026, UTC\n08:30:00 ▸ The car starts\n" in head


def test_the_time_is_printed_when_it_changes(story: Story) -> None:
    assert story("event", "IgnitionTurnedOn") == "         · ignition on\n"
    assert story("event", "IgnitionTurnedOff", after=2) == "08:30:02 · ignition off\n"


def test_a_jump_of_the_clock_and_a_new_date_are_told(story: Story) -> None:
    assert "⋮ 10 min later\n08:40:00 · the car is locked" in story("event", "CarLocked", after=600)
    told = story("event", "CarUnlocked", after=28 * 86_400)
    assert "Thursday 12 February 2026, UTC" in told
    assert "⋮ 28 d later" in told


@pytest.mark.parametrize(
    ("event", "region", "source", "target"),
    [("IgnitionTurnedOn", "ignition", "off", "on"), ("PrivateModeEnabled", "private_mode", "off", "on")],
)
def test_a_transition_that_echoes_its_event_is_not_printed(
    story: Story, event: str, region: str, source: str, target: str
) -> None:
    assert story("event", event).count("\n") == 1
    assert story("transition", region, source=source, target=target, cause=event) == ""


def test_the_bearer_is_told_by_the_connection(story: Story) -> None:
    assert story("event", "BearerAttached", way="embedded-sim", access="lte") == ""
    told = story("transition", "connection", source="connecting", target="connected", cause="BearerAttached")
    assert told.strip() == "│ connection: connecting → connected over the embedded SIM, LTE"


def test_another_transition_names_no_bearer(story: Story) -> None:
    told = story("transition", "roaming", source="home", target="barred", cause="RoamingChanged")
    assert told.strip() == "│ roaming: home → barred"


def test_what_the_driver_reads_stands_in_the_cars_language_and_in_english(story: Story) -> None:
    first, second = story("shown", "private-mode-on").splitlines()
    assert first.strip() == f"▐ {render('ja', 'private-mode-on', {})}"
    assert second.strip() == f"▐ ({render('en', 'private-mode-on', {})})"


def test_english_is_not_said_twice(story: Story) -> None:
    story("scenario", "Another", car=BRITISH, title="Another", vin=BRITISH)
    assert story("shown", "private-mode-on", car=BRITISH).count("Private mode is on") == 1


def test_render_gets_the_arguments_of_the_message() -> None:
    asked: list[tuple[str, str, Mapping[str, object]]] = []

    def remember(language: str, text: str, arguments: Mapping[str, str | int | Sequence[str]]) -> str:
        asked.append((language, text, arguments))
        return "said"

    timeline = Timeline(Console(file=io.StringIO()), CARS, render=remember)
    data = {"function": FUNCTION, "reasons": ["private-mode"]}
    timeline(Record(seq=0, time=START, car=JAPANESE, kind="shown", name="package-paused", data=data))
    assert asked == [("ja", "package-paused", data), ("en", "package-paused", data)]


def test_a_refusal_names_code_requirement_and_what_blocks(story: Story) -> None:
    told = story("refusal", "not-now", event="X", requirement="FOD-06", blocked_by=["charging-cable", "car-on"])
    assert told.strip() == "⊘ refused: not-now (FOD-06), blocked by charging-cable, car-on"
    assert "blocked by" not in story("refusal", "no-sim", event="X", requirement="CON-17", blocked_by=[])


@pytest.mark.parametrize(
    ("letter", "wifi", "sign"), [("LTE", False, "[LTE]"), (None, True, "[WiFi]"), (None, False, "[–]")]
)
def test_the_status_corner(story: Story, letter: str | None, wifi: bool, sign: str) -> None:
    assert story("symbol", "x", letter=letter, wifi=wifi).strip() == f"│ status corner {sign}"


def test_a_fault_is_told_where_it_begins_and_where_it_is_over(story: Story) -> None:
    assert story("fault", "power", text="power: cut", state="no power") == "         ↯ fault: power: cut\n"
    assert story("fault", "power", text="power: back", state="") == "         ↯ fault over: power: back\n"


def test_a_connection_that_car_and_backend_have_lost_is_told_once(story: Story) -> None:
    cut: dict[str, Any] = {"text": "the connection was cut"}
    assert story("note", "session-lost", **cut) == "         ! session-lost: the connection was cut\n"
    assert story("note", "session-lost", car="", **cut) == ""
    told = story("note", "session-lost", car="", after=1, **cut)
    assert told == "08:30:01 ! backend: session-lost: the connection was cut\n"
    assert story("note", "backend-crashed", car="", text="now") == "         ! backend-crashed: now\n"


def test_what_two_cars_say_at_one_instant_is_told_of_both(story: Story) -> None:
    old: dict[str, Any] = {"text": "the list is too old"}
    assert story("note", "metadata-refused", **old) == "         ! metadata-refused: the list is too old\n"
    other = story("note", "metadata-refused", car=BRITISH, **old)
    assert other == "         ! Cayenne · Great Britain: metadata-refused: the list is too old\n"
    assert story("note", "metadata-refused", car="", **old) == ""


def test_backend_records_are_told_with_their_details(story: Story) -> None:
    told = story("backend", "order-billed", order_id="7", amount="299.00", currency="EUR", entries=1)
    assert told.strip() == "◆ billed once: 1 entry · order 7, 299.00 EUR"
    assert "billed: 2 entries" in story("backend", "order-billed", entries=2)
    assert "link refused · pairing-code-unknown" in story("backend", "link-refused", reason="pairing-code-unknown")
    assert "offers 1, 2, 40.0 MB" in story("backend", "new", offers=["1", "2"], bytes=40_000_000)
    assert story("backend", "command-done", kind="look") == ""


def test_expectations(story: Story) -> None:
    assert story("held", "1", text="it is on", line=4, file="a", found="on").strip() == "✓ it is on"
    failed = story("failed", "1", text="it is off", line=5, file="a.pcm.yaml", found="on")
    assert [line.strip() for line in failed.splitlines()] == ["✗ it is off", "found: on", "a.pcm.yaml:5"]


def test_the_wire_is_silent_unless_asked_for() -> None:
    quiet, verbose = Story().begin(), Story(verbose=True).begin()
    wire: tuple[tuple[Kind, str], ...] = (("sent", "pcm/v1/V/state"), ("arrived", "pcm/v1/V/command/x"))
    for kind, name in wire:
        assert quiet(kind, name, bytes=1234) == ""
        assert f"{name}  1.2 kB" in verbose(kind, name, bytes=1234)
    assert quiet("note", "heartbeat") == ""
    assert "heartbeat" in verbose("note", "heartbeat")
    assert "message-malformed: wrong" in quiet("note", "message-malformed", text="wrong")


def test_a_step_without_words_of_its_own_is_told_by_what_comes_of_it(story: Story) -> None:
    assert story("step", "2", text="ignition: on", line=4, file="a", said=False) == ""
    assert "▸ On" in story("step", "3", text="On", line=4, file="a", said=True)


def test_another_car_is_named(story: Story) -> None:
    assert "· Cayenne · Great Britain: ignition on" in story("event", "IgnitionTurnedOn", car=BRITISH)


# --- downloads ---


def test_off_a_terminal_a_download_is_told_in_quarters(story: Story) -> None:
    story("event", "MetadataAccepted", **OFFER)
    told = [
        story("event", "DownloadProgressed", after=1, offer_id="o-1", received=number * 4_000_000).strip()
        for number in range(1, 11)
    ]
    lines = [line for line in told if line]
    assert [re.findall(r"\d+ %", line)[0] for line in lines] == ["30 %", "50 %", "80 %"]
    assert "12.0 MB of 40.0 MB, 4.0 MB/s" in lines[0]
    staged = story("transition", "package", offer_id="o-1", source="downloading", target="staged")
    assert f"{FUNCTION}: 40.0 MB downloaded" in staged
    assert f"{FUNCTION}: downloading → staged" in staged


def test_a_download_that_pauses_is_not_called_complete(story: Story) -> None:
    story("event", "MetadataAccepted", **OFFER)
    story("event", "DownloadProgressed", after=1, offer_id="o-1", received=20_000_000)
    told = story("transition", "package", offer_id="o-1", source="downloading", target="paused")
    assert told.strip() == f"│ {FUNCTION}: downloading → paused"
    story("transition", "package", offer_id="o-1", source="paused", target="downloading")
    resumed = story("event", "DownloadProgressed", after=9, offer_id="o-1", received=30_000_000)
    assert "75 %, 30.0 MB of 40.0 MB" in resumed
    assert "MB/s" not in resumed  # no rate can be known from one report


def test_on_a_terminal_a_download_is_a_bar_that_goes_away() -> None:
    story = Story(terminal=True).begin()
    story("event", "MetadataAccepted", **OFFER)
    story("event", "DownloadProgressed", after=1, offer_id="o-1", received=10_000_000)
    shown = story("event", "DownloadProgressed", after=1, offer_id="o-1", received=20_000_000)
    assert "50 %" in shown
    assert "20.0 MB of 40.0 MB, 10.0 MB/s" in shown
    assert "\x1b[?25h" not in shown
    story.timeline.close()
    assert story.out.getvalue().rstrip("\n").endswith(("\x1b[?25h", "\x1b[2K"))
    story.timeline.close()


def test_progress_of_an_unknown_offer_is_left_out(story: Story) -> None:
    assert story("event", "DownloadProgressed", after=1, offer_id="o-9", received=1) == ""


# --- form ---


def test_output_off_a_terminal_is_plain() -> None:
    story = Story().begin()
    story("shown", "package-ready", function=FUNCTION)
    story("failed", "1", text="it is off", line=5, file="a.pcm.yaml", found="on")
    assert "\x1b" not in story.out.getvalue()
    assert not re.search(r" $", story.out.getvalue(), re.MULTILINE)


def test_no_color_gives_no_colors() -> None:
    colors = re.compile(r"\x1b\[[\d;]*(?:3[0-7]|4[0-7]|9[0-7])m")
    for no_color in (False, True):
        story = Story(terminal=True, no_color=no_color).begin()
        story("shown", "private-mode-on")
        assert (colors.search(story.out.getvalue()) is None) is no_color


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_or_120(width: int) -> None:
    story = Story(width=width).begin()
    story("shown", "package-ready", function=FUNCTION)
    story("held", "1", text="word " * 60, line=1, file="a")
    story("event", "ApnEntered", apn="x" * 300)
    assert max(map(cell_len, story.out.getvalue().splitlines())) <= min(width, 120)
    assert "x" * 40 in story.out.getvalue()


@pytest.mark.parametrize("hostile", [f"{ESCAPE}red", "[bold]x[/nothing]", "a\nb", "{0}", "\x9b2J"])
def test_hostile_text_is_printed_as_text(story: Story, hostile: str) -> None:
    told = story("note", hostile, text=hostile) + story("event", "ApnEntered", apn=hostile)
    told += story("held", "1", text=hostile, line=1, file="a")
    assert not set(told) & {"\x1b", "\x9b"}
    assert told.count("\n") == 3
    if hostile.isprintable():
        assert told.count(hostile) == 4


# --- words ---


def test_every_event_that_can_be_recorded_has_words_or_is_told_otherwise() -> None:
    from pcm_agent.core.events import Event
    from simulator.report.words import EVENTS, TOLD_OTHERWISE

    internal = {
        "AlarmClosed", "ServiceCancelled", "ServiceJudged", "ServiceListed", "ServiceProvided",
        "CommandReceived", "DownloadAllowed", "DownloadBlocked", "LinkConfirmed", "LinkRefused",
        "DataPackageBooked", "MapUpdateAllowed", "MapUpdateBlocked", "PackageRemovalOrdered", "PackageWithdrawn",
        "LookOrdered", "MetadataCheckAllowed", "MetadataCheckBlocked",
        "PreconditionsChanged", "RoamingChanged", "TimerFired",
        "WayFound", "WayLost", "PersonalNewsDue", "RemoteCommanded", "SecurityCodeReset", "SettingsReceived",
        "UserUnlinked", "WithdrawalAsked",
    }  # fmt: skip
    assert {event.__name__ for event in Event.__subclasses__()} - internal == set(EVENTS) | TOLD_OTHERWISE


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("CellChanged", {"country": "CH", "access": "lte"}, "radio cell: Switzerland, LTE"),
        ("CellChanged", {"country": "XX"}, "radio cell: XX, none"),
        ("TimerFired", {"key": "settle:o-1"}, "the car was left alone long enough"),
        ("TimerFired", {"key": "new:o-1"}, "timer: new"),
        ("SomethingNew", {}, "something new"),
        ("CommandReceived", {"kind": "confirm-link", "body": {}}, None),
        ("BearerRejected", {"way": "inserted-sim", "reason": "apn-unknown"}, REJECTED),
        ("CommandReceived", {"kind": "new", "body": {}}, "the backend orders: new"),
        (
            "CommandReceived",
            {"kind": "remote", "body": {"porsche_id": "max@example.com", "action": "lock"}, "over_app": True},
            "max@example.com wants from afar: lock, over the phone",
        ),
        ("CommandReceived", {"kind": "look"}, "the backend says: look at the repositories"),
    ],
)
def test_words_of_events(name: str, data: dict[str, Any], words: str | None) -> None:
    record = Record(seq=0, time=START, car=JAPANESE, kind="event", name=name, data=data)
    assert event_words(record) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (4.25, "4.2 s"), (60, "1 min"), (634, "10 min 34 s"), (3600, "1 h"), (28 * 86_400 + 60, "28 d")],
)
def test_spans(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (40_000_000, "40.0 MB")])
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


def test_japanese_is_wrapped_without_loss_and_never_before_a_stop() -> None:
    text = render("ja", "package-ready", {"function": FUNCTION})
    for width in range(12, 80):
        lines = wrapped(text, width)
        assert max(map(cell_len, lines)) <= width
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(line.startswith(("、", "。", "」")) or line.endswith("「") for line in lines)


def test_words_stay_whole_and_nothing_is_one_line() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("it is 40.0 MB", 10) == ["it is", "40.0 MB"]
    assert wrapped("", 8) == [""]


def test_the_only_car_is_not_named_in_each_line() -> None:
    out = io.StringIO()
    timeline = Timeline(Console(file=out, width=100), {JAPANESE: CARS[JAPANESE]}, render=render)
    timeline(Record(seq=0, time=START, car=JAPANESE, kind="event", name="IgnitionTurnedOn", data={}))
    assert "ignition" in out.getvalue()
    assert "Taycan" not in out.getvalue()


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-03-02 08:00:00", "2026-03-02 08:00:00 UTC"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"),
    ],
)
def test_an_instant_bears_its_zone(until: str, said: str) -> None:
    record = Record(seq=1, time=START, car=JAPANESE, kind="backend", name="notice-given", data={"until": until})
    assert backend_words(record) == f"notice given · until {said}"
