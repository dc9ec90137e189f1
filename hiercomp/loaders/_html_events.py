"""HTML events to blocks of text, in document order. Elements that a browser hides are left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import takewhile

from hiercomp.loaders._blocks import TextBuilder, row_text
from hiercomp.loaders._html_headings import BoldLines

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_SKIPPED = frozenset({"script", "style", "template", "svg", "noscript", "iframe", "object", "ix:header"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "legend", "li", "main"}
    | {"nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "ul"}
)
_HEADINGS = frozenset(f"h{depth}" for depth in range(1, 7))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
# Some pages use tables for their layout. A cell with several blocks and more characters than this is such a column.
_MAX_CELL_CHARACTERS = 1500

_Attributes = list[tuple[str, str | None]]


class _Row:
    """An open table row: the blocks of each cell. A row that is found to be page layout keeps no blocks."""

    def __init__(self) -> None:
        self.cells: list[list[str]] = []
        self.is_layout = False

    def is_table_row(self) -> bool:
        filled = [cell for cell in self.cells if any(cell)]
        has_long_cell = any(len(cell) > 1 and sum(map(len, cell)) > _MAX_CELL_CHARACTERS for cell in filled)
        return len(filled) > 1 and not has_long_cell


class HtmlReader(HTMLParser):
    """Parses HTML and adds its blocks to a `TextBuilder`. Call `feed` with the HTML, then `finish`.

    Attributes:
        title: the text of the `title` element, or "" if there is none.
    """

    def __init__(self, builder: TextBuilder) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._builder = builder
        self._bold_lines = BoldLines(builder)
        self._text: list[str] = []
        self._rows: list[_Row] = []
        self._skipped: tuple[str, int] | None = None  # the skipped element, and how many of its name are open
        self._open: list[tuple[str, bool]] = []  # the open elements, and whether each sets bold type
        self._bold_depth = 0
        self._all_bold = True
        self._heading_depth = 0  # 0 outside headings
        self._pre_depth = 0
        self._after_break = False
        self._item_numbers: list[int | None] = []  # the last number of each open list, None for bulleted lists

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        """Handle the start of an element."""
        if self._skipped:
            name, depth = self._skipped
            self._skipped = (name, depth + (tag == name))
            return
        values = {name: value or "" for name, value in attrs}
        if tag not in _VOID and (tag in _SKIPPED or "hidden" in values or _HIDDEN.search(values.get("style", ""))):
            self._skipped = (tag, 1)
            return
        self._begin(tag)
        if tag not in _VOID:
            bold = tag in ("b", "strong") or bool(_BOLD.search(values.get("style", "")))
            self._open.append((tag, bold))
            self._bold_depth += bold

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        """Handle an element that closes itself."""
        if tag not in _SKIPPED and not self._skipped:
            self._begin(tag) if tag in _VOID else self._end(tag)

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of an element, and of all elements inside it that were left open."""
        if self._skipped:
            name, depth = self._skipped
            depth -= tag == name
            self._skipped = (name, depth) if depth else None
            return
        self._end(tag)
        names = [name for name, _ in self._open[-100:]]  # bounded, so that stray end tags take linear time
        if tag in names:
            while self._open:
                name, bold = self._open.pop()
                self._bold_depth -= bold
                if name == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Handle text."""
        if self._skipped:
            return
        if self._pre_depth and "\n" in data:
            for line in data.split("\n")[:-1]:
                self._text.append(line)
                self._flush()
            data = data.rpartition("\n")[2]
        if data.strip() and not self._bold_depth:
            self._all_bold = False
        self._text.append(data)

    def unknown_decl(self, data: str) -> None:
        """Handle the text of a CDATA section."""
        if data.startswith("CDATA["):
            self.handle_data(data[6:])

    def finish(self) -> None:
        """Add the blocks that are still open, and the headings that only bold type marks."""
        self.close()
        while self._rows:
            self._end_row()
        self._flush()
        self._bold_lines.finish()

    def _begin(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._mark_rows_as_layout()
            self._flush()
            self._heading_depth = int(tag[1])
        elif tag == "br":
            self._flush(at_break=True)
        elif tag == "tr":
            self._flush()
            self._rows.append(_Row())
        elif tag in ("td", "th"):
            self._flush()
            if self._rows:
                self._rows[-1].cells.append([])
        elif tag == "table":
            self._mark_rows_as_layout()
            self._flush()
            self._builder.add_gap()
        elif tag in _BLOCKS:
            self._begin_block(tag)

    def _begin_block(self, tag: str) -> None:
        self._flush()
        if tag == "pre":
            self._pre_depth += 1
        elif tag in ("ul", "ol"):
            self._builder.add_gap()
            self._item_numbers.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._text.append(self._item_marker())
        elif tag == "title":
            self._text.clear()

    def _item_marker(self) -> str:
        if not self._item_numbers or self._item_numbers[-1] is None:
            return "• "
        self._item_numbers[-1] += 1
        return f"{self._item_numbers[-1]}. "

    def _end(self, tag: str) -> None:
        if tag == "tr":
            self._end_row()
        elif tag == "title" and not self.title:
            self.title = " ".join("".join(self._text).split())
            self._text.clear()
        elif tag in _BLOCKS or tag in _HEADINGS or tag in ("td", "th"):
            self._flush()
            self._heading_depth = 0
            self._pre_depth -= tag == "pre" and self._pre_depth > 0
            if tag in ("ul", "ol") and self._item_numbers:
                self._item_numbers.pop()
            if tag in ("table", "ul", "ol"):
                self._builder.add_gap()

    def _mark_rows_as_layout(self) -> None:
        """Treat the open rows as page layout, because one holds a heading or a table. Add their text as paragraphs."""
        table_rows = list(takewhile(lambda row: not row.is_layout, reversed(self._rows)))
        for row in reversed(table_rows):
            row.is_layout = True
            for cell in row.cells:
                for text in cell:
                    self._builder.add_paragraph(text)

    def _end_row(self) -> None:
        self._flush()
        if not self._rows:
            return
        row = self._rows.pop()
        if row.is_layout:
            return
        if row.is_table_row():
            cells = [" ".join(cell) for cell in row.cells]
            if self._rows and not self._rows[-1].is_layout:
                self._rows[-1].cells.append([row_text(cells)])
            else:
                self._builder.add_row(cells)
            return
        for cell in row.cells:
            for text in cell:
                self._builder.add_paragraph(text)

    def _flush(self, *, at_break: bool = False) -> None:
        """End the current block and add it. At a line break, only a line of the block ends."""
        text, all_bold = "".join(self._text), self._all_bold
        is_line, self._after_break = at_break or self._after_break, at_break
        self._text.clear()
        self._all_bold = True
        if not text.strip(" \t\r\n•"):
            return
        if self._heading_depth:
            self._builder.add_heading(text, self._heading_depth)
        elif self._rows and not self._rows[-1].is_layout and self._rows[-1].cells:
            self._rows[-1].cells[-1].append(" ".join(text.split()))
        elif self._pre_depth:
            self._builder.add_line(text)
        elif is_line or text.startswith("• ") or re.match(r"\d+\. ", text):
            self._builder.add_line(" ".join(text.split()))
        else:
            span = self._builder.add_paragraph(text)
            if all_bold:
                self._bold_lines.add(span, " ".join(text.split()))
