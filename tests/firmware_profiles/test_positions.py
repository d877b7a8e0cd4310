import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_profiles.positions import KeyPath, key_lines, key_text, line_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("# only = 1\n\n", {}, id="comment"),
        pytest.param("a = 1\nb = 2", {("a",): 1, ("b",): 2}, id="keys"),
        pytest.param("a = 1\r\n\r\nb = 2\r\n", {("a",): 1, ("b",): 3}, id="windows-line-ends"),
        pytest.param("\n[ a . b ] # c\n  x = 1", {("a",): 2, ("a", "b"): 2, ("a", "b", "x"): 3}, id="header"),
        pytest.param("[a.b]\n[a]\n", {("a",): 2, ("a", "b"): 1}, id="header-after-it-was-implied"),
        pytest.param("a.b . c = 1", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1}, id="dotted-key"),
        pytest.param(
            "\"a.b\".'c\"d' = 1\n\"\\u00e9\\\"]\" = 2",
            {("a.b",): 1, ("a.b", 'c"d'): 1, ('é"]',): 2},
            id="quoted-keys",
        ),
        pytest.param('a = [\n 1, # ]\n "]",\n]\nb = 2', {("a",): 1, ("b",): 5}, id="array-over-lines"),
        pytest.param('a = { x = [\n1 ], y = "}" }\nb = 2', {("a",): 1, ("b",): 3}, id="inline-table"),
        pytest.param('a = """\nx = 1\n[y]\\\n"""""\nb = 2', {("a",): 1, ("b",): 5}, id="text-over-lines"),
        pytest.param("a = '''\n'' x = \"\n'''''\nb = 2", {("a",): 1, ("b",): 4}, id="literal-over-lines"),
        pytest.param('a = """"""\nb = ""\nc = \'\'', {("a",): 1, ("b",): 2, ("c",): 3}, id="empty-texts"),
        pytest.param('a = "\\"#" # "\nb = \'\\\'', {("a",): 1, ("b",): 2}, id="escapes"),
        pytest.param(
            "[[a]]\nx = 1\n[[a]]\n[a.b]\ny = 1\n[[a.c]]\n[[a.c]]\nz = 1",
            {
                ("a",): 1, ("a", 0): 1, ("a", 0, "x"): 2, ("a", 1): 3, ("a", 1, "b"): 4, ("a", 1, "b", "y"): 5,
                ("a", 1, "c"): 6, ("a", 1, "c", 0): 6, ("a", 1, "c", 1): 7, ("a", 1, "c", 1, "z"): 8,
            },
            id="arrays-of-tables",
        ),
    ],
)  # fmt: skip
def test_lines_of_keys(text: str, expected: dict[KeyPath, int]) -> None:
    tomllib.loads(text)

    assert key_lines(text) == expected


def test_unknown_key_has_the_line_of_the_nearest_table_around_it() -> None:
    lines = key_lines("x = 1\n[a.b]\nc = { d = 1 }\n")

    assert line_of(lines, ("a", "b", "c", "d")) == 3
    assert line_of(lines, ("a", "b", "missing")) == 2
    assert line_of(lines, ("missing", "x")) == 1
    assert line_of(lines, ()) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a", "b-c", "d_1"), "a.b-c.d_1"),
        (("a", 0, "b", 12), "a[0].b[12]"),
        (("a.b", "日本"), '"a.b"."日本"'),
    ],
)
def test_key_path_reads_as_in_toml(path: KeyPath, text: str) -> None:
    assert key_text(path) == text


@dataclass
class Page:
    """A TOML text in the making, which notes on which line it puts each key."""

    text: str = ""
    explicit: dict[KeyPath, int] = field(default_factory=dict)

    def put(self, statement: str, path: KeyPath | None = None) -> None:
        if path is not None:
            self.explicit[path] = self.text.count("\n") + 1
        self.text += statement

    def lines(self) -> dict[KeyPath, int]:
        implied: dict[KeyPath, int] = {}
        for path, line in self.explicit.items():
            for length in range(1, len(path)):
                implied[path[:length]] = min(line, implied.get(path[:length], line))
        return implied | self.explicit


KEYS = st.text(alphabet="ab1-_.\"'#[]{}= \\\t\né日😀", max_size=4)
SPACES = st.sampled_from(["", " ", "\t", "  "])
FILLERS = st.sampled_from(["\n", "  \n", "# a = [\n", "\r\n", "# '''\n"])
STATEMENT_ENDS = st.sampled_from(["\n", "\r\n", ' # x = """\n', "\t\n"])
VALUES = st.sampled_from(
    [
        "1", "-0.5e3", "true", "1979-05-27 07:32:00Z", '""', "''", '"a # \\" b"', "'\\'", "[]", "{}",
        '["]", \'[\', """\n]\n"""]', "[\n  1, # ]\n  [2, 3],\n\n]", '{ a = "}", "b c".d = [\n1], e = {} }',
        '"""\nkey = 1\n[table]\n"""', '"""\\"""\n"""', '"""a"""""', "'''\n[x]\ny = 1''\n'''", "'''it's'''",
    ]
)  # fmt: skip


def written(draw: st.DrawFn, keys: Sequence[str]) -> str:
    parts = []
    for key in keys:
        forms = [json.dumps(key, ensure_ascii=False)]
        if not set(key) & {"'", "\n"}:
            forms.append(f"'{key}'")
        if key and not set(key) - set("ab1-_"):
            forms.append(key)
        parts.append(draw(st.sampled_from(forms)))
    return (draw(SPACES) + "." + draw(SPACES)).join(parts)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    page = Page()
    # Names at the top, each for one thing, so that no statement contradicts another.
    names = draw(st.lists(KEYS, max_size=6, unique=True))
    split = draw(st.integers(0, len(names)))
    put_keys(draw, page, (), names[:split])
    for name in names[split:]:
        if draw(st.booleans()):
            put_array_of_tables(draw, page, name)
        else:
            put_table(draw, page, (name,), [name, *draw(st.lists(KEYS, max_size=2))])
    return page


def put_keys(draw: st.DrawFn, page: Page, table: KeyPath, names: Sequence[str]) -> None:
    for name in names:
        keys = [name, *draw(st.lists(KEYS, max_size=2))]
        page.put("".join(draw(st.lists(FILLERS, max_size=2))) + draw(SPACES))
        page.put(written(draw, keys) + draw(SPACES) + "=" + draw(SPACES), (*table, *keys))
        page.put(draw(VALUES) + draw(STATEMENT_ENDS))


def put_table(draw: st.DrawFn, page: Page, table: KeyPath, keys: Sequence[str]) -> None:
    path = (*table, *keys[1:])
    page.put(f"[{draw(SPACES)}{written(draw, keys)}{draw(SPACES)}]{draw(STATEMENT_ENDS)}", path)
    put_keys(draw, page, path, draw(st.lists(KEYS, max_size=3, unique=True)))


def put_array_of_tables(draw: st.DrawFn, page: Page, name: str) -> None:
    for place in range(draw(st.integers(1, 3))):
        page.put(f"[[{draw(SPACES)}{written(draw, [name])}{draw(SPACES)}]]{draw(STATEMENT_ENDS)}", (name, place))
        inner = draw(st.lists(KEYS, max_size=3, unique=True))
        put_keys(draw, page, (name, place), inner[1:])
        if inner:
            put_table(draw, page, (name, place), [name, inner[0]])


@given(pages())
def test_lines_of_keys_in_any_toml(page: Page) -> None:
    tomllib.loads(page.text)

    assert key_lines(page.text) == page.lines()
