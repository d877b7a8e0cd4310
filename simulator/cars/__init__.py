"""The cars in words: for a terminal, for a program, and as the pages `docs/profiles.md` and `docs/sources.md`."""

from simulator.cars.page import page
from simulator.cars.sources import CITATION, sources_page
from simulator.cars.words import Fact, as_json, facts, menus, model_years, name_of, paths, read, said, title

__all__ = [
    "CITATION", "Fact", "as_json", "facts", "menus", "model_years", "name_of", "page", "paths", "read", "said",
    "sources_page", "title",
]  # fmt: skip
