"""What is wrong with a file that YAML cannot read, in plain words, with what to do about it."""

import re

from ruamel.yaml.error import MarkedYAMLError, StreamMark

_OTHER_COLUMN = (
    "the indentation does not fit{since}: the items of a list, and the keys of a group, all begin in the same column; "
    "move this line there with spaces"
)
_QUOTE_IT = "a text that begins with {0} must stand in quotes"
_OPEN_QUOTE = "the quotation mark that is opened here is not closed"
_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"expected ',' or '([}\]])', but got", "the bracket that is opened here is not closed: put {0} at its end, and a "
     "comma between any two of its values; a text with a comma, a colon or a bracket in it needs quotes"),
    (r"expected <block end>, but found '([}\],])'", "nothing was opened that this {0} could belong to: take it away, "
     "or put the text into quotes"),
    (r"expected <block end>, but found '<(?:scalar|anchor|alias|tag)>'", "something stands behind what was complete: "
     "put the whole text into one pair of quotes, or the new key on a line of its own"),
    (r"expected <block end>", _OTHER_COLUMN),
    (r"expected '<document start>'", _OTHER_COLUMN),
    (r"found character '\\t'", "a tab stands here: indent with spaces"),
    (r"found character '(.)' that cannot start", _QUOTE_IT),
    (r"mapping values are not allowed", "a colon cannot stand here: a text with a colon in it needs quotes; a key "
     "stands on a line of its own, in the same column as its neighbours, or in braces: {{key: value}}"),
    (r"sequence entries are not allowed", "a list cannot begin here: put each - on a line of its own"),
    (r"found unexpected (?:end of stream|document separator)", _OPEN_QUOTE),
    (r'found duplicate key "?([^"]*)"? with value', "the key `{0}` stands here for the second time: take one of them "
     "away"),
    (r"found undefined alias", _QUOTE_IT.format("*")),
    (r"expected alphabetic or numeric character", _QUOTE_IT.format("& or *")),
    (r"could not determine a constructor for the tag", _QUOTE_IT.format("!")),
    (r"could not find expected ':'", "a key without its colon: write key: value"),
    (r"found unknown escape character", "a backslash in double quotes means something else: take single quotes"),
    (r"but found another document", "a second document begins here: a file has one, so take the line --- away"),
    (r"expected the node content", "a value is missing here"),
)  # fmt: skip
"""How the library's sentences begin, and ours; the first that fits."""


def in_plain_words(error: MarkedYAMLError) -> tuple[StreamMark | None, str]:
    """Where it is wrong, and what to do; the library's own sentence only where nobody has met it yet."""
    here, before = error.problem_mark, error.context_mark
    for begins, sentence in _SENTENCES:
        found = re.match(begins, str(error.problem))
        if found:
            place = before if before is not None and "opened here" in sentence else here
            return place, sentence.format(*found.groups(), since=_since(before, here))
    return here, f"this is no YAML: {error.problem}"


def _since(before: StreamMark | None, here: StreamMark | None) -> str:
    """Where that began which is not right, if that is somewhere else."""
    if before is None or here is None or (before.line, before.column) == (here.line, here.column):
        return ""
    return f" to what begins at line {before.line + 1}, column {before.column + 1}"
