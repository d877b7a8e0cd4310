"""The library's section of `docs/scenarios.md`: topics and tags, the parts to include, and the rows that none shows."""

from collections.abc import Iterator

from simulator.markdown import table
from simulator.scenario.files import read_source
from simulator.scenario.library import load_library, shipped_parts, topics_by_name
from simulator.scenario.samples import as_yaml

HEAD = """\
## The library

The package brings scenarios of its own, in a folder for each topic under `simulator/scenarios/`. Each is run by its
name alone; `pcm-sim scenarios` lists them with their rows, `pcm-sim run --all --virtual` runs all of them, and
`pcm-sim run --tag TAG` those of a topic or of any other tag.
"""
PARTS_HEAD = """\
Parts are there to be included, by name, in scenarios of your own too. `with` gives their parameters other values; those
that it leaves out have the values that stand here:
"""
NOT_SHOWN = "These rows of [requirements.yaml](requirements.yaml) no scenario can show:\n"


def library_section() -> Iterator[str]:
    """The section in Markdown."""
    library, topics = load_library(), list(topics_by_name().values())
    yield HEAD
    yield from table(
        ("topic, and tag", "scenarios", ""),
        [(f"`{topic}`", str(topics.count(topic)), heading) for topic, heading in library.topics.items()],
    )
    yield from table(("other tag", "what it says"), [(f"`{tag}`", told) for tag, told in library.tags.items()])
    yield PARTS_HEAD
    yield from table(
        ("part", "parameters", ""),
        [(f"`{name}`", "<br>".join(_parameters(name)), title) for name, title in shipped_parts().items()],
    )
    yield NOT_SHOWN
    yield from table(("row", "why"), list(library.not_shown.items()))


def _parameters(part: str) -> Iterator[str]:
    """Each parameter of a part, with the value that it has where a scenario gives it none."""
    plain = read_source(part).plain
    parameters = plain.get("parameters", {}) if isinstance(plain, dict) else {}
    for name, value in parameters.items():
        yield f"`{as_yaml({name: value})[1:-1]}`"
