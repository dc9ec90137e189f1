"""Text of formats without a page layout: each paragraph and each table row becomes one line."""

from __future__ import annotations

from collections.abc import Sequence

from hiercomp.loaders._grid import Cell, lines
from hiercomp.types import Document, Heading, Page, Span


class TextBuilder:
    """Builds a document from its blocks, which are added in document order.

    A blank line separates paragraphs. List items, lines of code and table rows follow each other without one.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._pages: list[Page] = []
        self._page_start = 0
        self._needs_blank_line = False
        self._omissions: list[str] = []

    @property
    def heading_count(self) -> int:
        """The number of headings so far."""
        return len(self._headings)

    def add_paragraph(self, text: str) -> Span:
        """Add a paragraph with blank lines around it. Return its span, which is empty if the text is white space."""
        return self._add_block(" ".join(text.split()), separate=True)

    def add_line(self, text: str) -> Span:
        """Add a list item or a line of code. Return its span.

        Spaces inside the line stay. Tabs become spaces, because a tab marks a table row.
        """
        return self._add_block(text.expandtabs(4).replace("\n", " ").rstrip(), separate=False)

    def add_table(self, table: Sequence[Sequence[Cell]]) -> list[Span]:
        """Add the rows of a table, in which a spanned cell stands in each row and column that it spans.

        Return the spans of the rows. The span of a row without text is empty. See `_grid.lines`.
        """
        return [self._add_block(line, separate=False) for line in lines(table)]

    def omit(self, what: str) -> None:
        """Note something that is left out of the text, such as "1 chart of slide 3 (3-D bar)"."""
        self._omissions.append(what)

    def add_heading(self, text: str, depth: int) -> None:
        """Add a line and mark it as a heading. White space is ignored."""
        span = self.add_paragraph(text)
        if len(span):
            self.mark_heading(span, depth, " ".join(text.split()))

    def mark_heading(self, span: Span, depth: int, title: str) -> None:
        """Record a heading for text that has already been added. The depth is clamped to 1..6.

        An empty span marks the place of a heading whose title is not in the text.
        """
        self._headings.append(Heading(title, min(max(depth, 1), 6), span))

    def add_gap(self) -> None:
        """Put a blank line before the next block."""
        self._needs_blank_line = True

    def end_page(self, number: int) -> None:
        """End a page. It holds all blocks since the end of the previous page."""
        self._pages.append(Page(number, Span(self._page_start, self._length)))
        self._page_start = self._length
        self._needs_blank_line = False

    def build(self, source: str, title: str) -> Document:
        """Return the document of all blocks."""
        headings = sorted(self._headings, key=lambda heading: heading.span.start)
        return Document(
            "".join(self._pieces), source, title, tuple(self._pages), tuple(headings), omissions=tuple(self._omissions)
        )

    def _add_block(self, text: str, *, separate: bool) -> Span:
        if not text.strip():
            self._needs_blank_line |= separate
            return Span(self._length, self._length)
        if self._length > self._page_start and (separate or self._needs_blank_line):
            self._append("\n")
        span = Span(self._length, self._length + len(text))
        self._append(text + "\n")
        self._needs_blank_line = separate
        return span

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
