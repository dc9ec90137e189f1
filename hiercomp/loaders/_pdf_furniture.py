"""Repeated page headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from hiercomp.loaders._pdf_lines import Line

# The numbers by which copies of a running line differ: at its ends, or after "page"; others are its own, as in
# "Item 7".
_PAGE_NUMBER = re.compile(r"^[\W\d_]+|[\W\d_]+$|(?<=\bpage)\s*\d+|(?<=\bof)\s*\d+|^[ivxlc]+$|\b[a-z]-\d+$")
# Lines from the top or the bottom of a page that can be furniture: a running title, a date, a rule, a number.
_DEPTH = 4
# The share of a page's height, at each end, in which running lines stand.
_BAND = 0.08
# A header repeats on at least three pages, in a long file on one in thirty-three, the length of a chapter. Where a
# browser printed the file, page numbers stand at many heights; then it takes a tenth of the pages.
_LEAST_PAGES = 3
_SHARE_AT_ONE_HEIGHT = 0.03
_SHARE_ANYWHERE = 0.1
# points, with room for a page that was scaled
_SAME_HEIGHT = 8.0

# Running lines stand apart from the body: by more than this many heights of a line.
_CLOSE = 1.4

_Edge = tuple[int, str, int]


def find_furniture(pages: Sequence[Sequence[Line]]) -> list[set[int]]:
    """For each page, the indices of the lines that are furniture.

    A line is furniture when the same text, digits apart, is at the same end of many pages, at one height or on a
    tenth of all pages, and everything beyond it on its page is furniture too.
    """
    furniture: list[set[int]] = [set() for _ in pages]
    heights = [line.bottom for lines in pages for line in lines]
    lowest, highest = min(heights, default=0.0), max(heights, default=0.0)
    for from_top in (True, False):
        edges = [list(_from_edge(lines, lowest, highest, from_top=from_top)) for lines in pages]
        repeated = _repeated(edges)
        for found, edge, lines in zip(furniture, edges, pages, strict=True):
            found.update(_outer(edge, repeated, lines))
    return [found if len(found) < len(lines) else set() for found, lines in zip(furniture, pages, strict=True)]


def _outer(edge: Sequence[_Edge], repeated: set[str | tuple[str, int]], lines: Sequence[Line]) -> list[int]:
    """The repeated lines from a page's edge inwards, without those that are part of the body's text."""
    outer = list(takewhile(lambda place: place[1] in repeated or place[1:] in repeated, edge))
    while outer and len(outer) < len(edge) and _touches(outer[-1], edge[len(outer)], lines):
        outer.pop()
    return [index for index, _, _ in outer]


def _touches(outer: _Edge, inner: _Edge, lines: Sequence[Line]) -> bool:
    """Whether a line stands so close to the next inner one that both are the same text; a bare number never does."""
    pitch = abs(lines[outer[0]].bottom - lines[inner[0]].bottom)
    return bool(outer[1]) and pitch < _CLOSE * lines[inner[0]].size


def _repeated(edges: Sequence[Sequence[_Edge]]) -> set[str | tuple[str, int]]:
    texts = Counter(text for edge in edges for text in {text for _, text, _ in edge})
    places = Counter(place for edge in edges for place in {(text, height) for _, text, height in edge})
    pages = len(edges)
    return {text for text, count in texts.items() if count >= max(_LEAST_PAGES, pages * _SHARE_ANYWHERE)} | {
        place for place, count in places.items() if count >= max(_LEAST_PAGES, pages * _SHARE_AT_ONE_HEIGHT)
    }


def _from_edge(lines: Sequence[Line], lowest: float, highest: float, *, from_top: bool) -> Iterator[_Edge]:
    """The outermost lines of one end of a page, from the edge inwards; inside the body only one bare number."""
    band = _BAND * (highest - lowest)
    order = sorted(range(len(lines)), key=lambda index: lines[index].bottom, reverse=from_top)
    numbered = False
    for index in order[: _DEPTH + 1]:
        line = lines[index]
        text = " ".join(_PAGE_NUMBER.sub("", line.text.casefold()).split())
        inside = line.bottom < highest - band if from_top else line.bottom > lowest + band
        if inside if text else (numbered or line.is_row):
            return
        numbered = numbered or not text
        yield index, text, round(line.bottom / _SAME_HEIGHT)
