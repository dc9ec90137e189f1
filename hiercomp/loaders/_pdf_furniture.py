"""Repeated page headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from hiercomp.loaders._pdf_lines import Line

_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
_LETTERS = re.compile(r"\W+|_")
# Lines from the top or the bottom of a page that can be furniture: a running title, a date, a rule, a number.
_DEPTH = 4
# A header repeats on at least three pages; in a long file on one in fifty, the length of a short chapter.
_LEAST_PAGES = 3
_LEAST_SHARE = 0.02

_Key = tuple[str, str]


def find_furniture(pages: Sequence[Sequence[Line]]) -> list[set[int]]:
    """For each page, the indices of the lines that are furniture.

    A line is furniture when the same text, digits apart, is at the same end of many pages and everything beyond it
    on its page is furniture too.
    """
    least = max(_LEAST_PAGES, len(pages) * _LEAST_SHARE)
    furniture: list[set[int]] = [set() for _ in pages]
    for end in ("top", "bottom"):
        ladders = [list(_from_edge(lines, end)) for lines in pages]
        counts = Counter(key for ladder in ladders for key in {key for _, key in ladder})
        for found, ladder in zip(furniture, ladders, strict=True):
            for index, key in ladder:
                if counts[key] < least:
                    break
                found.add(index)
    return [found if len(found) < len(lines) else set() for found, lines in zip(furniture, pages, strict=True)]


def _from_edge(lines: Sequence[Line], end: str) -> Iterator[tuple[int, _Key]]:
    """The outermost lines of one end of a page, from the edge inwards."""
    sign = -1 if end == "top" else 1
    order = sorted(range(len(lines)), key=lambda index: sign * lines[index].bottom)
    for index in order[:_DEPTH]:
        text = _DIGITS.sub("#", lines[index].text.casefold())
        yield index, (end, _LETTERS.sub("", text.replace("#", "0")))
