"""The kinds of lines: rows of tables, records, entries of listings, list items and prose. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from hiercomp.text.records import is_record
from hiercomp.types import Span

Kind = Literal["blank", "row", "record", "entry", "item", "prose"]
"""A record may go on in the lines below it. An entry is a line of a listing, such as "P-1000: nylon valve"."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_ROW = re.compile(r"\s*\|.*\||.*?\S(?: {3,}\S+){2}")
_CELLS = re.compile(r".*?\S *\t[\t ]*\S|(?= *\t)[\t ]*+\S.*\t")
_ITEM = re.compile(r"\s*(?:[-*+•·▪◦‣–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])\s")
_SPEAKER = re.compile(r"[^\W\d_][^\n:.!?]{0,30}:(?=\s)")
_IDENTIFIER = re.compile(r"(?=[^\s,;|]*\d)(?=[^\s,;|]*(?:[^\W\d]|[/.:_-]))[\w/.:#@+-]+[,;|]?")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its line end: its span, its kind, and its length without the white space around it."""

    span: Span
    kind: Kind
    length: int


def lines(text: str, body: Span) -> Iterator[Line]:
    """Yield the lines of a span with their kinds.

    Neighbouring lines with equally many tabs are rows if there is a tab between two cells in one of them. So the first
    cells of a row may be empty, while a tab that indents prose makes no row.
    """
    matches = _LINE.finditer(text, body.start, body.end)
    for tabs, group in groupby(matches, key=lambda match: match[0].count("\t")):
        found = list(group)
        is_table = tabs > 0 and any(_CELLS.match(match[0]) for match in found)
        stripped = [match[0].strip() for match in found]
        patterns = [_pattern(line) for line in stripped]
        for index, match in enumerate(found):
            kind: Kind = "row" if is_table else _kind(match[0].rstrip(), _is_alike(patterns, index))
            yield Line(Span(*match.span()), kind if stripped[index] else "blank", len(stripped[index]))


def _kind(line: str, is_alike: bool) -> Kind:
    """Return the kind of a line that is not blank. `is_alike` tells whether a neighbour begins in the same way."""
    if _ROW.match(line):
        return "row"
    if is_record(line.lstrip()):
        return "record"
    if _ITEM.match(line):
        return "item"
    return "entry" if is_alike else "prose"


def _is_alike(patterns: Sequence[str], index: int) -> bool:
    """Return whether a line begins in the same way as the line before it or after it."""
    neighbours = [*patterns[max(0, index - 1) : index], *patterns[index + 1 : index + 2]]
    return patterns[index] != "" and patterns[index] in neighbours


def _pattern(line: str) -> str:
    """Return the form of the identifier or of the speaker with which a line begins, or nothing if it has none.

    Runs of letters become an "a", and runs of digits a "0", so that the entries of a listing have the same form.
    """
    if _SPEAKER.match(line):
        return ":"
    match = _IDENTIFIER.match(line)
    return _DIGITS.sub("0", _LETTERS.sub("a", match[0])) if match else ""
