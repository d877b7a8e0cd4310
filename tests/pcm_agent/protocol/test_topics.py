import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcm_agent.protocol.topics import EVERYTHING_FROM_CARS, Topic, commands_of, parse_topic

LEVEL = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=20)
TOPICS = st.one_of(
    st.builds(Topic, LEVEL, st.sampled_from(["event", "command", "reply"]), LEVEL, st.just("pcm")),
    st.builds(Topic, LEVEL, st.sampled_from(["command", "reply"]), LEVEL, st.just("app")),
    st.builds(Topic, LEVEL, st.just("presence"), st.just("presence"), st.just("app")),
    st.builds(lambda vin, channel: Topic(vin, channel, channel), LEVEL, st.sampled_from(["presence", "state"])),
    st.builds(Topic, LEVEL, st.sampled_from(["world", "backend", "answer"]), LEVEL, st.just("sim")),
)


@given(TOPICS)
def test_a_topic_is_put_together_and_taken_apart(topic: Topic) -> None:
    assert parse_topic(str(topic)) == topic


@given(st.text())
def test_any_text_is_a_topic_or_none(text: str) -> None:
    topic = parse_topic(text)
    assert topic is None or str(topic) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pcm/v1/V",
        "pcm/v1//state",
        "pcm/v1//event/x",
        "pcm/v1/V/event",
        "pcm/v1/V/event/",
        "pcm/v1/V/event/x/y",
        "pcm/v1/V/state/x",
        "pcm/v1/V/world/x",
        "pcm/v2/V/state",
        "app/v1/V/state",
        "app/v1/V/event/x",
        "app/v1//presence",
        "app/v1/V/command/",
        "sim/v1/V/event/x",
        "sim/v1/V/world",
        "sim/v1//world/x",
        "sim/v1/V/world/",
        "/pcm/v1/V/state",
    ],
)
def test_what_is_no_topic_of_ours(text: str) -> None:
    assert parse_topic(text) is None


def test_subscriptions() -> None:
    assert commands_of("V") == "pcm/v1/V/command/+"
    assert commands_of("V", "app") == "app/v1/V/command/+"
    assert [text.replace("+", "x") for text in EVERYTHING_FROM_CARS] == [
        str(Topic("x", "presence", "presence")),
        str(Topic("x", "state", "state")),
        str(Topic("x", "event", "x")),
        str(Topic("x", "reply", "x")),
        str(Topic("x", "presence", "presence", "app")),
        str(Topic("x", "reply", "x", "app")),
    ]
