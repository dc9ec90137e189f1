"""Repeated page headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from hiercomp.loaders._pdf_lines import Line

# Copies of a header differ by their page numbers. A number at an end of the line or after "page" is one. Other numbers
# belong to the text, as in "Item 7".
_PAGE_NUMBER = re.compile(r"^[\W\d_]+|[\W\d_]+$|(?<=\bpage)\s*\d+|(?<=\bof)\s*\d+|^[ivxlc]+$|\b[a-z]-\d+$")
# Furniture has about this many lines at each end of a page: a title, a date, a rule, a number. One more line is
# examined, to measure the distance to it.
_MAX_LINES = 4
# Furniture lies in this share of a page's height at each end.
_BAND = 0.08
# A header repeats on at least three pages. In a long file it repeats on at least 3 % of the pages, because each chapter
# may have its own. If its height differs from page to page, as in files that a browser printed, it repeats on at least
# 10 % of the pages.
_MIN_PAGES = 3
_SHARE_AT_ONE_HEIGHT = 0.03
_SHARE_AT_ANY_HEIGHT = 0.1
# Heights within this many points are equal. This allows for pages that are scaled.
_SAME_HEIGHT = 8.0
# The distance between furniture and the body is more than this many line heights.
_MAX_BODY_PITCH = 1.4

# A line near an end of a page: its index, its text without page numbers, and its height in units of `_SAME_HEIGHT`.
_EdgeLine = tuple[int, str, int]


def find_furniture(pages: Sequence[Sequence[Line]]) -> list[set[int]]:
    """Return the indices of the furniture lines of each page.

    A line is furniture if both conditions hold:

    - The same text, apart from page numbers, is at the same end of enough pages: 3 % of them if its height is the same,
      else 10 %, and at least three.
    - All lines between it and the edge of the page are furniture.

    If this holds for all lines of a page, the page has no furniture.
    """
    furniture: list[set[int]] = [set() for _ in pages]
    heights = [line.bottom for lines in pages for line in lines]
    lowest, highest = min(heights, default=0.0), max(heights, default=0.0)
    for from_top in (True, False):
        edges = [list(_edge_lines(lines, lowest, highest, from_top=from_top)) for lines in pages]
        repeated = _repeated(edges)
        for indices, edge, lines in zip(furniture, edges, pages, strict=True):
            indices.update(_repeated_at_edge(edge, repeated, lines))
    return [indices if len(indices) < len(lines) else set() for indices, lines in zip(furniture, pages, strict=True)]


def _repeated_at_edge(
    edge: Sequence[_EdgeLine], repeated: set[str | tuple[str, int]], lines: Sequence[Line]
) -> list[int]:
    """Return the indices of the repeated lines of one end of a page, without those that belong to the body's text."""
    outer = list(takewhile(lambda line: line[1] in repeated or line[1:] in repeated, edge))
    while outer and len(outer) < len(edge) and _joins_body(outer[-1], edge[len(outer)], lines):
        outer.pop()
    return [index for index, _, _ in outer]


def _joins_body(outer: _EdgeLine, inner: _EdgeLine, lines: Sequence[Line]) -> bool:
    """Return whether a line is so close to the next inner line that both are one text. A bare number never is."""
    pitch = abs(lines[outer[0]].bottom - lines[inner[0]].bottom)
    return bool(outer[1]) and pitch < _MAX_BODY_PITCH * lines[inner[0]].size


def _repeated(edges: Sequence[Sequence[_EdgeLine]]) -> set[str | tuple[str, int]]:
    """Return the texts, and the pairs of a text and a height, that are on enough pages to be furniture."""
    texts = Counter(text for edge in edges for text in {text for _, text, _ in edge})
    places = Counter(place for edge in edges for place in {(text, height) for _, text, height in edge})
    pages = len(edges)
    return {text for text, count in texts.items() if count >= max(_MIN_PAGES, pages * _SHARE_AT_ANY_HEIGHT)} | {
        place for place, count in places.items() if count >= max(_MIN_PAGES, pages * _SHARE_AT_ONE_HEIGHT)
    }


def _edge_lines(lines: Sequence[Line], lowest: float, highest: float, *, from_top: bool) -> Iterator[_EdgeLine]:
    """Yield the outermost lines of one end of a page, from the edge inwards.

    Outside the band of `_BAND` at that end, a line with text ends the search. Of bare page numbers, only the first
    counts.
    """
    band = _BAND * (highest - lowest)
    order = sorted(range(len(lines)), key=lambda index: lines[index].bottom, reverse=from_top)
    has_number = False
    for index in order[: _MAX_LINES + 1]:
        line = lines[index]
        text = " ".join(_PAGE_NUMBER.sub("", line.text.casefold()).split())
        is_in_body = line.bottom < highest - band if from_top else line.bottom > lowest + band
        if is_in_body if text else (has_number or line.is_row):
            return
        has_number = has_number or not text
        yield index, text, round(line.bottom / _SAME_HEIGHT)
