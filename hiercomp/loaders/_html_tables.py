"""Tables of HTML. A table of figures becomes rows; a table that only lays out a page becomes ordinary text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from hiercomp.loaders._blocks import TextBuilder
from hiercomp.loaders._grid import Cell
from hiercomp.loaders._html_headings import BoldLines
from hiercomp.loaders._html_tree import Attributes

PARAGRAPH, LINE, HEADING, GAP, TABLE = "paragraph", "line", "heading", "gap", "table"

# A number or sign of a list item, or of a section, whose text stands in the next cell.
_MARKER = re.compile(
    r"[•·●▪■○◦–—*†‡-]|[(\[]?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)\]]|\[(?:\d{1,3}|[a-z*†‡])\]|\d+(?:\.\d+)+\.?"
    r"|(?:item|part|note|section|article)\s+[\divx]+[a-z]?[.:]?",
    re.IGNORECASE,
)
_PROSE = re.compile(r"(?:\S+\s+){15}.*[.;:!?”\"')]", re.DOTALL)
_SHORT, _LONG, _SMALL = 60, 1500, 400
_MAX_COLUMNS, _MAX_ROWS = 1000, 65_534  # the limits of HTML


class Block(NamedTuple):
    """A block of text: a paragraph, a line, a heading with its depth, a gap, or a table with its rows."""

    kind: str
    text: str = ""
    depth: int = 0
    is_bold: bool = False
    rows: tuple[tuple[Cell, ...], ...] = ()


_GAP = Block(GAP)


@dataclass
class TableCell:
    """A cell: its blocks, its spans, and whether it is marked as a head. 0 rows span the rest of the group."""

    columns: int
    rows: int
    is_head: bool
    blocks: list[Block] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The text of all blocks on one line. It is read when the table has ended."""
        return " ".join(_flat(block) for block in self.blocks if block.kind != GAP)


_Rows = list[list[TableCell]]


@dataclass
class Table:
    """An open table: its captions, and its rows by the groups to which rows that cells span are limited."""

    attributes: Attributes
    captions: list[Block] = field(default_factory=list)
    groups: list[tuple[str, _Rows]] = field(default_factory=list)

    def add_cell(self, tag: str, values: Attributes) -> TableCell:
        """Add a cell to the last row and return it."""
        columns = _span(values.get("colspan"), _MAX_COLUMNS) or 1
        cell = TableCell(columns, _span(values.get("rowspan"), _MAX_ROWS), tag == "th")
        self.groups[-1][1][-1].append(cell)
        return cell

    def blocks(self) -> list[Block]:
        """Return the blocks of the finished table."""
        blocks = list(self._blocks())
        return blocks[:1] + [block for before, block in pairwise(blocks) if block.kind != GAP or before.kind != GAP]

    def _blocks(self) -> Iterator[Block]:
        order = {"thead": 0, "tfoot": 2}
        groups = [rows for _, rows in sorted(self.groups, key=lambda group: order.get(group[0], 1))]
        yield _GAP
        yield from self.captions
        if self._is_layout([row for group in groups for row in group]):
            yield from _laid_out(row for group in groups for row in group)
        else:
            yield Block(TABLE, rows=tuple(row for group in groups for row in _cells(group)))
        yield _GAP

    def _is_layout(self, rows: _Rows) -> bool:
        filled = [cells for cells in ([cell for cell in row if cell.text] for row in rows) if len(cells) > 1]
        if not filled or self.attributes.get("role") in ("presentation", "none"):
            return True
        cells = [cell for row in filled for cell in row]
        if any(_holds_sections(cell) for cell in cells) or _holds_tables(cells):
            return True
        if any(cell.is_head for cell in cells):
            return False
        return _holds_prose(filled) or all(len(row) == len(filled[0]) and _is_item(row) for row in filled)


def emit(blocks: Sequence[Block], builder: TextBuilder, bold_lines: BoldLines) -> None:
    """Add blocks to a document."""
    for block in blocks:
        if block.kind == GAP:
            builder.add_gap()
        elif block.kind == TABLE:
            builder.add_table(block.rows)
        elif block.kind == HEADING:
            builder.add_heading(block.text, block.depth)
        elif block.kind == LINE:
            builder.add_line(block.text)
        else:
            span = builder.add_paragraph(block.text)
            if block.is_bold and len(span):
                bold_lines.add(span, block.text)


def _span(text: str | None, limit: int) -> int:
    number = re.match(r"\s*\+?(\d{1,9})", text or "1")
    return min(int(number[1]), limit) if number else 1


def _cells(group: _Rows) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of a group. No cell spans rows beyond it."""
    for row, cells in enumerate(group):
        left = len(group) - row
        yield tuple(Cell(cell.text, cell.columns, min(cell.rows or left, left)) for cell in cells)


def _flat(block: Block) -> str:
    """Return a block on one line. The rows of a table inside a cell are separated by semicolons."""
    if block.kind != TABLE:
        return block.text
    separator = ": " if max(map(len, block.rows)) == 2 else ", "
    return "; ".join(separator.join(cell.text for cell in row) for row in block.rows)


def _laid_out(rows: Iterator[list[TableCell]]) -> Iterator[Block]:
    """Yield the blocks of all cells. The marker of a list item is joined to the text in the next cell."""
    for row in rows:
        cells = [cell for cell in row if cell.text]
        if _is_item(cells):
            marker, first = cells[0].blocks[0], cells[1].blocks[0]
            is_bold = marker.is_bold and first.is_bold
            yield Block(PARAGRAPH if is_bold else LINE, f"{marker.text} {first.text}", is_bold=is_bold)
            cells[0].blocks, cells[1].blocks = [], cells[1].blocks[1:]
        for cell in cells:
            yield from cell.blocks
            if cell.blocks:
                yield _GAP


def _is_item(cells: Sequence[TableCell]) -> bool:
    """Return whether a row is the marker of a list item and its text."""
    if len(cells) != 2 or len(cells[0].blocks) != 1 or not _MARKER.fullmatch(cells[0].text):
        return False
    first = cells[1].blocks[0]
    return first.kind in (PARAGRAPH, LINE) and bool(re.search(r"[^\W\d_]{2}", first.text))


def _holds_sections(cell: TableCell) -> bool:
    """Return whether a cell holds headings with text below them."""
    return len(cell.blocks) > 1 and any(block.kind == HEADING for block in cell.blocks) and not cell.is_head


def _holds_tables(cells: Sequence[TableCell]) -> bool:
    """Return whether cells hold tables that are more than a few values."""
    outer = [cell for cell in cells if any(block.kind == TABLE for block in cell.blocks)]
    return 2 * len(outer) > len(cells) or any(len(cell.text) > _SMALL for cell in outer)


def _holds_prose(rows: Sequence[Sequence[TableCell]]) -> bool:
    """Return whether the rows of a table without a head are mostly columns of sentences."""
    cells = [cell for row in rows for cell in row]
    if any(len(cell.text) > _LONG and len(cell.blocks) > 1 for cell in cells):
        return True
    has_head = len(rows) > 2 and len(rows[0]) == max(map(len, rows)) and all(len(c.text) < _SHORT for c in rows[0])
    texts = [cell.text for cell in cells if not _MARKER.fullmatch(cell.text)]
    return not has_head and 2 * sum(bool(_PROSE.fullmatch(text)) for text in texts) > len(texts)
