"""Where in a car, or at its backend, something was stopped: read from the code and its sentence."""

from pcm_agent.trust.refusals import MANIFEST_REFUSALS, REFUSALS

LOOK, TRANSFER, MANIFEST, MESSAGE = "look", "transfer", "Director: manifest", "MQTT: command"
SIGNED, ORDER = "backend: what the car has signed", "backend: who may cancel"
NOT_LISTED = f"{LOOK}: what the Director lists"
"""Where something ends of which no code tells: it is simply not to be had."""
STILL_LISTED = f"{LOOK}: what the Director lists still"
"""The same of a job that somebody wants ended."""
ONE_AT_A_TIME = f"{LOOK}: one at a time"
_OF = {"director": "Director's", "image": "Image repository's"}
_COMPARED = {
    "metadata-rollback": "versions seen before",
    "metadata-foreign-vin": "for whom it is",
    "metadata-foreign-ecu": "for whom it is",
    "metadata-malformed": "what it says",
    "image-unknown": "both repositories compared",
    "image-mismatch": "both repositories compared",
    "hardware-mismatch": "hardware",
    "release-rollback": "release counter",
}
"""What is held against the car once all files have been verified."""


def place_of(code: str, text: str, base: str) -> str:
    """The step that a code was given at.

    Args:
        code: the code.
        text: its sentence, which names a file first where one is to blame.
        base: address of the repositories, with a slash at the end.
    """
    if code in MANIFEST_REFUSALS:
        return MANIFEST
    if code.startswith(("message-", "command-", "topic-")):
        return MESSAGE
    name = text.removeprefix(base).split(maxsplit=1)[0].rstrip(":") if text.startswith(base) else ""
    if name and not name.startswith("images/"):
        return f"{LOOK}: {_file(name)}"
    return f"{LOOK}: {_COMPARED[code]}" if code in REFUSALS and code in _COMPARED else TRANSFER


def _file(name: str) -> str:
    """`director/VIN/2.targets.json`: the Director's targets."""
    role = name.rpartition("/")[2].removesuffix(".json").lstrip("0123456789").removeprefix(".")
    return f"{_OF.get(name.partition('/')[0], '')} {role}".strip()
