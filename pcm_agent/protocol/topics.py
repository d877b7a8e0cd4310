"""MQTT topics: `pcm/v1/{vin}/...` between PCM and backend, `sim/v1/{vin}/...` between a rig and the simulated world.

`app/v1/{vin}/...` is the way round by the app on a phone that is connected to the car (REM-03).
"""

from functools import lru_cache
from typing import Literal, NamedTuple, cast

Root = Literal["pcm", "app", "sim"]
Channel = Literal["presence", "state", "event", "command", "reply"]
SimChannel = Literal["world", "backend", "answer", "trace", "recorder"]

_CHANNELS = frozenset(("event", "command", "reply"))
_SINGLE = frozenset(("presence", "state"))
OVER_APP = "app/"
"""How the topics begin of what goes by the app."""
_APP_CHANNELS = frozenset(("command", "reply"))
_SIM_CHANNELS = frozenset(("world", "backend", "answer", "trace", "recorder"))


class Topic(NamedTuple):
    """One topic taken apart; `str()` puts it together again."""

    vin: str
    channel: Channel | SimChannel
    kind: str
    root: Root = "pcm"

    def __str__(self) -> str:
        end = "" if self.channel in _SINGLE else f"/{self.kind}"
        return f"{self.root}/v1/{self.vin}/{self.channel}{end}"


@lru_cache(maxsize=256)
def parse_topic(text: str) -> Topic | None:
    """The topic in its parts, or None where it is not one of ours.

    Presence and state have no kind of their own: theirs is the channel's name.
    """
    match text.split("/"):  # the casts say what mypy does not see: a text in the set of channels is one of them
        case ["pcm", "v1", vin, channel] if vin and channel in _SINGLE:
            return Topic(vin, cast("Channel", channel), channel)
        case ["pcm", "v1", vin, channel, kind] if vin and kind and channel in _CHANNELS:
            return Topic(vin, cast("Channel", channel), kind)
        case ["app", "v1", vin, "presence"] if vin:
            return Topic(vin, "presence", "presence", "app")
        case ["app", "v1", vin, channel, kind] if vin and kind and channel in _APP_CHANNELS:
            return Topic(vin, cast("Channel", channel), kind, "app")
        case ["sim", "v1", vin, channel, kind] if vin and kind and channel in _SIM_CHANNELS:
            return Topic(vin, cast("SimChannel", channel), kind, "sim")
    return None


def commands_of(vin: str, root: Root = "pcm") -> str:
    """The subscription with which a PCM hears its backend, or the app what it is to hand to the car."""
    return f"{root}/v1/{vin}/command/+"


def kept_of(vin: str) -> tuple[str, ...]:
    """The topics at which a broker keeps what a car, or the app that is connected to it, said last."""
    return f"pcm/v1/{vin}/presence", f"pcm/v1/{vin}/state", f"app/v1/{vin}/presence"


EVERYTHING_FROM_CARS = (
    "pcm/v1/+/presence", "pcm/v1/+/state", "pcm/v1/+/event/+", "pcm/v1/+/reply/+",
    "app/v1/+/presence", "app/v1/+/reply/+",
)  # fmt: skip
"""The subscriptions with which a backend hears every PCM, and every app that is connected to one."""
