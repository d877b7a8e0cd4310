"""The rows of the requirements' catalogue, so that a report can say which of them a run proves.

`requirements.yaml` beside this module is `docs/requirements.yaml`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """What each row says: by topic, then by id, both in the catalogue's order."""
    text = files("simulator.report").joinpath("requirements.yaml").read_text("utf-8")
    topics = YAML(typ="safe", pure=True).load(text)
    return {topic: {row["id"]: row["text"] for row in rows} for topic, rows in topics.items()}
