"""Blocks of a document without a layout to one text: a paragraph or a table row is a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hiercomp.types import Document, Heading, Page, Span

_CURRENCY = re.compile(r"[(]?[$€£¥₹]")
_CLOSING = re.compile(r"[)%]{1,2}")


def row_text(cells: Iterable[str]) -> str:
    """A table row as one line: cells separated by tabs, empty ones left out.

    A currency sign or a closing bracket in a cell of its own, as filings have them, joins its amount.
    """
    line: list[str] = []
    for cell in (" ".join(cell.split()) for cell in cells):
        if line and (_CURRENCY.fullmatch(line[-1]) or _CLOSING.fullmatch(cell)):
            line[-1] += ("" if cell == ")" else " ") + cell
        elif cell:
            line.append(cell)
    return "\t".join(line)


class TextBuilder:
    """Collects a document's blocks in order."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._pages: list[Page] = []
        self._page_start = 0
        self._apart = False

    @property
    def headings(self) -> int:
        """How many headings there are so far."""
        return len(self._headings)

    def paragraph(self, text: str) -> Span:
        """Adds a paragraph, apart from its neighbours; the span is empty when there was only white space."""
        return self._block(" ".join(text.split()), apart=True)

    def line(self, text: str) -> Span:
        """Adds a line close to its neighbours: a list item, a line of verse or code; its inner spaces stay."""
        return self._block(text.expandtabs(4).replace("\n", " ").rstrip(), apart=False)

    def row(self, cells: Iterable[str]) -> Span:
        """Adds a table row."""
        return self._block(row_text(cells), apart=False)

    def heading(self, text: str, depth: int) -> None:
        """Adds a heading line."""
        span = self.paragraph(text)
        if len(span):
            self.mark(span, depth, " ".join(text.split()))

    def mark(self, span: Span, depth: int, title: str) -> None:
        """Makes a heading of a line that is in the text already, or of a place where its title is not printed."""
        self._headings.append(Heading(title, min(max(depth, 1), 6), span))

    def gap(self) -> None:
        """Sets the next block apart."""
        self._apart = True

    def here(self) -> Span:
        """The empty span at the end of the text so far."""
        return Span(self._length, self._length)

    def end_page(self, number: int) -> None:
        """Closes a page: what was added since the one before."""
        self._pages.append(Page(number, Span(self._page_start, self._length)))
        self._page_start = self._length
        self._apart = False

    def build(self, source: str, title: str) -> Document:
        """The document of all blocks."""
        headings = sorted(self._headings, key=lambda heading: heading.span.start)
        return Document("".join(self._pieces), source, title, tuple(self._pages), tuple(headings))

    def _block(self, text: str, *, apart: bool) -> Span:
        if not text.strip():
            self._apart |= apart
            return self.here()
        if self._length > self._page_start and (apart or self._apart):
            self._add("\n")
        span = Span(self._length, self._length + len(text))
        self._add(text + "\n")
        self._apart = apart
        return span

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
