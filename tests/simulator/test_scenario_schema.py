"""The JSON Schema that is published for editors takes what the loader takes, and refuses what it refuses."""

import copy
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from simulator.scenario import loader
from simulator.scenario.examples import MORE
from simulator.scenario.places import read_yaml
from simulator.scenario.schema import json_schema
from tests.simulator.language import TWO_CARS
from tests.simulator.sound import SOUND, fault
from tests.simulator.test_builder import YAML_STORY
from tests.simulator.test_cells import MATRIX

from_yaml = YAML(typ="safe", pure=True)
FUNCTION = "power-steering-plus"
PACKAGE = Path(loader.__file__).parent
SCHEMA = PACKAGE / "scenario.schema.json"
FILES = [
    *(PACKAGE.parent / "scenarios").rglob("*.pcm.yaml"),
    *(Path(__file__).parent / "scenarios").rglob("*.pcm.yaml"),
]


def test_the_published_schema_is_current(golden: Callable[[Path, str], None]) -> None:
    golden(SCHEMA, json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_scenarios_and_parts_fit_the_schema(validator: jsonschema.Draft202012Validator, path: Path) -> None:
    plain = read_yaml(path.read_text(encoding="utf-8"), path.name).plain
    validator.validate(json.loads(json.dumps(plain, default=datetime.isoformat)))  # to an editor, an instant is text


@pytest.mark.parametrize("text", [MORE, MATRIX, YAML_STORY, TWO_CARS], ids=["more", "matrix", "story", "cars"])
def test_cells_names_and_lanes_fit_the_schema(validator: jsonschema.Draft202012Validator, text: str) -> None:
    validator.validate(from_yaml.load(text))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("cars",), {"one": {"profile": "taycan", "country": "JP"}}),
        (("parameters",), {"A": 1}),
        (("matrix",), {"way": []}),
        (("steps", 0), {"repeat": {"times": 0, "steps": [{"say": "a"}]}}),
        (("steps", 0), {"repeat": {"times": 1, "steps": [{}]}}),
        (("steps", 0), {"parallel": [[{"say": "a"}]]}),
        (("steps", 0), {"include": {"with": {}}}),
        (("steps", 0), {"let": {"A": "time"}}),
        (("steps", 1, "until"), {}),
        (("steps", 0, "until"), {"lock": "locked"}),
        (("steps", 2, "while"), {"lock": "locked"}),
        (("steps", 2), {"while": {"lock": "locked"}}),
        (("steps", 0, "requirements"), ["CON-1"]),
        (("steps", 1, "expect"), {"message": {"count": 1}}),
        (("steps", 1, "expect"), {"message": {"topic": "state", "count": -1}}),
        (("colour",), "red"),
        (("version",), 2),
        (("title",), 7),
        (("requirements",), ["CON-1"]),
        (("car", "country"), "Japan"),
        (("car", "vin"), "WP0"),
        (("car", "colour"), "red"),
        (("car", "line"), "Taycan"),
        (("car", "model_year"), 2020),
        (("car", "assume"), ["my2021"]),
        (("steps",), []),
        (("steps", 0, "do", "ignition"), "start"),
        (("steps", 0, "do"), {"battery": 101}),
        (("steps", 0, "do"), {"wait": "soon"}),
        (("steps", 0, "do"), {"order": {"size": "40 MB"}}),
        (("steps", 0, "do"), {"order": {"function": FUNCTION, "size": "40 GB"}}),
        (("steps", 0, "do"), {"order": {"function": FUNCTION, "price": "1 EUR"}}),
        (("steps", 0, "do"), {"colour": "red"}),
        (("steps", 0, "do"), {"ignition": "on", "lock": "locked"}),
        (("steps", 0, "do"), {}),
        (("steps", 0, "expect"), {"ignition": "on"}),
        (("steps", 0, "within"), "1 s"),
        (("steps", 0, "during"), "1 s"),
        (("steps", 1, "within"), "10"),
        (("steps", 1, "expect", "symbol"), "5G"),
        (("steps", 1, "expect"), {}),
        (("steps", 2), {"never": {"ignition": "on"}}),
        (("steps", 2), {"never": {}, "during": "1 s"}),
        (("steps", 2), {}),
        (("car",), None),
        (("steps", 0), {"say": None}),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(
    validator: jsonschema.Draft202012Validator, path: tuple[str | int, ...], value: object
) -> None:
    document = from_yaml.load(SOUND)
    validator.validate(document)
    place: Any = copy.deepcopy(document)
    whole = place
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert fault(json.dumps(whole)).code == "scenario-invalid"
    assert not validator.is_valid(whole)
