"""The cars in words: for a terminal, for a program, and as the page `docs/profiles.md`."""

from simulator.cars.page import page
from simulator.cars.words import Fact, as_json, facts, menus, model_years, name_of, paths, read, said, title

__all__ = ["Fact", "as_json", "facts", "menus", "model_years", "name_of", "page", "paths", "read", "said", "title"]
